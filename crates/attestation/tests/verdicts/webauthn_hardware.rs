//! What TPMs and Apple certify of a credential's key.

use crate::webauthn_statements::{refused, refused_leaf, set};
use countersign_attestation::webauthn::StatementError;
use countersign_test_authority::{cbor, der, webauthn::tpm_certify_info};

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
fn apples_certificate_holds_the_nonce() {
    let missing = refused_leaf("apple", |leaf| drop(leaf.extensions.pop()));
    assert_eq!(missing, StatementError::Malformed);
    let bare = refused_leaf("apple", |leaf| {
        leaf.extensions[1].value = der::octet_string(&[7; 32]);
    });
    assert_eq!(bare, StatementError::Malformed);
}
