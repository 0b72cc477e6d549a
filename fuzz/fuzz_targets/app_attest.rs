//! No bytes make the check of an App Attest attestation panic, and none it accepts are about
//! another key, app or environment.
//!
//! The input is an attestation object, or, after a first byte of 0, authenticator data that Apple's
//! stand-in certifies here, so that the fuzzer gets past the certificates.

#![no_main]

use countersign_attestation::{
    app_attest::attestation::{Evidence, Expected, Platform, appraise},
    path::Anchors,
};
use countersign_core::{Timestamp, attestation::AttestationEnvironment};
use countersign_test_authority::{
    Authority, Key,
    app_attest::{AppAttest, AttestationObject, key_id, leaf, nonce_extension},
};
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

const APP: &str = "TEAM.com.example.app";
const DATA: &[u8] = b"data";

struct Scene {
    service: AppAttest,
    anchors: Anchors,
    key: Key,
}

static SCENE: LazyLock<Scene> = LazyLock::new(|| {
    let root = Authority::root("Root", Key::p256());
    let service = AppAttest {
        intermediate: root.subordinate("Intermediate", Key::p256()),
        root,
    };
    Scene {
        anchors: Anchors::new([&service.root.certificate]).expect("a certificate"),
        service,
        key: Key::p256(),
    }
});

fuzz_target!(|data: &[u8]| {
    let signed = data.strip_prefix(&[0]);
    let object = signed.map_or_else(|| data.to_vec(), |data| certify(data).encode());
    let evidence = Evidence {
        attestation: &object,
        key_id: &key_id(&SCENE.key),
        client_data: DATA,
    };
    let expected = Expected {
        app_id: APP,
        platform: Platform::Ios,
        environment: AttestationEnvironment::Production,
        validation_categories: None,
        presented_at: Timestamp::from_secs(1_800_000_000),
        now: Timestamp::from_secs(1_800_000_000),
    };
    let appraisal = appraise(&evidence, &expected, &SCENE.anchors);
    assert_eq!(
        appraisal.outcome.is_ok(),
        appraisal.checks.iter().all(|check| check.passed)
    );
    if appraisal.outcome.is_ok() {
        let data = signed.expect("only what was certified here");
        assert_eq!(&data[33..53], b"\0\0\0\0appattest\0\0\0\0\0\0\0");
        assert!(data.len() >= 164);
    }
});

/// The point of the key is not known to the corpus: it stands where authenticator data has it.
fn certify(data: &[u8]) -> AttestationObject {
    let mut data = data.to_vec();
    let point = SCENE.key.public_bytes();
    for (at, bytes) in [
        (55, id()),
        (97, point[1..33].to_vec()),
        (132, point[33..].to_vec()),
    ] {
        if let Some(place) = data.get_mut(at..at + 32) {
            place.copy_from_slice(&bytes);
        }
    }
    let leaf = leaf(SCENE.key.spki(), &nonce_extension(&data, DATA));
    let intermediate = &SCENE.service.intermediate;
    AttestationObject {
        format: "apple-appattest".to_owned(),
        certificates: vec![intermediate.issue(leaf), intermediate.certificate.clone()],
        receipt: Vec::new(),
        authenticator_data: data,
    }
}

fn id() -> Vec<u8> {
    use base64::{Engine, engine::general_purpose::STANDARD};
    STANDARD.decode(key_id(&SCENE.key)).expect("base64")
}
