use super::{
    NOW, about, appraise, is_judged_as_of_its_presentation, jkt, other_transcripts, pem, refuses,
    text, transcript, with,
};
use aws_lc_rs::digest::{SHA256, digest};
use countersign_test_authority::{
    Key,
    android::Android,
    authenticator_data::{AuthenticatorData, cose_key},
    webauthn::{self, BROWSER, BROWSER_DIGEST, Maker, Registration, client_data, x5c},
};
use serde_json::{Value, json};

const RP_ID: &str = "app.example";
const ORIGIN: &str = "https://app.example";
const CHALLENGE: &[u8] = b"a challenge";

fn file(made: &Registration, object: &[u8], about: &Value, roots: &Value) -> Value {
    json!({
        "kind": "webauthn_registration",
        "evidence": {
            "client_data_json": text(&made.client_data), "attestation_object": text(object),
        },
        "about": about,
        "expected": { "rp_id": RP_ID, "origins": [ORIGIN] },
        "roots": roots,
        "now": NOW,
    })
}

fn packed(about: &Value, challenge: &[u8]) -> Value {
    let maker = Maker::new();
    let made = Registration::new(Key::p256(), RP_ID, challenge, ORIGIN);
    let members = maker.sign(&maker.key, &made.signed(), maker.packed_leaf());
    let object = webauthn::object("packed", &members, &made.data);
    let roots = json!({ "authenticators": pem(&maker.root.certificate) });
    file(&made, &object, about, &roots)
}

fn bytes() -> Value {
    json!({ "bytes": text(CHALLENGE) })
}

#[test]
fn a_registration_is_refused_by_the_check_that_fails() {
    let file = packed(&bytes(), CHALLENGE);
    let report = appraise(&file).accepted();
    assert_eq!(report["level"], "authenticator");
    assert_eq!(report["facts"]["format"], "packed");
    let stranger = pem(&Maker::new().root.certificate);
    refuses(
        &file,
        &[
            ("/about/bytes", json!(text(b"other")), "challenge"),
            ("/expected/rp_id", json!("other.example"), "relying_party"),
            (
                "/expected/origins",
                json!(["https://other.example"]),
                "origin",
            ),
            ("/roots/authenticators", json!(stranger), "certificate_path"),
            ("/roots", Value::Null, "certificate_path"),
            ("/now", json!("2019-12-31T23:59:59Z"), "certificate_path"),
            ("/now", json!("2040-01-02T00:00:00Z"), "certificate_path"),
            (
                "/evidence/attestation_object",
                json!("oA"),
                "attestation_object",
            ),
        ],
    );
    is_judged_as_of_its_presentation(&file, "2040-01-02T00:00:00Z", "certificate_path");
    // The roots of one kind of statement serve no other.
    let root = file["roots"]["authenticators"].clone();
    for kind in ["tpm", "apple", "android"] {
        let file = with(&file, "/roots", json!({ kind: root }));
        assert_eq!(appraise(&file).refused(), "certificate_path", "{kind}");
    }
}

#[test]
fn a_registration_for_an_exchange_is_judged_as_the_service_does() {
    let covered = transcript().with_thumbprint(&jkt());
    let challenge = digest(&SHA256, &covered);
    let file = packed(&about(&jkt()), challenge.as_ref());
    assert_eq!(appraise(&file).accepted()["level"], "authenticator");
    refuses(&file, &other_transcripts("challenge"));
    is_judged_as_of_its_presentation(&file, "2040-01-02T00:00:00Z", "certificate_path");
    refuses(
        &file,
        &[
            ("/roots", Value::Null, "certificate_path"),
            ("/now", json!("2040-01-02T00:00:00Z"), "certificate_path"),
            ("/expected/rp_id", json!("other.example"), "relying_party"),
        ],
    );
}

#[test]
fn tpms_and_apple_have_roots_of_their_own() {
    let maker = Maker::new();
    let root = pem(&maker.root.certificate);
    let made = Registration::new(Key::p256(), RP_ID, CHALLENGE, ORIGIN);
    let tpm = maker.tpm(&made, &made.tpm_public_area(), maker.tpm_leaf());
    let apple = vec![("x5c", x5c(&[maker.root.issue(made.apple_leaf())]))];
    let stranger = pem(&Maker::new().root.certificate);
    for (kind, members, others) in [
        ("tpm", tpm, ["authenticators", "apple", "android"]),
        ("apple", apple, ["authenticators", "tpm", "android"]),
    ] {
        let object = webauthn::object(kind, &members, &made.data);
        let roots = json!({ "authenticators": stranger, kind: root });
        let file = file(&made, &object, &bytes(), &roots);
        appraise(&file).accepted();
        for other in others {
            let file = with(&file, "/roots", json!({ other: root }));
            assert_eq!(
                appraise(&file).refused(),
                "certificate_path",
                "{kind} {other}"
            );
        }
    }
}

#[test]
fn users_and_binding_are_demanded_where_the_file_says_so() {
    let mut made = Registration::new(Key::p256(), RP_ID, CHALLENGE, ORIGIN);
    // Present, not verified, and may leave its authenticator.
    made.data.flags = 0x49;
    let object = webauthn::object("none", &[], &made.data);
    let file = file(&made, &object, &bytes(), &json!({}));
    let report = appraise(&file).accepted();
    assert_eq!(report["level"], "software");
    refuses(
        &file,
        &[
            ("/expected/user_verification", json!(true), "user_verified"),
            ("/expected/device_bound", json!(true), "device_bound"),
        ],
    );
}

#[test]
fn pages_in_frames_are_let_in_where_the_file_says_so() {
    let top = "https://top.example";
    let mut made = Registration::new(Key::p256(), RP_ID, CHALLENGE, ORIGIN);
    let framed = format!(r#""crossOrigin":true,"topOrigin":"{top}""#);
    let data = String::from_utf8(made.client_data).unwrap();
    made.client_data = data.replace(r#""crossOrigin":false"#, &framed).into_bytes();
    let object = webauthn::object("none", &[], &made.data);
    let file = file(&made, &object, &bytes(), &json!({}));
    assert_eq!(appraise(&file).refused(), "frame");
    let file = with(&file, "/expected/top_origins", json!([top]));
    let other = json!(["https://other.example"]);
    refuses(&file, &[("/expected/top_origins", other, "frame")]);
}

#[test]
fn keys_in_androids_hardware_are_held_against_the_browsers_that_the_file_names() {
    let device = Android::remote(NOW);
    let made = Registration::new(Key::p256(), RP_ID, CHALLENGE, ORIGIN);
    let chain = device.attest(&made.key, &made.key_description());
    let mut members = made.by_itself(-7);
    members.push(("x5c", x5c(&chain)));
    let object = webauthn::object("android-key", &members, &made.data);
    let roots = json!({ "android": pem(&device.root.certificate) });
    let digest = format!("{:02x}", BROWSER_DIGEST[0]).repeat(32);
    let file = file(&made, &object, &bytes(), &roots);
    let browser = json!({ "apps": [{ "package": BROWSER, "signing_digests": [digest] }] });
    let named = with(&file, "/expected/android", browser);
    let list = json!({ "as_of": NOW, "json": r#"{"entries":{}}"# });
    let listed = with(&named, "/status_list", list.clone());
    assert_eq!(appraise(&listed).accepted()["level"], "authenticator");
    for doubted in [
        named,
        with(&file, "/status_list", list),
        with(&listed, "/expected/android/apps/0/package", json!("other")),
    ] {
        let report = appraise(&doubted).accepted();
        assert_eq!(report["level"], "software", "{report}");
        assert!(report["facts"]["doubt"].is_string());
    }
    refuses(&listed, &[("/roots", Value::Null, "certificate_path")]);
}

fn assertion(about: &Value, challenge: &[u8]) -> Value {
    let key = Key::p256();
    let data = AuthenticatorData {
        subject: RP_ID.to_owned(),
        flags: 0x01,
        counter: 5,
        credential: None,
        rest: Vec::new(),
    };
    let client_data = client_data("webauthn.get", challenge, ORIGIN);
    let hash = digest(&SHA256, &client_data);
    let signature = key.sign(&[&data.encode(), hash.as_ref()].concat());
    json!({
        "kind": "webauthn_assertion",
        "evidence": {
            "client_data_json": text(&client_data), "authenticator_data": text(&data.encode()),
            "signature": text(&signature),
        },
        "about": about,
        "expected": {
            "rp_id": RP_ID, "origins": [ORIGIN], "credential_key": text(&cose_key(&key)),
            "previous_counter": 4, "backup_eligible": false,
        },
    })
}

#[test]
fn an_assertion_is_refused_by_the_check_that_fails() {
    let file = assertion(&bytes(), CHALLENGE);
    assert_eq!(appraise(&file).accepted()["facts"]["counter"], 5);
    let stranger = text(&cose_key(&Key::p256()));
    refuses(
        &file,
        &[
            ("/about/bytes", json!(text(b"other")), "challenge"),
            ("/expected/rp_id", json!("other.example"), "relying_party"),
            (
                "/expected/origins",
                json!(["https://other.example"]),
                "origin",
            ),
            ("/expected/user_verification", json!(true), "user_verified"),
            (
                "/expected/backup_eligible",
                json!(true),
                "backup_eligibility",
            ),
            ("/expected/credential_key", json!(stranger), "signature"),
            ("/expected/previous_counter", json!(5), "counter"),
        ],
    );
    let covered = transcript().with_thumbprint(&jkt());
    let file = assertion(&about(&jkt()), digest(&SHA256, &covered).as_ref());
    refuses(&file, &other_transcripts("challenge"));
}
