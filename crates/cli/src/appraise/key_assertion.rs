//! What devices sign with their own keys.

use super::{
    input::{Input, Kind, Unreadable},
    report::{Report, Shown},
    subject::About,
};
use countersign_api_types::object::Object;
use countersign_attestation::{
    appraisal::Appraisal,
    key_assertion::{self, Expected},
};
use countersign_core::{Thumbprint, token::sha256};
use serde::Deserialize;
use serde_json::json;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Item {
    kind: Kind,
    evidence: Object<EvidenceItem>,
    about: About,
    expected: Object<ExpectedItem>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct EvidenceItem {
    jws: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ExpectedItem {
    jkt: Thumbprint,
}

pub(super) fn appraise(input: &Input) -> Result<Report, Unreadable> {
    let item: Item = input.parse()?;
    let (Object(presented), Object(wanted)) = (&item.evidence, &item.expected);
    let expected = Expected {
        jkt: &wanted.jkt,
        transcript: &sha256(&item.about.client_data()),
    };
    let appraisal = key_assertion::appraise(&presented.jws, &expected);
    let appraisal = Appraisal {
        checks: appraisal.checks,
        outcome: appraisal.outcome.map(|()| Shown {
            facts: json!({ "jkt": wanted.jkt }),
            ..Shown::default()
        }),
    };
    Ok(Report::new(item.kind, appraisal))
}
