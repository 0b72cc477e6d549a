//! No bytes make the proof check panic, and none it accepts say anything but what was expected.
//!
//! The input is the text of a proof, or, when it holds a line feed, a header and claims that are
//! signed here, so that the fuzzer gets past the signature. `$x` and `$y` stand for the key's
//! coordinates.

#![no_main]

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use countersign_attestation::{
    dpop::{self, Expected, HtuUrl, NonceKey, NonceKeys, Window},
    jws::SigningKey,
};
use countersign_core::Timestamp;
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

const NOW: Timestamp = Timestamp::from_secs(1_562_262_616);

static KEY: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::generate().expect("a key"));

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let jwk = KEY.jwk();
    let text = text.replace("$x", &jwk.x).replace("$y", &jwk.y);
    let proof = text.split_once('\n').map_or_else(|| text.clone(), sign);
    let url = HtuUrl::parse("https://server.example.com/token").expect("a URL");
    let nonces = NonceKeys::new(NonceKey::new(&[7; 32]), None);
    let expected = Expected {
        method: "POST",
        url: &url,
        access_token: None,
        key: None,
        nonces: Some(&nonces),
        nonces_since: Timestamp::from_secs(0),
        now: NOW,
        window: Window::default(),
    };
    let Ok(verified) = dpop::verify(&proof, &expected) else {
        return;
    };
    assert!(verified.iat >= NOW.minus(expected.window.past));
    assert!(verified.usable_from <= NOW && NOW <= verified.expires_at);
    let [header, claims] = [0, 1].map(|part| {
        let part = proof.split('.').nth(part).expect("a part");
        String::from_utf8(URL_SAFE_NO_PAD.decode(part).expect("base64url")).expect("text")
    });
    // Any of these may be written with escapes.
    for (json, text) in [(&header, "dpop"), (&header, "ES256"), (&claims, "POST")] {
        assert!(json.contains(text) || json.contains("\\u"), "{json}");
    }
});

fn sign((header, claims): (&str, &str)) -> String {
    let input = [header, claims]
        .map(|part| URL_SAFE_NO_PAD.encode(part))
        .join(".");
    let signature = KEY.sign(input.as_bytes()).expect("a signature");
    format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature))
}
