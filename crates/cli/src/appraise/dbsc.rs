//! Proofs of a browser's session key.

use super::{
    input::{Input, Kind, Unreadable},
    jwk::PublicJwk,
    report::{Report, Shown},
};
use countersign_api_types::object::Object;
use countersign_attestation::{
    appraisal::Appraisal,
    dbsc::{self, Expected},
};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Item {
    kind: Kind,
    evidence: Object<EvidenceItem>,
    expected: Object<ExpectedItem>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct EvidenceItem {
    proof: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ExpectedItem {
    challenge: String,
    authorization: Option<String>,
    key: Option<Object<PublicJwk>>,
}

pub(super) fn appraise(input: &Input) -> Result<Report, Unreadable> {
    let item: Item = input.parse()?;
    let (Object(presented), Object(wanted)) = (&item.evidence, &item.expected);
    let key = wanted.key.as_ref();
    let key = key
        .map(|Object(key)| key.read("/expected/key"))
        .transpose()?;
    let expected = Expected {
        challenge: &wanted.challenge,
        authorization: wanted.authorization.as_deref(),
        key: key.as_ref(),
    };
    let appraisal = dbsc::appraise(&presented.proof, &expected);
    let appraisal = Appraisal {
        checks: appraisal.checks,
        outcome: appraisal.outcome.map(|verdict| Shown {
            key: Some(verdict.key.jwk()),
            ..Shown::default()
        }),
    };
    Ok(Report::new(item.kind, appraisal))
}
