//! App Attest attestations in every wrong shape.

use crate::forge::NOW;
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use countersign_attestation::{
    app_attest::attestation::{Evidence, Expected, Platform, Refused, Verdict, appraise},
    path::Anchors,
};
use countersign_core::{
    Timestamp,
    attestation::{AttestationEnvironment, AttestationLevel},
};
use countersign_test_authority::{
    Draft, Key,
    app_attest::{self, AppAttest, AttestationObject, DEVELOPMENT, PRODUCTION},
    authenticator_data::{AuthenticatorData, cose_key},
    cbor, der,
};

pub(crate) const APP: &str = "TEAM.com.example.app";
const DATA: &[u8] = b"what the app had hashed";

/// A device with a new key, Apple's service, and what an app's server expects.
pub(crate) struct Scene {
    pub(crate) service: AppAttest,
    pub(crate) key: Key,
    pub(crate) data: AuthenticatorData,
    pub(crate) key_id: String,
    pub(crate) client_data: Vec<u8>,
    pub(crate) app_id: String,
    pub(crate) platform: Platform,
    pub(crate) environment: AttestationEnvironment,
    pub(crate) validation_categories: Option<&'static [u32]>,
    /// Now, where nothing else is said.
    pub(crate) presented_at: Option<Timestamp>,
    pub(crate) now: Timestamp,
}

impl Scene {
    pub(crate) fn new() -> Self {
        let key = Key::p256();
        Self {
            service: AppAttest::new(),
            data: app_attest::new_key(&key, APP, PRODUCTION),
            key_id: app_attest::key_id(&key),
            key,
            client_data: DATA.to_vec(),
            app_id: APP.to_owned(),
            platform: Platform::Ios,
            environment: AttestationEnvironment::Production,
            validation_categories: None,
            presented_at: None,
            now: NOW,
        }
    }

    pub(crate) fn object(&self) -> AttestationObject {
        self.service.attest(&self.key, &self.data, DATA)
    }

    /// The object under another leaf certificate.
    pub(crate) fn object_with(&self, leaf: Draft) -> AttestationObject {
        let mut object = self.object();
        object.certificates[0] = self.service.intermediate.issue(leaf);
        object
    }

    pub(crate) fn leaf(&self) -> Draft {
        let nonce = app_attest::nonce_extension(&self.data.encode(), DATA);
        app_attest::leaf(self.key.spki(), &nonce)
    }

    pub(crate) fn judge(&self, object: &[u8]) -> Result<Verdict, Refused> {
        let anchors = Anchors::new([&self.service.root.certificate]).unwrap();
        self.judge_under(object, &anchors)
    }

    pub(crate) fn judge_under(&self, object: &[u8], anchors: &Anchors) -> Result<Verdict, Refused> {
        let evidence = Evidence {
            attestation: object,
            key_id: &self.key_id,
            client_data: &self.client_data,
        };
        let expected = Expected {
            app_id: &self.app_id,
            platform: self.platform,
            environment: self.environment,
            validation_categories: self.validation_categories,
            presented_at: self.presented_at.unwrap_or(self.now),
            now: self.now,
        };
        let appraisal = appraise(&evidence, &expected, anchors);
        let failed = appraisal.checks.iter().filter(|check| !check.passed);
        let last_failed = appraisal.checks.last().is_some_and(|check| !check.passed);
        assert_eq!(failed.count(), usize::from(last_failed));
        assert_eq!(appraisal.outcome.is_err(), last_failed);
        appraisal.outcome
    }
}

/// Changes a scene before the device attests, and says why the result is refused.
pub(crate) fn refused(change: impl FnOnce(&mut Scene)) -> Refused {
    let mut scene = Scene::new();
    change(&mut scene);
    scene.judge(&scene.object().encode()).unwrap_err()
}

/// Changes the object that a device made, and says why the result is refused.
pub(crate) fn refused_object(change: impl FnOnce(&Scene, &mut AttestationObject)) -> Refused {
    let scene = Scene::new();
    let mut object = scene.object();
    change(&scene, &mut object);
    scene.judge(&object.encode()).unwrap_err()
}

pub(crate) fn refused_leaf(change: impl FnOnce(&Scene, &mut Draft)) -> Refused {
    let scene = Scene::new();
    let mut leaf = scene.leaf();
    change(&scene, &mut leaf);
    scene.judge(&scene.object_with(leaf).encode()).unwrap_err()
}

#[test]
fn attestations_of_every_system_are_accepted() {
    let extensions = app_attest::extensions(4, "1.2.3");
    let unknown = cbor::text_map(&[("apple_new_01", cbor::array(&[cbor::number(1)]))]);
    for (flags, rest, category) in [
        (0x40, vec![], None),
        (0x40, extensions.clone(), Some(4)),
        (0xc0, extensions, Some(4)),
        (0x00, unknown, None),
    ] {
        let mut scene = Scene::new();
        scene.data.flags = flags;
        scene.data.rest = rest;
        let verdict = scene.judge(&scene.object().encode()).unwrap();
        assert_eq!(verdict.level, AttestationLevel::App);
        assert_eq!(verdict.environment, AttestationEnvironment::Production);
        let point = scene.key.public_bytes();
        assert_eq!(verdict.key.jwk().x, URL_SAFE_NO_PAD.encode(&point[1..33]));
        assert_eq!(verdict.facts.key_id, scene.key_id);
        assert_eq!(verdict.facts.extensions.validation_category, category);
        assert_eq!(verdict.facts.system_version, None);
    }
}

#[test]
fn development_is_accepted_where_it_is_expected() {
    let mut scene = Scene::new();
    scene.data = app_attest::new_key(&scene.key, APP, DEVELOPMENT);
    scene.environment = AttestationEnvironment::Development;
    scene.judge(&scene.object().encode()).unwrap();
}

#[test]
fn long_input_is_refused_unread() {
    let scene = Scene::new();
    assert_eq!(scene.judge(&vec![0; 40_000]).unwrap_err(), Refused::TooLong);
    let long = refused(|scene| scene.client_data = vec![0; 70_000]);
    assert_eq!(long, Refused::TooLong);
}

#[test]
fn object_is_one_map_with_its_members_once() {
    let scene = Scene::new();
    let good = scene.object().encode();
    let twice = [&[0xa4], &good[1..], &cbor::text("fmt"), &cbor::text("none")].concat();
    let open = [&[0xbf], &good[1..], &[0xff]].concat();
    let after = [&good[..], &cbor::number(0)].concat();
    for bytes in [twice, open, after, vec![], cbor::number(1)] {
        assert_eq!(scene.judge(&bytes).unwrap_err(), Refused::Malformed);
    }
    for end in 0..good.len() {
        assert_eq!(scene.judge(&good[..end]).unwrap_err(), Refused::Malformed);
    }
}

#[test]
fn other_formats_are_refused() {
    for format in ["apple", "packed", "apple-appattest-2", ""] {
        let refused = refused_object(|_, object| object.format = format.to_owned());
        assert_eq!(refused, Refused::WrongFormat, "{format}");
    }
}

#[test]
fn statement_is_complete() {
    let scene = Scene::new();
    let (object, receipt) = (scene.object(), cbor::bytes(b"a receipt"));
    let x5c: Vec<_> = object.certificates.iter().map(|c| cbor::bytes(c)).collect();
    let x5c = cbor::array(&x5c);
    let data = cbor::bytes(&object.authenticator_data);
    let whole = |statement: Vec<u8>, data: Vec<u8>| {
        cbor::text_map(&[
            ("fmt", cbor::text("apple-appattest")),
            ("attStmt", statement),
            ("authData", data),
        ])
    };
    let statement = cbor::text_map(&[("x5c", x5c.clone()), ("receipt", receipt.clone())]);
    scene
        .judge(&whole(statement.clone(), data.clone()))
        .unwrap();
    let texts = cbor::array(&[cbor::text("a"), cbor::text("b")]);
    for bytes in [
        whole(cbor::text_map(&[("x5c", x5c)]), data.clone()),
        whole(
            cbor::text_map(&[("x5c", texts), ("receipt", receipt)]),
            data.clone(),
        ),
        whole(data, statement.clone()),
        whole(statement, cbor::text("a")),
    ] {
        assert_eq!(scene.judge(&bytes).unwrap_err(), Refused::InvalidStatement);
    }
}

#[test]
fn other_client_data_is_refused() {
    let other = refused(|scene| scene.client_data = b"other".to_vec());
    assert_eq!(other, Refused::NonceMismatch);
    // Made over the data itself where its hash belongs, as in Apple's published samples.
    let raw = refused_leaf(|scene, leaf| {
        use aws_lc_rs::digest::{SHA256, digest};
        let nonce = digest(&SHA256, &[&scene.data.encode(), DATA].concat());
        let nonce = der::explicit(1, &der::octet_string(nonce.as_ref()));
        leaf.extensions.last_mut().unwrap().value = der::sequence(&[nonce]);
    });
    assert_eq!(raw, Refused::NonceMismatch);
}

#[test]
fn key_id_is_the_keys() {
    let url = refused(|scene| {
        // Until the two alphabets differ.
        while !scene.key_id.contains(['+', '/']) {
            *scene = Scene::new();
        }
        let id = STANDARD.decode(&scene.key_id).unwrap();
        scene.key_id = URL_SAFE_NO_PAD.encode(id);
    });
    assert_eq!(url, Refused::KeyIdMismatch);
    for id in [app_attest::key_id(&Key::p256()), String::new()] {
        assert_eq!(refused(|scene| scene.key_id = id), Refused::KeyIdMismatch);
    }
}

#[test]
fn authenticator_data_ends_after_one_map() {
    let two = [app_attest::extensions(4, "1"), cbor::map(&[])].concat();
    for rest in [two, cbor::number(1), vec![0xa1], vec![0xbf, 0xff]] {
        let reason = refused(|scene| scene.data.rest = rest);
        assert_eq!(reason, Refused::InvalidAuthenticatorData);
    }
    let bare = refused(|scene| scene.data.credential = None);
    assert_eq!(bare, Refused::InvalidAuthenticatorData);
}

#[test]
fn authenticator_data_is_about_the_key() {
    let mismatch =
        |change: &dyn Fn(&mut countersign_test_authority::authenticator_data::Credential)| {
            let reason = refused(|scene| change(scene.data.credential.as_mut().unwrap()));
            assert_eq!(reason, Refused::CredentialMismatch);
        };
    mismatch(&|credential| credential.id = vec![7; 32]);
    mismatch(&|credential| credential.id.truncate(31));
    mismatch(&|credential| credential.key = cose_key(&Key::p256()));
    mismatch(&|credential| credential.key = cbor::map(&[]));
    mismatch(&|credential| {
        // A member more than the five.
        credential.key[0] = 0xa6;
        credential
            .key
            .extend([cbor::number(4), cbor::number(1)].concat());
    });
}

#[test]
fn every_flipped_bit_is_noticed() {
    let mut scene = Scene::new();
    scene.data.rest = app_attest::extensions(4, "1");
    let good = scene.object();
    scene.judge(&good.encode()).unwrap();
    for at in 0..good.authenticator_data.len() * 8 {
        let mut object = good.clone();
        object.authenticator_data[at / 8] ^= 1 << (at % 8);
        assert!(scene.judge(&object.encode()).is_err(), "bit {at}");
    }
    for certificate in [0, 1] {
        for at in (0..good.certificates[certificate].len() * 8).step_by(3) {
            let mut object = good.clone();
            object.certificates[certificate][at / 8] ^= 1 << (at % 8);
            let refused = scene.judge(&object.encode());
            assert!(refused.is_err(), "bit {at} of {certificate}");
        }
    }
}
