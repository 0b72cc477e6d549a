//! How evidence is kept: as it was presented, with what Google said beside it.

use countersign_api_types::enrollment::Evidence as Presented;
use countersign_attestation::evidence::{Evidence, Reading};
use serde::{Deserialize, Serialize};

#[derive(Serialize)]
struct Kept<'a> {
    #[serde(flatten)]
    presented: &'a Presented,
    /// Google reads a token once and for a while: later, this is all there is to judge.
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<&'a str>,
}

/// Evidence as it is kept.
#[derive(Deserialize)]
pub(in crate::enrollment) struct Read {
    #[serde(flatten)]
    pub(in crate::enrollment) presented: Presented,
    /// What Google said of it.
    #[serde(default)]
    pub(in crate::enrollment) answer: Option<String>,
}

/// Kept evidence, from JSON.
pub(in crate::enrollment) fn read(kept: &str) -> Result<Read, serde_json::Error> {
    serde_json::from_str(kept)
}

/// The evidence as JSON.
pub(in crate::enrollment) fn written(
    presented: &Presented,
    evidence: &Evidence,
) -> Result<String, serde_json::Error> {
    let answer = match evidence {
        Evidence::PlayIntegrity {
            reading: Reading::Answer(json),
            ..
        } => str::from_utf8(json).ok(),
        _ => None,
    };
    serde_json::to_string(&Kept { presented, answer })
}
