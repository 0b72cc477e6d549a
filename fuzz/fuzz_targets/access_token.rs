//! No bytes make the token check panic, and none unsigned are accepted.
//!
//! The input is the text of a token, or, when it holds a line feed, a header and claims that are
//! signed here.

#![no_main]

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use countersign_attestation::{
    access_token::{self, AccessTokenError, Expected},
    jws::{PublicKey, SigningKey},
};
use countersign_core::Timestamp;
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);

static KEY: LazyLock<(SigningKey, PublicKey)> = LazyLock::new(|| {
    let key = SigningKey::generate().expect("a key");
    let public = key.public_key().expect("its public half");
    (key, public)
});

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let expected = Expected {
        issuer: "https://countersign.example",
        now: NOW,
    };
    let signed = text.split_once('\n').map(sign);
    let token = signed.as_deref().unwrap_or(text);
    let verdict = access_token::verify(token, &expected, |_| Some(&KEY.1));
    match verdict {
        Ok(token) => {
            assert!(signed.is_some() && !token.is_expired_at(NOW));
            assert!(!token.sub.as_str().is_empty());
        }
        Err(error) => assert!(signed.is_none() || error != AccessTokenError::BadSignature),
    }
});

fn sign((header, claims): (&str, &str)) -> String {
    let input = [header, claims]
        .map(|part| URL_SAFE_NO_PAD.encode(part))
        .join(".");
    let signature = KEY.0.sign(input.as_bytes()).expect("a signature");
    format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature))
}
