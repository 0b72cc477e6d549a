//! The `WWW-Authenticate` value that goes with a refusal.

use crate::{ErrorCode, verify::Scheme};
use countersign_core::decision::Refusal;

/// What the device is to be told (RFC 6750 section 3, RFC 9449 section 7.1); `None` where
/// authenticating again changes nothing (status 403).
pub fn challenge(refusal: Refusal, scheme: Scheme) -> Option<String> {
    if ErrorCode::from(refusal).status() != 401 {
        return None;
    }
    let error = match refusal {
        Refusal::UseDpopNonce => "use_dpop_nonce",
        Refusal::ProofRequired
        | Refusal::ProofInvalid
        | Refusal::ProofMismatch
        | Refusal::ProofExpired
        | Refusal::ProofReplayed
        | Refusal::KeyMismatch => "invalid_dpop_proof",
        _ => "invalid_token",
    };
    let (scheme, algorithms) = match (scheme, refusal) {
        // What came without a proof, or bound and as Bearer, is to come back with DPoP.
        (Scheme::DPoP, _)
        | (_, Refusal::ProofRequired | Refusal::UseDpopNonce | Refusal::SchemeMismatch) => {
            ("DPoP", r#", algs="ES256""#)
        }
        (Scheme::Bearer, _) => ("Bearer", ""),
    };
    let description = ErrorCode::from(refusal).title();
    Some(format!(
        r#"{scheme} error="{error}", error_description="{description}"{algorithms}"#
    ))
}
