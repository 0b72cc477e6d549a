//! Server nonces without memory (RFC 9449 section 8).
//!
//! A nonce is its issue time and an HMAC over it. Every node that holds the key accepts it.

use aws_lc_rs::{constant_time::verify_slices_are_equal, hmac};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use countersign_core::Timestamp;
use std::time::Duration;

/// How long a nonce is accepted after its issue.
pub const NONCE_LIFETIME: Duration = Duration::from_mins(5);

/// How far ahead another node's clock may be.
const CLOCK_SKEW: Duration = Duration::from_secs(5);

const TIME_BYTES: usize = 8;
const TAG_BYTES: usize = 16;
const NONCE_BYTES: usize = TIME_BYTES + TAG_BYTES;
const NONCE_CHARS: usize = 32;

/// Keeps these tags apart from any other use of the key.
const CONTEXT: &[u8] = b"countersign dpop nonce v1";

/// One secret that nonces are made with.
#[derive(Debug, Clone)]
pub struct NonceKey(hmac::Key);

/// Why a nonce is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NonceError {
    /// Not 32 characters of base64url.
    #[error("not a nonce")]
    Malformed,
    /// Not made with a key of ours.
    #[error("not a nonce of this server")]
    Forged,
    /// Issued more than [`NONCE_LIFETIME`] ago.
    #[error("the nonce is expired")]
    Expired,
    /// Issued later than any node's clock allows.
    #[error("the nonce is from the future")]
    FromFuture,
    /// Issued before the proof's reuse would be noticed.
    #[error("the nonce is from before this start")]
    BeforeStart,
}

impl NonceKey {
    /// Takes the cluster's secret.
    pub fn new(secret: &[u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, secret))
    }

    fn tag(&self, time: [u8; TIME_BYTES]) -> [u8; TAG_BYTES] {
        let mut context = hmac::Context::with_key(&self.0);
        context.update(CONTEXT);
        context.update(&time);
        let tag = context.sign();
        tag.as_ref()
            .first_chunk()
            .copied()
            .unwrap_or([0; TAG_BYTES])
    }
}

/// The key that nonces are made with, and the one before it, still accepted.
#[derive(Debug, Clone)]
pub struct NonceKeys {
    current: NonceKey,
    previous: Option<NonceKey>,
}

impl NonceKeys {
    /// Takes the keys; `previous` may go [`NONCE_LIFETIME`] after a rotation.
    pub const fn new(current: NonceKey, previous: Option<NonceKey>) -> Self {
        Self { current, previous }
    }

    /// Makes a nonce: 32 characters of base64url.
    pub fn issue(&self, now: Timestamp) -> String {
        let time = now.as_micros().to_be_bytes();
        let mut bytes = [0; NONCE_BYTES];
        let (place, tag) = bytes.split_at_mut(TIME_BYTES);
        place.copy_from_slice(&time);
        tag.copy_from_slice(&self.current.tag(time));
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Tells when a nonce was issued, if it was issued here and may still be used.
    ///
    /// # Errors
    /// The first reason in the order of [`NonceError`]'s variants.
    pub fn check(
        &self,
        nonce: &str,
        now: Timestamp,
        not_before: Timestamp,
    ) -> Result<Timestamp, NonceError> {
        let (time, tag) = decode(nonce).ok_or(NonceError::Malformed)?;
        let is_ours = [Some(&self.current), self.previous.as_ref()]
            .into_iter()
            .flatten()
            .any(|key| verify_slices_are_equal(&key.tag(time), &tag).is_ok());
        if !is_ours {
            return Err(NonceError::Forged);
        }
        let issued_at = Timestamp::from_micros(i64::from_be_bytes(time));
        if now > issued_at.plus(NONCE_LIFETIME) {
            return Err(NonceError::Expired);
        }
        if issued_at > now.plus(CLOCK_SKEW) {
            return Err(NonceError::FromFuture);
        }
        if issued_at < not_before {
            return Err(NonceError::BeforeStart);
        }
        Ok(issued_at)
    }
}

fn decode(nonce: &str) -> Option<([u8; TIME_BYTES], [u8; TAG_BYTES])> {
    if nonce.len() != NONCE_CHARS {
        return None;
    }
    let mut bytes = [0; NONCE_BYTES];
    URL_SAFE_NO_PAD.decode_slice(nonce, &mut bytes).ok()?;
    let (time, tag) = bytes.split_first_chunk()?;
    Some((*time, *tag.first_chunk()?))
}
