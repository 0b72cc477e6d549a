//! Judging one proof (RFC 9449 section 4.3).

use super::{
    error::ProofError,
    htu::HtuUrl,
    nonce::{NONCE_LIFETIME, NonceKeys},
};
use crate::jws::{Compact, KeyHeader, NumericDate, Object, PublicKey, RawJwk, Text, read_object};
use aws_lc_rs::{
    constant_time::verify_slices_are_equal,
    digest::{Context, SHA256, digest},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use countersign_core::{Thumbprint, Timestamp};
use serde::Deserialize;
use std::time::Duration;

/// The longest proof that is looked at.
pub const MAX_PROOF_BYTES: usize = 4 * 1024;

/// `typ` of a proof (RFC 9449 section 4.2).
pub(super) const TYP: &str = "dpop+jwt";

const MAX_JTI_CHARS: usize = 256;

/// How long a used proof is remembered beyond its last moment, so that clocks may differ.
const REMEMBERED_BEYOND: Duration = Duration::from_secs(5);

/// What a proof must be for.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// The request's method; compared case by case.
    pub method: &'a str,
    /// The request's URL as the device sees it, never as the `Host` header says.
    pub url: &'a HtuUrl,
    /// The access token that came with the proof, which must name it.
    pub access_token: Option<&'a str>,
    /// The key that must have signed it; any, if there is none yet.
    pub key: Option<&'a Thumbprint>,
    /// What server nonces are checked with; without, a nonce in the proof means nothing.
    pub nonces: Option<&'a NonceKeys>,
    /// A nonce issued earlier is refused: [`ReplayCache::complete_since`](super::ReplayCache).
    pub nonces_since: Timestamp,
    /// The time now.
    pub now: Timestamp,
    /// How far `iat` may be from now, without a nonce.
    pub window: Window,
}

/// How far a proof's `iat` may be from now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// How old it may be.
    pub past: Duration,
    /// How far in the future, for devices whose clock is ahead.
    pub future: Duration,
}

impl Window {
    /// For a proof with a valid nonce, which proves freshness by itself: a device with a wrong
    /// clock works too (RFC 9449 section 11.1 asks for "a relatively brief period").
    pub const WITH_NONCE: Self = Self {
        past: Duration::from_mins(5),
        future: Duration::from_mins(5),
    };
}

impl Default for Window {
    fn default() -> Self {
        Self {
            past: Duration::from_mins(1),
            future: Duration::from_secs(5),
        }
    }
}

/// A proof that [`verify`] accepted; whether it is used for the first time is a further question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct VerifiedProof {
    /// The key that signed it.
    pub jkt: Thumbprint,
    /// SHA-256 of `jkt` and `jti`: what may be used once.
    pub replay_key: [u8; 32],
    /// When the device says it made it.
    pub iat: Timestamp,
    /// When its nonce was issued; `None` without a nonce.
    pub nonce_issued_at: Option<Timestamp>,
    /// The earliest time at which it could have been accepted.
    pub usable_from: Timestamp,
    /// Until when a use of it must be remembered.
    pub expires_at: Timestamp,
}

/// Checks a proof, the cheap questions first, the signature last.
///
/// # Errors
/// The first reason in the order of [`ProofError`]'s variants; a point off the curve is noticed
/// only after [`ProofError::KeyMismatch`].
pub fn verify(proof: &str, expected: &Expected<'_>) -> Result<VerifiedProof, ProofError> {
    let jws = Compact::parse(proof, MAX_PROOF_BYTES)?;
    let header: KeyHeader<'_> = read_object(&jws.header).ok_or(ProofError::InvalidHeader)?;
    let (x, y, point) = check_header(&header)?.coordinates()?;
    let claims: Claims<'_> = read_object(&jws.payload).ok_or(ProofError::InvalidClaims)?;
    check_request(&claims, expected)?;
    let nonce_issued_at = check_nonce(&claims, expected)?;
    let window = check_time(&claims, nonce_issued_at, expected)?;
    let jkt = Thumbprint::of_p256(x, y);
    if expected.key.is_some_and(|key| *key != jkt) {
        return Err(ProofError::KeyMismatch);
    }
    // Parsed anew each time: measured by examples/proof_cost.rs, a cache of keys could save no more
    // than 3 % of the verification.
    let key = PublicKey::from_point(&point.0).map_err(|_| ProofError::InvalidKey)?;
    let is_signed = jws
        .signature
        .is_some_and(|signature| key.is_signed(jws.signing_input.as_bytes(), &signature));
    if !is_signed {
        return Err(ProofError::BadSignature);
    }
    Ok(verified(&claims, jkt, nonce_issued_at, window))
}

/// `ath` of a token: 43 characters of base64url (RFC 9449 section 4.2).
pub(super) fn token_hash(access_token: &str) -> [u8; 43] {
    let mut text = [0; 43];
    let hash = digest(&SHA256, access_token.as_bytes());
    // 32 bytes are always 43 characters; left as zeros, the text would equal no hash.
    let _ = URL_SAFE_NO_PAD.encode_slice(hash, &mut text);
    text
}

fn check_header<'a>(header: &'a KeyHeader<'a>) -> Result<&'a RawJwk<'a>, ProofError> {
    if !header.is_of_type(TYP) {
        return Err(ProofError::WrongType);
    }
    if !header.is_es256() {
        return Err(ProofError::WrongAlgorithm);
    }
    if header.is_extended() {
        return Err(ProofError::UnsupportedExtension);
    }
    let Object(jwk) = header.jwk.as_ref().ok_or(ProofError::MissingKey)?;
    Ok(jwk)
}

fn check_request(claims: &Claims<'_>, expected: &Expected<'_>) -> Result<(), ProofError> {
    let jti = &claims.jti.0;
    // A character has at most four bytes: most ids need no counting.
    let is_long = jti.len() > MAX_JTI_CHARS && jti.chars().count() > MAX_JTI_CHARS;
    if jti.is_empty() || is_long {
        return Err(ProofError::InvalidJti);
    }
    if claims.htm.0 != expected.method {
        return Err(ProofError::MethodMismatch);
    }
    if !expected.url.matches(&claims.htu.0) {
        return Err(ProofError::UrlMismatch);
    }
    let Some(token) = expected.access_token else {
        return Ok(());
    };
    let ath = claims.ath.as_ref().ok_or(ProofError::MissingTokenHash)?;
    verify_slices_are_equal(ath.0.as_bytes(), &token_hash(token))
        .map_err(|_| ProofError::TokenHashMismatch)
}

fn check_nonce(
    claims: &Claims<'_>,
    expected: &Expected<'_>,
) -> Result<Option<Timestamp>, ProofError> {
    let (Some(Text(nonce)), Some(keys)) = (&claims.nonce, expected.nonces) else {
        return Ok(None);
    };
    keys.check(nonce, expected.now, expected.nonces_since)
        .map(Some)
        .map_err(ProofError::UnusableNonce)
}

fn check_time(
    claims: &Claims<'_>,
    nonce_issued_at: Option<Timestamp>,
    expected: &Expected<'_>,
) -> Result<Window, ProofError> {
    let window = if nonce_issued_at.is_some() {
        Window::WITH_NONCE
    } else {
        expected.window
    };
    let NumericDate(iat) = claims.iat;
    if iat < expected.now.minus(window.past) {
        return Err(ProofError::TooOld);
    }
    if iat > expected.now.plus(window.future) {
        return Err(ProofError::TooNew);
    }
    Ok(window)
}

fn verified(
    claims: &Claims<'_>,
    jkt: Thumbprint,
    nonce_issued_at: Option<Timestamp>,
    window: Window,
) -> VerifiedProof {
    let mut hash = Context::new(&SHA256);
    hash.update(jkt.as_bytes());
    hash.update(claims.jti.0.as_bytes());
    let mut replay_key = [0; 32];
    replay_key.copy_from_slice(hash.finish().as_ref());
    let NumericDate(iat) = claims.iat;
    let last = iat.plus(window.past);
    let last = nonce_issued_at.map_or(last, |issued| last.min(issued.plus(NONCE_LIFETIME)));
    VerifiedProof {
        jkt,
        replay_key,
        iat,
        nonce_issued_at,
        usable_from: nonce_issued_at.unwrap_or(iat.minus(window.future)),
        expires_at: last.plus(REMEMBERED_BEYOND),
    }
}

#[derive(Deserialize)]
struct Claims<'a> {
    #[serde(borrow)]
    jti: Text<'a>,
    #[serde(borrow)]
    htm: Text<'a>,
    #[serde(borrow)]
    htu: Text<'a>,
    iat: NumericDate,
    #[serde(borrow)]
    ath: Option<Text<'a>>,
    #[serde(borrow)]
    nonce: Option<Text<'a>>,
}
