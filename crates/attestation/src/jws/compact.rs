//! The compact serialisation (RFC 7515 section 7.1).

use super::key::{SIGNATURE_BYTES, SigningFailed, SigningKey};
use base64::{DecodeSliceError, Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Serialize;

/// A signed text taken apart, whatever it is signed with.
#[derive(Debug)]
pub(crate) struct Parts<'a> {
    /// What the signature covers.
    pub(crate) signing_input: &'a str,
    pub(crate) header: Vec<u8>,
    pub(crate) payload: Vec<u8>,
    /// Still in base64url.
    pub(crate) signature: &'a str,
}

impl<'a> Parts<'a> {
    /// Splits three parts; header and payload are unpadded, canonical base64url.
    pub(crate) fn split(text: &'a str) -> Option<Self> {
        let (signing_input, signature) = text.rsplit_once('.')?;
        // A fourth part would leave a dot in the payload, which base64url does not have.
        let (header, payload) = signing_input.split_once('.')?;
        Some(Self {
            signing_input,
            header: URL_SAFE_NO_PAD.decode(header).ok()?,
            payload: URL_SAFE_NO_PAD.decode(payload).ok()?,
            signature,
        })
    }
}

/// A text signed with ES256, taken apart; nothing of it is verified yet.
#[derive(Debug)]
pub(crate) struct Compact<'a> {
    /// What the signature covers.
    pub(crate) signing_input: &'a str,
    pub(crate) header: Vec<u8>,
    pub(crate) payload: Vec<u8>,
    /// `None` if it is not 64 bytes long (RFC 7518 section 3.4), so never valid.
    pub(crate) signature: Option<[u8; SIGNATURE_BYTES]>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CompactError {
    TooLong,
    NotCompact,
}

impl<'a> Compact<'a> {
    /// Splits three parts of unpadded, canonical base64url.
    pub(crate) fn parse(text: &'a str, max_bytes: usize) -> Result<Self, CompactError> {
        if text.len() > max_bytes {
            return Err(CompactError::TooLong);
        }
        Self::split(text).ok_or(CompactError::NotCompact)
    }

    fn split(text: &'a str) -> Option<Self> {
        let parts = Parts::split(text)?;
        Some(Self {
            signing_input: parts.signing_input,
            header: parts.header,
            payload: parts.payload,
            signature: decode_signature(parts.signature)?,
        })
    }
}

/// Signs header and claims with ES256 and gives the compact form.
pub(crate) fn sign(
    key: &SigningKey,
    header: &impl Serialize,
    claims: &impl Serialize,
) -> Result<String, SigningFailed> {
    let mut text = String::with_capacity(512);
    for (part, separator) in [(to_json(header)?, "."), (to_json(claims)?, "")] {
        URL_SAFE_NO_PAD.encode_string(part, &mut text);
        text.push_str(separator);
    }
    let signature = key.sign(text.as_bytes())?;
    text.push('.');
    URL_SAFE_NO_PAD.encode_string(signature, &mut text);
    Ok(text)
}

fn to_json(part: &impl Serialize) -> Result<Vec<u8>, SigningFailed> {
    serde_json::to_vec(part).map_err(|_| SigningFailed)
}

/// The outer `None` is for text that is not base64url, the inner one for another length.
#[expect(
    clippy::option_option,
    reason = "the two refusals are reported at different stages"
)]
fn decode_signature(text: &str) -> Option<Option<[u8; SIGNATURE_BYTES]>> {
    // base64 asks for room for whole groups of three bytes.
    let mut bytes = [0; 66];
    match URL_SAFE_NO_PAD.decode_slice(text, &mut bytes) {
        Ok(SIGNATURE_BYTES) => Some(bytes.first_chunk().copied()),
        Ok(_) | Err(DecodeSliceError::OutputSliceTooSmall) => Some(None),
        Err(DecodeSliceError::DecodeError(_)) => None,
    }
}
