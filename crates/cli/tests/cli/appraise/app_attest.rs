use super::{
    NOW, about, appraise, is_judged_as_of_its_presentation, jkt, other_transcripts, pem, refuses,
    text, transcript, with,
};
use countersign_test_authority::{
    Key,
    app_attest::{self, AppAttest, DEVELOPMENT, PRODUCTION},
};
use serde_json::{Value, json};

const APP: &str = "TEAM.com.example.app";

fn attestation(aaguid: [u8; 16], about: &Value, client_data: &[u8]) -> Value {
    let (service, key) = (AppAttest::new(), Key::p256());
    let data = app_attest::new_key(&key, APP, aaguid);
    let object = service.attest(&key, &data, client_data).encode();
    json!({
        "kind": "app_attest_attestation",
        "evidence": { "key_id": app_attest::key_id(&key), "attestation": text(&object) },
        "about": about,
        "expected": { "app_id": APP },
        "roots": pem(&service.root.certificate),
        "now": NOW,
    })
}

fn bytes() -> Value {
    json!({ "bytes": text(b"data") })
}

#[test]
fn an_attestation_is_told_with_its_checks_and_facts() {
    let file = attestation(PRODUCTION, &bytes(), b"data");
    let report = appraise(&file).accepted();
    assert_eq!(report["level"], "app");
    assert_eq!(report["environment"], "production");
    assert_eq!(report["facts"]["app_id"], APP);
    assert_eq!(report["facts"]["key_id"], file["evidence"]["key_id"]);
    assert_eq!(report["key"]["crv"], "P-256");
    assert_eq!(report["roots_from_file"], true);
    assert_eq!(report["judged_at"], json!(NOW));
}

#[test]
fn an_attestation_is_refused_by_the_check_that_fails() {
    let stranger = AppAttest::new().root.certificate;
    let file = attestation(PRODUCTION, &bytes(), b"data");
    refuses(
        &file,
        &[
            ("/about/bytes", json!(text(b"other")), "nonce"),
            ("/expected/app_id", json!("TEAM.com.example.other"), "app"),
            ("/expected/environment", json!("development"), "environment"),
            ("/expected/platform", json!("macos"), "full_security"),
            (
                "/evidence/key_id",
                json!(app_attest::key_id(&Key::p256())),
                "key_id",
            ),
            ("/evidence/attestation", json!("oA"), "format"),
            ("/roots", json!(pem(&stranger)), "certificate_path"),
            ("/roots", Value::Null, "certificate_path"),
            ("/now", json!("2019-12-31T23:59:59Z"), "certificate_path"),
            ("/now", json!("2040-01-02T00:00:00Z"), "certificate_path"),
            (
                "/presented_at",
                json!("2040-01-02T00:00:00Z"),
                "presented_at",
            ),
            (
                "/presented_at",
                json!("2019-12-31T23:59:59Z"),
                "certificate_path",
            ),
        ],
    );
    let late = appraise(&with(&file, "/now", json!("2040-01-02T00:00:00Z")));
    assert!(late.report["reason"].as_str().unwrap().ends_with("expired"));
    is_judged_as_of_its_presentation(&file, "2040-01-02T00:00:00Z", "certificate_path");
}

#[test]
fn without_a_time_it_is_now() {
    let file = with(
        &attestation(PRODUCTION, &bytes(), b"data"),
        "/now",
        Value::Null,
    );
    let report = appraise(&file).accepted();
    assert_ne!(report["judged_at"], json!(NOW));
    assert_eq!(report["judged_at"], report["presented_at"]);
}

#[test]
fn an_attestation_for_an_exchange_is_judged_as_the_service_does() {
    let covered = transcript().with_thumbprint(&jkt());
    let file = attestation(DEVELOPMENT, &about(&jkt()), &covered);
    let file = with(&file, "/expected/environment", json!("development"));
    let report = appraise(&file).accepted();
    assert_eq!(report["level"], "app");
    assert_eq!(report["environment"], "development");
    refuses(&file, &other_transcripts("nonce"));
    is_judged_as_of_its_presentation(&file, "2040-01-02T00:00:00Z", "certificate_path");
    refuses(
        &file,
        &[
            ("/roots", Value::Null, "certificate_path"),
            ("/now", json!("2040-01-02T00:00:00Z"), "certificate_path"),
            ("/expected/environment", json!("production"), "environment"),
        ],
    );
}

fn assertion(about: &Value, client_data: &[u8]) -> Value {
    let key = Key::p256();
    let point = key.public_bytes();
    let made = app_attest::assert(&key, &app_attest::used_key(APP, 5), client_data);
    json!({
        "kind": "app_attest_assertion",
        "evidence": { "assertion": text(&made) },
        "about": about,
        "expected": { "app_id": APP, "key": jwk(&point), "previous_counter": 4 },
    })
}

/// A key as a JWK, from its uncompressed point.
pub(super) fn jwk(point: &[u8]) -> Value {
    let (x, y) = (text(&point[1..33]), text(&point[33..]));
    json!({ "kty": "EC", "crv": "P-256", "x": x, "y": y })
}

#[test]
fn an_assertion_is_refused_by_the_check_that_fails() {
    let file = assertion(&bytes(), b"data");
    assert_eq!(appraise(&file).accepted()["facts"]["counter"], 5);
    refuses(
        &file,
        &[
            ("/about/bytes", json!(text(b"other")), "signature"),
            (
                "/expected/key",
                jwk(&Key::p256().public_bytes()),
                "signature",
            ),
            ("/expected/app_id", json!("TEAM.other"), "app"),
            ("/expected/previous_counter", json!(5), "counter"),
            ("/evidence/assertion", json!("oA"), "assertion_object"),
        ],
    );
    let file = assertion(&about(&jkt()), &transcript().with_thumbprint(&jkt()));
    refuses(&file, &other_transcripts("signature"));
}

#[test]
fn the_key_of_an_attestation_is_written_as_assertions_expect_it() {
    let attested = appraise(&attestation(PRODUCTION, &bytes(), b"data")).accepted();
    let file = with(
        &assertion(&bytes(), b"data"),
        "/expected/key",
        attested["key"].clone(),
    );
    assert_eq!(appraise(&file).refused(), "signature");
}
