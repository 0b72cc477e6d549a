//! Certificates of App Attest attestations in every wrong shape.

use crate::{
    app_attest::{Scene, refused_leaf, refused_object},
    forge::NOW,
};
use countersign_attestation::{
    app_attest::attestation::Refused,
    path::{Anchors, PathError},
};
use countersign_core::Timestamp;
use countersign_test_authority::{
    Authority, Draft, Extension, Key,
    app_attest::{self, AppAttest},
    der, validity,
};

#[test]
fn chain_is_leaf_and_intermediate() {
    let missing = refused_object(|_, object| object.certificates.truncate(1));
    assert_eq!(missing, Refused::WrongChainLength);
    let more = refused_object(|scene, object| {
        object
            .certificates
            .push(scene.service.root.certificate.clone());
    });
    assert_eq!(more, Refused::WrongChainLength);
}

#[test]
fn path_leads_to_the_anchor() {
    let untrusted = Refused::NoPath(PathError::Untrusted);
    let scene = Scene::new();
    let foreign = Anchors::new([AppAttest::new().root.certificate]).unwrap();
    let object = scene.object().encode();
    assert_eq!(scene.judge_under(&object, &foreign).unwrap_err(), untrusted);
    let none = Anchors::default();
    assert_eq!(scene.judge_under(&object, &none).unwrap_err(), untrusted);
    let swapped = refused_object(|_, object| object.certificates.reverse());
    assert_eq!(swapped, untrusted);
    let garbage = refused_object(|_, object| object.certificates[0] = vec![0x30, 0]);
    assert_eq!(garbage, Refused::NoPath(PathError::Malformed));
    // A certificate by the root itself does not need the intermediate that came along.
    let direct = refused_object(|scene, object| {
        object.certificates[0] = scene.service.root.issue(scene.leaf());
    });
    assert_eq!(direct, untrusted);
}

#[test]
fn intermediate_is_an_authority() {
    let refused = refused_object(|scene, object| {
        let key = Key::p384();
        let draft = Draft::new("Test App Attestation CA 1", key.spki())
            .with(Extension::basic_constraints(false));
        let service = &scene.service;
        let impostor = service.root.subordinate_of(draft, key);
        object.certificates = vec![impostor.issue(scene.leaf()), impostor.certificate];
    });
    assert_eq!(refused, Refused::NoPath(PathError::Untrusted));
}

#[test]
fn names_alone_are_not_believed() {
    let refused = refused_object(|scene, object| {
        let root = Authority::root("Test App Attestation Root CA", Key::p384());
        let impostor = root.subordinate("Test App Attestation CA 1", Key::p384());
        object.certificates = vec![impostor.issue(scene.leaf()), impostor.certificate];
    });
    assert_eq!(refused, Refused::NoPath(PathError::Untrusted));
}

#[test]
fn certificates_are_valid_now() {
    let at = Timestamp::from_secs;
    let leaf = |from, until| refused_leaf(|_, leaf| leaf.validity = validity(at(from), at(until)));
    let now = NOW.as_secs();
    let expired = Refused::NoPath(PathError::Expired);
    let early = Refused::NoPath(PathError::NotYetValid);
    assert_eq!(leaf(now - 20, now - 10), expired);
    assert_eq!(leaf(now + 10, now + 20), early);
    let scene = Scene::new();
    for (from, until, reason) in [(now - 20, now - 10, expired), (now + 10, now + 20, early)] {
        let root = &scene.service.root;
        let mut draft = Draft::authority("", root.key.spki());
        draft.subject.clone_from(&root.name);
        draft.validity = validity(at(from), at(until));
        // Nobody looks at who signed an anchor.
        let dated = Authority::self_signed(draft, Key::p384());
        let anchors = Anchors::new([&dated.certificate]).unwrap();
        let refused = scene.judge_under(&scene.object().encode(), &anchors);
        assert_eq!(refused.unwrap_err(), reason, "an anchor");
    }
}

#[test]
fn nonce_is_in_the_leaf_in_its_one_form() {
    let none = refused_leaf(|_, leaf| {
        leaf.extensions
            .retain(|found| found.oid != app_attest::NONCE_OID);
    });
    assert_eq!(none, Refused::MissingNonce);
    let replaced = |value: Vec<u8>| {
        refused_leaf(|_, leaf| {
            leaf.extensions.last_mut().unwrap().value = value;
        })
    };
    let bare = der::sequence(&[der::octet_string(&[7; 32])]);
    let short = der::sequence(&[der::explicit(1, &der::octet_string(&[7; 31]))]);
    let other_tag = der::sequence(&[der::explicit(2, &der::octet_string(&[7; 32]))]);
    for value in [bare, short, other_tag, vec![]] {
        assert_eq!(replaced(value), Refused::MissingNonce);
    }
    let other = der::sequence(&[der::explicit(1, &der::octet_string(&[7; 32]))]);
    assert_eq!(replaced(other), Refused::NonceMismatch);
}

#[test]
fn attested_key_is_on_p_256() {
    let refused = refused_leaf(|_, leaf| leaf.spki = Key::p384().spki());
    assert_eq!(refused, Refused::UnsupportedKey);
}

#[test]
fn leaf_needs_no_extended_key_usage() {
    let scene = Scene::new();
    let mut leaf = scene.leaf();
    leaf.extensions.retain(|found| found.oid != "2.5.29.37");
    scene.judge(&scene.object_with(leaf).encode()).unwrap();
}
