use super::{flipped, hex, read, recordings, text};
use crate::appraise::{Judged, appraise, pem, text as base64, with};
use base64::{Engine, engine::general_purpose::STANDARD};
use countersign_attestation::certificate::Certificate;
use countersign_test_authority::{Authority, Draft, Extension, Key, android::ATTESTATION, der};
use serde_json::{Value, json};

/// A chain in the command's format, and what is known of it.
struct Recording {
    name: String,
    facts: Value,
    chain: Vec<Vec<u8>>,
    file: Value,
}

fn all() -> Vec<Recording> {
    recordings("android", &["attestationChallengeHex", "verifyAt"])
        .into_iter()
        .map(|(name, facts)| {
            let certificates = read(&format!("android/{name}.pem"));
            let file = json!({
                "kind": "android_key",
                "evidence": { "certificates": certificates },
                "about": { "bytes": base64(&hex(text(&facts, "attestationChallengeHex"))) },
                "expected": { "apps": [{
                    "package": facts["packages"][0][0],
                    "signing_digests": facts["signatureDigestsHex"],
                }] },
                "status_list": { "as_of": facts["verifyAt"], "json": r#"{"entries":{}}"# },
                "now": facts["verifyAt"],
            });
            let chain = blocks(&certificates);
            Recording {
                name,
                facts,
                chain,
                file,
            }
        })
        .collect()
}

fn accepted() -> Vec<Recording> {
    let mut all = all();
    all.retain(|one| one.says("expectedStrictPolicy", "accept"));
    assert!(all.len() >= 4);
    all
}

impl Recording {
    fn says(&self, what: &str, start: &str) -> bool {
        text(&self.facts, what).starts_with(start)
    }

    /// Judges another chain under the same circumstances.
    fn judge(&self, chain: &[Vec<u8>]) -> Judged {
        let chain: String = chain.iter().map(|der| pem(der)).collect();
        appraise(&with(&self.file, "/evidence/certificates", json!(chain)))
    }

    /// Judged at another time, with a list of then.
    fn judge_at(&self, time: &str) -> Judged {
        let file = with(&self.file, "/status_list/as_of", json!(time));
        appraise(&with(&file, "/now", json!(time)))
    }
}

#[test]
#[ignore = "reads the folder that COUNTERSIGN_VECTORS names"]
fn chains_are_judged_as_recorded() {
    let held = json!({ "name": "validity", "passed": true });
    for one in all() {
        let judged = appraise(&one.file);
        let checks = judged.report["checks"].as_array().unwrap();
        assert_eq!(
            checks.contains(&held),
            one.says("expectedChain", "valid"),
            "{}",
            one.name
        );
        if !one.says("expectedStrictPolicy", "accept") {
            assert!(!judged.refused().is_empty());
            continue;
        }
        let report = judged.accepted();
        let facts = &report["facts"];
        assert_eq!(facts["serials"], one.facts["serialsHex"], "{}", one.name);
        assert_eq!(
            facts["os_patch_level"], one.facts["osPatchLevel"],
            "{}",
            one.name
        );
        assert_eq!(report["roots_from_file"], false);
    }
}

#[test]
#[ignore = "reads the folder that COUNTERSIGN_VECTORS names"]
fn other_circumstances_are_refused() {
    let stranger = pem(&Authority::root("root", Key::p384()).certificate);
    for one in accepted() {
        let package = format!("{}x", one.facts["packages"][0][0].as_str().unwrap());
        for (pointer, value, check) in [
            ("/about/bytes", json!(base64(b"another")), "challenge"),
            ("/expected/apps/0/package", json!(package), "package"),
            (
                "/expected/apps/0/signing_digests",
                json!(["0f".repeat(32)]),
                "signing_digests",
            ),
            (
                "/expected/min_os_patch_level",
                json!(209_901),
                "os_patch_level",
            ),
            ("/roots", json!(stranger), "root_key"),
            ("/status_list", Value::Null, "status_list"),
        ] {
            let judged = appraise(&with(&one.file, pointer, value));
            assert_eq!(judged.refused(), check, "{}: {pointer}", one.name);
        }
        for serial in one.facts["serialsHex"].as_array().unwrap() {
            let list = json!({ "entries": { serial.as_str().unwrap(): { "status": "REVOKED" } } });
            let listed = with(&one.file, "/status_list/json", json!(list.to_string()));
            assert_eq!(
                appraise(&listed).refused(),
                "revocation",
                "{}: {serial}",
                one.name
            );
        }
    }
}

#[test]
#[ignore = "reads the folder that COUNTERSIGN_VECTORS names"]
fn later_only_factory_chains_are_valid_and_earlier_none() {
    for one in accepted() {
        assert_eq!(
            one.judge_at("2014-01-01T00:00:00Z").refused(),
            "validity",
            "{}",
            one.name
        );
        let later = one.judge_at("2026-11-22T00:00:00Z");
        if text(&one.facts, "provisioning") == "RKP" {
            assert_eq!(later.refused(), "validity", "{}", one.name);
        } else {
            later.accepted();
        }
    }
}

#[test]
#[ignore = "reads the folder that COUNTERSIGN_VECTORS names"]
fn changed_chains_are_refused() {
    for one in accepted() {
        for at in 0..one.chain.len() {
            let mut chain = one.chain.clone();
            chain.remove(at);
            one.judge(&chain).refused();
            for other in 0..at {
                let mut chain = one.chain.clone();
                chain.swap(at, other);
                one.judge(&chain).refused();
            }
            for byte in (0..one.chain[at].len()).step_by(61) {
                let mut chain = one.chain.clone();
                chain[at] = flipped(&chain[at], byte);
                one.judge(&chain).refused();
            }
        }
    }
}

#[test]
#[ignore = "reads the folder that COUNTERSIGN_VECTORS names"]
fn forged_ends_are_refused() {
    for one in accepted() {
        let root = Certificate::parse(one.chain.last().unwrap()).unwrap();
        let key = Key::p384();
        let mut draft = Draft::authority("", key.spki());
        draft.subject = root.subject.raw().to_vec();
        let mut chain = one.chain.clone();
        *chain.last_mut().unwrap() = Authority::self_signed(draft, key).certificate;
        assert_eq!(one.judge(&chain).refused(), "root_key", "{}", one.name);

        let leaf = Certificate::parse(&one.chain[0]).unwrap();
        let mut draft = Draft::new("Android Keystore Key", Key::p256().spki());
        draft.issuer = Some(leaf.subject.raw().to_vec());
        let value = leaf.extension(&der::oid(ATTESTATION)[2..]).unwrap();
        let draft = draft.with(Extension::new(ATTESTATION, value.to_vec()));
        let forged = Authority::root("", Key::p256()).issue(draft);
        let chain = [&[forged], one.chain.as_slice()].concat();
        assert_eq!(one.judge(&chain).refused(), "signatures", "{}", one.name);
    }
}

/// Whoever names them.
#[test]
#[ignore = "reads the folder that COUNTERSIGN_VECTORS names"]
fn public_software_roots_are_refused_though_the_file_names_them() {
    let roots = read("roots/android-software-roots-MUST-REJECT.pem");
    let mut software = all();
    software.retain(|one| one.says("expectedChain", "reject: root is the public"));
    assert!(!software.is_empty());
    for one in software {
        let judged = appraise(&with(&one.file, "/roots", json!(roots)));
        assert_eq!(judged.refused(), "root_not_software", "{}", one.name);
    }
}

fn blocks(pem: &str) -> Vec<Vec<u8>> {
    pem.split("-----BEGIN CERTIFICATE-----")
        .skip(1)
        .map(|block| {
            let (body, _) = block.split_once("-----END").unwrap();
            STANDARD.decode(body.replace(['\r', '\n'], "")).unwrap()
        })
        .collect()
}
