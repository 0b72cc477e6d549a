//! `/v1/enrollments`: challenges, and the devices that answer them.

use crate::{
    FieldError, Validate, object,
    receipt::EndingReceipt,
    schema,
    session::DeviceReport,
    validate::{check_opaque, check_text},
};
use countersign_core::{
    AppId, ClientId, DeviceId, Timestamp,
    attestation::{AttestationLevel, Purpose, policy::Shortfall},
    enrollment::EnrollmentState,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub(crate) const MAX_CHALLENGE_BYTES: usize = 64;
const MAX_CERTIFICATES: usize = 10;
const MAX_KEY_ID_BYTES: usize = 64;
/// Longer than what any platform writes, and short enough for a body.
const MAX_EVIDENCE_BYTES: usize = 48 * 1024;
pub(crate) const MAX_PACKAGE: usize = 255;
pub(crate) const MAX_PLAY_TOKEN_BYTES: usize = 16 * 1024;

/// What a challenge is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct AskChallenge {
    /// The client application.
    #[schema(value_type = schema::ClientId)]
    pub client_id: ClientId,
    /// What the evidence that answers it is for.
    #[schema(value_type = schema::Purpose)]
    pub purpose: Purpose,
}

/// A challenge: it serves once, for its client and purpose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct NewChallenge {
    /// Unpadded base64url of 32 bytes.
    #[schema(value_type = schema::Challenge)]
    pub challenge: String,
    /// Until when it may be answered.
    #[schema(value_type = schema::Timestamp)]
    pub expires_at: Timestamp,
}

/// A device that enrolls, with its proof in the `DPoP` header.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Enroll {
    /// The client application.
    #[schema(value_type = schema::ClientId)]
    pub client_id: ClientId,
    /// As it was given out.
    #[schema(value_type = schema::Challenge)]
    pub challenge: String,
    /// The device; without a push address or a device secret.
    #[serde(deserialize_with = "object::one")]
    pub device: DeviceReport,
    /// What a platform says of the device and its key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Evidence>,
}

/// A device that gives up its key for a new one, with a proof by the new key in the `DPoP` header.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Rotate {
    /// The client application.
    #[schema(value_type = schema::ClientId)]
    pub client_id: ClientId,
    /// As it was given out, for `rotate`.
    #[schema(value_type = schema::Challenge)]
    pub challenge: String,
    /// A proof by the old key for the same method and URL.
    #[schema(value_type = schema::Token)]
    pub previous_proof: String,
    /// What a platform says of the device and its new key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Evidence>,
}

/// A device that gives up its key, with a proof by that key in the `DPoP` header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Unenroll {
    /// The client application.
    #[schema(value_type = schema::ClientId)]
    pub client_id: ClientId,
}

/// A device that has no key any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Unenrolled {
    /// Its identity; under another key its user goes on as the same device.
    #[schema(value_type = schema::DeviceId)]
    pub device_id: DeviceId,
    /// How many sessions ended.
    pub ended: u64,
    /// Where the ending has arrived.
    pub receipt: EndingReceipt,
}

/// What a platform says of a device and its key; bytes are unpadded base64url.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "platform", rename_all = "snake_case")]
pub enum Evidence {
    /// Of iOS and macOS: an attestation whose client data is the transcript with the key.
    AppAttest {
        /// The key's id as the system gave it: standard base64.
        #[schema(min_length = 1, max_length = 64)]
        key_id: String,
        /// What `attestKey` returned.
        #[schema(value_type = schema::Base64Url)]
        attestation: String,
    },
    /// Of Android: the certificates of the device key, made with the hash of the transcript without
    /// a key as the challenge.
    AndroidKey {
        /// The key's first, at most 10.
        #[schema(value_type = Vec<schema::Base64Url>, min_items = 1, max_items = 10)]
        certificates: Vec<String>,
    },
    /// Of Android, by Google: an integrity token whose nonce or request hash is the hash of the
    /// transcript with the key, in unpadded base64url.
    PlayIntegrity {
        /// The app that asked: its package name.
        #[schema(value_type = schema::Audience)]
        package: String,
        /// As Google handed it out: of a classic request where the client has response keys, of a
        /// standard one where it has a service account.
        #[schema(value_type = schema::PlayToken)]
        token: String,
    },
    /// Of browsers: a new credential, made with the hash of the transcript with the key as the
    /// challenge.
    Webauthn {
        /// `clientDataJSON`.
        #[schema(value_type = schema::Base64Url)]
        client_data_json: String,
        /// `attestationObject`.
        #[schema(value_type = schema::Base64Url)]
        attestation_object: String,
    },
}

/// A device that is enrolled now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Enrolled {
    /// Its identity.
    #[schema(value_type = schema::DeviceId)]
    pub device_id: DeviceId,
    /// Its generation.
    #[schema(value_type = schema::AppId)]
    pub app_id: AppId,
    /// The installation id to keep; another than the presented one if that is taken.
    #[schema(value_type = schema::InstallationId)]
    pub installation_id: Uuid,
    /// Whether it is in use, or waits for approval.
    #[schema(value_type = schema::EnrollmentState)]
    pub state: EnrollmentState,
    /// Whether it was never seen before.
    pub is_new_device: bool,
    /// What its evidence is worth.
    pub verdict: Verdict,
}

/// What a device's evidence is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Verdict {
    /// What vouches for its key.
    #[schema(value_type = schema::AttestationLevel)]
    pub level: AttestationLevel,
    /// How it falls short of what the client would have, though it was let in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Shortfall>)]
    pub shortfall: Option<Shortfall>,
}

impl Validate for AskChallenge {
    fn validate(&self) -> Vec<FieldError> {
        Vec::new()
    }
}

impl Validate for Unenroll {
    fn validate(&self) -> Vec<FieldError> {
        Vec::new()
    }
}

impl Validate for Enroll {
    fn validate(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        let challenge = &self.challenge;
        check_opaque(&mut errors, "/challenge", challenge, MAX_CHALLENGE_BYTES);
        self.device.check(&mut errors);
        let no_place = "belongs to a login, not to an enrollment";
        if self.device.push.is_some() {
            errors.push(FieldError::new("/device/push", no_place));
        }
        if self.device.device_secret.is_some() {
            errors.push(FieldError::new("/device/device_secret", no_place));
        }
        check_evidence(&mut errors, self.evidence.as_ref());
        errors
    }
}

impl Validate for Rotate {
    fn validate(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        let challenge = &self.challenge;
        check_opaque(&mut errors, "/challenge", challenge, MAX_CHALLENGE_BYTES);
        let proof = &self.previous_proof;
        let most = crate::session::MAX_PROOF_BYTES;
        check_opaque(&mut errors, "/previous_proof", proof, most);
        check_evidence(&mut errors, self.evidence.as_ref());
        errors
    }
}

fn check_evidence(errors: &mut Vec<FieldError>, evidence: Option<&Evidence>) {
    let mut check = |pointer, text: &str, most| check_opaque(errors, pointer, text, most);
    match evidence {
        None => {}
        Some(Evidence::AppAttest {
            key_id,
            attestation,
        }) => {
            check("/evidence/key_id", key_id, MAX_KEY_ID_BYTES);
            check("/evidence/attestation", attestation, MAX_EVIDENCE_BYTES);
        }
        Some(Evidence::Webauthn {
            client_data_json,
            attestation_object,
        }) => {
            check(
                "/evidence/client_data_json",
                client_data_json,
                MAX_EVIDENCE_BYTES,
            );
            check(
                "/evidence/attestation_object",
                attestation_object,
                MAX_EVIDENCE_BYTES,
            );
        }
        Some(Evidence::PlayIntegrity { package, token }) => {
            check("/evidence/token", token, MAX_PLAY_TOKEN_BYTES);
            check_text(errors, "/evidence/package", package, MAX_PACKAGE);
        }
        Some(Evidence::AndroidKey { certificates }) => {
            for certificate in certificates.iter().take(MAX_CERTIFICATES) {
                check("/evidence/certificates", certificate, MAX_EVIDENCE_BYTES);
            }
            if !(1..=MAX_CERTIFICATES).contains(&certificates.len()) {
                let detail = format!("1 to {MAX_CERTIFICATES} are needed");
                errors.push(FieldError::new("/evidence/certificates", detail));
            }
        }
    }
}
