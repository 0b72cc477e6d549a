//! No bytes make the check of a registration panic, and none it accepts were asked by anybody else.
//!
//! The input is an attestation object, or, after a first byte of 0, authenticator data and, after
//! two bytes of its length, the client data: of a registration that nobody vouches for.

#![no_main]

use countersign_attestation::{
    android_key::Roots,
    path,
    webauthn::{
        Anchors, AndroidKeys, Ceremony,
        registration::{Evidence, Expected, appraise},
    },
};
use countersign_core::{Timestamp, attestation::AttestationLevel};
use countersign_test_authority::{
    cbor,
    webauthn::{Maker, client_data},
};
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

const ORIGIN: &str = "https://app.example.com";

static ANCHORS: LazyLock<Anchors> = LazyLock::new(|| {
    let root = Maker::new().root.certificate;
    let anchors = path::Anchors::new([&root]).expect("a certificate");
    Anchors {
        authenticators: anchors.clone(),
        tpm: anchors.clone(),
        apple: anchors,
        android_key: AndroidKeys {
            roots: Roots::none().with(&root).expect("a certificate"),
            ..AndroidKeys::none()
        },
    }
});

fuzz_target!(|data: &[u8]| {
    let (object, client_data) = match data {
        [0, high, low, rest @ ..] => unvouched(u16::from_be_bytes([*high, *low]), rest),
        object => {
            let data = client_data("webauthn.create", &[7; 32], ORIGIN);
            (object.to_vec(), data)
        }
    };
    let evidence = Evidence {
        client_data_json: &client_data,
        attestation_object: &object,
    };
    let expected = Expected {
        ceremony: Ceremony {
            challenge: &[7; 32],
            origins: &[ORIGIN],
            top_origins: None,
            rp_id: "example.com",
            user_verification: true,
        },
        device_bound: true,
        presented_at: Timestamp::from_secs(1_800_000_000),
        now: Timestamp::from_secs(1_800_000_000),
    };
    let appraisal = appraise(&evidence, &expected, &ANCHORS);
    assert_eq!(
        appraisal.outcome.is_ok(),
        appraisal.checks.iter().all(|check| check.passed)
    );
    let Ok(verdict) = appraisal.outcome else {
        return;
    };
    assert_eq!(verdict.level, AttestationLevel::Software, "nobody vouches");
    assert!(verdict.facts.user_verified && !verdict.facts.backup_eligible);
    let text = String::from_utf8(client_data).expect("text");
    assert!(
        text.contains("app.example.com") || text.contains("\\"),
        "{text}"
    );
});

fn unvouched(length: u16, rest: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let at = rest.len().min(length.into());
    let (data, client_data) = rest.split_at(at);
    let object = cbor::text_map(&[
        ("fmt", cbor::text("none")),
        ("attStmt", cbor::map(&[])),
        ("authData", cbor::bytes(data)),
    ]);
    (object, client_data.to_vec())
}
