//! What TPMs, Android and Apple certify of a credential's key.

use crate::{
    webauthn::Scene,
    webauthn_statements::{
        hardware, leaf, reason, refused, refused_leaf, set, statement, statement_with,
    },
};
use countersign_attestation::{
    path::PathError,
    webauthn::{StatementError, registration::Refused},
};
use countersign_core::attestation::AttestationLevel;
use countersign_test_authority::{
    Authority, Key, cbor, der,
    webauthn::{tpm_certify_info, x5c},
};

#[test]
fn tpm_certifies_what_it_should() {
    let with = |info: &dyn Fn(Vec<u8>) -> Vec<u8>| {
        refused("tpm", |scene, members| {
            use aws_lc_rs::digest::{SHA256, digest};
            let area = scene.registration.tpm_public_area();
            let name = [&[0, 0x0b], digest(&SHA256, &area).as_ref()].concat();
            let extra = digest(&SHA256, &scene.registration.signed());
            let info = info(tpm_certify_info(extra.as_ref(), &name));
            set(members, "sig", cbor::bytes(&scene.maker.key.sign(&info)));
            set(members, "certInfo", cbor::bytes(&info));
        })
    };
    let changed = |at: usize| {
        with(&move |mut info| {
            info[at] ^= 1;
            info
        })
    };
    // The magic number and the type, the extra data, the name.
    assert_eq!(changed(0), StatementError::Malformed);
    assert_eq!(changed(5), StatementError::Malformed);
    assert_eq!(changed(10), StatementError::DataMismatch);
    assert_eq!(changed(70), StatementError::KeyMismatch);
    let longer = with(&|info| [info, vec![0]].concat());
    assert_eq!(longer, StatementError::Malformed);
    for end in 0..100 {
        let cut = with(&|info| info[..end].to_vec());
        assert_eq!(cut, StatementError::Malformed, "{end}");
    }
    let version = refused("tpm", |_, members| set(members, "ver", cbor::text("1.2")));
    assert_eq!(version, StatementError::Malformed);
    let sha1 = refused("tpm", |scene, members| {
        let mut area = scene.registration.tpm_public_area();
        area[3] = 0x04;
        *members = scene
            .maker
            .tpm(&scene.registration, &area, scene.maker.tpm_leaf());
    });
    assert_eq!(sha1, StatementError::KeyMismatch);
}

#[test]
fn android_describes_the_key_as_its_own() {
    let with = |description: &dyn Fn(&Scene) -> Vec<u8>| {
        let scene = Scene::new("android-key");
        let leaf = scene.registration.android_leaf(description(&scene));
        scene.judge(&statement_with(&scene, leaf))
    };
    let refused = |fields: Vec<Vec<u8>>| {
        let outcome = with(&|scene| scene.registration.key_description(1, &fields));
        reason(outcome.unwrap_err())
    };
    let imported = refused(vec![der::explicit(702, &der::integer(2))]);
    assert_eq!(imported, StatementError::UnsuitableKey);
    let to_encrypt = refused(vec![der::explicit(1, &der::set(&[der::integer(0)]))]);
    assert_eq!(to_encrypt, StatementError::UnsuitableKey);
    let shared = refused(vec![der::explicit(600, &der::null())]);
    assert_eq!(shared, StatementError::UnsuitableKey);
    let garbage = with(&|_| vec![0x30, 0]);
    assert_eq!(reason(garbage.unwrap_err()), StatementError::Malformed);
    let other = with(&|_| Scene::new("none").registration.key_description(1, &[]));
    assert!(other.is_ok(), "the same client data");
    let other = with(&|scene| {
        let mut description = scene.registration.key_description(1, &hardware());
        let hash = scene.registration.hash();
        let at = description
            .windows(32)
            .position(|found| found == hash)
            .unwrap();
        description[at] ^= 1;
        description
    });
    assert_eq!(reason(other.unwrap_err()), StatementError::DataMismatch);
    let software = with(&|scene| scene.registration.key_description(0, &[])).unwrap();
    assert_eq!(software.level, AttestationLevel::Software);
}

#[test]
fn android_chain_is_linked_up_to_the_root() {
    let scene = Scene::new("android-key");
    let root = &scene.maker.root;
    let with = |chain: &[Vec<u8>]| {
        let mut statement = statement(&scene);
        set(&mut statement, "x5c", x5c(chain));
        scene.judge(&statement).map(|_| ())
    };
    let untrusted = Err(Refused::NoPath(PathError::Untrusted));
    let good = root.issue(leaf(&scene));
    assert_eq!(with(&[good.clone(), root.certificate.clone()]), Ok(()));
    let impostor = Authority::root("Test Authenticator Root", Key::p256());
    let forged = impostor.issue(leaf(&scene));
    assert_eq!(with(&[forged.clone(), root.certificate.clone()]), untrusted);
    assert_eq!(with(&[forged, impostor.certificate]), untrusted);
    let mut misnamed = leaf(&scene);
    misnamed.issuer = Some(der::common_name("another"));
    let misnamed = root.issue(misnamed);
    assert_eq!(with(&[misnamed, root.certificate.clone()]), untrusted);
}

#[test]
fn attested_android_key_certifies_nothing() {
    let scene = Scene::new("android-key");
    let attested = Key::p256();
    let first = Scene::new("android-key").registration;
    let mut real = first.android_leaf(first.key_description(1, &hardware()));
    real.spki = attested.spki();
    let real = scene.maker.root.subordinate_of(real, attested);
    let forged = real.issue(leaf(&scene));
    let mut statement = statement(&scene);
    set(&mut statement, "x5c", x5c(&[forged, real.certificate]));
    let untrusted = Refused::NoPath(PathError::Untrusted);
    assert_eq!(scene.judge(&statement).unwrap_err(), untrusted);
}

#[test]
fn apples_certificate_holds_the_nonce() {
    let missing = refused_leaf("apple", |leaf| drop(leaf.extensions.pop()));
    assert_eq!(missing, StatementError::Malformed);
    let bare = refused_leaf("apple", |leaf| {
        leaf.extensions[1].value = der::octet_string(&[7; 32]);
    });
    assert_eq!(bare, StatementError::Malformed);
}
