//! The device's side: making a proof.

use super::proof::{TYP, token_hash};
use crate::jws::{Jwk, SigningFailed, SigningKey, sign};
use countersign_core::Timestamp;
use serde::Serialize;

/// What a proof is made for.
#[derive(Debug, Clone, Copy)]
pub struct NewProof<'a> {
    /// The request's method, as sent.
    pub method: &'a str,
    /// The request's URL; query and fragment are left out of the proof (RFC 9449 section 4.2).
    pub url: &'a str,
    /// The access token sent along, named by its hash.
    pub access_token: Option<&'a str>,
    /// The last nonce that the server gave.
    pub nonce: Option<&'a str>,
    /// The time now; the proof keeps whole seconds.
    pub now: Timestamp,
    /// Unique to this proof: at least 96 random bits (RFC 9449 section 4.2), 1 to 256 characters.
    pub jti: &'a str,
}

/// Makes and signs a proof.
///
/// # Errors
/// [`SigningFailed`] when the library has no entropy or memory.
pub fn create(key: &SigningKey, proof: &NewProof<'_>) -> Result<String, SigningFailed> {
    let header = Header {
        typ: TYP,
        alg: "ES256",
        jwk: key.jwk(),
    };
    let ath = proof.access_token.map(token_hash);
    let claims = Claims {
        jti: proof.jti,
        htm: proof.method,
        htu: proof.url.split(['?', '#']).next().unwrap_or_default(),
        iat: proof.now.as_secs(),
        ath: ath
            .as_ref()
            .map(|hash| std::str::from_utf8(hash).unwrap_or_default()),
        nonce: proof.nonce,
    };
    sign(key, &header, &claims)
}

#[derive(Serialize)]
struct Header {
    typ: &'static str,
    alg: &'static str,
    jwk: Jwk,
}

#[derive(Serialize)]
struct Claims<'a> {
    jti: &'a str,
    htm: &'a str,
    htu: &'a str,
    iat: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    ath: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<&'a str>,
}
