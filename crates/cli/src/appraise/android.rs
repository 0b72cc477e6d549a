//! Android Key Attestation.

use super::{
    encoding::{Bytes, Certificates},
    input::{Input, Kind, Unreadable},
    report::{Report, Shown},
    subject::About,
    surroundings::{self, StatusListItem, Times},
};
use countersign_api_types::{attestation_policy::AndroidAppsItem, object::Object};
use countersign_attestation::{
    android_key::{self, Roots, StatusList},
    appraisal::Appraisal,
    evidence::{self, Anchors, Evidence, Refused},
};
use countersign_core::{
    Clock, Timestamp,
    attestation::policy::{AndroidApps, AttestationPolicy},
};
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Item {
    kind: Kind,
    evidence: Object<EvidenceItem>,
    about: About,
    expected: Object<AndroidAppsItem>,
    roots: Option<Certificates>,
    status_list: Option<Object<StatusListItem>>,
    presented_at: Option<Timestamp>,
    now: Option<Timestamp>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct EvidenceItem {
    certificates: Certificates,
}

pub(super) fn appraise(input: &Input, clock: &dyn Clock) -> Result<Report, Unreadable> {
    let item: Item = input.parse()?;
    let times = Times::new(item.presented_at, item.now, clock);
    let (Object(evidence), Object(apps)) = (item.evidence, item.expected);
    let Certificates(certificates) = evidence.certificates;
    let apps = AndroidApps::from(apps);
    let roots = match &item.roots {
        Some(roots) => surroundings::android_roots("/roots", roots)?,
        None => Roots::google(),
    };
    let list = match &item.status_list {
        Some(Object(list)) => Some(list.read(input)?),
        None => None,
    };
    let report = match &item.about {
        About::Transcript(Object(exchange)) => {
            let policy = AttestationPolicy {
                android: Some(apps),
                ..AttestationPolicy::default()
            };
            let anchors = Anchors {
                android: roots,
                android_status: list,
                ..Anchors::shipped()
            };
            let expected = exchange.expected(&policy, times);
            let evidence = Evidence::AndroidKey { certificates };
            let appraisal = evidence::appraise(&evidence, &expected, &anchors);
            Report::of_verdict(item.kind, appraisal, None)
        }
        About::Bytes(Bytes(challenge)) => {
            let expected = android_key::Expected {
                challenge,
                policy: &evidence::android_policy(&apps),
                presented_at: times.presented_at,
                now: times.now,
            };
            let appraisal = appraise_bytes(&certificates, &expected, &roots, list.as_ref());
            let unevaluated = is_unevaluated(&appraisal);
            Report::new(item.kind, appraisal).unevaluated(unevaluated)
        }
    };
    let report = report.at(times);
    Ok(report.under_roots_from_file(item.roots.is_some()))
}

fn appraise_bytes(
    certificates: &[Vec<u8>],
    expected: &android_key::Expected<'_>,
    roots: &Roots,
    list: Option<&Arc<StatusList>>,
) -> Appraisal<Shown, Refused> {
    let list = list.map(AsRef::as_ref);
    let appraisal = android_key::appraise(certificates, expected, roots, list);
    Appraisal {
        checks: appraisal.checks,
        outcome: appraisal
            .outcome
            .map(|verdict| Shown {
                level: Some(verdict.level),
                key: Some(verdict.key.jwk()),
                facts: json!(verdict.facts),
                ..Shown::default()
            })
            .map_err(Refused::AndroidKey),
    }
}

fn is_unevaluated(appraisal: &Appraisal<Shown, Refused>) -> bool {
    let refused = appraisal.outcome.as_ref().err();
    refused.is_some_and(Refused::is_unevaluated)
}
