//! Assertions of credentials in every wrong shape.

use crate::webauthn::{CHALLENGE, ORIGIN, RP_ID};
use aws_lc_rs::digest::{SHA256, digest};
use countersign_attestation::{
    cose::CredentialKey,
    webauthn::{
        AuthenticatorError, Ceremony, ClientDataError,
        assertion::{Evidence, Expected, Refused, Verdict, appraise},
    },
};
use countersign_test_authority::{
    Key,
    authenticator_data::{AuthenticatorData, cose_key},
    cbor,
    webauthn::client_data,
};

/// A use of a credential, and what is known of it.
struct Scene {
    key: Key,
    data: AuthenticatorData,
    client_data: Vec<u8>,
    sign_count: u32,
    backup_eligible: bool,
    user_verification: bool,
}

impl Scene {
    fn of(key: Key) -> Self {
        Self {
            key,
            data: AuthenticatorData {
                subject: RP_ID.to_owned(),
                flags: 0x05,
                counter: 5,
                credential: None,
                rest: Vec::new(),
            },
            client_data: client_data("webauthn.get", CHALLENGE, ORIGIN),
            sign_count: 4,
            backup_eligible: false,
            user_verification: true,
        }
    }

    fn signature(&self) -> Vec<u8> {
        let hash = digest(&SHA256, &self.client_data);
        self.key
            .sign(&[&self.data.encode(), hash.as_ref()].concat())
    }

    fn judge(&self) -> Result<Verdict, Refused> {
        self.judge_signed(&self.data.encode(), &self.signature())
    }

    fn judge_signed(&self, data: &[u8], signature: &[u8]) -> Result<Verdict, Refused> {
        let evidence = Evidence {
            client_data_json: &self.client_data,
            authenticator_data: data,
            signature,
        };
        let expected = Expected {
            ceremony: Ceremony {
                challenge: CHALLENGE,
                origins: &[ORIGIN],
                top_origins: None,
                rp_id: RP_ID,
                user_verification: self.user_verification,
            },
            key: &CredentialKey::from_cose(&cose_key(&self.key)).unwrap(),
            sign_count: self.sign_count,
            backup_eligible: self.backup_eligible,
        };
        appraise(&evidence, &expected).outcome
    }
}

fn refused(change: impl FnOnce(&mut Scene)) -> Refused {
    let mut scene = Scene::of(Key::p256());
    change(&mut scene);
    scene.judge().unwrap_err()
}

#[test]
fn credentials_of_every_algorithm_step_up() {
    for key in [
        Key::p256(),
        Key::p384(),
        Key::p521(),
        Key::rsa(),
        Key::ed25519(),
    ] {
        let verdict = Scene::of(key).judge().unwrap();
        assert_eq!(verdict.sign_count, 5);
        assert!(verdict.user_verified && !verdict.backed_up);
    }
}

#[test]
fn counter_rises_or_is_not_there() {
    for (stored, counter, is_right) in [
        (0, 0, true),
        (0, 1, true),
        (4, 9, true),
        (5, 5, false),
        (5, 4, false),
        (5, 0, false),
        (u32::MAX, 0, false),
    ] {
        let mut scene = Scene::of(Key::p256());
        scene.sign_count = stored;
        scene.data.counter = counter;
        let outcome = scene.judge().map(|verdict| verdict.sign_count);
        let expected = if is_right {
            Ok(counter)
        } else {
            Err(Refused::CounterNotRisen)
        };
        assert_eq!(outcome, expected, "{counter} after {stored}");
    }
}

#[test]
fn long_input_is_refused_unread() {
    let long = refused(|scene| scene.client_data = vec![b' '; 20_000]);
    assert_eq!(long, Refused::TooLong);
    let long = refused(|scene| scene.data.rest = vec![0; 5_000]);
    assert_eq!(long, Refused::TooLong);
    let scene = Scene::of(Key::p256());
    let long = scene.judge_signed(&scene.data.encode(), &[0; 2_000]);
    assert_eq!(long.unwrap_err(), Refused::TooLong);
}

#[test]
fn client_data_is_of_what_was_asked() {
    use ClientDataError as E;
    for (data, error) in [
        (b"{}".to_vec(), E::Malformed),
        (
            client_data("webauthn.create", CHALLENGE, ORIGIN),
            E::WrongType,
        ),
        (
            client_data("webauthn.get", &[8; 32], ORIGIN),
            E::ChallengeMismatch,
        ),
        (
            client_data("webauthn.get", CHALLENGE, "https://evil.example"),
            E::OriginMismatch,
        ),
    ] {
        let reason = refused(|scene| scene.client_data = data);
        assert_eq!(reason, Refused::ClientData(error));
    }
}

#[test]
fn authenticator_did_what_was_asked() {
    use AuthenticatorError as E;
    for (flags, error) in [
        (0x04, E::UserNotPresent),
        (0x01, E::UserNotVerified),
        (0x15, E::InvalidBackupState),
    ] {
        let reason = refused(|scene| scene.data.flags = flags);
        assert_eq!(reason, Refused::Authenticator(error));
    }
    let elsewhere = refused(|scene| scene.data.subject = "evil.example".to_owned());
    assert_eq!(elsewhere, Refused::Authenticator(E::RelyingPartyMismatch));
    let mut scene = Scene::of(Key::p256());
    scene.data.flags = 0x01;
    scene.user_verification = false;
    assert!(!scene.judge().unwrap().user_verified);
}

#[test]
fn authenticator_data_holds_what_its_flags_say() {
    for (flags, rest) in [
        (0x05, cbor::map(&[])),
        (0x85, vec![]),
        (0x45, vec![]),
        (0x85, vec![0xa0, 0xa0]),
    ] {
        let reason = refused(|scene| {
            scene.data.flags = flags;
            scene.data.rest = rest;
        });
        assert_eq!(reason, Refused::InvalidAuthenticatorData);
    }
    let mut scene = Scene::of(Key::p256());
    scene.data.flags = 0x85;
    scene.data.rest = cbor::map(&[]);
    scene.judge().unwrap();
}

#[test]
fn credential_does_not_change_its_kind() {
    let changed = Refused::BackupEligibilityChanged;
    assert_eq!(refused(|scene| scene.data.flags = 0x0d), changed);
    assert_eq!(refused(|scene| scene.backup_eligible = true), changed);
    let mut scene = Scene::of(Key::p256());
    scene.backup_eligible = true;
    scene.data.flags = 0x1d;
    assert!(scene.judge().unwrap().backed_up);
}

#[test]
fn every_flipped_bit_is_noticed() {
    let mut scene = Scene::of(Key::p256());
    let (data, signature) = (scene.data.encode(), scene.signature());
    for at in 0..data.len() * 8 {
        let mut flipped = data.clone();
        flipped[at / 8] ^= 1 << (at % 8);
        assert!(
            scene.judge_signed(&flipped, &signature).is_err(),
            "bit {at}"
        );
    }
    for end in 0..data.len() {
        let reason = scene.judge_signed(&data[..end], &signature).unwrap_err();
        assert_eq!(reason, Refused::InvalidAuthenticatorData);
    }
    for at in 0..scene.client_data.len() * 8 {
        scene.client_data[at / 8] ^= 1 << (at % 8);
        assert!(scene.judge_signed(&data, &signature).is_err(), "bit {at}");
        scene.client_data[at / 8] ^= 1 << (at % 8);
    }
    let other = Key::p256().sign(b"other");
    let forged = scene.judge_signed(&data, &other).unwrap_err();
    assert_eq!(forged, Refused::BadSignature);
    scene.judge_signed(&data, &signature).unwrap();
}
