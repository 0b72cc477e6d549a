//! Play Integrity of a client: what Google has to say of its app, and what its tokens are read with.

use crate::{
    FieldError, Secret, Validate, object, schema, seconds,
    validate::{check_opaque, check_text},
};
use countersign_core::{
    ClientId, Timestamp,
    attestation::{
        AttestationEnvironment,
        play_integrity::{DeviceIntegrity, PlayCredentialKind, PlayIntegrity},
    },
};
use serde::{Deserialize, Serialize};

/// The most words of one list.
const MAX_WORDS: usize = 16;
/// Longer ones are never kept of what Google says, and so never refused.
const MAX_WORD_BYTES: usize = 64;
const MAX_AGE_SECONDS: u64 = 24 * 3600;
const MAX_KEY_BYTES: usize = 512;
const MAX_PRIVATE_KEY_BYTES: usize = 16 * 1024;
const MAX_NAME: usize = 255;

/// What Google has to say of an app on Android and of the device under it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PlayIntegrityItem {
    /// What the device must meet, `device` when absent.
    #[schema(value_type = schema::DeviceIntegrity)]
    pub device: DeviceIntegrity,
    /// Whether versions are accepted that Google Play does not know.
    pub unrecognized_version: bool,
    /// Whether the user must have got the app from Google Play.
    pub license_required: bool,
    /// `production` when absent; `development` also accepts answers that were made up for testing.
    #[schema(value_type = schema::AttestationEnvironment)]
    pub environment: AttestationEnvironment,
    /// How long ago the app may have asked: 60 seconds to a day, 600 when absent.
    #[serde(deserialize_with = "seconds::required")]
    #[schema(value_type = schema::RequestSeconds)]
    pub max_age_seconds: u64,
    /// What Play Protect may not say, as `HIGH_RISK`; at most 16.
    #[schema(value_type = Vec<schema::PlayWord>, max_items = 16)]
    pub refused_play_protect: Vec<String>,
    /// What may not be said of other apps on the device, as `UNKNOWN_CAPTURING`; at most 16.
    #[schema(value_type = Vec<schema::PlayWord>, max_items = 16)]
    pub refused_app_access: Vec<String>,
    /// Whether nothing being said is refused too, of whatever a word would be refused of.
    pub silence_refused: bool,
}

/// What a client reads tokens with: its response keys, or an account at Google.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetPlayCredentials {
    /// The key that tokens of classic requests are encrypted under, as the Play Console shows it.
    #[serde(default)]
    #[schema(value_type = Option<schema::ResponseKey>)]
    pub decryption_key: Option<Secret>,
    /// The key that they are signed with, as the Play Console shows it.
    #[serde(default)]
    #[schema(value_type = Option<schema::ResponseKey>)]
    pub verification_key: Option<String>,
    /// A service account that may decode the tokens of standard requests.
    #[serde(default, deserialize_with = "object::optional")]
    pub service_account: Option<ServiceAccountItem>,
}

/// A service account's key file, as Google hands it out; what is not named here is passed over.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
pub struct ServiceAccountItem {
    /// `service_account`.
    #[serde(rename = "type")]
    #[schema(value_type = schema::ServiceAccountType)]
    pub kind: String,
    /// The account.
    #[schema(value_type = schema::Audience)]
    pub client_email: String,
    /// What Google calls the key.
    #[schema(value_type = schema::Audience)]
    pub private_key_id: String,
    /// The key: PKCS #8, in PEM.
    #[schema(value_type = schema::Secret)]
    pub private_key: Secret,
}

/// What a client reads tokens with; never the credentials themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PlayCredentialsItem {
    /// The client.
    #[schema(value_type = schema::ClientId)]
    pub client_id: ClientId,
    /// `response_keys` for classic requests, `service_account` for standard ones.
    #[schema(value_type = schema::PlayCredentialKind)]
    pub kind: PlayCredentialKind,
    /// Since when.
    #[schema(value_type = schema::Timestamp)]
    pub set_at: Timestamp,
}

impl PlayIntegrityItem {
    /// Adds what is wrong with it.
    pub(crate) fn check(&self, errors: &mut Vec<FieldError>) {
        let mut refuse = |member: &str, detail: &'static str| {
            let pointer = format!("/attestation/android/play_integrity/{member}");
            errors.push(FieldError::new(pointer, detail));
        };
        if !(60..=MAX_AGE_SECONDS).contains(&self.max_age_seconds) {
            refuse("max_age_seconds", "60 seconds to a day");
        }
        for (member, words) in [
            ("refused_play_protect", &self.refused_play_protect),
            ("refused_app_access", &self.refused_app_access),
        ] {
            if words.len() > MAX_WORDS {
                refuse(member, "at most 16 are allowed");
            }
            for (index, word) in words.iter().take(MAX_WORDS).enumerate() {
                if !is_word(word) {
                    let member = format!("{member}/{index}");
                    refuse(&member, "must be a word of Google's, as HIGH_RISK");
                }
            }
        }
    }
}

/// As Google writes what it says of devices.
fn is_word(text: &str) -> bool {
    let is_of_word = |byte: u8| matches!(byte, b'A'..=b'Z' | b'0'..=b'9' | b'_');
    (1..=MAX_WORD_BYTES).contains(&text.len()) && text.bytes().all(is_of_word)
}

impl Validate for SetPlayCredentials {
    fn validate(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        let mut refuse =
            |pointer, detail: &'static str| errors.push(FieldError::new(pointer, detail));
        let needed = "is needed beside the other response key";
        match (
            &self.decryption_key,
            &self.verification_key,
            &self.service_account,
        ) {
            (None, None, None) => refuse("", "response keys or a service account are needed"),
            (Some(_), None, None) => refuse("/verification_key", needed),
            (None, Some(_), None) => refuse("/decryption_key", needed),
            (None, None, Some(_)) | (Some(_), Some(_), None) => {}
            (_, _, Some(_)) => refuse("/service_account", "either this or response keys"),
        }
        let mut check = |pointer, text: Option<&str>, most| {
            if let Some(text) = text {
                check_opaque(&mut errors, pointer, text, most);
            }
        };
        let decryption = self.decryption_key.as_ref().map(Secret::reveal);
        check("/decryption_key", decryption, MAX_KEY_BYTES);
        let verification = self.verification_key.as_deref();
        check("/verification_key", verification, MAX_KEY_BYTES);
        if let Some(account) = &self.service_account {
            account.check(&mut errors);
        }
        errors
    }
}

impl ServiceAccountItem {
    fn check(&self, errors: &mut Vec<FieldError>) {
        if self.kind != "service_account" {
            let detail = "must be service_account: this is another kind of key file";
            errors.push(FieldError::new("/service_account/type", detail));
        }
        for (pointer, text) in [
            ("/service_account/client_email", &self.client_email),
            ("/service_account/private_key_id", &self.private_key_id),
        ] {
            check_text(errors, pointer, text, MAX_NAME);
        }
        let key = self.private_key.reveal();
        check_opaque(
            errors,
            "/service_account/private_key",
            key,
            MAX_PRIVATE_KEY_BYTES,
        );
    }
}

impl Default for PlayIntegrityItem {
    fn default() -> Self {
        PlayIntegrity::default().into()
    }
}

impl From<PlayIntegrity> for PlayIntegrityItem {
    fn from(wanted: PlayIntegrity) -> Self {
        Self {
            device: wanted.device,
            unrecognized_version: wanted.unrecognized_version,
            license_required: wanted.license_required,
            environment: wanted.environment,
            max_age_seconds: wanted.max_age_secs,
            refused_play_protect: wanted.refused_play_protect,
            refused_app_access: wanted.refused_app_access,
            silence_refused: wanted.silence_refused,
        }
    }
}

impl From<PlayIntegrityItem> for PlayIntegrity {
    fn from(item: PlayIntegrityItem) -> Self {
        Self {
            device: item.device,
            unrecognized_version: item.unrecognized_version,
            license_required: item.license_required,
            environment: item.environment,
            max_age_secs: item.max_age_seconds,
            refused_play_protect: item.refused_play_protect,
            refused_app_access: item.refused_app_access,
            silence_refused: item.silence_refused,
        }
    }
}
