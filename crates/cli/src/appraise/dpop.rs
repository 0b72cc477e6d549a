//! Proofs of possession.

use super::{
    input::{Input, Kind, Unreadable},
    report::{Report, Shown},
    surroundings::Times,
};
use countersign_api_types::object::Object;
use countersign_attestation::{
    appraisal::Appraisal,
    dpop::{self, HtuUrl, Window},
};
use countersign_core::{Clock, Thumbprint, Timestamp};
use serde::Deserialize;
use serde_json::json;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Item {
    kind: Kind,
    evidence: Object<EvidenceItem>,
    expected: Object<ExpectedItem>,
    now: Option<Timestamp>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct EvidenceItem {
    proof: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ExpectedItem {
    method: String,
    url: String,
    access_token: Option<String>,
    jkt: Option<Thumbprint>,
}

pub(super) fn appraise(input: &Input, clock: &dyn Clock) -> Result<Report, Unreadable> {
    let item: Item = input.parse()?;
    let times = Times::new(None, item.now, clock);
    let (Object(presented), Object(wanted)) = (&item.evidence, &item.expected);
    let url =
        HtuUrl::parse(&wanted.url).map_err(|error| Unreadable::at("/expected/url", &error))?;
    let expected = dpop::Expected {
        method: &wanted.method,
        url: &url,
        access_token: wanted.access_token.as_deref(),
        key: wanted.jkt.as_ref(),
        // Only the service has the keys of its nonces, so a nonce shows nothing here.
        nonces: None,
        nonces_since: Timestamp::default(),
        now: times.now,
        window: Window::default(),
    };
    let appraisal = dpop::appraise(&presented.proof, &expected);
    let appraisal = Appraisal {
        checks: appraisal.checks,
        outcome: appraisal.outcome.map(|proof| Shown {
            facts: json!({ "jkt": proof.jkt, "iat": proof.iat }),
            ..Shown::default()
        }),
    };
    Ok(Report::new(item.kind, appraisal).at(times))
}
