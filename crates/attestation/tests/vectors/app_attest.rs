//! App Attest, as recorded on devices.

use crate::folder::{self, base64, hex, key, pem, recordings, text, time};
use countersign_attestation::{
    app_attest::{attestation, attestation_root},
    path::{Anchors, PathError},
};
use countersign_core::{
    Timestamp,
    attestation::{AttestationEnvironment, AttestationLevel},
};
use countersign_test_authority::app_attest::{AppAttest, AttestationObject};
use minicbor::Decoder;
use serde_json::Value;
use std::time::Duration;

/// An attestation, and everything that can be changed about it.
#[derive(Clone)]
struct Case {
    object: AttestationObject,
    key_id: String,
    client_data: Vec<u8>,
    app_id: String,
    environment: AttestationEnvironment,
    now: Timestamp,
}

impl Case {
    fn read(recording: &Value) -> Self {
        let environment = match text(recording, "environment") {
            "production" => AttestationEnvironment::Production,
            _ => AttestationEnvironment::Development,
        };
        Self {
            object: decode(&base64(recording, "attestationObjectBase64")),
            key_id: text(recording, "keyIdBase64").to_owned(),
            client_data: base64(recording, "clientDataBase64"),
            app_id: text(recording, "appId").to_owned(),
            environment,
            now: time(&recording["verifyAt"]),
        }
    }

    fn changed(&self, change: impl FnOnce(&mut Self)) -> Self {
        let mut case = self.clone();
        change(&mut case);
        case
    }

    fn judge(&self) -> Result<attestation::Verdict, attestation::Refused> {
        self.judge_bytes(&self.object.encode(), &apple())
    }

    fn judge_bytes(
        &self,
        bytes: &[u8],
        anchors: &Anchors,
    ) -> Result<attestation::Verdict, attestation::Refused> {
        let evidence = attestation::Evidence {
            attestation: bytes,
            key_id: &self.key_id,
            client_data: &self.client_data,
        };
        let expected = attestation::Expected {
            app_id: &self.app_id,
            platform: attestation::Platform::Ios,
            environment: self.environment,
            validation_categories: None,
            presented_at: self.now,
            now: self.now,
        };
        attestation::appraise(&evidence, &expected, anchors).outcome
    }
}

/// Those whose client data was hashed, as the interface does; the guide's were not.
fn attestations() -> Vec<(String, Value)> {
    all()
        .into_iter()
        .filter(|(_, file)| is_hashed(file))
        .collect()
}

fn all() -> Vec<(String, Value)> {
    recordings("appattest", &["attestationObjectBase64"])
}

fn is_hashed(recording: &Value) -> bool {
    !text(recording, "clientDataHashRule").contains("RAW")
}

#[test]
#[ignore = "reads the folder that COUNTERSIGN_VECTORS names"]
fn recorded_attestations_are_accepted() {
    for (name, recording) in attestations() {
        let case = Case::read(&recording);
        let bytes = base64(&recording, "attestationObjectBase64");
        assert_eq!(case.object.encode(), bytes, "{name}");
        let verdict = case
            .judge()
            .unwrap_or_else(|error| panic!("{name}: {error:?}"));
        assert_eq!(verdict.level, AttestationLevel::App);
        assert_eq!(verdict.facts.key_id, case.key_id);
        let version = verdict.facts.system_version.unwrap();
        let named = name
            .strip_prefix("ios-")
            .and_then(|name| name.strip_suffix("-dev"));
        assert!(
            named.is_none_or(|named| named == version),
            "{name}: {version}"
        );
        let point = hex(text(&recording, "publicKeyUncompressedHex"));
        assert_eq!(verdict.key.thumbprint(), key(&point).thumbprint(), "{name}");
        let expected = &recording["authDataExtensions"];
        let category = expected["apple_validation_category_01"].as_u64();
        let found = verdict.facts.extensions.validation_category;
        assert_eq!(found.map(u64::from), category, "{name}");
    }
}

#[test]
#[ignore = "reads the folder that COUNTERSIGN_VECTORS names"]
fn attestations_over_a_challenge_that_was_not_hashed_are_refused() {
    for (name, recording) in all().iter().filter(|(_, file)| !is_hashed(file)) {
        let refused = Case::read(recording).judge().unwrap_err();
        assert_eq!(refused, attestation::Refused::NonceMismatch, "{name}");
    }
}

#[test]
#[ignore = "reads the folder that COUNTERSIGN_VECTORS names"]
fn changed_attestations_are_refused() {
    use attestation::Refused;
    let untrusted = Refused::NoPath(PathError::Untrusted);
    for (name, recording) in attestations() {
        let case = Case::read(&recording);
        let refused = |what: &str, change: &dyn Fn(&mut Case), reason: Refused| {
            let error = case.changed(change).judge().map(|_| ()).unwrap_err();
            assert_eq!(error, reason, "{name}: {what}");
        };
        let before = time(&recording["leafNotBefore"]).minus(Duration::from_secs(1));
        let after = time(&recording["leafNotAfter"]).plus(Duration::from_secs(1));
        let expired = Refused::NoPath(PathError::Expired);
        let early = Refused::NoPath(PathError::NotYetValid);
        refused(
            "challenge",
            &|c| c.client_data.push(0),
            Refused::NonceMismatch,
        );
        refused("team", &|c| c.app_id.insert(0, 'A'), Refused::AppMismatch);
        refused("bundle", &|c| c.app_id.push('a'), Refused::AppMismatch);
        refused(
            "environment",
            &|c| c.environment = other(c.environment),
            Refused::EnvironmentMismatch,
        );
        refused("swapped", &|c| c.object.certificates.reverse(), untrusted);
        refused(
            "alone",
            &|c| c.object.certificates.truncate(1),
            Refused::WrongChainLength,
        );
        refused("early", &|c| c.now = before, early);
        refused("late", &|c| c.now = after, expired);
        refused(
            "today",
            &|c| c.now = Timestamp::from_secs(1_795_305_600),
            expired,
        );
        refused("fmt", &|c| c.object.format.push('s'), Refused::WrongFormat);
        for (_, foreign) in attestations() {
            let foreign = Case::read(&foreign).key_id;
            if foreign != case.key_id {
                refused(
                    "key",
                    &|c| c.key_id.clone_from(&foreign),
                    Refused::KeyIdMismatch,
                );
            }
        }
        let bytes = case.object.encode();
        let longer = [&bytes[..], &[0]].concat();
        let error = case.judge_bytes(&longer, &apple()).unwrap_err();
        assert_eq!(error, Refused::Malformed, "{name}");
        let error = case.judge_bytes(&bytes, &foreign_root()).unwrap_err();
        assert_eq!(error, untrusted, "{name}");
    }
}

/// Every bit of what Apple signed, or signed for.
#[test]
#[ignore = "reads the folder that COUNTERSIGN_VECTORS names"]
fn attestations_with_a_flipped_bit_are_refused() {
    for (name, recording) in attestations() {
        let case = Case::read(&recording);
        let data = case.object.authenticator_data.len();
        for at in 0..data * 8 {
            let flipped = case.changed(|c| flip(&mut c.object.authenticator_data, at));
            assert!(flipped.judge().is_err(), "{name}: bit {at} of the data");
        }
        for certificate in [0, 1] {
            for at in (0..case.object.certificates[certificate].len() * 8).step_by(5) {
                let flipped = case.changed(|c| flip(&mut c.object.certificates[certificate], at));
                assert!(
                    flipped.judge().is_err(),
                    "{name}: bit {at} of {certificate}"
                );
            }
        }
    }
}

#[test]
#[ignore = "reads the folder that COUNTERSIGN_VECTORS names"]
fn cut_attestations_are_refused() {
    for (name, recording) in attestations() {
        let case = Case::read(&recording);
        let bytes = case.object.encode();
        for end in 0..bytes.len() {
            let refused = case.judge_bytes(&bytes[..end], &apple());
            assert!(refused.is_err(), "{name}: {end} bytes");
        }
    }
}

fn apple() -> Anchors {
    let file = folder::read("roots/apple-app-attestation-root-ca.pem");
    let root = Anchors::new(pem(&file)).unwrap();
    assert_eq!(root, attestation_root());
    root
}

fn foreign_root() -> Anchors {
    Anchors::new([AppAttest::new().root.certificate]).unwrap()
}

fn other(environment: AttestationEnvironment) -> AttestationEnvironment {
    match environment {
        AttestationEnvironment::Production => AttestationEnvironment::Development,
        AttestationEnvironment::Development => AttestationEnvironment::Production,
    }
}

fn flip(bytes: &mut [u8], bit: usize) {
    bytes[bit / 8] ^= 1 << (bit % 8);
}

fn decode(bytes: &[u8]) -> AttestationObject {
    let mut decoder = Decoder::new(bytes);
    decoder.map().unwrap();
    decoder.str().unwrap();
    let format = decoder.str().unwrap().to_owned();
    decoder.str().unwrap();
    decoder.map().unwrap();
    decoder.str().unwrap();
    let length = decoder.array().unwrap().unwrap();
    let certificates = (0..length)
        .map(|_| decoder.bytes().unwrap().to_vec())
        .collect();
    decoder.str().unwrap();
    let receipt = decoder.bytes().unwrap().to_vec();
    decoder.str().unwrap();
    AttestationObject {
        format,
        certificates,
        receipt,
        authenticator_data: decoder.bytes().unwrap().to_vec(),
    }
}
