//! What standards and vendors publish: `WebAuthn`, `DPoP`, Play Integrity.

use super::{hex, recordings, text};
use crate::appraise::{appraise, pem, text as base64, with};
use countersign_core::Timestamp;
use serde_json::{Value, json};
use std::time::Duration;

const NOW: &str = "2026-06-01T00:00:00Z";

/// Every vector's registration and assertion; the latter's key is not filled in.
fn web() -> Vec<(String, Value, Value)> {
    let mut cases = Vec::new();
    for (_, file) in recordings("webauthn", &["vectors", "attestationRootCertHex"]) {
        let root = pem(&hex(text(&file, "attestationRootCertHex")));
        let roots = json!({ "authenticators": root, "tpm": root, "apple": root, "android": root });
        for vector in file["vectors"].as_array().unwrap() {
            let of = |part: &str, member| base64(&hex(text(&vector[part], member)));
            let expected = json!({
                "rp_id": file["rpId"], "origins": [file["origin"]],
                "top_origins": [file["topOrigin"]],
            });
            let registration = json!({
                "kind": "webauthn_registration",
                "evidence": {
                    "client_data_json": of("registration", "clientDataJSON"),
                    "attestation_object": of("registration", "attestationObject"),
                },
                "about": { "bytes": of("registration", "challenge") },
                "expected": expected,
                "roots": roots,
                "now": NOW,
            });
            let data = hex(text(&vector["authentication"], "authenticatorData"));
            let mut expected = expected;
            expected["previous_counter"] = json!(0);
            expected["backup_eligible"] = json!(data[32] & 8 != 0);
            let assertion = json!({
                "kind": "webauthn_assertion",
                "evidence": {
                    "client_data_json": of("authentication", "clientDataJSON"),
                    "authenticator_data": base64(&data),
                    "signature": of("authentication", "signature"),
                },
                "about": { "bytes": of("authentication", "challenge") },
                "expected": expected,
            });
            cases.push((text(vector, "name").to_owned(), registration, assertion));
        }
    }
    cases
}

#[test]
#[ignore = "reads the folder that COUNTERSIGN_VECTORS names"]
fn registrations_and_assertions_are_judged_as_published() {
    for (name, registration, assertion) in web() {
        let judged = appraise(&registration);
        // The library has no Ed448.
        if name.contains("ed448") {
            assert_eq!(judged.refused(), "credential_key");
            continue;
        }
        let report = judged.accepted();
        let is_self = name.contains("none") || name.contains("self");
        let is_doubted = name.contains("android-key") || name.contains("tpm");
        let level = if is_self || is_doubted {
            "software"
        } else {
            "authenticator"
        };
        assert_eq!(report["level"], level, "{name}");
        let without = appraise(&with(&registration, "/roots", Value::Null));
        if is_self {
            without.accepted();
        } else {
            assert_eq!(without.refused(), "certificate_path", "{name}");
        }
        let key = report["facts"]["credential_key"].clone();
        let assertion = with(&assertion, "/expected/credential_key", key);
        appraise(&assertion).accepted();
        for (pointer, value, check) in [
            ("/about/bytes", json!(base64(b"another")), "challenge"),
            ("/expected/rp_id", json!("example.com"), "relying_party"),
            (
                "/expected/origins",
                json!(["https://example.com"]),
                "origin",
            ),
        ] {
            for file in [&registration, &assertion] {
                let judged = appraise(&with(file, pointer, value.clone()));
                assert_eq!(judged.refused(), check, "{name}: {pointer}");
            }
        }
        let data = assertion["evidence"]["authenticator_data"]
            .as_str()
            .unwrap();
        let other = with(
            &assertion,
            "/evidence/authenticator_data",
            json!(format!("{data}AA")),
        );
        appraise(&other).refused();
    }
}

/// At the second in which they were made; the replay cache is the service's.
#[test]
#[ignore = "reads the folder that COUNTERSIGN_VECTORS names"]
fn proofs_are_judged_as_published() {
    for (_, file) in recordings("pop", &["vectors"]) {
        let vectors = file["vectors"].as_array().unwrap();
        let proofs = vectors.iter().filter(|vector| vector.get("dpop").is_some());
        let mut tried = 0;
        for vector in proofs {
            let at = Timestamp::from_secs(vector["verifyAt"].as_i64().unwrap());
            let mut file = json!({
                "kind": "dpop",
                "evidence": { "proof": vector["dpop"] },
                "expected": {
                    "method": vector["method"], "url": vector["uri"], "jkt": vector["jkt"],
                },
                "now": at,
            });
            if let Some(token) = vector.get("accessToken") {
                file["expected"]["access_token"] = token.clone();
            }
            assert_eq!(appraise(&file).accepted()["facts"]["jkt"], vector["jkt"]);
            let (start, signature) = text(vector, "dpop").rsplit_once('.').unwrap();
            let first = if signature.starts_with('A') { 'B' } else { 'A' };
            let forged = format!("{start}.{first}{}", &signature[1..]);
            for (pointer, value, check) in [
                ("/expected/method", json!("PUT"), "method"),
                ("/expected/url", json!("https://example.com/"), "url"),
                ("/expected/access_token", json!("another"), "access_token"),
                ("/now", json!(at.plus(Duration::from_secs(61))), "issued_at"),
                ("/now", json!(at.minus(Duration::from_secs(6))), "issued_at"),
                ("/now", Value::Null, "issued_at"),
                ("/evidence/proof", json!(forged), "signature"),
            ] {
                let judged = appraise(&with(&file, pointer, value));
                assert_eq!(judged.refused(), check, "{pointer}");
            }
            tried += 1;
        }
        assert!(tried >= 3);
    }
}

#[test]
#[ignore = "reads the folder that COUNTERSIGN_VECTORS names"]
fn documented_verdicts_are_judged_as_published() {
    for (name, recording) in recordings("play-integrity", &["payload"]) {
        let file = json!({
            "kind": "play_integrity",
            "evidence": { "payload": recording["payload"].to_string() },
            "about": { "request_hash": recording["expectedRequestHash"] },
            "expected": {
                "apps": [{
                    "package": recording["expectedPackage"],
                    "signing_digests": [recording["expectedCertificateDigestBase64Url"]],
                }],
                "max_age_seconds": 900,
            },
            "now": recording["verifyAt"],
        });
        let report = appraise(&file).accepted();
        assert_eq!(
            report["facts"]["package"], recording["expectedPackage"],
            "{name}"
        );
        for (pointer, value, check) in [
            ("/now", json!("2023-02-06T04:00:00Z"), "request_not_old"),
            ("/now", json!("2023-02-06T03:30:00Z"), "request_not_new"),
            ("/about/request_hash", json!("another"), "binding"),
            (
                "/expected/apps/0/package",
                json!("another"),
                "request_package",
            ),
            (
                "/expected/apps/0/signing_digests",
                json!(["0f".repeat(32)]),
                "signing_digests",
            ),
        ] {
            let judged = appraise(&with(&file, pointer, value));
            assert_eq!(judged.refused(), check, "{name}: {pointer}");
        }
    }
}
