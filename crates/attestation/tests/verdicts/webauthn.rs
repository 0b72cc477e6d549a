//! Registrations of credentials: what is asked, and the credential itself.

use crate::forge::NOW;
use countersign_attestation::{
    android_key::{App, Policy, Roots, StatusList},
    path::Anchors as Path,
    webauthn::{
        Anchors, AndroidKeys, AuthenticatorError, Ceremony, ClientDataError, Format,
        registration::{Evidence, Expected, Refused, Verdict, appraise},
    },
};
use countersign_core::{Timestamp, attestation::AttestationLevel};
use countersign_test_authority::{
    Authority, Key,
    authenticator_data::Credential,
    cbor,
    webauthn::{BROWSER, BROWSER_DIGEST, Maker, Members, Registration, client_data, object},
};
use std::sync::Arc;

pub(crate) const ORIGIN: &str = "https://app.example.com";
pub(crate) const RP_ID: &str = "example.com";
pub(crate) const CHALLENGE: &[u8] = &[7; 32];

/// A browser with an authenticator of one maker, and what an app's server expects.
pub(crate) struct Scene {
    pub(crate) maker: Maker,
    pub(crate) registration: Registration,
    pub(crate) format: &'static str,
    pub(crate) top_origins: Option<Vec<&'static str>>,
    pub(crate) user_verification: bool,
    pub(crate) device_bound: bool,
    pub(crate) presented_at: Timestamp,
    pub(crate) now: Timestamp,
}

impl Scene {
    pub(crate) fn new(format: &'static str) -> Self {
        Self::of(Key::p256(), format)
    }

    pub(crate) fn of(key: Key, format: &'static str) -> Self {
        Self {
            maker: Maker::new(),
            registration: Registration::new(key, RP_ID, CHALLENGE, ORIGIN),
            format,
            top_origins: None,
            user_verification: format != "fido-u2f",
            device_bound: true,
            presented_at: NOW,
            now: NOW,
        }
    }

    /// The maker is an anchor of this scene's format, and of no other.
    pub(crate) fn anchors(&self) -> Anchors {
        let root = &self.maker.root.certificate;
        let path = || Path::new([root]).unwrap();
        let mut anchors = Anchors::none();
        match self.format {
            "packed" | "fido-u2f" => anchors.authenticators = path(),
            "tpm" => anchors.tpm = path(),
            "apple" => anchors.apple = path(),
            _ => anchors.android_key = android_keys(&self.maker.root),
        }
        anchors
    }

    pub(crate) fn judge(&self, statement: &Members) -> Result<Verdict, Refused> {
        self.judge_under(statement, &self.anchors())
    }

    pub(crate) fn judge_under(
        &self,
        statement: &Members,
        anchors: &Anchors,
    ) -> Result<Verdict, Refused> {
        let object = object(self.format, statement, &self.registration.data);
        self.judge_object(&object, anchors)
    }

    pub(crate) fn judge_object(
        &self,
        object: &[u8],
        anchors: &Anchors,
    ) -> Result<Verdict, Refused> {
        let evidence = Evidence {
            client_data_json: &self.registration.client_data,
            attestation_object: object,
        };
        let expected = Expected {
            ceremony: Ceremony {
                challenge: CHALLENGE,
                origins: &["https://other.example.com", ORIGIN],
                top_origins: self.top_origins.as_deref(),
                rp_id: RP_ID,
                user_verification: self.user_verification,
            },
            device_bound: self.device_bound,
            presented_at: self.presented_at,
            now: self.now,
        };
        let appraisal = appraise(&evidence, &expected, anchors);
        let failed = appraisal.checks.iter().filter(|check| !check.passed);
        let last_failed = appraisal.checks.last().is_some_and(|check| !check.passed);
        assert_eq!(failed.count(), usize::from(last_failed));
        assert_eq!(appraisal.outcome.is_err(), last_failed);
        appraisal.outcome
    }
}

/// A root of Android's, with a list that is empty and as old as nothing, and the one browser.
pub(crate) fn android_keys(root: &Authority) -> AndroidKeys {
    let browser = App {
        package: BROWSER.to_owned(),
        signing_digests: vec![BROWSER_DIGEST],
        min_version: None,
    };
    let list = StatusList::parse(br#"{"entries":{}}"#, NOW).unwrap();
    AndroidKeys {
        roots: Roots::none().with(&root.certificate).unwrap(),
        status: Some(Arc::new(list)),
        policy: Policy::strict(browser),
    }
}

/// Changes a registration that nobody vouches for, and says why it is refused.
pub(crate) fn refused(change: impl FnOnce(&mut Scene)) -> Refused {
    let mut scene = Scene::new("none");
    change(&mut scene);
    scene.judge(&vec![]).unwrap_err()
}

pub(crate) fn credential(scene: &mut Scene) -> &mut Credential {
    scene.registration.data.credential.as_mut().unwrap()
}

#[test]
fn credential_that_nobody_vouches_for_is_software() {
    let scene = Scene::new("none");
    let verdict = scene.judge(&vec![]).unwrap();
    assert_eq!(verdict.level, AttestationLevel::Software);
    assert_eq!(verdict.facts.format, Format::None);
    assert_eq!(verdict.facts.aaguid, None, "anybody may claim any");
    assert!(verdict.facts.user_verified && !verdict.facts.backup_eligible);
    assert!(verdict.key.p256().is_some());
}

#[test]
fn long_input_is_refused_unread() {
    let long = refused(|scene| scene.registration.client_data = vec![b' '; 20_000]);
    assert_eq!(long, Refused::TooLong);
    let scene = Scene::new("none");
    let long = scene.judge_object(&vec![0; 70_000], &Anchors::none());
    assert_eq!(long.unwrap_err(), Refused::TooLong);
}

#[test]
fn client_data_is_of_what_was_asked() {
    use ClientDataError as E;
    let with = |data: Vec<u8>| {
        let reason = refused(|scene| scene.registration.client_data = data);
        let Refused::ClientData(error) = reason else {
            panic!("{reason:?}");
        };
        error
    };
    let good = client_data("webauthn.create", CHALLENGE, ORIGIN);
    let good = str::from_utf8(&good).unwrap();
    for text in ["", "[]", "{}", "null", r#"{"type":1}"#] {
        assert_eq!(with(text.into()), E::Malformed, "{text}");
    }
    let twice = good
        .replace("crossOrigin", "origin")
        .replace("false", r#""x""#);
    assert_eq!(with(twice.into_bytes()), E::Malformed);
    let after = format!("{good} x");
    assert_eq!(with(after.into_bytes()), E::Malformed);
    let get = client_data("webauthn.get", CHALLENGE, ORIGIN);
    assert_eq!(with(get), E::WrongType);
    let other = client_data("webauthn.create", &[8; 32], ORIGIN);
    assert_eq!(with(other), E::ChallengeMismatch);
    for origin in [
        "https://example.com",
        "https://app.example.com/",
        "https://app.example.com:443",
        "https://APP.example.com",
        "http://app.example.com",
        "https://app.example.com.evil.example",
    ] {
        let elsewhere = client_data("webauthn.create", CHALLENGE, origin);
        assert_eq!(with(elsewhere), E::OriginMismatch, "{origin}");
    }
    let framed = good.replace("false", "true");
    assert_eq!(with(framed.into_bytes()), E::CrossOrigin);
}

#[test]
fn frames_are_allowed_where_they_are_expected() {
    let within = |members: &str, top_origins: Option<Vec<&'static str>>| {
        let mut scene = Scene::new("none");
        let good = client_data("webauthn.create", CHALLENGE, ORIGIN);
        let good = str::from_utf8(&good).unwrap();
        let data = good.replace(r#""crossOrigin":false"#, members);
        scene.registration.client_data = data.into_bytes();
        scene.top_origins = top_origins;
        scene.judge(&vec![]).is_ok()
    };
    let top = r#""crossOrigin":true,"topOrigin":"https://top.example""#;
    let only_top = r#""topOrigin":"https://top.example""#;
    let allowed = || Some(vec!["https://top.example"]);
    assert!(within(r#""crossOrigin":true"#, Some(vec![])));
    assert!(within(top, allowed()) && within(only_top, allowed()));
    assert!(!within(top, None) && !within(only_top, None));
    assert!(!within(top, Some(vec!["https://top.example.com"])));
}

#[test]
fn attestation_object_is_one_map() {
    let scene = Scene::new("none");
    let good = object("none", &[], &scene.registration.data);
    let after = [&good[..], &[0]].concat();
    for bytes in [after, vec![], cbor::array(&[]), cbor::map(&[])] {
        let outcome = scene.judge_object(&bytes, &Anchors::none());
        assert_eq!(outcome.unwrap_err(), Refused::Malformed);
    }
    for end in 0..good.len() {
        let outcome = scene.judge_object(&good[..end], &Anchors::none());
        assert_eq!(outcome.unwrap_err(), Refused::Malformed);
    }
}

#[test]
fn flags_say_what_authenticator_data_holds() {
    let invalid = Refused::InvalidAuthenticatorData;
    let extensions = || cbor::text_map(&[("credProtect", cbor::number(2))]);
    assert_eq!(
        refused(|scene| scene.registration.data.flags = 0x05),
        invalid
    );
    assert_eq!(
        refused(|scene| scene.registration.data.flags = 0xc5),
        invalid
    );
    assert_eq!(
        refused(|scene| scene.registration.data.rest = extensions()),
        invalid
    );
    assert_eq!(
        refused(|scene| scene.registration.data.credential = None),
        invalid
    );
    let mut scene = Scene::new("none");
    scene.registration.data.flags = 0xc5;
    scene.registration.data.rest = extensions();
    scene.judge(&vec![]).unwrap();
}

#[test]
fn authenticator_did_what_was_asked() {
    use AuthenticatorError as E;
    let with = |change: &dyn Fn(&mut Scene)| {
        let reason = refused(change);
        let Refused::Authenticator(error) = reason else {
            panic!("{reason:?}");
        };
        error
    };
    let party = with(&|scene| scene.registration.data.subject = ORIGIN.to_owned());
    assert_eq!(party, E::RelyingPartyMismatch);
    let absent = with(&|scene| scene.registration.data.flags = 0x44);
    assert_eq!(absent, E::UserNotPresent);
    let unknown = with(&|scene| scene.registration.data.flags = 0x41);
    assert_eq!(unknown, E::UserNotVerified);
    let impossible = with(&|scene| scene.registration.data.flags = 0x55);
    assert_eq!(impossible, E::InvalidBackupState);
}

#[test]
fn synced_credential_is_no_devices() {
    let reason = refused(|scene| scene.registration.data.flags = 0x4d);
    assert_eq!(reason, Refused::NotDeviceBound);
    let mut scene = Scene::new("none");
    scene.registration.data.flags = 0x5d;
    scene.device_bound = false;
    let verdict = scene.judge(&vec![]).unwrap();
    assert!(verdict.facts.backup_eligible && verdict.facts.backed_up);
}

#[test]
fn user_is_verified_only_where_it_is_asked() {
    let mut scene = Scene::new("none");
    scene.registration.data.flags = 0x41;
    scene.user_verification = false;
    assert!(!scene.judge(&vec![]).unwrap().facts.user_verified);
}

#[test]
fn credential_ids_have_a_length() {
    for (length, is_right) in [(0, false), (1, true), (1023, true), (1024, false)] {
        let mut scene = Scene::new("none");
        credential(&mut scene).id = vec![1; length];
        let outcome = scene.judge(&vec![]).map(|_| ());
        let invalid = Err(Refused::InvalidCredentialId);
        assert_eq!(outcome, if is_right { Ok(()) } else { invalid }, "{length}");
    }
}

#[test]
fn unknown_formats_are_refused() {
    for format in ["android-safetynet", "compound", "Packed", ""] {
        let reason = refused(|scene| scene.format = format);
        assert_eq!(reason, Refused::UnknownFormat, "{format}");
    }
}
