//! Play Integrity behind the one door: what a token is read with, and what becomes of one that nobody reads.

use crate::play_payloads::{DIGEST, NOW, payload};
use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use countersign_attestation::{
    evidence::{self, Anchors, Evidence, Expected, Reading, Refused, Unread},
    jws::SigningKey,
    play_integrity::{self, KeyRing, ResponseKeys},
    transcript::{Purpose, Transcript},
};
use countersign_core::{
    Thumbprint,
    attestation::{
        AttestationLevel,
        play_integrity::PlayIntegrity,
        policy::{AndroidApp, AndroidApps, AttestationPolicy, Sha256Hex},
    },
};
use countersign_test_authority::play_integrity::PlayConsole;
use serde_json::json;

const PACKAGE: &str = "com.example.app";

fn policy() -> AttestationPolicy {
    let digest: Sha256Hex = "d1".repeat(32).parse().unwrap();
    AttestationPolicy {
        android: Some(AndroidApps {
            apps: vec![AndroidApp {
                package: PACKAGE.to_owned(),
                signing_digests: vec![digest],
                min_version: None,
            }],
            min_os_patch_level: None,
            self_signed_boot_keys: Vec::new(),
            max_status_list_age_secs: 60,
            play_integrity: Some(PlayIntegrity::default()),
        }),
        ..AttestationPolicy::default()
    }
}

fn transcript() -> Transcript<'static> {
    Transcript {
        purpose: Purpose::Enroll,
        challenge: "challenge",
        client: "cli_00000000000000000000000000".parse().unwrap(),
        action: None,
    }
}

/// The last check, and the verdict on it.
fn judge(
    policy: &AttestationPolicy,
    package: &str,
    jkt: &Thumbprint,
    (token, reading): (&str, Reading),
) -> (&'static str, Result<AttestationLevel, Refused>) {
    let expected = Expected {
        transcript: transcript(),
        jkt,
        policy,
        presented_at: NOW,
        now: NOW,
    };
    let evidence = Evidence::PlayIntegrity {
        package: package.to_owned(),
        token: token.to_owned(),
        reading,
    };
    let appraisal = evidence::appraise(&evidence, &expected, &Anchors::shipped());
    let last = appraisal.checks.last().unwrap();
    assert_eq!(last.passed, appraisal.outcome.is_ok());
    let level = appraisal.outcome.map(|verdict| verdict.level);
    (last.name, level)
}

/// What Google says of a request for this key, in this member.
fn said(member: &str, jkt: &Thumbprint) -> Vec<u8> {
    let hash = digest(&SHA256, &transcript().with_thumbprint(jkt));
    let mut payload = payload();
    assert_eq!(
        payload["appIntegrity"]["certificateSha256Digest"][0],
        DIGEST
    );
    payload["requestDetails"]
        .as_object_mut()
        .unwrap()
        .remove("nonce");
    payload["requestDetails"][member] = json!(URL_SAFE_NO_PAD.encode(hash));
    payload.to_string().into_bytes()
}

fn classic(member: &str, jkt: &Thumbprint) -> (String, Reading) {
    let console = PlayConsole::new();
    let (decryption, verification) = console.response_keys();
    let current = ResponseKeys::parse(&decryption, &verification).unwrap();
    let keys = Reading::Keys(KeyRing {
        current,
        other: None,
    });
    (console.issue(&said(member, jkt)), keys)
}

fn standard(member: &str, jkt: &Thumbprint) -> (String, Reading) {
    let said: serde_json::Value = serde_json::from_slice(&said(member, jkt)).unwrap();
    let answer = json!({ "tokenPayloadExternal": said });
    (
        "standard".to_owned(),
        Reading::Answer(answer.to_string().into_bytes()),
    )
}

fn key() -> Thumbprint {
    SigningKey::generate()
        .unwrap()
        .public_key()
        .unwrap()
        .thumbprint()
}

#[test]
fn what_a_token_is_read_with_says_what_binds_it() {
    let (jkt, other, policy) = (key(), key(), policy());
    let refused = |reason| ("binding", Err(Refused::PlayIntegrity(reason)));
    let accepted = ("app_access", Ok(AttestationLevel::App));
    for (make, member, foreign) in [
        (
            classic as fn(&str, &Thumbprint) -> (String, Reading),
            "nonce",
            "requestHash",
        ),
        (standard, "requestHash", "nonce"),
    ] {
        let judge = |member: &str, made_for: &Thumbprint| {
            let (token, reading) = make(member, made_for);
            judge(&policy, PACKAGE, &jkt, (&token, reading))
        };
        assert_eq!(judge(member, &jkt), accepted);
        assert_eq!(
            judge(foreign, &jkt),
            refused(play_integrity::Refused::NotBound)
        );
        assert_eq!(
            judge(member, &other),
            refused(play_integrity::Refused::BindingMismatch)
        );
    }
}

#[test]
fn only_apps_that_the_policy_names_are_judged() {
    let (jkt, policy) = (key(), policy());
    let judge = |policy: &AttestationPolicy, package: &str| {
        let (token, reading) = classic("nonce", &jkt);
        judge(policy, package, &jkt, (&token, reading))
    };
    let unexpected = ("platform", Err(Refused::Unexpected));
    assert_eq!(judge(&policy, "com.example.other"), unexpected);
    assert_eq!(judge(&AttestationPolicy::default(), PACKAGE), unexpected);
    let mut silent = policy.clone();
    silent.android.as_mut().unwrap().play_integrity = None;
    assert_eq!(judge(&silent, PACKAGE), unexpected);
    assert_eq!(judge(&policy, PACKAGE).1, Ok(AttestationLevel::App));
}

#[test]
fn what_nobody_reads_is_refused_and_only_bad_tokens_are_wrong() {
    let (jkt, policy) = (key(), policy());
    for (unread, check, is_unevaluated, is_timed_out) in [
        (Unread::NoCredentials, "credentials", true, false),
        (Unread::CredentialsRefused, "credentials", true, false),
        (Unread::TokenRefused, "decoding", false, false),
        (Unread::NoAnswer, "decoding", false, true),
    ] {
        let (last, outcome) = judge(&policy, PACKAGE, &jkt, ("token", Reading::Nothing(unread)));
        let refused = outcome.unwrap_err();
        assert_eq!((last, &refused), (check, &Refused::Unread(unread)));
        let told = (refused.is_unevaluated(), refused.is_timed_out());
        assert_eq!(told, (is_unevaluated, is_timed_out), "{unread}");
    }
}
