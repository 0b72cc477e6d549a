//! App Attest.

use crate::{
    Kind,
    floor::{self, Signed},
    web::{self, door},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use countersign_attestation::{
    app_attest::assertion::{Evidence, Expected, appraise},
    evidence::{self, Anchors},
    jws::PublicKey,
    path,
};
use countersign_core::attestation::{
    AttestationEnvironment,
    policy::{AppleApp, ApplePlatform, AttestationPolicy},
};
use countersign_test_authority::{
    Key,
    app_attest::{self, AppAttest, PRODUCTION},
};

const APP: &str = "TEAM.com.example.app";

/// A new key: leaf and intermediate, both signed by keys on P-384.
pub(crate) fn attestation() -> Kind {
    let (service, key, device) = (AppAttest::new(), Key::p256(), web::device());
    let data = app_attest::new_key(&key, APP, PRODUCTION);
    let told = web::transcript().with_thumbprint(&device);
    let object = service.attest(&key, &data, &told);
    let mut chain = object.certificates.clone();
    chain.push(service.root.certificate.clone());
    let evidence = evidence::Evidence::AppAttest {
        key_id: app_attest::key_id(&key),
        attestation: object.encode(),
    };
    let policy = AttestationPolicy {
        apple: vec![AppleApp {
            app_id: APP.to_owned(),
            platform: ApplePlatform::Ios,
            environment: AttestationEnvironment::Production,
        }],
        ..AttestationPolicy::default()
    };
    let anchors = Anchors {
        apple: path::Anchors::new([&service.root.certificate]).expect("a root"),
        ..Anchors::shipped()
    };
    Kind {
        name: "app_attest_attestation",
        appraise: door(evidence, device, policy, anchors),
        signatures: floor::call(floor::chain(&chain)),
    }
}

/// A use of a key.
pub(crate) fn assertion() -> Kind {
    let key = Key::p256();
    let assertion = app_attest::assert(&key, &app_attest::used_key(APP, 3), b"data");
    let public = public(&key);
    let appraise = move || {
        let evidence = Evidence {
            assertion: &assertion,
            client_data: b"data",
        };
        let expected = Expected {
            key: &public,
            app_id: APP,
            counter: 2,
            validation_categories: None,
        };
        appraise(&evidence, &expected).outcome.is_ok()
    };
    Kind {
        name: "app_attest_assertion",
        appraise: Box::new(appraise),
        signatures: floor::call(vec![Signed::by(&key, &[7; 32])]),
    }
}

/// The public half of a key on P-256.
pub(crate) fn public(key: &Key) -> PublicKey {
    let point = key.public_bytes();
    let (x, y) = point[1..].split_at(32);
    let [x, y] = [x, y].map(|coordinate| URL_SAFE_NO_PAD.encode(coordinate));
    PublicKey::from_coordinates(&x, &y).expect("a key")
}
