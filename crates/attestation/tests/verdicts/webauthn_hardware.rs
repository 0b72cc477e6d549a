//! What TPMs and Apple certify of a credential's key.

use crate::{
    webauthn::Scene,
    webauthn_statements::{reason, refused, refused_leaf, set, statement},
};
use countersign_attestation::webauthn::{Doubt, StatementError};
use countersign_core::attestation::AttestationLevel;
use countersign_test_authority::{
    cbor, der,
    webauthn::{tpm_certify_info, tpm_certify_info_by},
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

/// The longest name of a key is that of SHA-512.
#[test]
fn names_in_what_a_tpm_certifies_are_short() {
    use aws_lc_rs::digest::{SHA256, digest};
    for (length, is_right) in [(0, true), (4, true), (66, true), (67, false), (1000, false)] {
        let scene = Scene::new("tpm");
        let area = scene.registration.tpm_public_area();
        let name = [&[0, 0x0b], digest(&SHA256, &area).as_ref()].concat();
        let extra = digest(&SHA256, &scene.registration.signed());
        let info = tpm_certify_info_by(&vec![7; length], extra.as_ref(), &name);
        let mut members = statement(&scene);
        set(
            &mut members,
            "sig",
            cbor::bytes(&scene.maker.key.sign(&info)),
        );
        set(&mut members, "certInfo", cbor::bytes(&info));
        let outcome = scene.judge(&members).map(|_| ()).map_err(reason);
        let malformed = Err(StatementError::Malformed);
        assert_eq!(
            outcome,
            if is_right { Ok(()) } else { malformed },
            "{length}"
        );
    }
}

/// A key that was brought in, or may leave, is in other places too.
#[test]
fn keys_that_are_not_bound_to_the_tpm_are_software() {
    let judge = |attributes| {
        let scene = Scene::new("tpm");
        let area = scene.registration.tpm_public_area_with(attributes);
        let leaf = scene.maker.tpm_leaf();
        let statement = scene.maker.tpm(&scene.registration, &area, leaf);
        let verdict = scene.judge(&statement).unwrap();
        (verdict.level, verdict.facts.doubt)
    };
    let bound = (AttestationLevel::Authenticator, None);
    let movable = (AttestationLevel::Software, Some(Doubt::MovableKey));
    assert_eq!(judge(0x0004_0072), bound);
    assert_eq!(judge(0xffff_ffff), bound);
    for bit in [0x02, 0x10, 0x20] {
        assert_eq!(judge(0x0004_0072 & !bit), movable, "{bit:x}");
    }
    assert_eq!(judge(0), movable);
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
