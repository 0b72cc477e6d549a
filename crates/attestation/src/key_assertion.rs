//! Key assertions: a device signs a transcript with its own key, where no platform does it for it.
//!
//! They have a `typ` of their own (RFC 8725 section 3.11), so that neither an assertion is taken for
//! a proof of possession nor a proof for an assertion.

use crate::{
    appraisal::{Appraisal, Checks},
    jws::{Compact, KeyHeader, SigningFailed, SigningKey, Text, read_object, sign as sign_jws},
};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use countersign_core::Thumbprint;
use serde::{Deserialize, Serialize};

/// `typ` of a key assertion.
pub const TYP: &str = "countersign-assertion+jwt";

/// The longest assertion that is looked at; they have about 400 bytes.
pub const MAX_ASSERTION_BYTES: usize = 4 * 1024;

/// What an assertion must be of.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// The device's key.
    pub jkt: &'a Thumbprint,
    /// SHA-256 of the transcript.
    pub transcript: &'a [u8; 32],
}

/// Why an assertion is refused, in the order in which the reasons are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Longer than is looked at, or not a signed text with a header and claims of its kind.
    #[error("not a key assertion")]
    Malformed,
    /// It is another kind of signed text, or by an algorithm that is not spoken here.
    #[error("another kind of signed text")]
    WrongType,
    /// It names another key than the device's.
    #[error("another key")]
    KeyMismatch,
    /// It is about something else.
    #[error("another transcript")]
    TranscriptMismatch,
    /// The signature is not by the key, or over other data.
    #[error("the signature is wrong")]
    BadSignature,
}

/// Makes and signs an assertion of what has this SHA-256.
///
/// # Errors
/// [`SigningFailed`] when the library has no entropy or memory.
pub fn create(key: &SigningKey, transcript: &[u8; 32]) -> Result<String, SigningFailed> {
    let header = serde_json::json!({ "typ": TYP, "alg": "ES256", "jwk": key.jwk() });
    let transcript = URL_SAFE_NO_PAD.encode(transcript);
    sign_jws(key, &header, &Written { transcript })
}

/// Judges an assertion.
pub fn appraise(assertion: &str, expected: &Expected<'_>) -> Appraisal<(), Refused> {
    let mut checks = Checks::default();
    let outcome = judge(assertion, expected, &mut checks);
    checks.end(outcome)
}

fn judge(assertion: &str, expected: &Expected<'_>, checks: &mut Checks) -> Result<(), Refused> {
    let jws = Compact::parse(assertion, MAX_ASSERTION_BYTES).map_err(|_| Refused::Malformed);
    let jws = checks.note("compact", jws)?;
    let header: Option<KeyHeader<'_>> = read_object(&jws.header);
    let header = checks.note("header", header.ok_or(Refused::Malformed))?;
    let is_kind = header.is_of_type(TYP) && header.is_es256() && !header.is_extended();
    checks.ensure("type", is_kind, Refused::WrongType)?;
    let key = checks.note("key", header.key().ok_or(Refused::Malformed))?;
    let is_devices = key.thumbprint() == *expected.jkt;
    checks.ensure("device_key", is_devices, Refused::KeyMismatch)?;
    let claims: Option<Claims<'_>> = read_object(&jws.payload);
    let claims = checks.note("claims", claims.ok_or(Refused::Malformed))?;
    let wanted = URL_SAFE_NO_PAD.encode(expected.transcript);
    let equal = verify_slices_are_equal(claims.transcript.0.as_bytes(), wanted.as_bytes());
    checks.note("transcript", equal.map_err(|_| Refused::TranscriptMismatch))?;
    let is_signed = jws
        .signature
        .is_some_and(|signature| key.is_signed(jws.signing_input.as_bytes(), &signature));
    checks.ensure("signature", is_signed, Refused::BadSignature)
}

#[derive(Serialize)]
struct Written {
    transcript: String,
}

#[derive(Deserialize)]
struct Claims<'a> {
    #[serde(borrow)]
    transcript: Text<'a>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(assertion: &str, key: &SigningKey, transcript: &[u8; 32]) -> Option<Refused> {
        let jkt = &key.thumbprint();
        appraise(assertion, &Expected { jkt, transcript })
            .outcome
            .err()
    }

    #[test]
    fn an_assertion_is_of_one_key_and_one_transcript() {
        let [key, other] = [(); 2].map(|()| SigningKey::generate().unwrap());
        let (one, two) = ([1; 32], [2; 32]);
        let assertion = create(&key, &one).unwrap();
        assert_eq!(refused(&assertion, &key, &one), None);
        let refusal = refused(&assertion, &key, &two);
        assert_eq!(refusal, Some(Refused::TranscriptMismatch));
        let refusal = refused(&assertion, &other, &one);
        assert_eq!(refusal, Some(Refused::KeyMismatch));
    }

    #[test]
    fn a_proof_of_possession_is_no_assertion() {
        use crate::dpop::{NewProof, create};
        let key = SigningKey::generate().unwrap();
        let proof = NewProof {
            method: "POST",
            url: "https://example.com/",
            access_token: None,
            nonce: None,
            now: countersign_core::Timestamp::from_secs(0),
            jti: "1",
        };
        let proof = create(&key, &proof).unwrap();
        assert_eq!(refused(&proof, &key, &[1; 32]), Some(Refused::WrongType));
    }

    #[test]
    fn any_character_that_changes_spoils_it() {
        let key = SigningKey::generate().unwrap();
        let assertion = create(&key, &[1; 32]).unwrap();
        for (at, _) in assertion.char_indices() {
            let (before, rest) = assertion.split_at(at);
            let other = if rest.starts_with('A') { "B" } else { "A" };
            let changed = format!("{before}{other}{}", rest.get(1..).unwrap_or_default());
            assert!(refused(&changed, &key, &[1; 32]).is_some(), "{at}");
            assert!(refused(before, &key, &[1; 32]).is_some(), "{at}");
        }
    }
}
