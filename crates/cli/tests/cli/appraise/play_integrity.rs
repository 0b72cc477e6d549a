use super::{
    NOW, about, appraise, is_judged_as_of_its_presentation, jkt, other_transcripts, refuses, text,
    transcript, with,
};
use aws_lc_rs::digest::{SHA256, digest};
use countersign_test_authority::play_integrity::PlayConsole;
use serde_json::{Value, json};

const PACKAGE: &str = "com.example.app";
const NONCE: &str = "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA";

fn payload(binding: &str) -> Value {
    json!({
        "requestDetails": {
            "requestPackageName": PACKAGE, binding: NONCE, "timestampMillis": "1799999990000",
        },
        "appIntegrity": {
            "appRecognitionVerdict": "PLAY_RECOGNIZED",
            "packageName": PACKAGE,
            "certificateSha256Digest": ["0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dE"],
            "versionCode": "42",
        },
        "deviceIntegrity": { "deviceRecognitionVerdict": ["MEETS_DEVICE_INTEGRITY"] },
        "accountDetails": { "appLicensingVerdict": "UNLICENSED" },
        "environmentDetails": { "playProtectVerdict": "HIGH_RISK" },
    })
}

fn file(evidence: &Value, about: &Value) -> Value {
    json!({
        "kind": "play_integrity",
        "evidence": evidence,
        "about": about,
        "expected": { "apps": [{ "package": PACKAGE, "signing_digests": ["d1".repeat(32)] }] },
        "now": NOW,
    })
}

#[test]
fn a_verdict_is_refused_by_the_check_that_fails() {
    let payload = payload("requestHash");
    let about = json!({ "request_hash": NONCE });
    let file = file(&json!({ "payload": payload.to_string() }), &about);
    let report = appraise(&file).accepted();
    assert_eq!(report["level"], "app");
    assert_eq!(report["environment"], "production");
    assert_eq!(report["facts"]["package"], PACKAGE);
    let other = json!(["d2".repeat(32)]);
    refuses(
        &file,
        &[
            ("/about", json!({ "request_hash": "other" }), "binding"),
            ("/about", json!({ "nonce": NONCE }), "binding"),
            (
                "/expected/apps/0/package",
                json!("other"),
                "request_package",
            ),
            ("/expected/apps/0/signing_digests", other, "signing_digests"),
            (
                "/expected/apps/0/min_version",
                json!(43),
                "min_version_code",
            ),
            ("/expected/device", json!("strong"), "device_integrity"),
            ("/expected/license_required", json!(true), "licensing"),
            (
                "/expected/refused_play_protect",
                json!(["HIGH_RISK"]),
                "play_protect",
            ),
            ("/expected/max_age_seconds", json!(9), "request_not_old"),
            ("/now", json!("2027-01-15T08:15:00Z"), "request_not_old"),
            ("/now", json!("2027-01-15T07:45:00Z"), "request_not_new"),
            ("/evidence/payload", json!("[]"), "payload"),
        ],
    );
    is_judged_as_of_its_presentation(&file, "2027-01-15T08:15:00Z", "request_not_old");
    let silent = with(
        &file,
        "/expected/refused_app_access",
        json!(["UNKNOWN_CAPTURING"]),
    );
    appraise(&silent).accepted();
    let silent = with(&silent, "/expected/silence_refused", json!(true));
    assert_eq!(appraise(&silent).refused(), "app_access_said");
}

#[test]
fn unknown_versions_and_answers_for_testing_are_taken_where_the_file_says_so() {
    let mut payload = payload("requestHash");
    payload["appIntegrity"]["appRecognitionVerdict"] = json!("UNRECOGNIZED_VERSION");
    let about = json!({ "request_hash": NONCE });
    let unknown = file(&json!({ "payload": payload.to_string() }), &about);
    assert_eq!(appraise(&unknown).refused(), "app_recognition");
    appraise(&with(
        &unknown,
        "/expected/unrecognized_version",
        json!(true),
    ))
    .accepted();

    let mut payload = self::payload("requestHash");
    payload["testingDetails"] = json!({ "isTestingResponse": true });
    let testing = file(&json!({ "payload": payload.to_string() }), &about);
    assert_eq!(appraise(&testing).refused(), "testing_details");
    let file = with(&testing, "/expected/environment", json!("development"));
    assert_eq!(appraise(&file).accepted()["environment"], "development");
}

#[test]
fn an_answer_is_judged_as_what_is_in_it() {
    let answer = json!({ "tokenPayloadExternal": payload("requestHash") });
    let about = json!({ "request_hash": NONCE });
    let file = file(&json!({ "answer": answer.to_string() }), &about);
    refuses(
        &file,
        &[(
            "/evidence",
            json!({ "payload": answer.to_string() }),
            "request_package",
        )],
    );
}

#[test]
fn a_token_is_decrypted_and_verified() {
    let (console, stranger) = (PlayConsole::new(), PlayConsole::new());
    let (decryption, verification) = console.response_keys();
    let jwe = console.issue(payload("nonce").to_string().as_bytes());
    let token = json!({ "token": {
        "jwe": jwe, "decryption_key": decryption, "verification_key": verification,
    } });
    let file = file(&token, &json!({ "nonce": NONCE }));
    let (other_decryption, other_verification) = stranger.response_keys();
    refuses(
        &file,
        &[
            ("/about", json!({ "nonce": "other" }), "binding"),
            ("/evidence/token/jwe", json!("a.b.c"), "token"),
            (
                "/evidence/token/decryption_key",
                json!(other_decryption),
                "wrapped_key",
            ),
            (
                "/evidence/token/verification_key",
                json!(other_verification),
                "signature",
            ),
        ],
    );
}

#[test]
fn an_exchange_with_the_service_is_a_tokens_nonce_and_an_answers_request_hash() {
    let hash = digest(&SHA256, &transcript().with_thumbprint(&jkt()));
    let said = |member: &str| {
        let mut payload = payload(member);
        payload["requestDetails"][member] = json!(text(hash.as_ref()));
        payload.to_string()
    };
    let console = PlayConsole::new();
    let (decryption, verification) = console.response_keys();
    let token = |member: &str| {
        let jwe = console.issue(said(member).as_bytes());
        json!({ "token": {
            "jwe": jwe, "decryption_key": decryption, "verification_key": verification,
        } })
    };
    let answered = |member: &str| json!({ "payload": said(member) });
    for (good, foreign) in [
        (token("nonce"), token("requestHash")),
        (answered("requestHash"), answered("nonce")),
    ] {
        let file = file(&good, &about(&jkt()));
        refuses(&file, &other_transcripts("binding"));
        refuses(&file, &[("/evidence", foreign, "binding")]);
    }
}
