//! Registrations that a maker vouches for, in every wrong shape of each format.

use crate::webauthn::{Scene, android_keys};
use countersign_attestation::{
    path::{Anchors as Path, PathError},
    webauthn::{Anchors, AuthenticatorError, StatementError, registration::Refused},
};
use countersign_core::attestation::AttestationLevel;
use countersign_test_authority::{
    Draft, Extension, Key,
    android::Android,
    cbor, der,
    webauthn::{MODEL_OID, Members, x5c},
};

const FORMATS: [&str; 5] = ["packed", "tpm", "android-key", "apple", "fido-u2f"];

pub(crate) fn leaf(scene: &Scene) -> Draft {
    let registration = &scene.registration;
    match scene.format {
        "tpm" => scene.maker.tpm_leaf(),
        "android-key" => Android::leaf(&registration.key, &registration.key_description().encode()),
        "apple" => registration.apple_leaf(),
        _ => scene.maker.packed_leaf(),
    }
}

pub(crate) fn statement_with(scene: &Scene, leaf: Draft) -> Members {
    let (maker, registration) = (&scene.maker, &scene.registration);
    match scene.format {
        "tpm" => maker.tpm(registration, &registration.tpm_public_area(), leaf),
        "android-key" => maker.sign(&registration.key, &registration.signed(), leaf),
        "apple" => vec![("x5c", x5c(&[maker.root.issue(leaf)]))],
        "fido-u2f" => maker.fido_u2f(registration),
        _ => maker.sign(&maker.key, &registration.signed(), leaf),
    }
}

pub(crate) fn statement(scene: &Scene) -> Members {
    statement_with(scene, leaf(scene))
}

pub(crate) fn set(statement: &mut Members, name: &'static str, value: Vec<u8>) {
    statement.retain(|(found, _)| *found != name);
    statement.push((name, value));
}

/// Changes a good statement of a format, and says why it is refused.
pub(crate) fn refused(
    format: &'static str,
    change: impl FnOnce(&Scene, &mut Members),
) -> StatementError {
    let scene = Scene::new(format);
    let mut statement = statement(&scene);
    change(&scene, &mut statement);
    reason(scene.judge(&statement).unwrap_err())
}

/// Changes the certificate of a good statement, and says why it is refused.
pub(crate) fn refused_leaf(
    format: &'static str,
    change: impl FnOnce(&mut Draft),
) -> StatementError {
    let scene = Scene::new(format);
    let mut leaf = leaf(&scene);
    change(&mut leaf);
    reason(scene.judge(&statement_with(&scene, leaf)).unwrap_err())
}

pub(crate) fn reason(refused: Refused) -> StatementError {
    match refused {
        Refused::Statement(error) => Some(error),
        _ => None,
    }
    .unwrap()
}

pub(crate) fn path_error(refused: Refused) -> PathError {
    match refused {
        Refused::NoPath(error) => Some(error),
        _ => None,
    }
    .unwrap()
}

#[test]
fn makers_vouch_in_every_format() {
    for format in FORMATS {
        let scene = Scene::new(format);
        let verdict = scene.judge(&statement(&scene)).unwrap();
        assert_eq!(verdict.level, AttestationLevel::Authenticator, "{format}");
        assert_eq!(verdict.facts.serials, ["1"], "{format}");
        let model = (format == "packed").then(|| "aa".repeat(16));
        assert_eq!(verdict.facts.aaguid, model, "{format}");
    }
    let scene = Scene::of(Key::rsa(), "tpm");
    scene.judge(&statement(&scene)).unwrap();
}

/// Whoever can have an Android key certified chooses the name in its certificate, and signs with
/// it whatever he likes.
#[test]
fn anchors_of_one_format_serve_no_other() {
    for format in FORMATS {
        let scene = Scene::new(format);
        // The maker is everybody's anchor but this format's.
        let root = &scene.maker.root.certificate;
        let path = || Path::new([root]).unwrap();
        let mut other = Anchors {
            authenticators: path(),
            tpm: path(),
            apple: path(),
            android_key: android_keys(&scene.maker.root),
        };
        match format {
            "packed" | "fido-u2f" => other.authenticators = Anchors::none().authenticators,
            "tpm" => other.tpm = Anchors::none().tpm,
            "apple" => other.apple = Anchors::none().apple,
            _ => other.android_key = Anchors::none().android_key,
        }
        let untrusted = Refused::NoPath(PathError::Untrusted);
        let outcome = scene.judge_under(&statement(&scene), &other);
        assert_eq!(outcome.unwrap_err(), untrusted, "{format}");
    }
}

#[test]
fn credential_that_vouches_for_itself_is_software() {
    for (key, algorithm) in [
        (Key::p256(), -7),
        (Key::p384(), -35),
        (Key::rsa(), -257),
        (Key::ed25519(), -8),
    ] {
        let scene = Scene::of(key, "packed");
        let statement = scene.registration.by_itself(algorithm);
        let verdict = scene.judge(&statement).unwrap();
        assert_eq!(verdict.level, AttestationLevel::Software);
        assert_eq!(verdict.facts.aaguid, None);
    }
    let scene = Scene::new("packed");
    let wrong = scene.judge(&scene.registration.by_itself(-257));
    assert_eq!(reason(wrong.unwrap_err()), StatementError::WrongAlgorithm);
    let mut forged = scene.registration.by_itself(-7);
    set(
        &mut forged,
        "sig",
        cbor::bytes(&Key::p256().sign(&scene.registration.signed())),
    );
    let forged = scene.judge(&forged).unwrap_err();
    assert_eq!(reason(forged), StatementError::BadSignature);
}

#[test]
fn statement_of_nobody_is_empty() {
    let scene = Scene::new("none");
    let outcome = scene.judge(&vec![("alg", cbor::number(-7))]);
    assert_eq!(reason(outcome.unwrap_err()), StatementError::Malformed);
}

#[test]
fn members_are_there_and_of_their_type() {
    for format in FORMATS {
        for (name, _) in statement(&Scene::new(format)) {
            // Without certificates it is the credential's own statement.
            let is_own = (format, name) == ("packed", "x5c");
            if !is_own {
                let missing = refused(format, |_, members| members.retain(|(n, _)| *n != name));
                assert_eq!(missing, StatementError::Malformed, "{format} {name}");
            }
            let other = refused(format, |_, members| set(members, name, cbor::array(&[])));
            assert_eq!(other, StatementError::Malformed, "{format} {name}");
        }
    }
}

#[test]
fn certificates_are_read() {
    for format in FORMATS {
        let garbage = refused(format, |_, members| {
            set(members, "x5c", x5c(&[vec![0x30, 0]]));
        });
        assert_eq!(garbage, StatementError::InvalidCertificate, "{format}");
        let many = refused(format, |_, members| {
            set(members, "x5c", x5c(&vec![vec![]; 9]));
        });
        assert_eq!(many, StatementError::Malformed, "{format}");
    }
}

#[test]
fn keys_of_the_older_kind_have_one_certificate() {
    let two = refused("fido-u2f", |scene, members| {
        let leaf = scene.maker.root.issue(scene.maker.packed_leaf());
        let root = scene.maker.root.certificate.clone();
        set(members, "x5c", x5c(&[leaf, root]));
    });
    assert_eq!(two, StatementError::Malformed);
}

#[test]
fn signature_is_the_makers() {
    for format in ["packed", "tpm", "android-key", "fido-u2f"] {
        let forged = refused(format, |_, members| {
            set(members, "sig", cbor::bytes(&Key::p256().sign(b"other")));
        });
        assert_eq!(forged, StatementError::BadSignature, "{format}");
    }
    for format in ["packed", "tpm", "android-key"] {
        let unknown = refused(format, |_, members| {
            set(members, "alg", cbor::number(-65535 - 1));
        });
        assert_eq!(unknown, StatementError::WrongAlgorithm, "{format}");
    }
    // SHA-1 is for TPMs with RSA keys only.
    let sha1 = refused("packed", |_, members| {
        set(members, "alg", cbor::number(-65535));
    });
    assert_eq!(sha1, StatementError::WrongAlgorithm);
}

#[test]
fn statement_is_of_this_registration() {
    for (format, reason_of_it) in [
        ("packed", StatementError::BadSignature),
        ("fido-u2f", StatementError::BadSignature),
        ("tpm", StatementError::DataMismatch),
        ("apple", StatementError::DataMismatch),
        ("android-key", StatementError::BadSignature),
    ] {
        let mut scene = Scene::new(format);
        let statement = statement(&scene);
        scene.registration.client_data.push(b' ');
        let outcome = scene.judge(&statement);
        assert_eq!(reason(outcome.unwrap_err()), reason_of_it, "{format}");
    }
}

#[test]
fn statement_is_about_the_credentials_key() {
    let other = refused_leaf("apple", |leaf| leaf.spki = Key::p256().spki());
    assert_eq!(other, StatementError::KeyMismatch);
    let scene = Scene::new("android-key");
    let key = Key::p256();
    let mut leaf = leaf(&scene);
    leaf.spki = key.spki();
    let signed = scene.registration.signed();
    let outcome = scene.judge(&scene.maker.sign(&key, &signed, leaf));
    assert_eq!(reason(outcome.unwrap_err()), StatementError::KeyMismatch);
    let other = Scene::new("tpm").registration.tpm_public_area();
    let scene = Scene::new("tpm");
    let statement = scene
        .maker
        .tpm(&scene.registration, &other, scene.maker.tpm_leaf());
    let outcome = scene.judge(&statement);
    assert_eq!(reason(outcome.unwrap_err()), StatementError::KeyMismatch);
    let scene = Scene::of(Key::p384(), "fido-u2f");
    let outcome = scene.judge(&scene.maker.fido_u2f(&scene.registration));
    assert_eq!(reason(outcome.unwrap_err()), StatementError::UnsuitableKey);
}

#[test]
fn makers_certificate_is_for_attestation() {
    let unsuitable = StatementError::UnsuitableCertificate;
    for format in ["packed", "tpm"] {
        let authority = refused_leaf(format, |leaf| {
            leaf.extensions[0] = Extension::basic_constraints(true);
        });
        assert_eq!(authority, unsuitable, "{format}");
        let unsaid = refused_leaf(format, |leaf| drop(leaf.extensions.remove(0)));
        assert_eq!(unsaid, unsuitable, "{format}");
    }
    for subject in [
        der::common_name("Test Authenticator"),
        der::sequence(&[]),
        der::name(&[("2.5.4.11", "Authenticator Attestation")]),
    ] {
        let nameless = refused_leaf("packed", |leaf| leaf.subject = subject);
        assert_eq!(nameless, unsuitable);
    }
    let named = refused_leaf("tpm", |leaf| leaf.subject = der::common_name("TPM"));
    assert_eq!(named, unsuitable);
    for without in ["2.5.29.37", "2.5.29.17"] {
        let less = refused_leaf("tpm", |leaf| leaf.extensions.retain(|e| e.oid != without));
        assert_eq!(less, unsuitable, "{without}");
    }
    let other_use = refused_leaf("tpm", |leaf| {
        leaf.extensions[1] = Extension::extended_key_usage(&["1.3.6.1.5.5.7.3.2"]);
    });
    assert_eq!(other_use, unsuitable);
}

#[test]
fn makers_certificate_is_for_the_model() {
    let other = der::octet_string(&[0xbb; 16]);
    for value in [other, der::octet_string(&[0xaa; 15]), vec![0xaa; 16]] {
        let reason = refused_leaf("packed", |leaf| {
            leaf.extensions[1] = Extension::new(MODEL_OID, value);
        });
        assert_eq!(reason, StatementError::ModelMismatch);
    }
    let critical = refused_leaf("packed", |leaf| leaf.extensions[1].critical = true);
    assert_eq!(critical, StatementError::ModelMismatch);
    let scene = Scene::new("packed");
    let mut unsaid = leaf(&scene);
    unsaid.extensions.pop();
    scene.judge(&statement_with(&scene, unsaid)).unwrap();
}

#[test]
fn path_is_dated_and_signed() {
    use countersign_core::Timestamp;
    use countersign_test_authority::validity;
    for format in FORMATS {
        let scene = Scene::new(format);
        let other = Scene::new(format);
        let outcome = scene.judge_under(&statement(&scene), &other.anchors());
        let untrusted = Refused::NoPath(PathError::Untrusted);
        assert_eq!(outcome.unwrap_err(), untrusted, "{format}");
    }
    for format in ["packed", "tpm", "apple"] {
        let scene = Scene::new(format);
        let mut expired = leaf(&scene);
        let at = Timestamp::from_secs;
        expired.validity = validity(at(1_600_000_000), at(1_700_000_000));
        let outcome = scene.judge(&statement_with(&scene, expired));
        let expired = Refused::NoPath(PathError::Expired);
        assert_eq!(outcome.unwrap_err(), expired, "{format}");
    }
}

#[test]
fn keys_of_the_older_kind_know_no_user_and_no_model() {
    let mut scene = Scene::new("fido-u2f");
    let verdict = scene.judge(&statement(&scene)).unwrap();
    assert!(!verdict.facts.user_verified);
    scene.user_verification = true;
    let unverified = Refused::Authenticator(AuthenticatorError::UserNotVerified);
    let outcome = scene.judge(&statement(&scene));
    assert_eq!(outcome.unwrap_err(), unverified);
}

/// Flags, counter and model are not covered by statements of the older kind.
#[test]
fn every_flipped_bit_of_a_vouched_registration_is_noticed() {
    for format in FORMATS {
        let mut scene = Scene::new(format);
        let good = statement(&scene);
        for at in 0..scene.registration.client_data.len() * 8 {
            scene.registration.client_data[at / 8] ^= 1 << (at % 8);
            assert!(scene.judge(&good).is_err(), "{format}: bit {at}");
            scene.registration.client_data[at / 8] ^= 1 << (at % 8);
        }
        let key = scene
            .registration
            .data
            .credential
            .as_ref()
            .unwrap()
            .key
            .clone();
        for at in 0..key.len() * 8 {
            let credential = scene.registration.data.credential.as_mut().unwrap();
            credential.key[at / 8] ^= 1 << (at % 8);
            assert!(scene.judge(&good).is_err(), "{format}: bit {at} of the key");
            let credential = scene.registration.data.credential.as_mut().unwrap();
            credential.key.clone_from(&key);
        }
    }
}
