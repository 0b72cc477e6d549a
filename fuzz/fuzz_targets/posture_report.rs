//! No bytes make the check of a posture report panic, and what it accepts is within its limits, by the
//! key that signed it, and reads the same when it is made again.
//!
//! The input is a report, or, after a first byte of 0, claims that are signed here, or, after a first
//! byte of 1, a header and claims that are, with a line feed between them.

#![no_main]

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use countersign_attestation::{
    jws::SigningKey,
    posture_report::{MAX_REPORT_BYTES, MAX_TEXT_CHARS, TYP, Verified, create, verify},
};
use countersign_core::{Timestamp, compliance::posture::PostureSource};
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

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
    let jws = match signed {
        Some((header, claims)) => sign(header, claims),
        None => String::from_utf8_lossy(data).into_owned(),
    };
    let Ok(verified) = verify(&jws) else { return };
    assert!(jws.len() <= MAX_REPORT_BYTES);
    check(&verified);
    if signed.is_some() {
        assert_eq!(verified.jkt, KEY.thumbprint());
    }
    let made = create(&KEY, &verified.report).expect("what was taken can be made");
    let again = verify(&made).expect("what was made is taken");
    assert_eq!(again.report, verified.report);
    assert_eq!(again.jkt, KEY.thumbprint());
});

fn check(verified: &Verified) {
    let report = &verified.report;
    assert!(report.generation >= 1 && report.counter >= 0);
    let now = Timestamp::from_secs(1_800_000_000);
    let posture = report
        .clone()
        .into_posture(PostureSource::SelfReported, now);
    assert_eq!(
        (posture.source, posture.received_at),
        (PostureSource::SelfReported, now)
    );
    let texts = [
        posture.os_version,
        posture.kernel,
        posture.patch_level,
        posture.app_version,
    ];
    for text in texts.into_iter().flatten() {
        assert!(text.chars().count() <= MAX_TEXT_CHARS && !text.contains(char::is_control));
    }
}

fn sign(header: &[u8], claims: &[u8]) -> String {
    let [header, claims] = [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part));
    let input = format!("{header}.{claims}");
    let signature = KEY.sign(input.as_bytes()).expect("a signature");
    format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature))
}
