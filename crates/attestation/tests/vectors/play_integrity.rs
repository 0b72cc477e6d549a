//! Play Integrity's verdicts, as documented.

use crate::folder::{recordings, text, time};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use countersign_attestation::play_integrity::{
    self, App, Binding, Expected, Policy, Refused, Verdict,
};
use countersign_core::Timestamp;
use serde_json::{Value, json};
use std::time::Duration;

/// A verdict and everything that can be changed about what it is judged by.
#[derive(Clone)]
struct Case {
    payload: Value,
    policy: Policy,
    request_hash: String,
    now: Timestamp,
}

impl Case {
    fn read(recording: &Value) -> Self {
        let digest = text(recording, "expectedCertificateDigestBase64Url");
        let mut policy = Policy::usual(App {
            package: text(recording, "expectedPackage").to_owned(),
            signing_digests: vec![URL_SAFE_NO_PAD.decode(digest).unwrap()],
            min_version: None,
        });
        policy.max_age = Duration::from_mins(15);
        Self {
            payload: recording["payload"].clone(),
            policy,
            request_hash: text(recording, "expectedRequestHash").to_owned(),
            now: time(&recording["verifyAt"]),
        }
    }

    fn judge(&self) -> Result<Verdict, Refused> {
        let answer = json!({ "tokenPayloadExternal": self.payload });
        let answer = serde_json::to_vec(&answer).unwrap();
        let payload = serde_json::to_vec(&self.payload).unwrap();
        let hash = Binding::RequestHash(&self.request_hash);
        let (policy, now) = (&self.policy, self.now);
        let expected = Expected {
            binding: hash,
            policy,
            presented_at: now,
            now,
        };
        let outcome = play_integrity::appraise_answer(&answer, &expected).outcome;
        let inner = play_integrity::appraise_payload(&payload, &expected).outcome;
        assert_eq!(outcome, inner);
        outcome
    }

    fn refused(&self, change: impl FnOnce(&mut Self)) -> Refused {
        let mut case = self.clone();
        change(&mut case);
        case.judge().unwrap_err()
    }
}

#[test]
#[ignore = "reads the folder that COUNTERSIGN_VECTORS names"]
fn documented_verdicts_are_accepted_in_time() {
    for (name, recording) in recordings("play-integrity", &["payload"]) {
        let case = Case::read(&recording);
        let verdict = case
            .judge()
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(verdict.facts.package, text(&recording, "expectedPackage"));
        let late = case.refused(|case| case.now = case.now.plus(Duration::from_mins(15)));
        assert_eq!(late, Refused::TooOld);
        let early = case.refused(|case| case.now = case.now.minus(Duration::from_mins(15)));
        assert_eq!(early, Refused::TooNew);
    }
}

#[test]
#[ignore = "reads the folder that COUNTERSIGN_VECTORS names"]
fn documented_verdicts_are_for_one_app_and_request() {
    for (_, recording) in recordings("play-integrity", &["payload"]) {
        let case = Case::read(&recording);
        let other = case.refused(|case| case.request_hash.push('x'));
        assert_eq!(other, Refused::BindingMismatch);
        let other = case.refused(|case| case.policy.apps[0].package.push('x'));
        assert_eq!(other, Refused::WrongRequestPackage);
        let other = case.refused(|case| case.policy.apps[0].signing_digests[0].push(0));
        assert_eq!(other, Refused::WrongSigner);
        let members: Vec<String> = case.payload.as_object().unwrap().keys().cloned().collect();
        for member in members {
            let mut less = case.clone();
            less.payload.as_object_mut().unwrap().remove(&member);
            let is_demanded = ["requestDetails", "appIntegrity", "deviceIntegrity"];
            assert_eq!(
                less.judge().is_err(),
                is_demanded.contains(&member.as_str()),
                "{member}"
            );
        }
    }
}
