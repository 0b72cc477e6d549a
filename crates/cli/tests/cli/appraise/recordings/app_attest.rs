use super::{bytes, flipped, hex, recordings, text};
use crate::appraise::{app_attest::jwk, appraise, pem, text as base64, with};
use countersign_core::Timestamp;
use countersign_test_authority::app_attest::AppAttest;
use serde_json::{Value, json};
use std::{ops::Range, time::Duration};

/// An attestation in the command's format.
fn file(recording: &Value) -> Value {
    json!({
        "kind": "app_attest_attestation",
        "evidence": {
            "key_id": recording["keyIdBase64"], "attestation": recording["attestationObjectBase64"],
        },
        "about": { "bytes": recording["clientDataBase64"] },
        "expected": { "app_id": recording["appId"], "environment": recording["environment"] },
        "now": recording["verifyAt"],
    })
}

fn all() -> Vec<(String, Value)> {
    recordings("appattest", &["attestationObjectBase64"])
}

/// Those whose client data was hashed, as the interface does.
fn accepted() -> Vec<(String, Value)> {
    let mut recordings = all();
    recordings.retain(|(_, recording)| is_hashed(recording));
    assert!(recordings.len() >= 4);
    recordings
}

fn is_hashed(recording: &Value) -> bool {
    !text(recording, "clientDataHashRule").contains("RAW")
}

#[test]
#[ignore = "reads the folder that COUNTERSIGN_VECTORS names"]
fn attestations_are_judged_as_recorded() {
    for (name, recording) in all() {
        let judged = appraise(&file(&recording));
        if !is_hashed(&recording) {
            assert_eq!(judged.refused(), "nonce", "{name}");
            continue;
        }
        let report = judged.accepted();
        assert_eq!(report["roots_from_file"], false, "{name}");
        assert_eq!(report["environment"], recording["environment"], "{name}");
        let point = hex(text(&recording, "publicKeyUncompressedHex"));
        assert_eq!(report["key"], jwk(&point), "{name}");
    }
}

#[test]
#[ignore = "reads the folder that COUNTERSIGN_VECTORS names"]
fn changed_attestations_are_refused() {
    let stranger = pem(&AppAttest::new().root.certificate);
    let recordings = accepted();
    for (name, recording) in &recordings {
        let (file, at) = (file(recording), "/evidence/attestation");
        let object = bytes(recording, "attestationObjectBase64");
        let app = text(recording, "appId");
        let environment = match text(recording, "environment") {
            "production" => "development",
            _ => "production",
        };
        let second = Duration::from_secs(1);
        let time = |member: &str| -> Timestamp {
            serde_json::from_value(recording[member].clone()).unwrap()
        };
        let (before, after) = (time("leafNotBefore"), time("leafNotAfter"));
        let format = String::from_utf8_lossy(&object[..24])
            .find("apple")
            .unwrap();
        let path = "certificate_path";
        for (pointer, value, check) in [
            ("/about/bytes", json!(base64(b"another")), "nonce"),
            ("/expected/app_id", json!(format!("A{app}")), "app"),
            ("/expected/app_id", json!(format!("{app}a")), "app"),
            ("/expected/environment", json!(environment), "environment"),
            ("/roots", json!(stranger), path),
            ("/now", json!(before.minus(second)), path),
            ("/now", json!(after.plus(second)), path),
            ("/now", json!("2026-11-22T00:00:00Z"), path),
            (at, json!(base64(&swapped(&object))), path),
            (at, json!(base64(&alone(&object))), "chain_length"),
            (
                at,
                json!(base64(&[&object[..], &[0]].concat())),
                "attestation_object",
            ),
            (at, json!(base64(&flipped(&object, format))), "format"),
        ] {
            let judged = appraise(&with(&file, pointer, value));
            assert_eq!(judged.refused(), check, "{name}: {pointer}");
        }
        for (other, foreign) in &recordings {
            if foreign["keyIdBase64"] != recording["keyIdBase64"] {
                let judged = appraise(&with(
                    &file,
                    "/evidence/key_id",
                    foreign["keyIdBase64"].clone(),
                ));
                assert_eq!(judged.refused(), "key_id", "{name} with the key of {other}");
            }
        }
    }
}

#[test]
#[ignore = "reads the folder that COUNTERSIGN_VECTORS names"]
fn attestations_with_a_flipped_bit_are_refused() {
    for (name, recording) in accepted() {
        let file = file(&recording);
        let object = bytes(&recording, "attestationObjectBase64");
        let data = authenticator_data(&object);
        let [leaf, intermediate] = certificates(&object);
        let places = data.step_by(9).chain(leaf.step_by(97));
        for byte in places.chain(intermediate.step_by(97)) {
            let changed = json!(base64(&flipped(&object, byte)));
            let judged = appraise(&with(&file, "/evidence/attestation", changed));
            assert!(!judged.refused().is_empty(), "{name}: byte {byte}");
        }
    }
}

#[test]
#[ignore = "reads the folder that COUNTERSIGN_VECTORS names"]
fn assertions_are_judged_as_recorded_and_refused_when_changed() {
    let attested: Vec<_> = all()
        .iter()
        .map(|(_, recording)| jwk(&hex(text(recording, "publicKeyUncompressedHex"))))
        .collect();
    for (name, recording) in all() {
        for made in recording["assertions"].as_array().into_iter().flatten() {
            // One was made by another key than the attested one.
            let signer = Some(made).filter(|made| made.get("publicKeyUncompressedHex").is_some());
            let key = jwk(&hex(text(
                signer.unwrap_or(&recording),
                "publicKeyUncompressedHex",
            )));
            let file = json!({
                "kind": "app_attest_assertion",
                "evidence": { "assertion": made["assertionBase64"] },
                "about": { "bytes": made["clientDataBase64"] },
                "expected": {
                    "app_id": recording["appId"], "key": key,
                    "previous_counter": made["previousCounter"],
                },
            });
            assert_eq!(
                appraise(&file).accepted()["facts"]["counter"],
                made["counter"],
                "{name}"
            );
            let app = format!("{}a", text(&recording, "appId"));
            let object = bytes(made, "assertionBase64");
            for (pointer, value, check) in [
                ("/about/bytes", json!(base64(b"another")), "signature"),
                (
                    "/expected/previous_counter",
                    made["counter"].clone(),
                    "counter",
                ),
                ("/expected/app_id", json!(app), "app"),
            ] {
                let judged = appraise(&with(&file, pointer, value));
                assert_eq!(judged.refused(), check, "{name}: {pointer}");
            }
            for byte in authenticator_data_of(&object, b"qauthenticatorData") {
                let changed = json!(base64(&flipped(&object, byte)));
                appraise(&with(&file, "/evidence/assertion", changed)).refused();
            }
            for other in attested.iter().filter(|other| **other != key) {
                let judged = appraise(&with(&file, "/expected/key", other.clone()));
                assert_eq!(judged.refused(), "signature", "{name}");
            }
        }
    }
}

/// Where the two certificates of `x5c` are in an attestation object, without their heads.
fn certificates(object: &[u8]) -> [Range<usize>; 2] {
    let array = find(object, b"cx5c\x82") + 5;
    let first = string(object, array);
    let second = string(object, first.end);
    [first, second]
}

fn swapped(object: &[u8]) -> Vec<u8> {
    let [first, second] = certificates(object);
    let (start, middle) = (first.start - 3, first.end);
    let (head, tail) = (&object[..start], &object[second.end..]);
    [
        head,
        &object[middle..second.end],
        &object[start..middle],
        tail,
    ]
    .concat()
}

fn alone(object: &[u8]) -> Vec<u8> {
    let [first, second] = certificates(object);
    let mut object = [&object[..first.end], &object[second.end..]].concat();
    object[first.start - 4] = 0x81;
    object
}

fn authenticator_data(object: &[u8]) -> Range<usize> {
    authenticator_data_of(object, b"hauthData")
}

fn authenticator_data_of(object: &[u8], name: &[u8]) -> Range<usize> {
    string(object, find(object, name) + name.len())
}

/// The content of the byte string (RFC 8949 section 3.1) that begins here.
fn string(object: &[u8], at: usize) -> Range<usize> {
    let (start, length) = match object[at] {
        0x59 => (
            at + 3,
            usize::from(object[at + 1]) << 8 | usize::from(object[at + 2]),
        ),
        0x58 => (at + 2, usize::from(object[at + 1])),
        other => panic!("{other:x} begins no byte string of these lengths"),
    };
    start..start + length
}

fn find(bytes: &[u8], what: &[u8]) -> usize {
    let found = bytes.windows(what.len()).position(|window| window == what);
    found.unwrap_or_else(|| panic!("{what:?} is not there"))
}
