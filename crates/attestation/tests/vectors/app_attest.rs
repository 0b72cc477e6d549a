//! App Attest, as recorded on devices.

use crate::folder::{self, base64, hex, pem, recordings, text, time};
use aws_lc_rs::digest::{SHA256, digest};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use countersign_attestation::{
    app_attest::{Extensions, assertion, attestation},
    jws::PublicKey,
    path::{Anchors, PathError},
};
use countersign_core::{
    Timestamp,
    attestation::{AttestationEnvironment, AttestationLevel},
};
use countersign_test_authority::{
    Key,
    app_attest::{AppAttest, AttestationObject, assertion_object, leaf, nonce_extension},
};
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
            environment: self.environment,
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

#[test]
#[ignore = "reads the folder that COUNTERSIGN_VECTORS names"]
fn recorded_assertions_are_judged_rightly() {
    for (name, recording) in all() {
        let attested = hex(text(&recording, "publicKeyUncompressedHex"));
        for made in recording["assertions"].as_array().unwrap() {
            let own = made.get("publicKeyUncompressedHex");
            let signer = own.map_or(attested.clone(), |own| hex(own.as_str().unwrap()));
            let bytes = base64(made, "assertionBase64");
            let client_data = base64(made, "clientDataBase64");
            let counter = u32::try_from(made["previousCounter"].as_u64().unwrap()).unwrap();
            let app_id = text(&recording, "appId");
            let judge = |bytes: &[u8], client_data: &[u8], point: &[u8], counter, app_id| {
                let evidence = assertion::Evidence {
                    assertion: bytes,
                    client_data,
                };
                let key = key(point);
                let expected = assertion::Expected {
                    key: &key,
                    app_id,
                    counter,
                };
                assertion::appraise(&evidence, &expected).outcome
            };
            let verdict = judge(&bytes, &client_data, &signer, counter, app_id).unwrap();
            assert_eq!(
                u64::from(verdict.counter),
                made["counter"].as_u64().unwrap(),
                "{name}"
            );
            use assertion::Refused;
            let forged = Err(Refused::BadSignature);
            assert_eq!(judge(&bytes, b"other", &signer, counter, app_id), forged);
            let used = judge(&bytes, &client_data, &signer, verdict.counter, app_id);
            assert_eq!(used, Err(Refused::CounterNotRisen), "{name}");
            let elsewhere = judge(&bytes, &client_data, &signer, counter, "A.b");
            assert_eq!(elsewhere, Err(Refused::AppMismatch), "{name}");
            for (other_name, other) in all() {
                let point = hex(text(&other, "publicKeyUncompressedHex"));
                if point != signer {
                    let by_other = judge(&bytes, &client_data, &point, counter, app_id);
                    assert_eq!(by_other, forged, "{name} by {other_name}");
                }
            }
            let (signature, data) = decode_assertion(&bytes);
            for at in 0..data.len() * 8 {
                let mut data = data.clone();
                flip(&mut data, at);
                let bytes = assertion_object(&signature, &data);
                let refused = judge(&bytes, &client_data, &signer, counter, app_id);
                assert!(refused.is_err(), "{name}: bit {at}");
            }
            let (r, s) = numbers(&signature);
            let raw = assertion_object(&[&r[..], &s].concat(), &data);
            assert_eq!(judge(&raw, &client_data, &signer, counter, app_id), forged);
            let twin = assertion_object(&written(&r, &minus_from_order(&s)), &data);
            assert_eq!(
                judge(&twin, &client_data, &signer, counter, app_id),
                Ok(verdict)
            );
            for end in 0..bytes.len() {
                assert!(judge(&bytes[..end], &client_data, &signer, counter, app_id).is_err());
            }
        }
    }
}

/// Only the authenticator data was recorded; here it is another app's, under a root of ours.
#[test]
#[ignore = "reads the folder that COUNTERSIGN_VECTORS names"]
fn authenticator_data_of_ios_27_is_read() {
    let (_, recording) = &recordings("appattest", &["vectors"])[0];
    for made in recording["vectors"].as_array().unwrap() {
        let mut data = base64(made, "base64");
        data[..32].copy_from_slice(&hash(APP.as_bytes()));
        let extensions = if text(made, "name").contains("attestation") {
            attested(&data).map_err(|refused| format!("{refused:?}"))
        } else {
            asserted(&data).map_err(|refused| format!("{refused:?}"))
        };
        let expected = &made["expected"];
        if expected.is_string() {
            assert_eq!(extensions.unwrap_err(), "InvalidAuthenticatorData");
            continue;
        }
        let (extensions, expected) = (extensions.unwrap(), &expected["extensions"]);
        let category = expected["apple_validation_category_01"].as_u64();
        assert_eq!(extensions.validation_category.map(u64::from), category);
        let version = expected["apple_bundle_version_01"].as_str();
        assert_eq!(extensions.bundle_version.as_deref(), version);
    }
}

const APP: &str = "TEAM.app";

fn attested(data: &[u8]) -> Result<Extensions, attestation::Refused> {
    let service = AppAttest::new();
    let [x, y] = [97, 132].map(|at| &data[at..at + 32]);
    let point = [&[4], x, y].concat();
    // The part before the point is the same for every key on P-256.
    let spki = [&Key::p256().spki()[..26], &point].concat();
    let leaf = leaf(spki, &nonce_extension(data, b"data"));
    let object = AttestationObject {
        format: "apple-appattest".to_owned(),
        certificates: vec![
            service.intermediate.issue(leaf),
            service.intermediate.certificate,
        ],
        receipt: Vec::new(),
        authenticator_data: data.to_vec(),
    };
    let case = Case {
        object: object.clone(),
        key_id: STANDARD.encode(hash(&point)),
        client_data: b"data".to_vec(),
        app_id: APP.to_owned(),
        environment: AttestationEnvironment::Development,
        now: Timestamp::from_secs(1_800_000_000),
    };
    let anchors = Anchors::new([service.root.certificate]).unwrap();
    let verdict = case.judge_bytes(&object.encode(), &anchors)?;
    Ok(verdict.facts.extensions)
}

fn asserted(data: &[u8]) -> Result<Extensions, assertion::Refused> {
    let signer = Key::p256();
    let nonce = hash(&[data, &hash(b"data")].concat());
    let evidence = assertion::Evidence {
        assertion: &assertion_object(&signer.sign(&nonce), data),
        client_data: b"data",
    };
    let expected = assertion::Expected {
        key: &key(&signer.public_bytes()),
        app_id: APP,
        counter: 0,
    };
    let verdict = assertion::appraise(&evidence, &expected).outcome?;
    Ok(verdict.extensions)
}

fn apple() -> Anchors {
    Anchors::new(pem(&folder::read(
        "roots/apple-app-attestation-root-ca.pem",
    )))
    .unwrap()
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

fn key(point: &[u8]) -> PublicKey {
    let [x, y] = [1..33, 33..65].map(|part| URL_SAFE_NO_PAD.encode(&point[part]));
    PublicKey::from_coordinates(&x, &y).unwrap()
}

fn flip(bytes: &mut [u8], bit: usize) {
    bytes[bit / 8] ^= 1 << (bit % 8);
}

fn hash(bytes: &[u8]) -> Vec<u8> {
    digest(&SHA256, bytes).as_ref().to_vec()
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

fn decode_assertion(bytes: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let mut decoder = Decoder::new(bytes);
    decoder.map().unwrap();
    decoder.str().unwrap();
    let signature = decoder.bytes().unwrap().to_vec();
    decoder.str().unwrap();
    (signature, decoder.bytes().unwrap().to_vec())
}

/// r and s of a signature in DER, 32 bytes each.
fn numbers(signature: &[u8]) -> ([u8; 32], [u8; 32]) {
    let (r, s) = signature[4..].split_at(usize::from(signature[3]));
    (padded(r), padded(&s[2..]))
}

fn padded(number: &[u8]) -> [u8; 32] {
    let digits = &number[number.len().saturating_sub(32)..];
    let mut padded = [0; 32];
    padded[32 - digits.len()..].copy_from_slice(digits);
    padded
}

fn written(r: &[u8], s: &[u8]) -> Vec<u8> {
    use countersign_test_authority::der::{sequence, unsigned};
    sequence(&[unsigned(r), unsigned(s)])
}

/// The order of P-256 (SEC 2 section 2.4.2) minus a number.
fn minus_from_order(number: &[u8]) -> Vec<u8> {
    let order = hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
    let mut borrow = 0;
    let mut difference: Vec<u8> = (0..32)
        .rev()
        .map(|at| {
            let value = i16::from(order[at]) - i16::from(number[at]) - borrow;
            borrow = i16::from(value < 0);
            u8::try_from(value.rem_euclid(256)).unwrap()
        })
        .collect();
    difference.reverse();
    difference
}
