//! No bytes make the check of a credential's assertion panic, and none it accepts are of another
//! relying party or of a counter that has not risen.
//!
//! The input is authenticator data, which is signed here, and after two bytes of its length the
//! client data.

#![no_main]

use aws_lc_rs::digest::{SHA256, digest};
use countersign_attestation::{
    cose::CredentialKey,
    webauthn::{
        Ceremony,
        assertion::{Evidence, Expected, appraise},
    },
};
use countersign_test_authority::{Key, authenticator_data::cose_key};
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

static KEY: LazyLock<Key> = LazyLock::new(Key::p256);

fuzz_target!(|data: &[u8]| {
    let [high, low, rest @ ..] = data else {
        return;
    };
    let at = rest.len().min(u16::from_be_bytes([*high, *low]).into());
    let (data, client_data) = rest.split_at(at);
    let signed = [data, digest(&SHA256, client_data).as_ref()].concat();
    let evidence = Evidence {
        client_data_json: client_data,
        authenticator_data: data,
        signature: &KEY.sign(&signed),
    };
    let expected = Expected {
        ceremony: Ceremony {
            challenge: &[7; 32],
            origins: &["https://app.example.com"],
            top_origins: None,
            rp_id: "example.com",
            user_verification: true,
        },
        key: &CredentialKey::from_cose(&cose_key(&KEY)).expect("a key"),
        sign_count: 2,
        backup_eligible: false,
    };
    if let Ok(verdict) = appraise(&evidence, &expected).outcome {
        assert!(verdict.sign_count > 2 && verdict.user_verified && !verdict.backed_up);
        assert_eq!(&data[..32], digest(&SHA256, b"example.com").as_ref());
    }
});
