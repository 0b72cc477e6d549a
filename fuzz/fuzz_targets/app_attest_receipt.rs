//! No bytes make the check of an App Attest receipt panic, and none it accepts were signed by
//! anybody else.
//!
//! The input is a receipt, or, after a first byte of 0 or 1, the content of one that is signed
//! here in the form of DER or BER.

#![no_main]

use countersign_attestation::{
    app_attest::receipt::{Expected, appraise},
    jws::PublicKey,
    path::Anchors,
};
use countersign_core::Timestamp;
use countersign_test_authority::receipt::{Form, ReceiptSigner};
use libfuzzer_sys::fuzz_target;
use std::{sync::LazyLock, time::Duration};

/// The key of the certificate in the corpus.
const X: &str = "o02s1sean59Ud6XOtHD8OUUq6WhmFOENHHxQ27-dczE";
const Y: &str = "f8RknCtm9GUwSFeIN7fHew-uG0ccOXy69rQaLnvkz2A";
const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);

static SIGNER: LazyLock<ReceiptSigner> = LazyLock::new(ReceiptSigner::default);

fuzz_target!(|data: &[u8]| {
    let signed = match data {
        [0, content @ ..] => Some(SIGNER.sign(content, Form::Definite)),
        [1, content @ ..] => Some(SIGNER.sign(content, Form::Indefinite)),
        _ => None,
    };
    let expected = Expected {
        app_id: "TEAM.com.example.app",
        key: &PublicKey::from_coordinates(X, Y).expect("a key"),
        max_age: Duration::from_mins(5),
        now: NOW,
    };
    let anchors = Anchors::new([&SIGNER.root.certificate]).expect("a certificate");
    let receipt = signed.as_deref().unwrap_or(data);
    if let Ok(verdict) = appraise(receipt, &expected, &anchors).outcome {
        assert!(signed.is_some(), "only what was signed here");
        assert!(verdict.created_at >= NOW.minus(expected.max_age));
    }
});
