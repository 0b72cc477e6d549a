//! No bytes make the check of an App Attest receipt panic, and none it accepts were signed by
//! anybody else.
//!
//! The input is a receipt, or, after a first byte of 0 or 1, the content of one that is signed
//! here in the form of DER or BER.

#![no_main]

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use countersign_attestation::{
    app_attest::receipt::{Expected, appraise},
    jws::PublicKey,
    path::Anchors,
};
use countersign_core::{Timestamp, attestation::AttestationEnvironment};
use countersign_test_authority::{
    Key,
    receipt::{Form, ReceiptSigner},
};
use libfuzzer_sys::fuzz_target;
use std::{sync::LazyLock, time::Duration};

const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);

static SIGNER: LazyLock<ReceiptSigner> = LazyLock::new(ReceiptSigner::default);
static KEY: LazyLock<Key> = LazyLock::new(Key::p256);

fuzz_target!(|data: &[u8]| {
    let signed = match data {
        [0, content @ ..] => Some(SIGNER.sign(&of_key(content), Form::Definite)),
        [1, content @ ..] => Some(SIGNER.sign(&of_key(content), Form::Indefinite)),
        _ => None,
    };
    let point = KEY.public_bytes();
    let [x, y] = [1..33, 33..65].map(|part| URL_SAFE_NO_PAD.encode(&point[part]));
    let expected = Expected {
        app_id: "TEAM.com.example.app",
        environment: AttestationEnvironment::Development,
        key: &PublicKey::from_coordinates(&x, &y).expect("a key"),
        max_age: Duration::from_mins(5),
        presented_at: NOW,
        now: NOW,
    };
    let anchors = Anchors::new([&SIGNER.root.certificate]).expect("a certificate");
    let receipt = signed.as_deref().unwrap_or(data);
    if let Ok(verdict) = appraise(receipt, &expected, &anchors).outcome {
        assert!(signed.is_some(), "only what was signed here");
        assert!(verdict.created_at >= NOW.minus(expected.max_age));
    }
});

/// The key is not known to the corpus: it is put where a certificate has one.
fn of_key(content: &[u8]) -> Vec<u8> {
    let mut content = content.to_vec();
    let (spki, point) = (KEY.spki(), KEY.public_bytes());
    let (head, _) = spki.split_at(spki.len() - point.len());
    let found = content
        .windows(spki.len())
        .position(|found| found.starts_with(head));
    if let Some(at) = found {
        content[at..at + spki.len()].copy_from_slice(&spki);
    }
    content
}
