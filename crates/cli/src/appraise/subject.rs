//! What evidence has to cover.

use super::{encoding::Bytes, surroundings::Times};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use countersign_api_types::object::Object;
use countersign_attestation::{
    evidence::Expected,
    transcript::{Purpose, Transcript},
};
use countersign_core::{ClientId, Thumbprint, attestation::policy::AttestationPolicy};
use serde::Deserialize;

/// An exchange of the service, or whatever somebody else chose.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum About {
    /// Evidence is about the transcript, in the reading of its platform.
    Transcript(Object<Exchange>),
    /// Client data of App Attest, or the challenge of another platform.
    Bytes(Bytes),
}

/// What a transcript is made of.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Exchange {
    purpose: Purpose,
    challenge: String,
    client_id: ClientId,
    jkt: Thumbprint,
    /// Of assertions: the action in the app's words.
    action: Option<String>,
}

impl About {
    /// What App Attest hashes.
    pub(super) fn client_data(&self) -> Vec<u8> {
        match self {
            Self::Transcript(Object(exchange)) => exchange.with_key(),
            Self::Bytes(Bytes(bytes)) => bytes.clone(),
        }
    }

    /// What an authenticator is given as the challenge.
    pub(super) fn web_challenge(&self) -> Vec<u8> {
        match self {
            Self::Transcript(Object(exchange)) => exchange.hash().to_vec(),
            Self::Bytes(Bytes(bytes)) => bytes.clone(),
        }
    }
}

impl Exchange {
    /// What the service would expect of evidence that answers this exchange.
    pub(super) fn expected<'a>(
        &'a self,
        policy: &'a AttestationPolicy,
        times: Times,
    ) -> Expected<'a> {
        Expected {
            transcript: self.transcript(),
            jkt: &self.jkt,
            policy,
            presented_at: times.presented_at,
            now: times.now,
        }
    }

    /// What an app on Android hands to Google.
    pub(super) fn hash_with_key(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.hash())
    }

    fn transcript(&self) -> Transcript<'_> {
        Transcript {
            purpose: self.purpose,
            challenge: &self.challenge,
            client: self.client_id,
            action: self.action.as_deref(),
        }
    }

    fn hash(&self) -> [u8; 32] {
        self.transcript().hash_with(&self.jkt)
    }

    fn with_key(&self) -> Vec<u8> {
        self.transcript().with_thumbprint(&self.jkt)
    }
}
