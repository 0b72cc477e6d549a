//! Which request a verdict of Google's has to be for.

use crate::play_payloads::{
    DIGEST, NONCE, NOW, expected, judge, judge_by, payload, policy, refused, with, without,
};
use countersign_attestation::play_integrity::{self, App, Binding, Refused};
use countersign_core::Timestamp;
use serde_json::{Value, json};
use std::time::Duration;

#[test]
fn other_apps_are_refused() {
    let payload = with(
        "/requestDetails/requestPackageName",
        json!("com.example.other"),
    );
    assert_eq!(refused(&payload), Refused::WrongRequestPackage);
    let payload = with("/appIntegrity/packageName", json!("com.example.other"));
    assert_eq!(refused(&payload), Refused::WrongPackage);
    for digests in [
        json!([]),
        json!([&DIGEST[1..]]),
        json!([DIGEST, "AAAA"]),
        json!([format!("{DIGEST}=")]),
    ] {
        let payload = with("/appIntegrity/certificateSha256Digest", digests);
        assert_eq!(refused(&payload), Refused::WrongSigner);
    }
}

/// Both of two apps may ask, but neither in the other's name.
#[test]
fn apps_do_not_speak_for_each_other() {
    let mut policy = policy();
    policy.apps.push(App {
        package: "com.example.other".to_owned(),
        ..policy.apps[0].clone()
    });
    let payload = with("/appIntegrity/packageName", json!("com.example.other"));
    assert_eq!(judge(&payload, &policy), Err(Refused::WrongPackage));
}

/// The flow decides what binds, not the token.
#[test]
fn nonces_and_request_hashes_do_not_stand_in_for_each_other() {
    let policy = policy();
    let by = |payload: &Value, binding| judge_by(payload, binding, &policy).err();
    let (nonce, hash) = (Binding::Nonce(NONCE), Binding::RequestHash(NONCE));
    assert_eq!(by(&payload(), hash), Some(Refused::NotBound));
    let mut standard = without("/requestDetails", "nonce");
    standard["requestDetails"]["requestHash"] = json!(NONCE);
    assert_eq!(by(&standard, hash), None);
    assert_eq!(by(&standard, nonce), Some(Refused::NotBound));
    let mut both = payload();
    both["requestDetails"]["requestHash"] = json!("another");
    assert_eq!(by(&both, nonce), None);
    assert_eq!(by(&both, hash), Some(Refused::BindingMismatch));
}

#[test]
fn other_exchanges_are_refused() {
    for nonce in ["AAAA", &NONCE[1..], &NONCE.to_lowercase()] {
        let payload = with("/requestDetails/nonce", json!(nonce));
        assert_eq!(refused(&payload), Refused::BindingMismatch);
    }
    for nothing in ["", "="] {
        let payload = with("/requestDetails/nonce", json!(nothing));
        assert_eq!(refused(&payload), Refused::NotBound);
        let binding = Binding::Nonce(nothing);
        let outcome = judge_by(&payload, binding, &policy());
        assert_eq!(outcome.err(), Some(Refused::NotBound));
    }
    let payload = with("/requestDetails/nonce", json!(format!("{NONCE}=")));
    assert!(judge(&payload, &policy()).is_ok());
}

#[test]
fn requests_have_an_age() {
    let at = |time: Timestamp| {
        let millis = (time.as_micros() / 1000).to_string();
        let text = with("/requestDetails/timestampMillis", json!(millis));
        let number: i64 = millis.parse().unwrap();
        let number = with("/requestDetails/timestampMillis", json!(number));
        let outcomes = [text, number].map(|payload| judge(&payload, &policy()).err());
        assert_eq!(outcomes[0], outcomes[1]);
        outcomes[0]
    };
    let (age, skew) = (Duration::from_mins(10), Duration::from_mins(1));
    let milli = Duration::from_millis(1);
    assert_eq!(at(NOW.minus(age)), None);
    assert_eq!(at(NOW.minus(age).minus(milli)), Some(Refused::TooOld));
    assert_eq!(at(NOW.plus(skew)), None);
    assert_eq!(at(NOW.plus(skew).plus(milli)), Some(Refused::TooNew));
    assert_eq!(at(Timestamp::from_secs(0)), Some(Refused::TooOld));
    for no_time in [
        "",
        "x",
        "+1799999990000",
        "99999999999999999999",
        "18446744073709551615",
    ] {
        let payload = with("/requestDetails/timestampMillis", json!(no_time));
        assert_eq!(refused(&payload), Refused::NoTime, "{no_time}");
    }
    let payload = with("/requestDetails/timestampMillis", json!(-1));
    assert_eq!(refused(&payload), Refused::NoTime);
}

#[test]
fn whole_answers_hold_the_verdict() {
    let policy = policy();
    let judge = |json: &[u8]| {
        let expected = expected(Binding::Nonce(NONCE), &policy);
        play_integrity::appraise_answer(json, &expected).outcome
    };
    let answer = json!({ "tokenPayloadExternal": payload(), "more": 1 });
    assert!(judge(&serde_json::to_vec(&answer).unwrap()).is_ok());
    let bare = serde_json::to_vec(&payload()).unwrap();
    assert_eq!(judge(&bare), Err(Refused::InvalidPayload));
    for json in [
        "",
        "null",
        "[]",
        "{}",
        r#"{"tokenPayloadExternal":[]}"#,
        r#"{"error":{}}"#,
    ] {
        assert_eq!(
            judge(json.as_bytes()),
            Err(Refused::InvalidPayload),
            "{json}"
        );
    }
    assert_eq!(judge(&vec![b' '; 64 * 1024 + 1]), Err(Refused::TooLong));
}

/// Which of the two would count?
#[test]
fn members_that_are_there_twice_are_refused() {
    let policy = policy();
    let good = serde_json::to_string(&payload()).unwrap();
    for name in [
        "requestDetails",
        "nonce",
        "appIntegrity",
        "packageName",
        "deviceIntegrity",
    ] {
        let twice = good.replacen(
            &format!("\"{name}\":"),
            &format!("\"{name}\":null,\"{name}\":"),
            1,
        );
        assert_ne!(twice, good);
        let expected = expected(Binding::Nonce(NONCE), &policy);
        let outcome = play_integrity::appraise_payload(twice.as_bytes(), &expected).outcome;
        assert_eq!(outcome, Err(Refused::InvalidPayload), "{name}");
    }
}

#[test]
fn stored_verdicts_are_judged_as_of_when_they_were_presented() {
    let policy = policy();
    let json = serde_json::to_vec(&payload()).unwrap();
    let judge = |presented_at, now| {
        let mut expected = expected(Binding::Nonce(NONCE), &policy);
        (expected.presented_at, expected.now) = (presented_at, now);
        play_integrity::appraise_payload(&json, &expected)
            .outcome
            .err()
    };
    let later = NOW.plus(Duration::from_hours(24 * 365));
    assert_eq!(judge(NOW, later), None);
    assert_eq!(judge(later, later), Some(Refused::TooOld));
    let earlier = NOW.minus(Duration::from_mins(2));
    assert_eq!(judge(earlier, later), Some(Refused::TooNew));
    assert_eq!(judge(later, NOW), Some(Refused::PresentedLater));
}
