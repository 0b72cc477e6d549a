//! One installation of an app: its key, what it says of itself, and what it learned of the server.

use crate::{
    DeviceKey,
    skew::{Exchange, Skew},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use countersign_api_types::{
    Secret, secret,
    session::{DeviceReport, PushAddress, RegisteredSession, RelayedProof},
};
use countersign_attestation::{
    dpop::{self, NewProof},
    jws::SigningFailed,
    key_assertion,
    transcript::Transcript,
};
use countersign_core::{ClientId, Clock, Rng, Timestamp, device::Facts};
use serde::{Deserialize, Serialize};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use uuid::Uuid;

/// Random bytes of a proof's id; RFC 9449 section 4.2 asks for 12 at least.
const JTI_BYTES: usize = 16;

/// An installation of a client application, shared by the sessions of its users.
#[derive(Debug)]
pub struct Device {
    client_id: ClientId,
    key: Option<DeviceKey>,
    clock: Arc<dyn Clock>,
    rng: Arc<dyn Rng>,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    installation_id: Uuid,
    facts: Facts,
    push: Option<PushAddress>,
    secret: Option<Secret>,
    nonce: Option<String>,
    skew: Skew,
}

/// What an app keeps of a device between two starts, beside its key.
///
/// It holds the device secret of a device without a key: keep it where secrets are kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SavedDevice {
    /// The client application.
    pub client_id: ClientId,
    /// The id that the server last agreed to.
    pub installation_id: Uuid,
    /// The device secret.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        serialize_with = "secret::hand_out_optional"
    )]
    pub device_secret: Option<Secret>,
}

/// What an answer taught the device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Learned {
    /// A nonce for the next proof.
    pub(crate) nonce: bool,
    /// That its clock was wrong.
    pub(crate) skew: bool,
}

impl Device {
    /// A new installation with an id of its own; `key` is `None` for a device that can keep none.
    pub fn new(
        client_id: ClientId,
        key: Option<DeviceKey>,
        facts: Facts,
        clock: Arc<dyn Clock>,
        rng: Arc<dyn Rng>,
    ) -> Self {
        let mut random = [0; 16];
        rng.fill(&mut random);
        let installation_id = uuid::Builder::from_random_bytes(random).into_uuid();
        let saved = SavedDevice {
            client_id,
            installation_id,
            device_secret: None,
        };
        Self::restore(saved, key, facts, clock, rng)
    }

    /// The installation that was saved, with the key that was kept beside it.
    pub fn restore(
        saved: SavedDevice,
        key: Option<DeviceKey>,
        facts: Facts,
        clock: Arc<dyn Clock>,
        rng: Arc<dyn Rng>,
    ) -> Self {
        let state = State {
            installation_id: saved.installation_id,
            facts,
            push: None,
            secret: saved.device_secret,
            nonce: None,
            skew: Skew::default(),
        };
        Self {
            client_id: saved.client_id,
            key,
            clock,
            rng,
            state: Mutex::new(state),
        }
    }

    /// What to keep; may change with every login.
    pub fn save(&self) -> SavedDevice {
        let state = self.state();
        SavedDevice {
            client_id: self.client_id,
            installation_id: state.installation_id,
            device_secret: state.secret.clone(),
        }
    }

    /// The client application.
    pub const fn client_id(&self) -> ClientId {
        self.client_id
    }

    /// Its key.
    pub const fn key(&self) -> Option<&DeviceKey> {
        self.key.as_ref()
    }

    /// The id that it reports.
    pub fn installation_id(&self) -> Uuid {
        self.state().installation_id
    }

    /// The server's time, as far as its answers showed it.
    pub fn server_time(&self) -> Timestamp {
        self.state().skew.correct(self.clock.now())
    }

    /// Sets what the next login or refresh reports.
    pub fn set_facts(&self, facts: Facts) {
        self.state().facts = facts;
    }

    /// Sets where pushes go, from the next login or refresh on.
    pub fn set_push(&self, push: Option<PushAddress>) {
        self.state().push = push;
    }

    /// Takes the `DPoP-Nonce` of an answer of the app's own API, for the next proof.
    ///
    /// When the answer was 401 with `use_dpop_nonce`, the request is to be sent again, once, with
    /// new headers (RFC 9449 section 9).
    pub fn learn_nonce(&self, nonce: &str) {
        self.state().nonce = Some(nonce.to_owned());
    }

    /// Makes a proof for one request (RFC 9449 section 4); `None` for a device without a key.
    ///
    /// `method` as sent, `url` as called; `access_token` is what the request carries.
    ///
    /// # Errors
    /// [`SigningFailed`] when the library has no entropy or memory.
    pub fn proof(
        &self,
        method: &str,
        url: &str,
        access_token: Option<&str>,
    ) -> Result<Option<String>, SigningFailed> {
        let Some(key) = &self.key else {
            return Ok(None);
        };
        let mut random = [0; JTI_BYTES];
        self.rng.fill(&mut random);
        let (nonce, skew) = {
            let state = self.state();
            (state.nonce.clone(), state.skew)
        };
        let proof = NewProof {
            method,
            url,
            access_token,
            nonce: nonce.as_deref(),
            now: skew.correct(self.clock.now()),
            jti: &URL_SAFE_NO_PAD.encode(random),
        };
        dpop::create(key.signing_key(), &proof).map(Some)
    }

    /// Signs a transcript with the device's own key; `None` for a device without one.
    ///
    /// # Errors
    /// [`SigningFailed`] when the library has no entropy or memory.
    pub fn assertion(&self, transcript: &Transcript<'_>) -> Result<Option<String>, SigningFailed> {
        let key = self.key.as_ref();
        key.map(|key| {
            let hash = transcript.hash_with(&key.thumbprint());
            key_assertion::create(key.signing_key(), &hash)
        })
        .transpose()
    }

    /// What it says of itself.
    pub(crate) fn report(&self) -> DeviceReport {
        let state = self.state();
        let facts = state.facts.clone();
        DeviceReport {
            installation_id: state.installation_id,
            name: facts.name,
            model: facts.model,
            os_version: facts.os_version,
            app_version: facts.app_version,
            encryption: facts.encryption,
            fingerprint: facts.fingerprint,
            device_secret: state.secret.clone(),
            push: state.push.clone(),
        }
    }

    /// A proof for a request to the app's backend.
    pub(crate) fn relayed_proof(
        &self,
        method: &str,
        url: &str,
    ) -> Result<Option<RelayedProof>, SigningFailed> {
        let jwt = self.proof(method, url, None)?;
        Ok(jwt.map(|jwt| RelayedProof {
            jwt,
            htm: method.to_owned(),
            htu: url.to_owned(),
        }))
    }

    /// The time on its own clock.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Takes the nonce and the time from an answer that has just come.
    pub(crate) fn learn(
        &self,
        nonce: Option<String>,
        date: Option<Timestamp>,
        sent_at: Timestamp,
    ) -> Learned {
        let exchange = Exchange {
            sent_at,
            received_at: self.clock.now(),
        };
        let mut state = self.state();
        let skew = date.map_or(state.skew, |date| state.skew.after(date, exchange));
        let learned = Learned {
            nonce: nonce.is_some(),
            skew: skew != state.skew,
        };
        state.skew = skew;
        if nonce.is_some() {
            state.nonce = nonce;
        }
        learned
    }

    /// Takes what a login or refresh says of the device.
    pub(crate) fn adopt(&self, registered: &RegisteredSession) {
        let mut state = self.state();
        state.installation_id = registered.installation_id;
        if let Some(secret) = &registered.device_secret {
            state.secret = Some(secret.clone());
        }
    }

    /// Takes the id that an enrollment agreed to.
    pub(crate) fn adopt_installation(&self, installation_id: Uuid) {
        self.state().installation_id = installation_id;
    }

    /// Nothing here can be left half changed by a panic.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
