//! App Attest receipts in every wrong shape.

use crate::forge::NOW;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use countersign_attestation::{
    app_attest::receipt::{Expected, Kind, Refused, Verdict, appraise},
    jws::PublicKey,
    path::{Anchors, PathError},
};
use countersign_core::{Timestamp, attestation::AttestationEnvironment};
use countersign_test_authority::{
    Extension, Key,
    app_attest::{AppAttest, leaf},
    receipt::{Form, ReceiptSigner, content, fields},
};
use std::time::Duration;

const APP: &str = "TEAM.com.example.app";

struct Scene {
    signer: ReceiptSigner,
    key: Key,
    fields: Vec<(u64, Vec<u8>)>,
    environment: AttestationEnvironment,
    presented_at: Timestamp,
    now: Timestamp,
}

impl Scene {
    fn new() -> Self {
        let key = Key::p256();
        let leaf = AppAttest::new().intermediate.issue(leaf(key.spki(), &[]));
        Self {
            signer: ReceiptSigner::default(),
            fields: fields(APP, &leaf, NOW.minus(Duration::from_secs(1))),
            key,
            environment: AttestationEnvironment::Development,
            presented_at: NOW,
            now: NOW,
        }
    }

    fn receipt(&self, form: Form) -> Vec<u8> {
        self.signer.sign(&content(&self.fields), form)
    }

    fn judge(&self, receipt: &[u8]) -> Result<Verdict, Refused> {
        self.judge_for(APP, &self.key, receipt)
    }

    fn judge_for(&self, app_id: &str, key: &Key, receipt: &[u8]) -> Result<Verdict, Refused> {
        let point = key.public_bytes();
        let [x, y] = [1..33, 33..65].map(|part| URL_SAFE_NO_PAD.encode(&point[part]));
        let expected = Expected {
            app_id,
            environment: self.environment,
            key: &PublicKey::from_coordinates(&x, &y).unwrap(),
            max_age: Duration::from_mins(5),
            presented_at: self.presented_at,
            now: self.now,
        };
        let anchors = Anchors::new([&self.signer.root.certificate]).unwrap();
        appraise(receipt, &expected, &anchors).outcome
    }
}

/// What a good receipt says.
pub(crate) fn verdict() -> Verdict {
    let scene = Scene::new();
    scene.judge(&scene.receipt(Form::Definite)).unwrap()
}

fn refused(change: impl FnOnce(&mut Scene)) -> Refused {
    let mut scene = Scene::new();
    change(&mut scene);
    scene.judge(&scene.receipt(Form::Indefinite)).unwrap_err()
}

fn set(scene: &mut Scene, kind: u64, value: &str) {
    scene.fields.retain(|(found, _)| *found != kind);
    scene.fields.push((kind, value.as_bytes().to_vec()));
}

#[test]
fn receipts_in_both_forms_are_accepted() {
    let mut scene = Scene::new();
    for form in [Form::Definite, Form::Indefinite] {
        let verdict = scene.judge(&scene.receipt(form)).unwrap();
        assert_eq!(verdict.kind, Kind::Attest);
        assert_eq!(verdict.environment, AttestationEnvironment::Development);
        assert_eq!((verdict.risk_metric, verdict.renew_from), (None, None));
    }
    set(&mut scene, 6, "RECEIPT");
    set(&mut scene, 7, "production");
    scene.environment = AttestationEnvironment::Production;
    set(&mut scene, 17, "3");
    set(&mut scene, 19, "2027-01-16T08:00:00Z");
    set(&mut scene, 99, "unknown");
    let verdict = scene.judge(&scene.receipt(Form::Definite)).unwrap();
    assert_eq!(
        (verdict.kind, verdict.risk_metric),
        (Kind::Receipt, Some(3))
    );
    assert!(verdict.renew_from.is_some());
}

#[test]
fn what_is_no_signed_data_is_refused() {
    let scene = Scene::new();
    assert_eq!(
        scene.judge(&vec![0x30; 20_000]).unwrap_err(),
        Refused::TooLong
    );
    for form in [Form::Definite, Form::Indefinite] {
        let good = scene.receipt(form);
        let after = [&good[..], &[0]].concat();
        assert_eq!(scene.judge(&after).unwrap_err(), Refused::Malformed);
        for end in 0..good.len() {
            assert_eq!(scene.judge(&good[..end]).unwrap_err(), Refused::Malformed);
        }
    }
}

#[test]
fn signer_is_certified_for_receipts() {
    let foreign = refused(|scene| scene.signer.root = ReceiptSigner::default().root);
    assert_eq!(foreign, Refused::NoPath(PathError::Untrusted));
    let unmarked = refused(|scene| scene.signer = ReceiptSigner::new(&[]));
    assert_eq!(unmarked, Refused::WrongSigner);
    let other = Extension::new("1.2.840.113635.100.6.39", vec![5, 0]);
    let payment = refused(|scene| scene.signer = ReceiptSigner::new(&[other]));
    assert_eq!(payment, Refused::WrongSigner);
}

#[test]
fn signature_is_the_signers() {
    let forged = refused(|scene| scene.signer.signer.key = Key::p256());
    assert_eq!(forged, Refused::BadSignature);
    let scene = Scene::new();
    let good = scene.receipt(Form::Definite);
    let at = good
        .windows(6)
        .position(|found| found == b"ATTEST")
        .unwrap();
    let mut changed = good;
    changed[at + 1] = b'U';
    assert_eq!(scene.judge(&changed).unwrap_err(), Refused::BadSignature);
}

#[test]
fn fields_are_there_once_and_readable() {
    for kind in [2, 3, 6, 7, 12, 21] {
        let missing = refused(|scene| scene.fields.retain(|(found, _)| *found != kind));
        assert_eq!(missing, Refused::InvalidFields, "{kind}");
        let twice = refused(|scene| {
            let found = scene.fields.iter().find(|(found, _)| *found == kind);
            let again = found.unwrap().clone();
            scene.fields.push(again);
        });
        assert_eq!(twice, Refused::InvalidFields, "{kind}");
    }
    for kind in [3, 6, 7, 12, 17, 19, 21] {
        let garbage = refused(|scene| set(scene, kind, "what"));
        assert_eq!(garbage, Refused::InvalidFields, "{kind}");
    }
}

#[test]
fn receipt_is_of_the_app_and_the_key() {
    let scene = Scene::new();
    let receipt = scene.receipt(Form::Definite);
    let other_app = scene.judge_for("TEAM.other", &scene.key, &receipt);
    assert_eq!(other_app.unwrap_err(), Refused::AppMismatch);
    let other_key = scene.judge_for(APP, &Key::p256(), &receipt);
    assert_eq!(other_key.unwrap_err(), Refused::KeyMismatch);
}

#[test]
fn receipt_is_fresh() {
    let made_at = |time: &str| refused(|scene| set(scene, 12, time));
    assert_eq!(made_at("2027-01-15T07:54:59Z"), Refused::TooOld);
    assert_eq!(made_at("2027-01-15T08:01:01Z"), Refused::TooNew);
}

#[test]
fn receipts_are_of_one_environment() {
    let production = refused(|scene| set(scene, 7, "production"));
    assert_eq!(production, Refused::EnvironmentMismatch);
    let sandbox = refused(|scene| scene.environment = AttestationEnvironment::Production);
    assert_eq!(sandbox, Refused::EnvironmentMismatch);
}

#[test]
fn stored_receipts_are_judged_as_of_when_they_were_presented() {
    let mut scene = Scene::new();
    let receipt = scene.receipt(Form::Definite);
    scene.now = NOW.plus(Duration::from_hours(24 * 365 * 20));
    assert!(scene.judge(&receipt).is_ok());
    scene.presented_at = scene.now;
    let expired = Refused::NoPath(PathError::Expired);
    assert_eq!(scene.judge(&receipt).unwrap_err(), expired);
    scene.presented_at = NOW.minus(Duration::from_mins(2));
    assert_eq!(scene.judge(&receipt).unwrap_err(), Refused::TooNew);
    scene.presented_at = NOW.plus(Duration::from_mins(6));
    assert_eq!(scene.judge(&receipt).unwrap_err(), Refused::TooOld);
    scene.now = NOW;
    assert_eq!(scene.judge(&receipt).unwrap_err(), Refused::PresentedLater);
}
