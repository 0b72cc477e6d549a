//! App Attest's receipts, as Apple's servers gave them.

use crate::folder::{self, base64, hex, key, pem, recordings, text, time};
use countersign_attestation::{
    app_attest::{
        receipt::{self, Expected, Refused, Verdict},
        receipt_root,
    },
    jws::PublicKey,
    path::{Anchors, PathError},
};
use countersign_core::{Timestamp, attestation::AttestationEnvironment};
use minicbor::Decoder;
use serde_json::Value;
use std::time::Duration;

struct Case {
    receipt: Vec<u8>,
    properties: Value,
    app_id: String,
    key: PublicKey,
    now: Timestamp,
}

fn cases() -> Vec<Case> {
    let files = recordings("appattest", &["receipts"]);
    let receipts = files.iter().flat_map(|(_, file)| {
        let (app_id, key) = (text(file, "appId"), attested_key(file));
        let receipts = file["receipts"].as_array().unwrap();
        receipts.iter().map(move |made| Case {
            receipt: base64(made, "receiptBase64"),
            properties: made["properties"].clone(),
            app_id: app_id.to_owned(),
            key: key.clone(),
            now: time(&made["properties"]["creationTime"]),
        })
    });
    receipts.collect()
}

impl Case {
    fn judge(&self, receipt: &[u8]) -> Result<Verdict, Refused> {
        let expected = Expected {
            app_id: &self.app_id,
            environment: AttestationEnvironment::Development,
            key: &self.key,
            max_age: Duration::from_mins(5),
            presented_at: self.now,
            now: self.now,
        };
        receipt::appraise(receipt, &expected, &apple()).outcome
    }
}

#[test]
#[ignore = "reads the folder that COUNTERSIGN_VECTORS names"]
fn recorded_receipts_are_accepted() {
    for case in cases() {
        let verdict = case.judge(&case.receipt).unwrap();
        let properties = &case.properties;
        let optional = |member: &str| {
            let is_there = !properties[member].is_null();
            is_there.then(|| time(&properties[member]))
        };
        assert_eq!(verdict.created_at, case.now);
        assert_eq!(verdict.expires_at, time(&properties["expirationTime"]));
        assert_eq!(verdict.renew_from, optional("notBefore"));
        let metric = properties["riskMetric"].as_u64();
        assert_eq!(verdict.risk_metric.map(u64::from), metric);
        let kind = serde_json::to_value(verdict.kind).unwrap();
        assert_eq!(
            kind.as_str().unwrap().to_uppercase(),
            text(properties, "type")
        );
    }
}

#[test]
#[ignore = "reads the folder that COUNTERSIGN_VECTORS names"]
fn changed_receipts_are_refused() {
    for mut case in cases() {
        for end in 0..case.receipt.len() {
            assert!(case.judge(&case.receipt[..end]).is_err(), "{end} bytes");
        }
        let now = case.now;
        case.now = now.plus(Duration::from_mins(6));
        assert_eq!(case.judge(&case.receipt), Err(Refused::TooOld));
        case.now = now.minus(Duration::from_mins(6));
        assert_eq!(case.judge(&case.receipt), Err(Refused::TooNew));
        case.now = now.plus(Duration::from_hours(24 * 400));
        let expired = Err(Refused::NoPath(PathError::Expired));
        assert_eq!(case.judge(&case.receipt), expired);
        case.now = now;
        case.app_id.push('a');
        assert_eq!(case.judge(&case.receipt), Err(Refused::AppMismatch));
    }
}

/// Those that came along with the recorded attestations, whatever their exact time.
#[test]
#[ignore = "reads the folder that COUNTERSIGN_VECTORS names"]
fn receipts_of_attestations_are_accepted() {
    for (name, file) in recordings("appattest", &["attestationObjectBase64"]) {
        let object = base64(&file, "attestationObjectBase64");
        let at = object
            .windows(8)
            .position(|found| found == b"greceipt")
            .unwrap();
        let receipt = Decoder::new(&object[at + 8..]).bytes().unwrap();
        let expected = Expected {
            app_id: text(&file, "appId"),
            environment: serde_json::from_value(file["environment"].clone()).unwrap(),
            key: &key(&hex(text(&file, "publicKeyUncompressedHex"))),
            max_age: Duration::from_hours(24 * 4),
            presented_at: time(&file["verifyAt"]).plus(Duration::from_hours(24)),
            now: time(&file["verifyAt"]).plus(Duration::from_hours(24)),
        };
        let verdict = receipt::appraise(receipt, &expected, &apple()).outcome;
        let verdict = verdict.unwrap_or_else(|refused| panic!("{name}: {refused:?}"));
        let environment = serde_json::to_value(verdict.environment).unwrap();
        assert_eq!(environment, file["environment"], "{name}");
    }
}

/// Every bit of the content, and some of all that is around it.
#[test]
#[ignore = "reads the folder that COUNTERSIGN_VECTORS names"]
fn receipts_with_a_flipped_bit_say_nothing_else() {
    for case in cases() {
        let verdict = case.judge(&case.receipt).unwrap();
        for at in (0..case.receipt.len() * 8).step_by(31) {
            let mut flipped = case.receipt.clone();
            flipped[at / 8] ^= 1 << (at % 8);
            // Around the content are parts that nobody signed and nobody needs.
            if let Ok(other) = case.judge(&flipped) {
                assert_eq!(other, verdict, "bit {at}");
            }
        }
    }
}

fn apple() -> Anchors {
    let root = Anchors::new(pem(&folder::read("roots/apple-root-ca-g3.pem"))).unwrap();
    assert_eq!(root, receipt_root());
    root
}

fn attested_key(receipts: &Value) -> PublicKey {
    let attestation = text(receipts, "attestation").trim_end_matches(".json");
    let files = recordings("appattest", &["publicKeyUncompressedHex"]);
    let (_, file) = files.iter().find(|(name, _)| name == attestation).unwrap();
    key(&hex(text(file, "publicKeyUncompressedHex")))
}
