//! No bytes make the judge of Android keys panic, and none it accepts say less than was demanded.
//!
//! The input is what is attested, in a leaf that is signed here; or, after a zero, a whole chain:
//! each certificate after two bytes of its length.

#![no_main]

use countersign_attestation::android_key::{
    App, BootState, Expected, Policy, Revocation, Roots, Verdict, appraise,
};
use countersign_core::{Timestamp, attestation::AttestationLevel};
use countersign_test_authority::{Key, android::Android};
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);

static DEVICE: LazyLock<(Android, Key)> = LazyLock::new(|| (Android::remote(NOW), Key::p256()));

static POLICY: LazyLock<Policy> = LazyLock::new(|| {
    let mut policy = Policy::strict(App {
        package: "com.example.app".to_owned(),
        signing_digests: vec![[0xd1; 32]],
        min_version: None,
    });
    policy.self_signed_boot_keys = vec![vec![0xb0; 32]];
    policy.revocation = Revocation::Ignored;
    policy
});

fuzz_target!(|data: &[u8]| {
    if let Some((0, chain)) = data.split_first() {
        assert!(judge(&split(chain)).is_none(), "nobody has signed it");
        return;
    }
    let (android, key) = &*DEVICE;
    let Some(verdict) = judge(&android.present(Android::leaf(key, data))) else {
        return;
    };
    assert_eq!(verdict.level, AttestationLevel::Hardware);
    let facts = verdict.facts;
    assert!(facts.is_locked && facts.boot_state != BootState::Unverified);
    assert_eq!(facts.package, "com.example.app");
    assert_eq!(facts.serials.len(), 5);
    assert!(data.windows(32).any(|window| window == [0xc4; 32]));
});

fn judge(chain: &[Vec<u8>]) -> Option<Verdict> {
    let expected = Expected {
        challenge: &[0xc4; 32],
        policy: &POLICY,
        presented_at: NOW,
        now: NOW,
    };
    let roots = Roots::google()
        .with(&DEVICE.0.root.certificate)
        .expect("a root");
    appraise(chain, &expected, &roots, None).outcome.ok()
}

fn split(mut bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut chain = Vec::new();
    while let Some((length, rest)) = bytes.split_first_chunk() {
        let length = usize::from(u16::from_be_bytes(*length)).min(rest.len());
        let (certificate, rest) = rest.split_at(length);
        chain.push(certificate.to_vec());
        bytes = rest;
    }
    chain
}
