//! Proofs of Device Bound Session Credentials: a browser signs a challenge with the key of a session
//! (W3C, Device Bound Session Credentials, "DBSC proof").
//!
//! ES256 only: a browser signs with what it was offered, and nothing else is offered.

use crate::{
    appraisal::{Appraisal, Checks},
    jws::{Compact, KeyHeader, PublicKey, Text, read_object},
};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use serde::Deserialize;

/// The longest proof that is looked at.
pub const MAX_PROOF_BYTES: usize = 4 * 1024;

/// `typ` of a proof.
const TYP: &str = "dbsc+jwt";

/// What a proof must be of.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// The challenge of `Secure-Session-Registration` or `Secure-Session-Challenge`.
    pub challenge: &'a str,
    /// The `authorization` that a registration was asked with.
    pub authorization: Option<&'a str>,
    /// The session's key; `None` for a registration, which brings it.
    pub key: Option<&'a PublicKey>,
}

/// What an accepted proof shows.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Verdict {
    /// The session's key.
    pub key: PublicKey,
}

/// Why a proof is refused, in the order in which the reasons are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Longer than is looked at, or not a signed text with a header and claims.
    #[error("not a signed text in compact form")]
    Malformed,
    /// Another kind of signed text.
    #[error("another kind of signed text")]
    WrongType,
    /// Signed in another way than was offered.
    #[error("signed with an algorithm that was not offered")]
    WrongAlgorithm,
    /// The header demands an extension.
    #[error("an extension is demanded")]
    UnsupportedExtension,
    /// A registration without a usable public key, or a later proof that brings one.
    #[error("the key in the header is missing, unusable, or one too many")]
    InvalidKey,
    /// It answers another challenge.
    #[error("another challenge")]
    ChallengeMismatch,
    /// It carries another authorization than it was asked with, or one that it was not asked for.
    #[error("another authorization")]
    AuthorizationMismatch,
    /// The signature is not by the key, or over other data.
    #[error("the signature is wrong")]
    BadSignature,
}

/// Judges a proof. Whether its challenge is used for the first time is for the caller to see.
pub fn appraise(proof: &str, expected: &Expected<'_>) -> Appraisal<Verdict, Refused> {
    let mut checks = Checks::default();
    let outcome = judge(proof, expected, &mut checks);
    checks.end(outcome)
}

fn judge(proof: &str, expected: &Expected<'_>, checks: &mut Checks) -> Result<Verdict, Refused> {
    let jws = Compact::parse(proof, MAX_PROOF_BYTES).map_err(|_| Refused::Malformed);
    let jws = checks.note("compact", jws)?;
    let header: Option<KeyHeader<'_>> = read_object(&jws.header);
    let header = checks.note("header", header.ok_or(Refused::Malformed))?;
    checks.ensure("type", header.is_of_type(TYP), Refused::WrongType)?;
    checks.ensure("algorithm", header.is_es256(), Refused::WrongAlgorithm)?;
    let unsupported = Refused::UnsupportedExtension;
    checks.ensure("extensions", !header.is_extended(), unsupported)?;
    let key = choose(&header, expected.key).ok_or(Refused::InvalidKey);
    let key = checks.note("key", key)?;
    let claims: Option<Claims<'_>> = read_object(&jws.payload);
    let claims = checks.note("claims", claims.ok_or(Refused::Malformed))?;
    let is_answer = is_equal(&claims.jti.0, expected.challenge);
    checks.ensure("challenge", is_answer, Refused::ChallengeMismatch)?;
    let is_authorized = match (&claims.authorization, expected.authorization) {
        (Some(Text(given)), Some(asked)) => is_equal(given, asked),
        (None, None) => true,
        _ => false,
    };
    let mismatch = Refused::AuthorizationMismatch;
    checks.ensure("authorization", is_authorized, mismatch)?;
    let is_signed = jws
        .signature
        .is_some_and(|signature| key.is_signed(jws.signing_input.as_bytes(), &signature));
    checks.ensure("signature", is_signed, Refused::BadSignature)?;
    Ok(Verdict { key })
}

/// A registration brings its key, and no other proof does.
fn choose(header: &KeyHeader<'_>, known: Option<&PublicKey>) -> Option<PublicKey> {
    match (&header.jwk, known) {
        (Some(_), None) => header.key(),
        (None, known) => known.cloned(),
        (Some(_), Some(_)) => None,
    }
}

fn is_equal(one: &str, other: &str) -> bool {
    verify_slices_are_equal(one.as_bytes(), other.as_bytes()).is_ok()
}

#[derive(Deserialize)]
struct Claims<'a> {
    #[serde(borrow)]
    jti: Text<'a>,
    #[serde(borrow)]
    authorization: Option<Text<'a>>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jws::{SigningKey, sign};
    use serde_json::{Value, json};

    fn registration(key: &SigningKey) -> Value {
        json!({ "typ": TYP, "alg": "ES256", "jwk": key.jwk() })
    }

    fn refused(
        signer: &SigningKey,
        header: &Value,
        claims: &Value,
        key: Option<&PublicKey>,
        authorization: Option<&str>,
    ) -> Option<Refused> {
        let proof = sign(signer, header, claims).unwrap();
        let expected = Expected {
            challenge: "c",
            authorization,
            key,
        };
        appraise(&proof, &expected).outcome.err()
    }

    #[test]
    fn a_registration_brings_its_key_and_later_proofs_are_by_it() {
        let [key, other] = [(); 2].map(|()| SigningKey::generate().unwrap());
        let (known, claims) = (key.public_key().unwrap(), json!({ "jti": "c" }));
        let (first, later) = (registration(&key), json!({ "typ": TYP, "alg": "ES256" }));
        assert_eq!(refused(&key, &first, &claims, None, None), None);
        assert_eq!(refused(&key, &later, &claims, Some(&known), None), None);
        for (signer, header, known, why) in [
            (&key, &later, None, Refused::InvalidKey),
            (&key, &first, Some(&known), Refused::InvalidKey),
            (&other, &later, Some(&known), Refused::BadSignature),
            (&other, &first, None, Refused::BadSignature),
        ] {
            assert_eq!(refused(signer, header, &claims, known, None), Some(why));
        }
    }

    #[test]
    fn a_proof_answers_what_it_was_asked() {
        let key = SigningKey::generate().unwrap();
        let header = registration(&key);
        for (claims, asked, why) in [
            (
                json!({ "jti": "d" }),
                None,
                Some(Refused::ChallengeMismatch),
            ),
            (json!({}), None, Some(Refused::Malformed)),
            (
                json!({ "jti": "c" }),
                Some("a"),
                Some(Refused::AuthorizationMismatch),
            ),
            (
                json!({ "jti": "c", "authorization": "b" }),
                Some("a"),
                Some(Refused::AuthorizationMismatch),
            ),
            (
                json!({ "jti": "c", "authorization": "a" }),
                None,
                Some(Refused::AuthorizationMismatch),
            ),
            (json!({ "jti": "c", "authorization": "a" }), Some("a"), None),
        ] {
            assert_eq!(
                refused(&key, &header, &claims, None, asked),
                why,
                "{claims}"
            );
        }
    }

    #[test]
    fn a_header_cannot_choose_how_it_is_checked() {
        let key = SigningKey::generate().unwrap();
        for (member, value, why) in [
            ("typ", json!("dpop+jwt"), Refused::WrongType),
            ("typ", json!("JWT"), Refused::WrongType),
            ("alg", json!("none"), Refused::WrongAlgorithm),
            ("alg", json!("RS256"), Refused::WrongAlgorithm),
            ("crit", json!(["x"]), Refused::UnsupportedExtension),
            (
                "jwk",
                json!({ "kty": "EC", "crv": "P-256" }),
                Refused::InvalidKey,
            ),
        ] {
            let mut header = registration(&key);
            let members = header.as_object_mut().unwrap();
            members.insert(member.to_owned(), value);
            let judged = refused(&key, &header, &json!({ "jti": "c" }), None, None);
            assert_eq!(judged, Some(why), "{member}");
        }
    }
}
