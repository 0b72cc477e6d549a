//! Keys of credentials, of every algorithm and in every wrong shape.

use crate::webauthn::{Scene, credential, refused};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use countersign_attestation::{
    cose::{CredentialKey, InvalidCredentialKey},
    webauthn::registration::Refused,
};
use countersign_test_authority::{Key, authenticator_data::cose_key, cbor};

#[test]
fn keys_of_every_algorithm_are_read() {
    for key in [
        Key::p256(),
        Key::p384(),
        Key::p521(),
        Key::rsa(),
        Key::ed25519(),
    ] {
        let scene = Scene::of(key, "none");
        let verdict = scene.judge(&vec![]).unwrap();
        let message = b"what is signed";
        let signature = scene.registration.key.sign(message);
        assert!(verdict.key.is_signed(message, &signature));
        assert!(!verdict.key.is_signed(b"what is not", &signature));
    }
}

#[test]
fn keys_are_of_the_shape_of_their_algorithm() {
    let with = |key: Vec<u8>| refused(|scene| credential(scene).key = key);
    let malformed = Refused::Key(InvalidCredentialKey::Malformed);
    let key = cose_key(&Key::p256());
    let member = |at: i64, value: Vec<u8>| [cbor::number(at), value].concat();
    let replace = |from: Vec<u8>, to: Vec<u8>| {
        let at = key
            .windows(from.len())
            .position(|found| *found == from)
            .unwrap();
        [&key[..at], &to, &key[at + from.len()..]].concat()
    };
    let kind = replace(member(1, cbor::number(2)), member(1, cbor::number(1)));
    let curve = replace(member(-1, cbor::number(1)), member(-1, cbor::number(2)));
    let mut off_curve = key.clone();
    *off_curve.last_mut().unwrap() ^= 1;
    let mut private = [&key[..], &member(-4, cbor::bytes(&[7; 32]))].concat();
    private[0] = 0xa6;
    for key in [kind, curve, off_curve, private, cbor::map(&[])] {
        assert_eq!(with(key), malformed);
    }
    for algorithm in [-53, -65535, 0, -10_000_000_000] {
        let unknown = replace(
            member(3, cbor::number(-7)),
            member(3, cbor::number(algorithm)),
        );
        let reason = Refused::Key(InvalidCredentialKey::UnknownAlgorithm);
        assert_eq!(with(unknown), reason, "{algorithm}");
    }
}

/// What is registered has to be read back from where it is stored.
#[test]
fn keys_that_are_registered_can_be_read_back() {
    let rsa = |length: usize, exponent: &[u8]| {
        // Any odd number passes for a modulus.
        let modulus = vec![0xff; length];
        cbor::map(&[
            (cbor::number(1), cbor::number(3)),
            (cbor::number(3), cbor::number(-257)),
            (cbor::number(-1), cbor::bytes(&modulus)),
            (cbor::number(-2), cbor::bytes(exponent)),
        ])
    };
    let usual = [1, 0, 1];
    for length in [256, 384, 512] {
        let mut scene = Scene::new("none");
        credential(&mut scene).key = rsa(length, &usual);
        let facts = scene.judge(&vec![]).unwrap().facts;
        let stored = URL_SAFE_NO_PAD.decode(&facts.credential_key).unwrap();
        assert!(CredentialKey::from_cose(&stored).is_ok(), "{length}");
    }
    let malformed = Refused::Key(InvalidCredentialKey::Malformed);
    for key in [rsa(513, &usual), rsa(1024, &usual), rsa(256, &[1; 9])] {
        let reason = refused(|scene| credential(scene).key = key.clone());
        assert_eq!(reason, malformed);
        assert!(CredentialKey::from_cose(&key).is_err());
    }
}
