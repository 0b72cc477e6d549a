//! What tokens and proofs are checked with.

use crate::{Secret, jwks::Jwk, schema, secret};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// What a verifier checks tokens and proofs with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CheckingKeys {
    /// Names these keys in the next question.
    pub id: String,
    /// `iss` of the access tokens.
    pub issuer: String,
    /// The published signing keys.
    pub signing_keys: Vec<Jwk>,
    /// What nonces are made and known with: 32 bytes, base64url.
    #[serde(serialize_with = "secret::hand_out")]
    #[schema(value_type = schema::Secret)]
    pub nonce_key: Secret,
}

/// The secret of nonces; wiped when dropped.
pub type NonceSecret = Zeroizing<[u8; 32]>;

impl CheckingKeys {
    /// A name that changes with the issuer, the keys and the nonce secret, of which it takes a hash.
    pub fn name(issuer: &str, key_ids: &[&str], nonce_key_hash: &[u8; 32]) -> String {
        let nonce_key = URL_SAFE_NO_PAD.encode(nonce_key_hash);
        let all = format!("{issuer} {} {nonce_key}", key_ids.join(" "));
        URL_SAFE_NO_PAD.encode(countersign_core::token::sha256(all.as_bytes()))
    }

    /// The text of a nonce secret.
    pub fn write_nonce_key(secret: &[u8; 32]) -> Secret {
        Secret::from(URL_SAFE_NO_PAD.encode(secret))
    }

    /// The nonce secret; `None` for what is none.
    pub fn read_nonce_key(&self) -> Option<NonceSecret> {
        let mut secret = Zeroizing::new([0; 32]);
        let text = self.nonce_key.reveal();
        let read = URL_SAFE_NO_PAD.decode_slice(text, secret.as_mut_slice());
        (read == Ok(32)).then_some(secret)
    }
}
