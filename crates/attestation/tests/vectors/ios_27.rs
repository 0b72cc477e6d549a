//! What iOS 27 appends to authenticator data.

use crate::folder::{base64, key, recordings, text};
use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, engine::general_purpose::STANDARD};
use countersign_attestation::{
    app_attest::{Extensions, assertion, attestation},
    path::Anchors,
};
use countersign_core::{Timestamp, attestation::AttestationEnvironment};
use countersign_test_authority::{
    Key,
    app_attest::{AppAttest, AttestationObject, assertion_object, leaf, nonce_extension},
};

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
    let evidence = attestation::Evidence {
        attestation: &object.encode(),
        key_id: &STANDARD.encode(hash(&point)),
        client_data: b"data",
    };
    let expected = attestation::Expected {
        app_id: APP,
        platform: attestation::Platform::Ios,
        environment: AttestationEnvironment::Development,
        validation_categories: None,
        presented_at: Timestamp::from_secs(1_800_000_000),
        now: Timestamp::from_secs(1_800_000_000),
    };
    let anchors = Anchors::new([service.root.certificate]).unwrap();
    let verdict = attestation::appraise(&evidence, &expected, &anchors).outcome?;
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
        validation_categories: None,
    };
    let verdict = assertion::appraise(&evidence, &expected).outcome?;
    Ok(verdict.extensions)
}

fn hash(bytes: &[u8]) -> Vec<u8> {
    digest(&SHA256, bytes).as_ref().to_vec()
}
