//! Android Key Attestation.

use super::{
    encoding::{Bytes, Certificates},
    input::{Input, Kind, Unreadable},
    report::{Report, Shown},
    subject::{About, Exchange},
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

/// A chain, and what it is judged by.
#[derive(Debug)]
struct Scene {
    kind: Kind,
    certificates: Vec<Vec<u8>>,
    apps: AndroidApps,
    roots: Roots,
    list: Option<Arc<StatusList>>,
    times: Times,
}

pub(super) fn appraise(input: &Input, clock: &dyn Clock) -> Result<Report, Unreadable> {
    let item: Item = input.parse()?;
    let times = Times::new(item.presented_at, item.now, clock);
    let (Object(evidence), Object(apps)) = (item.evidence, item.expected);
    let Certificates(certificates) = evidence.certificates;
    let scene = Scene {
        kind: item.kind,
        certificates,
        apps: apps.into(),
        roots: match &item.roots {
            Some(roots) => surroundings::android_roots("/roots", roots)?,
            None => Roots::google(),
        },
        list: match &item.status_list {
            Some(Object(list)) => Some(list.read(input)?),
            None => None,
        },
        times,
    };
    let report = match &item.about {
        About::Transcript(Object(exchange)) => scene.for_exchange(exchange),
        About::Bytes(Bytes(challenge)) => scene.for_bytes(challenge),
    };
    let report = report.at(times);
    Ok(report.under_roots_from_file(item.roots.is_some()))
}

impl Scene {
    fn for_exchange(self, exchange: &Exchange) -> Report {
        let policy = AttestationPolicy {
            android: Some(self.apps),
            ..AttestationPolicy::default()
        };
        let anchors = Anchors {
            android: self.roots,
            android_status: self.list,
            ..Anchors::shipped()
        };
        let evidence = Evidence::AndroidKey {
            certificates: self.certificates,
        };
        let expected = exchange.expected(&policy, self.times);
        let appraisal = evidence::appraise(&evidence, &expected, &anchors);
        Report::of_verdict(self.kind, appraisal, None)
    }

    fn for_bytes(&self, challenge: &[u8]) -> Report {
        let expected = android_key::Expected {
            challenge,
            policy: &evidence::android_policy(&self.apps),
            presented_at: self.times.presented_at,
            now: self.times.now,
        };
        let list = self.list.as_deref();
        let appraisal = android_key::appraise(&self.certificates, &expected, &self.roots, list);
        let outcome = appraisal.outcome.map_err(Refused::AndroidKey);
        let unevaluated = outcome.as_ref().err().is_some_and(Refused::is_unevaluated);
        let appraisal = Appraisal {
            checks: appraisal.checks,
            outcome: outcome.map(|verdict| Shown {
                level: Some(verdict.level),
                key: Some(verdict.key.jwk()),
                facts: json!(verdict.facts),
                ..Shown::default()
            }),
        };
        Report::new(self.kind, appraisal).unevaluated(unevaluated)
    }
}
