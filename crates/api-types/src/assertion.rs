//! `POST /v1/sessions/{session_id}/assertions`: a device shows itself anew for one action.

use crate::{
    FieldError, Validate,
    enrollment::{MAX_CHALLENGE_BYTES, MAX_PACKAGE, MAX_PLAY_TOKEN_BYTES, Verdict},
    object, schema,
    validate::{check_opaque, check_text},
};
use countersign_core::{DeviceId, SessionId, Timestamp, user::ExternalUserId};
use serde::{Deserialize, Serialize};

const MAX_ACTION: usize = 1024;
const MAX_ASSERTION_BYTES: usize = 8 * 1024;

/// What the device of a session asserts, for the action that the app's backend is about to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Assert {
    /// As it was given out, for `assert`.
    #[schema(value_type = schema::Challenge)]
    pub challenge: String,
    /// The action in the app's own words, as backend and device both write it: 1 to 1024 characters.
    /// What the device asserted for another action is refused.
    #[schema(value_type = schema::SensitiveAction)]
    pub action: String,
    /// What the device made over the transcript, or the platform says of it.
    #[serde(deserialize_with = "object::one")]
    pub assertion: Assertion,
}

/// What a device asserts; bytes are unpadded base64url.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Assertion {
    /// Of any device: signed with its own key.
    Key {
        /// A JWS of type `countersign-assertion+jwt` whose `transcript` is the hash of the transcript.
        #[schema(value_type = schema::AssertionPart)]
        jws: String,
    },
    /// Of iOS and macOS: an assertion whose client data is the transcript.
    AppAttest {
        /// What `generateAssertion` returned.
        #[schema(value_type = schema::AssertionPart)]
        assertion: String,
    },
    /// Of browsers: an assertion of the enrolled credential, with the hash of the transcript as the
    /// challenge.
    Webauthn {
        /// `clientDataJSON`.
        #[schema(value_type = schema::AssertionPart)]
        client_data_json: String,
        /// `authenticatorData`.
        #[schema(value_type = schema::AssertionPart)]
        authenticator_data: String,
        /// `signature`.
        #[schema(value_type = schema::AssertionPart)]
        signature: String,
    },
    /// Of Android, by Google: an integrity token whose nonce or request hash is the hash of the
    /// transcript, in unpadded base64url.
    PlayIntegrity {
        /// The app that asked: its package name.
        #[schema(value_type = schema::Audience)]
        package: String,
        /// As Google handed it out.
        #[schema(value_type = schema::PlayToken)]
        token: String,
    },
}

/// An assertion that was accepted: it serves once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Asserted {
    /// The session.
    #[schema(value_type = schema::SessionId)]
    pub session_id: SessionId,
    /// Its user.
    #[serde(with = "crate::text::as_text")]
    #[schema(value_type = schema::UserId)]
    pub user_id: ExternalUserId,
    /// Its device.
    #[schema(value_type = schema::DeviceId)]
    pub device_id: DeviceId,
    /// What the assertion is worth.
    pub verdict: Verdict,
    /// When the device showed the evidence that it rests on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Timestamp>)]
    pub attested_at: Option<Timestamp>,
    /// Whether the authenticator knew the user, where it tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_verified: Option<bool>,
}

impl Validate for Assert {
    fn validate(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        let challenge = &self.challenge;
        check_opaque(&mut errors, "/challenge", challenge, MAX_CHALLENGE_BYTES);
        check_text(&mut errors, "/action", &self.action, MAX_ACTION);
        let mut check = |pointer, text: &str, most| check_opaque(&mut errors, pointer, text, most);
        match &self.assertion {
            Assertion::Key { jws } => check("/assertion/jws", jws, MAX_ASSERTION_BYTES),
            Assertion::AppAttest { assertion } => {
                check("/assertion/assertion", assertion, MAX_ASSERTION_BYTES);
            }
            Assertion::Webauthn {
                client_data_json,
                authenticator_data,
                signature,
            } => {
                for (pointer, text) in [
                    ("/assertion/client_data_json", client_data_json),
                    ("/assertion/authenticator_data", authenticator_data),
                    ("/assertion/signature", signature),
                ] {
                    check(pointer, text, MAX_ASSERTION_BYTES);
                }
            }
            Assertion::PlayIntegrity { package, token } => {
                check("/assertion/token", token, MAX_PLAY_TOKEN_BYTES);
                check_text(&mut errors, "/assertion/package", package, MAX_PACKAGE);
            }
        }
        errors
    }
}
