//! A device as a test sees it: a key, an installation id, proofs.

use crate::TestApp;
use countersign_attestation::{
    dpop::{self, NewProof},
    jws::SigningKey,
    key_assertion,
    posture_report::{self, Report},
};
use countersign_core::{Clock, Rng, Thumbprint};
use serde_json::{Value, json};
use std::{fmt, sync::Arc};
use uuid::Uuid;

/// One installation with a key of its own, on the app's clock.
pub struct TestDevice {
    /// What the app keeps.
    pub installation_id: Uuid,
    pub(crate) key: Arc<SigningKey>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) rng: Arc<dyn Rng>,
}

impl TestDevice {
    /// A device never seen before.
    ///
    /// # Panics
    /// When no key can be made.
    pub fn new(app: &TestApp) -> Self {
        let mut id = [0; 16];
        app.rng.fill(&mut id);
        Self {
            installation_id: uuid::Builder::from_random_bytes(id).into_uuid(),
            key: Arc::new(SigningKey::generate().expect("a key")),
            clock: Arc::clone(&app.clock) as _,
            rng: Arc::clone(&app.rng),
        }
    }

    /// The same installation with a new key: the old one was lost.
    ///
    /// # Panics
    /// When no key can be made.
    #[must_use]
    pub fn with_new_key(self) -> Self {
        Self {
            key: Arc::new(SigningKey::generate().expect("a key")),
            ..self
        }
    }

    /// This device under another installation id.
    #[must_use]
    pub fn under(self, installation_id: Uuid) -> Self {
        Self {
            installation_id,
            ..self
        }
    }

    /// The key's thumbprint.
    pub fn jkt(&self) -> Thumbprint {
        self.key.thumbprint()
    }

    /// The key as a JWK.
    pub fn jwk(&self) -> countersign_attestation::jws::Jwk {
        self.key.jwk()
    }

    /// A fresh proof for a request.
    ///
    /// # Panics
    /// When signing fails.
    pub fn proof(
        &self,
        method: &str,
        url: &str,
        token: Option<&str>,
        nonce: Option<&str>,
    ) -> String {
        let mut jti = [0; 16];
        self.rng.fill(&mut jti);
        let jti = Uuid::from_bytes(jti).to_string();
        let proof = NewProof {
            method,
            url,
            access_token: token,
            nonce,
            now: self.clock.now(),
            jti: &jti,
        };
        dpop::create(&self.key, &proof).expect("a proof")
    }

    /// What the device's own key signs over a transcript.
    ///
    /// # Panics
    /// When signing fails.
    pub fn assertion(&self, transcript: &[u8; 32]) -> String {
        key_assertion::create(&self.key, transcript).expect("an assertion")
    }

    /// What the device signs of itself, under this counter.
    ///
    /// # Panics
    /// When it is nothing that a device may say.
    pub fn posture_report(
        &self,
        device_id: &str,
        generation: i64,
        counter: i64,
        said: Value,
    ) -> String {
        let report = Report {
            device_id: device_id.parse().expect("a device's id"),
            generation,
            counter,
            collected_at: self.clock.now(),
            posture: serde_json::from_value(said).expect("a posture"),
        };
        posture_report::create(&self.key, &report).expect("a report")
    }

    /// The `proof` member of a relayed login or refresh.
    pub fn relayed_proof(&self) -> Value {
        let url = format!("{}/login", TestApp::APP_ORIGIN);
        json!({ "jwt": self.proof("POST", &url, None, None), "htm": "POST", "htu": url })
    }

    /// The `device` member of a relayed login or refresh.
    pub fn report(&self) -> Value {
        json!({ "installation_id": self.installation_id, "name": "Phone", "os_version": "18.1" })
    }
}

impl fmt::Debug for TestDevice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestDevice")
            .field("jkt", &self.jkt())
            .finish_non_exhaustive()
    }
}
