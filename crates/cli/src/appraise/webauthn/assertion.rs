//! What credentials sign.

use super::{frames, texts};
use crate::appraise::{
    encoding::Bytes,
    input::{Input, Kind, Unreadable},
    report::{Report, Shown},
    subject::About,
};
use countersign_api_types::object::Object;
use countersign_attestation::{
    appraisal::Appraisal,
    cose::CredentialKey,
    webauthn::{Ceremony, assertion},
};
use countersign_core::client::Origin;
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
    client_data_json: Bytes,
    authenticator_data: Bytes,
    signature: Bytes,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ExpectedItem {
    rp_id: String,
    origins: Vec<Origin>,
    #[serde(default)]
    user_verification: bool,
    top_origins: Option<Vec<Origin>>,
    /// As the facts of the registration have it.
    credential_key: Bytes,
    previous_counter: u32,
    backup_eligible: bool,
}

pub(crate) fn appraise_assertion(input: &Input) -> Result<Report, Unreadable> {
    let item: Item = input.parse()?;
    let (Object(presented), Object(wanted)) = (&item.evidence, &item.expected);
    let key = CredentialKey::from_cose(&wanted.credential_key.0)
        .map_err(|error| Unreadable::at("/expected/credential_key", &error))?;
    let evidence = assertion::Evidence {
        client_data_json: &presented.client_data_json.0,
        authenticator_data: &presented.authenticator_data.0,
        signature: &presented.signature.0,
    };
    let top_origins = frames(wanted.top_origins.as_ref());
    let expected = assertion::Expected {
        ceremony: Ceremony {
            challenge: &item.about.web_challenge(),
            origins: &texts(&wanted.origins),
            top_origins: top_origins.as_deref(),
            rp_id: &wanted.rp_id,
            user_verification: wanted.user_verification,
        },
        key: &key,
        sign_count: wanted.previous_counter,
        backup_eligible: wanted.backup_eligible,
    };
    let appraisal = assertion::appraise(&evidence, &expected);
    let appraisal = Appraisal {
        checks: appraisal.checks,
        outcome: appraisal.outcome.map(|verdict| Shown {
            facts: json!({
                "counter": verdict.sign_count,
                "user_verified": verdict.user_verified,
                "backed_up": verdict.backed_up,
            }),
            ..Shown::default()
        }),
    };
    Ok(Report::new(item.kind, appraisal))
}
