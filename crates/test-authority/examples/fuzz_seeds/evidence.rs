//! Evidence of every platform, after the byte that says which.

use crate::{
    NOW, Seeds,
    android::joined,
    apple_web::{APP, ORIGIN, with_client_data},
};
use countersign_attestation::transcript::{Purpose, Transcript};
use countersign_test_authority::{
    Key,
    android::{Android, KeyDescription},
    app_attest::{self, AppAttest, PRODUCTION},
    authenticator_data::AuthenticatorData,
    cbor,
    webauthn::{self, Maker, Registration},
};

/// As the target asks.
const CHALLENGE: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
const CLIENT: &str = "cli_00000000000000000000000000";

pub(crate) fn all() -> Vec<(&'static str, Seeds)> {
    vec![("evidence", [apple(), android(), web()].concat())]
}

fn of_kind(kind: u8, bytes: &[u8]) -> Vec<u8> {
    [&[kind], bytes].concat()
}

fn apple() -> Seeds {
    let key = Key::p256();
    let old = app_attest::new_key(&key, APP, PRODUCTION);
    let new = AuthenticatorData {
        flags: 0xc0,
        rest: app_attest::extensions(4, "1.2.3"),
        ..old.clone()
    };
    let object = AppAttest::new().attest(&key, &new, b"data").encode();
    vec![
        ("apple-object", of_kind(0, &object)),
        ("apple-signed-ios26", of_kind(1, &old.encode())),
        ("apple-signed-ios27", of_kind(1, &new.encode())),
    ]
}

fn android() -> Seeds {
    let transcript = Transcript {
        purpose: Purpose::Enroll,
        challenge: CHALLENGE,
        client: CLIENT.parse().unwrap(),
        action: None,
    };
    let challenge = transcript.without_key();
    let description = KeyDescription::new(&challenge, "com.example.app", &[0xd1; 32]);
    let chain = Android::remote(NOW).attest(&Key::p256(), &description);
    vec![
        ("android-chain", of_kind(2, &joined(&chain))),
        ("android-signed", of_kind(3, &description.encode())),
    ]
}

fn web() -> Seeds {
    let made = Registration::new(Key::p256(), "example.com", &[7; 32], ORIGIN);
    let maker = Maker::new();
    let packed = maker.sign(&maker.key, &made.signed(), maker.packed_leaf());
    let object = |format, statement: &[_]| webauthn::object(format, statement, &made.data);
    let extended = AuthenticatorData {
        flags: 0xc5,
        rest: cbor::text_map(&[("credProtect", cbor::number(2))]),
        ..made.data.clone()
    };
    vec![
        ("web-none", of_kind(4, &object("none", &[]))),
        ("web-packed", of_kind(4, &object("packed", &packed))),
        (
            "web-unvouched",
            of_kind(5, &with_client_data(&made.data, b"")),
        ),
        ("web-signed", of_kind(6, &with_client_data(&extended, b""))),
        (
            "web-signed-told",
            of_kind(6, &with_client_data(&made.data, &made.client_data)),
        ),
    ]
}
