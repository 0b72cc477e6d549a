//! App Attest's and `WebAuthn`'s statements.

use crate::{NOW, Seeds};
use countersign_test_authority::{
    Key,
    android::Android,
    app_attest::{self, AppAttest, PRODUCTION},
    authenticator_data::{AuthenticatorData, cose_key},
    cbor,
    receipt::{self, Form, ReceiptSigner},
    webauthn::{self, Maker, Members, Registration},
};

pub(crate) const APP: &str = "TEAM.com.example.app";
pub(crate) const ORIGIN: &str = "https://app.example.com";

pub(crate) fn all() -> Vec<(&'static str, Seeds)> {
    vec![
        ("app_attest", attestations()),
        ("app_attest_assertion", assertions()),
        ("app_attest_receipt", receipts()),
        ("webauthn_registration", registrations()),
        ("webauthn_assertion", uses_of_credentials()),
        ("credential_key", keys()),
    ]
}

/// Whole objects, and after a 0 authenticator data to be certified.
fn attestations() -> Seeds {
    let key = Key::p256();
    let old = app_attest::new_key(&key, APP, PRODUCTION);
    let new = AuthenticatorData {
        flags: 0xc0,
        rest: app_attest::extensions(4, "1.2.3"),
        ..old.clone()
    };
    let object = AppAttest::new().attest(&key, &new, b"data").encode();
    vec![
        ("object", object),
        ("signed-ios26", [vec![0], old.encode()].concat()),
        ("signed-ios27", [vec![0], new.encode()].concat()),
    ]
}

/// Whole assertions, and after a 0 authenticator data to be signed.
fn assertions() -> Seeds {
    let old = app_attest::used_key(APP, 3);
    let new = AuthenticatorData {
        rest: app_attest::extensions(4, "1.2.3"),
        ..old.clone()
    };
    let object = app_attest::assert(&Key::p256(), &new, b"data");
    vec![
        ("object", object),
        ("signed-ios26", [vec![0], old.encode()].concat()),
        ("signed-ios27", [vec![0], new.encode()].concat()),
    ]
}

/// Whole receipts, and after a 0 or 1 content to be signed in DER or BER.
fn receipts() -> Seeds {
    let leaf = app_attest::leaf(Key::p256().spki(), &[]);
    let leaf = AppAttest::new().intermediate.issue(leaf);
    let first = receipt::fields(APP, &leaf, NOW);
    let mut renewed = first.clone();
    renewed.extend([(17, b"3".to_vec()), (19, b"2027-01-16T08:00:00Z".to_vec())]);
    let [first, renewed] = [first, renewed].map(|fields| receipt::content(&fields));
    let signer = ReceiptSigner::default();
    vec![
        ("receipt-definite", signer.sign(&first, Form::Definite)),
        ("receipt-indefinite", signer.sign(&first, Form::Indefinite)),
        ("signed-attest", [vec![1], first].concat()),
        ("signed-metric", [vec![0], renewed].concat()),
    ]
}

/// Whole objects of every format, and after a 0 what nobody vouches for.
fn registrations() -> Seeds {
    let maker = Maker::new();
    let [one, rsa] = [Key::p256(), Key::rsa()]
        .map(|key| Registration::new(key, "example.com", &[7; 32], ORIGIN));
    let object = |format, statement: Members, registration: &Registration| {
        webauthn::object(format, &statement, &registration.data)
    };
    let tpm = |registration: &Registration| {
        let area = registration.tpm_public_area();
        object(
            "tpm",
            maker.tpm(registration, &area, maker.tpm_leaf()),
            registration,
        )
    };
    let packed = maker.sign(&maker.key, &one.signed(), maker.packed_leaf());
    let android = Android::leaf(&one.key, &one.key_description().encode());
    let android = maker.sign(&one.key, &one.signed(), android);
    let apple = vec![("x5c", webauthn::x5c(&[maker.root.issue(one.apple_leaf())]))];
    let extended = AuthenticatorData {
        flags: 0xc5,
        rest: cbor::text_map(&[("credProtect", cbor::number(2))]),
        ..one.data.clone()
    };
    let unvouched = |data| [vec![0], with_client_data(data, &one.client_data)].concat();
    vec![
        ("object-none", object("none", vec![], &one)),
        ("object-packed", object("packed", packed, &one)),
        ("object-self", object("packed", one.by_itself(-7), &one)),
        ("object-tpm", tpm(&one)),
        ("object-tpm-rsa", tpm(&rsa)),
        ("object-android", object("android-key", android, &one)),
        ("object-apple", object("apple", apple, &one)),
        ("object-u2f", object("fido-u2f", maker.fido_u2f(&one), &one)),
        ("unvouched", unvouched(&one.data)),
        ("unvouched-extensions", unvouched(&extended)),
    ]
}

fn uses_of_credentials() -> Seeds {
    let client_data = webauthn::client_data("webauthn.get", &[7; 32], ORIGIN);
    let bare = AuthenticatorData {
        subject: "example.com".to_owned(),
        flags: 0x05,
        counter: 3,
        credential: None,
        rest: Vec::new(),
    };
    let extended = AuthenticatorData {
        flags: 0x85,
        rest: cbor::map(&[]),
        ..bare.clone()
    };
    vec![
        ("bare", with_client_data(&bare, &client_data)),
        ("extensions", with_client_data(&extended, &client_data)),
    ]
}

fn keys() -> Seeds {
    vec![
        ("es256", cose_key(&Key::p256())),
        ("es384", cose_key(&Key::p384())),
        ("es512", cose_key(&Key::p521())),
        ("rs256", cose_key(&Key::rsa())),
        ("eddsa", cose_key(&Key::ed25519())),
    ]
}

/// Authenticator data after two bytes of its length, and client data.
pub(crate) fn with_client_data(data: &AuthenticatorData, client_data: &[u8]) -> Vec<u8> {
    let data = data.encode();
    let length = u16::try_from(data.len()).unwrap();
    [&length.to_be_bytes(), data.as_slice(), client_data].concat()
}
