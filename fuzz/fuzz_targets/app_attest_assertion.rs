//! No bytes make the check of an App Attest assertion panic, and none it accepts are of another
//! app or of a counter that has not risen.
//!
//! The input is an assertion, or, after a first byte of 0, authenticator data that is signed here.

#![no_main]

use countersign_attestation::{
    app_attest::assertion::{Evidence, Expected, appraise},
    jws::PublicKey,
};
use countersign_test_authority::{Key, app_attest::assertion_object};
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

const APP: &str = "TEAM.com.example.app";
const DATA: &[u8] = b"data";

static KEY: LazyLock<(Key, PublicKey)> = LazyLock::new(|| {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    let key = Key::p256();
    let point = key.public_bytes();
    let [x, y] = [1..33, 33..65].map(|part| URL_SAFE_NO_PAD.encode(&point[part]));
    let public = PublicKey::from_coordinates(&x, &y).expect("a key");
    (key, public)
});

fuzz_target!(|data: &[u8]| {
    let (key, public) = &*KEY;
    let signed = data.strip_prefix(&[0]);
    let assertion = signed.map_or_else(|| data.to_vec(), |data| sign(key, data));
    let evidence = Evidence {
        assertion: &assertion,
        client_data: DATA,
    };
    let expected = Expected {
        key: public,
        app_id: APP,
        counter: 2,
        validation_categories: None,
    };
    if let Ok(verdict) = appraise(&evidence, &expected).outcome {
        let data = signed.expect("only what was signed here");
        assert!(verdict.counter > 2);
        assert_eq!(data[33..37], verdict.counter.to_be_bytes());
        assert_eq!(&data[..32], hash(APP.as_bytes()));
    }
});

fn sign(key: &Key, data: &[u8]) -> Vec<u8> {
    let nonce = hash(&[data, &hash(DATA)].concat());
    assertion_object(&key.sign(&nonce), data)
}

fn hash(bytes: &[u8]) -> Vec<u8> {
    use aws_lc_rs::digest::{SHA256, digest};
    digest(&SHA256, bytes).as_ref().to_vec()
}
