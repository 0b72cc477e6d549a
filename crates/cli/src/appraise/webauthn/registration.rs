//! New credentials.

use super::{frames, texts};
use crate::appraise::{
    encoding::{Bytes, Certificates},
    input::{Input, Kind, Unreadable},
    report::{Report, Shown},
    subject::About,
    surroundings::{self, StatusListItem, Times},
};
use countersign_api_types::{attestation_policy::AndroidAppsItem, object::Object};
use countersign_attestation::{
    appraisal::Appraisal,
    evidence::{self, Anchors, Evidence},
    webauthn::{Ceremony, registration},
};
use countersign_core::{
    Clock, Timestamp,
    attestation::policy::{AttestationPolicy, WebPages},
    client::Origin,
};
use serde::Deserialize;
use serde_json::json;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Item {
    kind: Kind,
    evidence: Object<EvidenceItem>,
    about: About,
    expected: Object<ExpectedItem>,
    roots: Option<Object<RootsItem>>,
    status_list: Option<Object<StatusListItem>>,
    presented_at: Option<Timestamp>,
    now: Option<Timestamp>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct EvidenceItem {
    client_data_json: Bytes,
    attestation_object: Bytes,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ExpectedItem {
    rp_id: String,
    origins: Vec<Origin>,
    #[serde(default)]
    user_verification: bool,
    #[serde(default)]
    device_bound: bool,
    /// The service takes no framed pages, so not with a transcript.
    top_origins: Option<Vec<Origin>>,
    /// The browsers whose keys in Android's hardware count.
    android: Option<Object<AndroidAppsItem>>,
}

/// Each kind of statement has its own.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RootsItem {
    authenticators: Option<Certificates>,
    tpm: Option<Certificates>,
    apple: Option<Certificates>,
    android: Option<Certificates>,
}

pub(crate) fn appraise_registration(
    input: &Input,
    clock: &dyn Clock,
) -> Result<Report, Unreadable> {
    let item: Item = input.parse()?;
    let times = Times::new(item.presented_at, item.now, clock);
    let mut anchors = match &item.roots {
        Some(Object(roots)) => roots.anchors()?,
        None => Anchors::shipped(),
    };
    if let Some(Object(list)) = &item.status_list {
        anchors.android_status = Some(list.read(input)?);
    }
    let (Object(presented), Object(expected)) = (&item.evidence, &item.expected);
    let policy = expected.policy();
    let report = match &item.about {
        About::Transcript(_) if expected.top_origins.is_some() => {
            let detail = "not with a transcript: the service takes no framed pages";
            return Err(Unreadable::at("/expected/top_origins", &detail));
        }
        About::Transcript(Object(exchange)) => {
            let evidence = Evidence::Webauthn {
                client_data_json: presented.client_data_json.0.clone(),
                attestation_object: presented.attestation_object.0.clone(),
            };
            let expected = exchange.expected(&policy, times);
            let appraisal = evidence::appraise(&evidence, &expected, &anchors);
            Report::of_verdict(item.kind, appraisal, None)
        }
        About::Bytes(Bytes(challenge)) => {
            let judged = judge(presented, expected, challenge, times, &anchors, &policy);
            Report::new(item.kind, judged)
        }
    };
    let report = report.at(times);
    Ok(report.under_roots_from_file(item.roots.is_some()))
}

fn judge(
    presented: &EvidenceItem,
    wanted: &ExpectedItem,
    challenge: &[u8],
    times: Times,
    anchors: &Anchors,
    policy: &AttestationPolicy,
) -> Appraisal<Shown, registration::Refused> {
    let evidence = registration::Evidence {
        client_data_json: &presented.client_data_json.0,
        attestation_object: &presented.attestation_object.0,
    };
    let top_origins = frames(wanted.top_origins.as_ref());
    let expected = registration::Expected {
        ceremony: Ceremony {
            challenge,
            origins: &texts(&wanted.origins),
            top_origins: top_origins.as_deref(),
            rp_id: &wanted.rp_id,
            user_verification: wanted.user_verification,
        },
        device_bound: wanted.device_bound,
        presented_at: times.presented_at,
        now: times.now,
    };
    let appraisal = registration::appraise(&evidence, &expected, &anchors.webauthn(policy));
    Appraisal {
        checks: appraisal.checks,
        outcome: appraisal.outcome.map(|verdict| Shown {
            level: Some(verdict.level),
            facts: json!(verdict.facts),
            ..Shown::default()
        }),
    }
}

impl ExpectedItem {
    fn policy(&self) -> AttestationPolicy {
        let android = self.android.as_ref().map(|Object(apps)| apps.clone());
        AttestationPolicy {
            android: android.map(Into::into),
            web: Some(WebPages {
                rp_id: self.rp_id.clone(),
                origins: self.origins.clone(),
                user_verification: self.user_verification,
                device_bound: self.device_bound,
            }),
            ..AttestationPolicy::default()
        }
    }
}

impl RootsItem {
    /// Those that are shipped, where none are named.
    fn anchors(&self) -> Result<Anchors, Unreadable> {
        let mut anchors = Anchors::shipped();
        for (pointer, named, place) in [
            (
                "/roots/authenticators",
                &self.authenticators,
                &mut anchors.authenticators,
            ),
            ("/roots/tpm", &self.tpm, &mut anchors.tpm),
            ("/roots/apple", &self.apple, &mut anchors.apple_webauthn),
        ] {
            if let Some(roots) = named {
                *place = surroundings::anchors(pointer, roots)?;
            }
        }
        if let Some(roots) = &self.android {
            anchors.android = surroundings::android_roots("/roots/android", roots)?;
        }
        Ok(anchors)
    }
}
