//! Whatever bytes come, App Attest and `WebAuthn` evidence is judged without a panic, and refused.

use crate::{app_attest::Scene as App, webauthn::Scene as Web};
use countersign_attestation::{cose::CredentialKey, webauthn::Anchors};
use countersign_test_authority::{cbor, webauthn::object};
use proptest::prelude::*;
use std::sync::LazyLock;

/// Making keys and certificates takes longer than judging.
static APP: LazyLock<App> = LazyLock::new(App::new);
static WEB: LazyLock<Web> = LazyLock::new(|| Web::new("packed"));

proptest! {
    #[test]
    fn any_object_is_refused(bytes: Vec<u8>) {
        prop_assert!(APP.judge(&bytes).is_err());
        prop_assert!(WEB.judge_object(&bytes, &Anchors::none()).is_err());
        prop_assert!(CredentialKey::from_cose(&bytes).is_err());
    }

    #[test]
    fn any_part_of_an_attestation_is_refused(bytes: Vec<u8>, part in 0usize..4) {
        let mut object = APP.object();
        match part {
            0 => object.certificates[0] = bytes,
            1 => object.certificates[1] = bytes,
            2 => object.authenticator_data = bytes,
            _ => object.authenticator_data.extend(bytes),
        }
        let is_changed = object.authenticator_data != APP.object().authenticator_data;
        prop_assume!(part < 3 || is_changed);
        prop_assert!(APP.judge(&object.encode()).is_err());
    }

    #[test]
    fn any_statement_is_refused(
        bytes: Vec<u8>,
        format in prop::sample::select(vec!["packed", "tpm", "android-key", "apple", "fido-u2f"]),
        member in prop::sample::select(vec!["sig", "certInfo", "pubArea"]),
    ) {
        let statement = [
            ("alg", cbor::number(-7)),
            ("ver", cbor::text("2.0")),
            ("x5c", cbor::array(&[cbor::bytes(&bytes)])),
            (member, cbor::bytes(&bytes)),
        ];
        let object = object(format, &statement, &WEB.registration.data);
        prop_assert!(WEB.judge_object(&object, &WEB.anchors()).is_err());
    }
}
