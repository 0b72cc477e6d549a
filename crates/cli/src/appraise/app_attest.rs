//! Apple's App Attest.

use super::{
    encoding::{Bytes, Certificates},
    input::{Input, Kind, Unreadable},
    jwk::PublicJwk,
    report::{Report, Shown},
    subject::About,
    surroundings::{self, Times},
};
use countersign_api_types::{attestation_policy::AppleAppItem, object::Object};
use countersign_attestation::{
    app_attest::{assertion, attestation, attestation_root},
    appraisal::Appraisal,
    evidence::{self, Anchors},
    path,
};
use countersign_core::{
    Clock, Timestamp,
    attestation::policy::{AppleApp, ApplePlatform, AttestationPolicy},
};
use serde::Deserialize;
use serde_json::json;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Attestation {
    kind: Kind,
    evidence: Object<AttestationEvidence>,
    about: About,
    expected: Object<AppleAppItem>,
    roots: Option<Certificates>,
    presented_at: Option<Timestamp>,
    now: Option<Timestamp>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct AttestationEvidence {
    key_id: String,
    attestation: Bytes,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Assertion {
    kind: Kind,
    evidence: Object<AssertionEvidence>,
    about: About,
    expected: Object<AssertionExpected>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct AssertionEvidence {
    assertion: Bytes,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct AssertionExpected {
    app_id: String,
    key: Object<PublicJwk>,
    previous_counter: u32,
}

pub(super) fn appraise_attestation(input: &Input, clock: &dyn Clock) -> Result<Report, Unreadable> {
    let item: Attestation = input.parse()?;
    let times = Times::new(item.presented_at, item.now, clock);
    let anchors = match &item.roots {
        Some(roots) => surroundings::anchors("/roots", roots)?,
        None => attestation_root(),
    };
    let (Object(presented), Object(app)) = (&item.evidence, item.expected);
    let app = AppleApp::from(app);
    let report = match &item.about {
        About::Transcript(Object(exchange)) => {
            let evidence = evidence::Evidence::AppAttest {
                key_id: presented.key_id.clone(),
                attestation: presented.attestation.0.clone(),
            };
            let environment = app.environment;
            let policy = AttestationPolicy {
                apple: vec![app],
                ..AttestationPolicy::default()
            };
            let expected = exchange.expected(&policy, times);
            let anchors = Anchors {
                apple: anchors,
                ..Anchors::shipped()
            };
            let appraisal = evidence::appraise(&evidence, &expected, &anchors);
            Report::of_verdict(item.kind, appraisal, Some(environment))
        }
        About::Bytes(Bytes(client_data)) => {
            let appraisal = appraise_bytes(presented, client_data, &app, times, &anchors);
            Report::new(item.kind, appraisal)
        }
    };
    let report = report.at(times);
    Ok(report.under_roots_from_file(item.roots.is_some()))
}

fn appraise_bytes(
    presented: &AttestationEvidence,
    client_data: &[u8],
    app: &AppleApp,
    times: Times,
    anchors: &path::Anchors,
) -> Appraisal<Shown, attestation::Refused> {
    let evidence = attestation::Evidence {
        attestation: &presented.attestation.0,
        key_id: &presented.key_id,
        client_data,
    };
    let expected = attestation::Expected {
        app_id: &app.app_id,
        platform: match app.platform {
            ApplePlatform::Ios => attestation::Platform::Ios,
            ApplePlatform::Macos => attestation::Platform::MacOs,
        },
        environment: app.environment,
        validation_categories: None,
        presented_at: times.presented_at,
        now: times.now,
    };
    let appraisal = attestation::appraise(&evidence, &expected, anchors);
    Appraisal {
        checks: appraisal.checks,
        outcome: appraisal.outcome.map(|verdict| Shown {
            level: Some(verdict.level),
            environment: Some(verdict.environment),
            key: Some(verdict.key.jwk()),
            facts: json!(verdict.facts),
        }),
    }
}

pub(super) fn appraise_assertion(input: &Input) -> Result<Report, Unreadable> {
    let item: Assertion = input.parse()?;
    let (Object(presented), Object(wanted)) = (&item.evidence, &item.expected);
    let Object(key) = &wanted.key;
    let key = key.read("/expected/key")?;
    let evidence = assertion::Evidence {
        assertion: &presented.assertion.0,
        client_data: &item.about.client_data(),
    };
    let expected = assertion::Expected {
        key: &key,
        app_id: &wanted.app_id,
        counter: wanted.previous_counter,
        validation_categories: None,
    };
    let appraisal = assertion::appraise(&evidence, &expected);
    let appraisal = Appraisal {
        checks: appraisal.checks,
        outcome: appraisal.outcome.map(|verdict| Shown {
            facts: json!({ "counter": verdict.counter, "extensions": verdict.extensions }),
            ..Shown::default()
        }),
    };
    Ok(Report::new(item.kind, appraisal))
}
