use super::{
    NOW, about, appraise, is_judged_as_of_its_presentation, other_transcripts, pem, refuses, run,
    text, transcript, with,
};
use countersign_attestation::jws::PublicKey;
use countersign_core::Thumbprint;
use countersign_test_authority::{
    Key,
    android::{Android, KeyDescription, RootOfTrust},
};
use serde_json::{Value, json};
use std::fs;
use tempfile::tempdir;

const PACKAGE: &str = "com.example.app";
const SIGNER: [u8; 32] = [0xd1; 32];

fn file(chain: &[Vec<u8>], root: &[u8], about: &Value) -> Value {
    json!({
        "kind": "android_key",
        "evidence": { "certificates": chain.iter().map(|der| pem(der)).collect::<String>() },
        "about": about,
        "expected": { "apps": [{ "package": PACKAGE, "signing_digests": ["d1".repeat(32)] }] },
        "roots": [text(root)],
        "status_list": { "as_of": NOW, "json": r#"{"entries":{}}"# },
        "now": NOW,
    })
}

fn scene() -> (Android, Vec<Vec<u8>>, Value) {
    let device = Android::remote(NOW);
    let description = KeyDescription::new(b"challenge", PACKAGE, &SIGNER);
    let chain = device.attest(&Key::p256(), &description);
    let about = json!({ "bytes": text(b"challenge") });
    let file = file(&chain, &device.root.certificate, &about);
    (device, chain, file)
}

#[test]
fn a_chain_is_told_with_its_checks_and_facts() {
    let (_, chain, file) = scene();
    let report = appraise(&file).accepted();
    assert_eq!(report["level"], "hardware");
    assert_eq!(report["facts"]["package"], PACKAGE);
    assert_eq!(report["key"]["kty"], "EC");
    assert_eq!(report["roots_from_file"], true);
    let list: Vec<_> = chain.iter().map(|der| text(der)).collect();
    appraise(&with(&file, "/evidence/certificates", json!(list))).accepted();
}

#[test]
fn a_chain_is_refused_by_the_check_that_fails() {
    let (_, chain, file) = scene();
    let stranger = Android::remote(NOW).root.certificate;
    let later = "2027-03-15T00:00:00Z";
    let patient = with(
        &file,
        "/expected/max_status_list_age_seconds",
        json!(100 * 86_400),
    );
    is_judged_as_of_its_presentation(&patient, later, "validity");
    let texts: Vec<_> = chain.iter().map(|der| text(der)).collect();
    let mut swapped = texts.clone();
    swapped.swap(1, 2);
    let listed = r#"{"entries":{"bfc6":{"status":"REVOKED"}}}"#;
    let early = json!("2026-01-01T00:00:00Z");
    let early_list = with(&file, "/status_list/as_of", early.clone());
    assert_eq!(
        appraise(&with(&early_list, "/now", early)).refused(),
        "validity"
    );
    refuses(
        &file,
        &[
            ("/about/bytes", json!(text(b"other")), "challenge"),
            (
                "/expected/apps/0/package",
                json!("com.example.other"),
                "package",
            ),
            (
                "/expected/apps/0/signing_digests",
                json!(["d2".repeat(32)]),
                "signing_digests",
            ),
            ("/expected/apps/0/min_version", json!(8), "package_version"),
            (
                "/expected/min_os_patch_level",
                json!(202_701),
                "os_patch_level",
            ),
            ("/evidence/certificates", json!(swapped), "issuer_names"),
            ("/evidence/certificates", json!(texts[..2]), "chain_length"),
            ("/roots", json!([text(&stranger)]), "root_key"),
            ("/roots", Value::Null, "root_key"),
            ("/now", json!("2027-03-15T00:00:00Z"), "validity"),
            ("/status_list/json", json!(listed), "revocation"),
        ],
    );
}

#[test]
fn an_unlocked_device_is_refused_unless_its_owners_system_is_listed() {
    let device = Android::factory(NOW);
    let mut description = KeyDescription::new(b"challenge", PACKAGE, &SIGNER);
    let mut system = RootOfTrust::verified();
    system.boot_state = 1;
    description.hardware = description.hardware.with(704, system.encode());
    let chain = device.attest(&Key::p256(), &description);
    let about = json!({ "bytes": text(b"challenge") });
    let file = file(&chain, &device.root.certificate, &about);
    assert_eq!(appraise(&file).refused(), "verified_boot");
    let keys = json!(["b0".repeat(32)]);
    appraise(&with(&file, "/expected/self_signed_boot_keys", keys)).accepted();
}

#[test]
fn without_a_fresh_status_list_nothing_can_be_said() {
    let (_, _, file) = scene();
    let old = json!("2027-01-01T00:00:00Z");
    for (file, check) in [
        (with(&file, "/status_list", Value::Null), "status_list"),
        (
            with(&file, "/status_list/as_of", old.clone()),
            "status_list_age",
        ),
    ] {
        let judged = appraise(&file);
        assert_eq!(judged.refused(), check);
        assert_eq!(judged.report["outcome"], "unevaluated");
        let told = run(file.to_string().as_bytes(), &[]);
        assert!(
            told.stdout.starts_with("REFUSED, as it cannot be judged: "),
            "{told:?}"
        );
    }
    let longer = with(
        &file,
        "/expected/max_status_list_age_seconds",
        json!(30 * 86_400),
    );
    appraise(&with(&longer, "/status_list/as_of", old)).accepted();
}

#[test]
fn a_status_list_may_be_a_file_beside() {
    let (_, _, file) = scene();
    let (folder, elsewhere) = (tempdir().unwrap(), tempdir().unwrap());
    let list = json!({ "as_of": NOW, "file": "list.json" });
    let file = with(&file, "/status_list", list);
    let path = folder.path().join("evidence.json");
    fs::write(&path, file.to_string()).unwrap();
    let judge = || crate::process::run(elsewhere.path(), &["appraise", path.to_str().unwrap()]);
    judge().failed(2, &["list.json"]);
    fs::write(folder.path().join("list.json"), r#"{"entries":{}}"#).unwrap();
    assert!(judge().succeeded().starts_with("accepted\n"));
    let listed = r#"{"entries":{"3882":{"status":"SUSPENDED"}}}"#;
    fs::write(folder.path().join("list.json"), listed).unwrap();
    let refused = judge();
    assert_eq!(refused.code, Some(1));
    assert!(
        refused.stdout.contains("3882 is listed as suspended"),
        "{refused:?}"
    );
}

#[test]
fn a_chain_for_an_exchange_is_judged_as_the_service_does() {
    let (device, key) = (Android::remote(NOW), Key::p256());
    let description = KeyDescription::new(&transcript().without_key(), PACKAGE, &SIGNER);
    let chain = device.attest(&key, &description);
    let point = key.public_bytes();
    let key = PublicKey::from_coordinates(&text(&point[1..33]), &text(&point[33..])).unwrap();
    let about = about(&key.thumbprint());
    let file = file(&chain, &device.root.certificate, &about);
    assert_eq!(appraise(&file).accepted()["level"], "hardware");
    let mut changes = other_transcripts("challenge");
    changes.retain(|(pointer, ..)| !pointer.ends_with("jkt"));
    changes.push((
        "/about/transcript/jkt",
        json!(Thumbprint::from_bytes([7; 32])),
        "device_key",
    ));
    let patient = with(
        &file,
        "/expected/max_status_list_age_seconds",
        json!(100 * 86_400),
    );
    is_judged_as_of_its_presentation(&patient, "2027-03-15T00:00:00Z", "validity");
    changes.push(("/roots", Value::Null, "root_key"));
    changes.push(("/status_list", Value::Null, "status_list"));
    changes.push(("/now", json!("2027-03-15T00:00:00Z"), "validity"));
    refuses(&file, &changes);
    let without = appraise(&with(&file, "/status_list", Value::Null));
    assert_eq!(without.report["outcome"], "unevaluated");
}
