//! No bytes make the judge of Play Integrity's verdicts panic, and none unsigned are accepted.
//!
//! The input is the text of a token, or an answer or its payload; or, when it holds a line feed, a
//! header and a payload that are signed and encrypted here.

#![no_main]

use countersign_attestation::play_integrity::{
    App, Binding, Expected, KeyRing, Policy, Refused, ResponseKeys, Verdict, appraise_answer,
    appraise_payload, appraise_token,
};
use countersign_core::{Timestamp, attestation::AttestationEnvironment};
use countersign_test_authority::play_integrity::{PlayConsole, TokenDraft};
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);

static CONSOLE: LazyLock<(PlayConsole, KeyRing)> = LazyLock::new(|| {
    let console = PlayConsole::new();
    let (decryption, verification) = console.response_keys();
    let current = ResponseKeys::parse(&decryption, &verification).expect("keys");
    (
        console,
        KeyRing {
            current,
            other: None,
        },
    )
});

static POLICY: LazyLock<Policy> = LazyLock::new(|| {
    Policy::usual(App {
        package: "com.example.app".to_owned(),
        signing_digests: vec![vec![0xd1; 3]],
        min_version: Some(7),
    })
});

fuzz_target!(|data: &[u8]| {
    let expected = Expected {
        binding: Binding::Nonce("bm9uY2U"),
        policy: &POLICY,
        presented_at: NOW,
        now: NOW,
    };
    let (console, ring) = &*CONSOLE;
    let at = data.iter().position(|byte| *byte == b'\n');
    let Some((header, payload)) = at.map(|at| (&data[..at], &data[at + 1..])) else {
        check(appraise_answer(data, &expected).outcome);
        check(appraise_payload(data, &expected).outcome);
        if let Ok(text) = std::str::from_utf8(data) {
            assert!(appraise_token(text, ring, &expected).outcome.is_err());
        }
        return;
    };
    let Ok(header) = std::str::from_utf8(header) else {
        return;
    };
    let mut draft = TokenDraft::new(payload);
    draft.signing_header = header.to_owned();
    let token = console.issue_draft(&draft);
    let outcome = appraise_token(&token, ring, &expected).outcome;
    if outcome.is_ok() {
        assert_eq!(outcome, appraise_payload(payload, &expected).outcome);
    }
    check(outcome);
});

fn check(outcome: Result<Verdict, Refused>) {
    let Ok(verdict) = outcome else {
        return;
    };
    assert_eq!(verdict.environment, AttestationEnvironment::Production);
    assert_eq!(verdict.facts.package, "com.example.app");
    assert!(verdict.facts.version_code >= 7);
    assert!(verdict.facts.requested_at >= NOW.minus(POLICY.max_age));
    assert!(verdict.facts.requested_at <= NOW.plus(POLICY.max_skew));
}
