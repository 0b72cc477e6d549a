//! The checks of a proof, told one by one.

use super::{
    error::ProofError,
    proof::{Expected, VerifiedProof, verify},
};
use crate::appraisal::{Appraisal, Checks};

/// In the order in which [`verify`] makes them; it notes none, because it judges every request.
const CHECKS: [&str; 16] = [
    "length",
    "compact",
    "header",
    "type",
    "algorithm",
    "extensions",
    "header_key",
    "claims",
    "proof_id",
    "method",
    "url",
    "access_token",
    "nonce",
    "issued_at",
    "key",
    "signature",
];

/// Judges a proof as [`verify`] does.
pub fn appraise(proof: &str, expected: &Expected<'_>) -> Appraisal<VerifiedProof, ProofError> {
    let outcome = verify(proof, expected);
    let failed = outcome.as_ref().err().copied().map(check);
    let mut checks = Checks::default();
    for name in CHECKS {
        let is_failed = failed == Some(name);
        if checks.ensure(name, !is_failed, ()).is_err() {
            break;
        }
    }
    checks.end(outcome)
}

/// The check that a proof is refused by.
const fn check(refused: ProofError) -> &'static str {
    match refused {
        ProofError::TooLong => "length",
        ProofError::NotCompact => "compact",
        ProofError::InvalidHeader => "header",
        ProofError::WrongType => "type",
        ProofError::WrongAlgorithm => "algorithm",
        ProofError::UnsupportedExtension => "extensions",
        // That a point is off the curve is noticed last, and told as what it is.
        ProofError::MissingKey
        | ProofError::PrivateKey
        | ProofError::UnsupportedKey
        | ProofError::InvalidKey => "header_key",
        ProofError::InvalidClaims => "claims",
        ProofError::InvalidJti => "proof_id",
        ProofError::MethodMismatch => "method",
        ProofError::UrlMismatch => "url",
        ProofError::MissingTokenHash | ProofError::TokenHashMismatch => "access_token",
        ProofError::UnusableNonce(_) => "nonce",
        ProofError::TooOld | ProofError::TooNew => "issued_at",
        ProofError::KeyMismatch => "key",
        ProofError::BadSignature => "signature",
    }
}
