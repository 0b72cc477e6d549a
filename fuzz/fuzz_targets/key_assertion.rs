//! No bytes make the check of a key assertion panic, and none it accepts are by another key or of
//! another transcript.
//!
//! The input is an assertion, or, after a first byte of 0, claims that are signed here, or, after a
//! first byte of 1, a header and claims that are, with a line feed between them.

#![no_main]

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use countersign_attestation::{
    jws::SigningKey,
    key_assertion::{Expected, MAX_ASSERTION_BYTES, TYP, appraise},
};
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

const TRANSCRIPT: [u8; 32] = [7; 32];

static KEY: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::generate().expect("a key"));

fuzz_target!(|data: &[u8]| {
    let header = serde_json::json!({ "typ": TYP, "alg": "ES256", "jwk": KEY.jwk() }).to_string();
    let signed = match data.split_first() {
        Some((0, claims)) => Some((header.as_bytes(), claims)),
        Some((1, rest)) => rest.iter().position(|byte| *byte == b'\n').map(|at| {
            let (header, claims) = rest.split_at(at);
            (header, &claims[1..])
        }),
        _ => None,
    };
    let assertion = match signed {
        Some((header, claims)) => sign(header, claims),
        None => String::from_utf8_lossy(data).into_owned(),
    };
    let jkt = &KEY.thumbprint();
    let transcript = &TRANSCRIPT;
    if appraise(&assertion, &Expected { jkt, transcript })
        .outcome
        .is_ok()
    {
        let (header, claims) = signed.expect("only what was signed here");
        assert!(assertion.len() <= MAX_ASSERTION_BYTES);
        let header: serde_json::Value = serde_json::from_slice(header).expect("JSON");
        let claims: serde_json::Value = serde_json::from_slice(claims).expect("JSON");
        assert_eq!(
            (&header["typ"], &header["alg"]),
            (&TYP.into(), &"ES256".into())
        );
        assert_eq!(claims["transcript"], URL_SAFE_NO_PAD.encode(TRANSCRIPT));
    }
});

fn sign(header: &[u8], claims: &[u8]) -> String {
    let [header, claims] = [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part));
    let input = format!("{header}.{claims}");
    let signature = KEY.sign(input.as_bytes()).expect("a signature");
    format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature))
}
