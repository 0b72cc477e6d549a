//! What judging an Android device's evidence costs beside the bare signature checks in it.
//!
//! `cargo run --release -p countersign-attestation --example android_cost`
//!
//! The calls take turns one by one, so that a busy machine slows them alike; medians are printed.

use countersign_attestation::{
    android_key::{self, App, Policy, Roots, StatusList},
    certificate::Certificate,
    play_integrity::{self, Binding, DeviceIntegrity, KeyRing, ResponseKeys},
};
use countersign_core::Timestamp;
use countersign_test_authority::{
    Key,
    android::{Android, KeyDescription},
    play_integrity::PlayConsole,
};
use std::{
    hint::black_box,
    time::{Duration, Instant},
};

const ROUNDS: usize = 2_001;
const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);
const PACKAGE: &str = "com.example.app";

fn main() {
    chains("key of a server's chain", &Android::remote(NOW));
    chains("key of a factory's chain", &Android::factory(NOW));
    tokens();
}

fn chains(name: &str, android: &Android) {
    let description = KeyDescription::new(&[0xc4; 32], PACKAGE, &[0xd1; 32]);
    let chain = android.attest(&Key::p256(), &description);
    let roots = Roots::none().with(&android.root.certificate);
    let roots = roots.expect("a root");
    let list = StatusList::parse(br#"{"entries":{"ab":{"status":"REVOKED"}}}"#, NOW);
    let list = list.expect("a list");
    let policy = Policy::strict(App {
        package: PACKAGE.to_owned(),
        signing_digests: vec![[0xd1; 32]],
        min_version: None,
    });
    let expected = android_key::Expected {
        challenge: &[0xc4; 32],
        policy: &policy,
        presented_at: NOW,
        now: NOW,
    };
    let read = chain.iter().map(|der| Certificate::parse(der));
    let read: Vec<_> = read.map(|one| one.expect("a certificate")).collect();
    let root = read.last().expect("a root");
    let are_signed = || {
        let issuers = read.iter().skip(1).chain([root]);
        read.iter()
            .zip(issuers)
            .all(|(one, by)| one.is_signed_by(by))
    };
    let is_accepted = || {
        let appraisal = android_key::appraise(&chain, &expected, &roots, Some(&list));
        appraisal.outcome.is_ok()
    };
    report(name, are_signed, is_accepted);
}

fn tokens() {
    let console = PlayConsole::new();
    let (decryption, verification) = console.response_keys();
    let current = ResponseKeys::parse(&decryption, &verification).expect("keys");
    let ring = KeyRing {
        current,
        other: None,
    };
    let payload = format!(
        r#"{{"requestDetails":{{"requestPackageName":"{PACKAGE}","nonce":"bm9uY2U",
        "timestampMillis":"1800000000000"}},"appIntegrity":{{"appRecognitionVerdict":
        "PLAY_RECOGNIZED","packageName":"{PACKAGE}","certificateSha256Digest":["0dHR"],
        "versionCode":"42"}},"deviceIntegrity":{{"deviceRecognitionVerdict":
        ["MEETS_DEVICE_INTEGRITY"]}}}}"#
    );
    let token = console.issue(payload.as_bytes());
    let policy = play_integrity::Policy {
        device: DeviceIntegrity::Device,
        ..play_integrity::Policy::usual(play_integrity::App {
            package: PACKAGE.to_owned(),
            signing_digests: vec![vec![0xd1; 3]],
            min_version: None,
        })
    };
    let expected = play_integrity::Expected {
        binding: Binding::Nonce("bm9uY2U"),
        policy: &policy,
        presented_at: NOW,
        now: NOW,
    };
    let root = Key::p256();
    let root = countersign_test_authority::Authority::root("one signature", root);
    let root = Certificate::parse(&root.certificate).expect("a certificate");
    let is_signed = || root.is_signed_by(&root);
    let is_accepted = || {
        let appraisal = play_integrity::appraise_token(&token, &ring, &expected);
        appraisal.outcome.is_ok()
    };
    report("token of a classic request", is_signed, is_accepted);
}

#[expect(clippy::print_stdout, reason = "its purpose is to print")]
fn report(name: &str, bare: impl Fn() -> bool, whole: impl Fn() -> bool) {
    let mut runs: [Vec<Duration>; 2] = Default::default();
    for _ in 0..ROUNDS {
        let [first, second] = &mut runs;
        first.push(timed(&bare));
        second.push(timed(&whole));
    }
    let [bare, whole] = runs.map(|mut times| {
        times.sort_unstable();
        times[ROUNDS / 2].as_secs_f64()
    });
    let rate = 1.0 / whole;
    let share = bare / whole;
    println!("{name:28} {:8.1} us {rate:8.0} /s", whole * 1e6);
    println!(
        "{:28} {:8.1} us, {share:.3} of it",
        "  its signatures",
        bare * 1e6
    );
}

#[expect(clippy::disallowed_methods, reason = "measures elapsed time")]
fn timed(call: impl FnOnce() -> bool) -> Duration {
    let start = Instant::now();
    let is_done = black_box(call());
    let elapsed = start.elapsed();
    assert!(is_done, "every call succeeds");
    elapsed
}
