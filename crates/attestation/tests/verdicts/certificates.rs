//! Which bytes are a certificate.

use countersign_attestation::certificate::{
    Certificate, Curve, Hash, InvalidCertificate, KeyAlgorithm, SignatureAlgorithm, attribute,
};
use countersign_core::Timestamp;
use countersign_test_authority::{Authority, Draft, Extension, Key, der, validity};

fn root() -> Authority {
    Authority::root("root", Key::p256())
}

fn leaf() -> Draft {
    Draft::new("leaf", Key::p384().spki())
}

/// Puts other bytes around what is signed.
fn rewrap(der: &[u8], algorithm: &[u8], signature: &[u8]) -> Vec<u8> {
    let tbs = Certificate::parse(der).unwrap().tbs.to_vec();
    der::sequence(&[tbs, algorithm.to_vec(), signature.to_vec()])
}

#[test]
fn fields_are_read() {
    let root = root();
    let (from, to) = (Timestamp::from_secs(1), Timestamp::from_secs(2));
    let mut draft = leaf().with(Extension::key_usage(0x80));
    draft.serial = vec![0, 0, 0x0a, 0xbc];
    draft.validity = validity(from, to);
    let der = root.issue(draft);
    let read = Certificate::parse(&der).unwrap();
    assert_eq!(read.serial_hex(), "abc");
    assert_eq!(read.issuer.text(attribute::COMMON_NAME), Some("root"));
    assert_eq!(read.subject.text(attribute::COMMON_NAME), Some("leaf"));
    assert_eq!((read.not_before, read.not_after), (Some(from), Some(to)));
    assert_eq!(read.key.algorithm, KeyAlgorithm::Ec(Curve::P384));
    let algorithm = SignatureAlgorithm::Ecdsa(Hash::Sha256);
    assert_eq!(read.signature_algorithm, algorithm);
    let usage = &[0x55, 0x1d, 0x0f];
    assert_eq!(read.extension(usage), Some(&[3, 2, 0, 0x80][..]));
    assert!(read.extensions[0].is_critical);
    let issuer = Certificate::parse(&root.certificate).unwrap();
    assert!(read.is_signed_by(&issuer) && issuer.is_signed_by(&issuer));
    assert!(!issuer.is_signed_by(&read));
}

#[test]
fn keys_of_every_kind_sign() {
    for key in [Key::p256(), Key::p384(), Key::p521(), Key::rsa()] {
        let root = Authority::root("root", key);
        let root = Certificate::parse(&root.certificate).unwrap();
        assert!(root.is_signed_by(&root), "{root:?}");
    }
    let other = Authority::root("root", Key::ed25519());
    let other = Certificate::parse(&other.certificate).unwrap();
    assert_eq!(other.signature_algorithm, SignatureAlgorithm::Other);
    assert!(!other.is_signed_by(&other));
    let twin = other.key;
    assert_ne!(other.key, twin, "nothing is known of it");
}

/// The one outside is not signed, and would be believed.
#[test]
fn algorithms_inside_and_outside_agree() {
    let der = root().issue(leaf());
    let signature = Certificate::parse(&der).unwrap().signature;
    let signature = der::bit_string(signature);
    let outside = |algorithm: &[Vec<u8>]| {
        let der = rewrap(&der, &der::sequence(algorithm), &signature);
        Certificate::parse(&der).map(|read| read.signature_algorithm)
    };
    let sha256 = der::oid("1.2.840.10045.4.3.2");
    let expected = Ok(SignatureAlgorithm::Ecdsa(Hash::Sha256));
    assert_eq!(outside(std::slice::from_ref(&sha256)), expected);
    assert_eq!(outside(&[sha256.clone(), der::null()]), expected);
    for wrong in [
        &[der::oid("1.2.840.10045.4.3.3")][..],
        &[sha256.clone(), der::integer(1)],
        &[sha256, der::null(), der::null()],
        &[],
    ] {
        assert_eq!(outside(wrong), Err(InvalidCertificate));
    }
}

#[test]
fn signatures_are_whole_bytes() {
    let der = root().issue(leaf());
    let signature = Certificate::parse(&der).unwrap().signature;
    let algorithm = der::sequence(&[der::oid("1.2.840.10045.4.3.2")]);
    for unused in 1..=8 {
        let bits = der::tlv(0x03, &[&[unused], signature].concat());
        let der = rewrap(&der, &algorithm, &bits);
        assert!(Certificate::parse(&der).is_err());
    }
    let none = rewrap(&der, &algorithm, &der::tlv(0x03, &[]));
    assert!(Certificate::parse(&none).is_err());
}

#[test]
fn what_is_not_one_certificate_is_refused() {
    let good = root().issue(leaf().with(Extension::key_usage(0x80)));
    for length in 0..good.len() {
        assert!(Certificate::parse(&good[..length]).is_err());
    }
    let more = [good.as_slice(), &[0]].concat();
    assert!(Certificate::parse(&more).is_err());
    let twice = leaf()
        .with(Extension::key_usage(0x80))
        .with(Extension::key_usage(0x04));
    assert!(Certificate::parse(&root().issue(twice)).is_err());
    let long = Extension::new("1.2.3", vec![0; 16 * 1024]);
    assert!(Certificate::parse(&root().issue(leaf().with(long))).is_err());
    let with = |count: usize| {
        let oids = (0..count).map(|at| format!("1.2.{at}").leak());
        let extensions = oids.map(|oid| Extension::new(oid, Vec::new()));
        Draft {
            extensions: extensions.collect(),
            ..leaf()
        }
    };
    assert!(Certificate::parse(&root().issue(with(64))).is_ok());
    assert!(Certificate::parse(&root().issue(with(65))).is_err());
}

#[test]
fn odd_dates_are_no_dates() {
    for odd in [
        der::tlv(0x17, b"260101000000+0000"),
        der::tlv(0x18, b""),
        der::integer(1),
    ] {
        let mut draft = leaf();
        draft.validity = der::sequence(&[odd.clone(), odd]);
        let der = root().issue(draft);
        let read = Certificate::parse(&der).unwrap();
        assert_eq!((read.not_before, read.not_after), (None, None));
    }
}

#[test]
fn names_are_names() {
    for wrong in [
        der::null(),
        der::sequence(&[der::null()]),
        der::sequence(&[der::set(&[der::null()])]),
        der::sequence(&[der::set(&[der::sequence(&[der::null(), der::null()])])]),
    ] {
        let mut draft = leaf();
        draft.subject = wrong;
        assert!(Certificate::parse(&root().issue(draft)).is_err());
    }
    let mut draft = leaf();
    draft.subject = der::sequence(&[]);
    assert!(Certificate::parse(&root().issue(draft)).is_ok());
}
