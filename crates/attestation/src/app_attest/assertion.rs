//! What an attested key signs.

use super::{Extensions, nonce};
use crate::{
    appraisal::{Appraisal, Checks},
    authenticator_data::AuthenticatorData,
    cbor::{self, Value},
    jws::PublicKey,
};
use aws_lc_rs::{
    digest::{SHA256, digest},
    signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey},
};

/// The longest assertion that is looked at; they have about 200 bytes.
pub const MAX_ASSERTION_BYTES: usize = 4 * 1024;

/// The longest client data that is looked at.
pub const MAX_CLIENT_DATA_BYTES: usize = 64 * 1024;

/// An assertion and what it is made over.
#[derive(Debug, Clone, Copy)]
pub struct Evidence<'a> {
    /// The CBOR map that `generateAssertion` returns.
    pub assertion: &'a [u8],
    /// What the app had hashed, as it is.
    pub client_data: &'a [u8],
}

/// What an assertion must be of.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// The key that was attested.
    pub key: &'a PublicKey,
    /// The team id, a full stop and the bundle id.
    pub app_id: &'a str,
    /// The counter of the key's last assertion that was accepted; 0 after its attestation.
    pub counter: u32,
    /// In which ways the app may have come onto the device
    /// ([`Extensions::validation_category`]), where the system tells; `None` for every way.
    pub validation_categories: Option<&'a [u32]>,
}

/// What an accepted assertion shows. That the client data is right is for the caller to see.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verdict {
    /// To be stored in place of the last one if that is still lower, in one step: otherwise two
    /// uses of one assertion both count.
    pub counter: u32,
    /// What the operating system says of the app this time.
    pub extensions: Extensions,
}

/// Why an assertion is refused, in the order in which the reasons are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The assertion or the client data is longer than is looked at.
    #[error("the assertion is too long")]
    TooLong,
    /// Not exactly one CBOR map of a signature and authenticator data.
    #[error("not an assertion in CBOR")]
    Malformed,
    /// The authenticator data is not 37 bytes, or those and one map.
    #[error("the authenticator data is not an assertion's")]
    InvalidAuthenticatorData,
    /// The signature is not by the key, or over other data.
    #[error("the signature is wrong")]
    BadSignature,
    /// It was made by another app.
    #[error("another app")]
    AppMismatch,
    /// The counter is not higher than that of the last one.
    #[error("the counter has not risen")]
    CounterNotRisen,
    /// The extensions hold something else than they should.
    #[error("the extensions cannot be read")]
    InvalidExtensions,
    /// The app came onto the device in a way that is not accepted.
    #[error("the app is of another validation category")]
    CategoryMismatch,
}

/// Judges an assertion.
pub fn appraise(evidence: &Evidence<'_>, expected: &Expected<'_>) -> Appraisal<Verdict, Refused> {
    let mut checks = Checks::default();
    let outcome = judge(evidence, expected, &mut checks);
    checks.end(outcome)
}

fn judge(
    evidence: &Evidence<'_>,
    expected: &Expected<'_>,
    checks: &mut Checks,
) -> Result<Verdict, Refused> {
    let is_short = evidence.assertion.len() <= MAX_ASSERTION_BYTES
        && evidence.client_data.len() <= MAX_CLIENT_DATA_BYTES;
    checks.ensure("length", is_short, Refused::TooLong)?;
    let parts = read(evidence.assertion).ok_or(Refused::Malformed);
    let (signature, bytes) = checks.note("assertion_object", parts)?;
    let data =
        AuthenticatorData::without_credential(bytes).map_err(|_| Refused::InvalidAuthenticatorData);
    let data = checks.note("authenticator_data", data)?;

    // The signature is over the nonce as a message: it covers SHA-256 of the nonce.
    let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, expected.key.point());
    let signed = key
        .verify(&nonce(bytes, evidence.client_data), signature)
        .map_err(|_| Refused::BadSignature);
    checks.note("signature", signed)?;

    let app = digest(&SHA256, expected.app_id.as_bytes());
    let is_app = data.rp_id_hash.as_slice() == app.as_ref();
    checks.ensure("app", is_app, Refused::AppMismatch)?;
    let has_risen = data.counter > expected.counter;
    checks.ensure("counter", has_risen, Refused::CounterNotRisen)?;
    let extensions = Extensions::read(data.extensions.as_ref()).ok_or(Refused::InvalidExtensions);
    let extensions = checks.note("extensions", extensions)?;
    let is_category = extensions.are_of(expected.validation_categories);
    checks.ensure(
        "validation_category",
        is_category,
        Refused::CategoryMismatch,
    )?;
    Ok(Verdict {
        counter: data.counter,
        extensions,
    })
}

fn read(assertion: &[u8]) -> Option<(&[u8], &[u8])> {
    let map = cbor::read_map(assertion).ok()?;
    let bytes = |key| map.text_key(key).and_then(Value::as_bytes);
    Some((bytes("signature")?, bytes("authenticatorData")?))
}
