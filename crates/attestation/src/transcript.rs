//! What evidence has to be about: one transcript for all platforms, in two readings.
//!
//! Evidence that vouches for the device key covers [`Transcript::with_key`]. A platform that
//! attests the device key itself (Android Key Attestation) wants its challenge before the key
//! exists, and covers [`Transcript::without_key`].

use crate::jws::PublicKey;
use aws_lc_rs::digest::{SHA256, digest};
pub use countersign_core::attestation::Purpose;
use countersign_core::{ClientId, Thumbprint};

/// One exchange of a challenge for evidence.
#[derive(Debug, Clone, Copy)]
pub struct Transcript<'a> {
    /// What for.
    pub purpose: Purpose,
    /// The challenge as the service gave it out: unpadded base64url of 32 bytes.
    pub challenge: &'a str,
    /// The client that the device is one of.
    pub client: ClientId,
    /// What the device shows itself for, where it is one action of its app: the app's own text.
    pub action: Option<&'a str>,
}

impl Transcript<'_> {
    /// The bytes that evidence vouching for `key` is made over.
    pub fn with_key(&self, key: &PublicKey) -> Vec<u8> {
        self.with_thumbprint(&key.thumbprint())
    }

    /// As [`with_key`](Self::with_key), of a key that is known by its thumbprint.
    pub fn with_thumbprint(&self, jkt: &Thumbprint) -> Vec<u8> {
        let mut bytes = self.fields();
        append(&mut bytes, jkt.to_string().as_bytes());
        bytes
    }

    /// SHA-256 of the transcript without a key.
    pub fn without_key(&self) -> [u8; 32] {
        let mut hash = [0; 32];
        hash.copy_from_slice(digest(&SHA256, &self.fields()).as_ref());
        hash
    }

    /// SHA-256 of the transcript with a key that is known by its thumbprint.
    pub fn hash_with(&self, jkt: &Thumbprint) -> [u8; 32] {
        let mut hash = [0; 32];
        hash.copy_from_slice(digest(&SHA256, &self.with_thumbprint(jkt)).as_ref());
        hash
    }

    fn fields(&self) -> Vec<u8> {
        let mut bytes = DOMAIN.as_bytes().to_vec();
        append(&mut bytes, self.purpose.as_str().as_bytes());
        append(&mut bytes, self.challenge.as_bytes());
        append(&mut bytes, self.client.to_string().as_bytes());
        if let Some(action) = self.action {
            append(&mut bytes, action.as_bytes());
        }
        bytes
    }
}

/// Keeps these bytes apart from whatever else a device may sign.
const DOMAIN: &str = "countersign/evidence/v1";

/// Appends a field with its length before it, so that no two transcripts read alike.
fn append(bytes: &mut Vec<u8>, field: &[u8]) {
    let length = u32::try_from(field.len()).unwrap_or(u32::MAX);
    bytes.extend_from_slice(&length.to_be_bytes());
    bytes.extend_from_slice(field);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jws::SigningKey;

    #[test]
    fn every_field_changes_what_evidence_is_about() {
        let key = SigningKey::generate().unwrap().public_key().unwrap();
        let other = SigningKey::generate().unwrap().public_key().unwrap();
        let client = "cli_00000000000000000000000000".parse().unwrap();
        let one = Transcript {
            purpose: Purpose::Enroll,
            challenge: "challenge",
            client,
            action: None,
        };
        let acting = Transcript {
            purpose: Purpose::Assert,
            action: Some("pay"),
            ..one
        };
        let another = Transcript {
            action: Some("pay more"),
            ..acting
        };
        let rotate = Transcript {
            purpose: Purpose::Rotate,
            ..one
        };
        let later = Transcript {
            challenge: "another",
            ..one
        };
        assert_ne!(one.with_key(&key), one.with_key(&other));
        assert_ne!(one.with_key(&key), rotate.with_key(&key));
        assert_ne!(one.without_key(), rotate.without_key());
        assert_ne!(one.without_key(), later.without_key());
        assert_ne!(acting.with_key(&key), another.with_key(&key));
    }
}
