//! What Android's secure hardware certifies of a credential's key, and what speaks against it.

use crate::{
    forge::NOW,
    webauthn::{Scene, android_keys},
    webauthn_statements::{leaf, path_error, reason, set, statement, statement_with},
};
use countersign_attestation::{
    android_key::{Revocation, StatusList},
    path::PathError,
    webauthn::{
        Anchors, AuthenticatorError, Doubt, StatementError,
        registration::{Refused, Verdict},
    },
};
use countersign_core::attestation::AttestationLevel;
use countersign_test_authority::{
    Authority, Key,
    android::{Android, KeyDescription, RootOfTrust, application},
    der, validity,
    webauthn::{BROWSER, BROWSER_DIGEST, x5c},
};
use std::{sync::Arc, time::Duration};

const HOUR: Duration = Duration::from_hours(1);

/// A registration whose key is described like this.
fn described(scene: &Scene, change: impl FnOnce(&mut KeyDescription)) -> Vec<u8> {
    let mut description = scene.registration.key_description();
    change(&mut description);
    description.encode()
}

fn judge(change: impl FnOnce(&mut KeyDescription)) -> Result<Verdict, Refused> {
    let scene = Scene::new("android-key");
    let description = described(&scene, change);
    let leaf = Android::leaf(&scene.registration.key, &description);
    scene.judge(&statement_with(&scene, leaf))
}

fn hardware(number: u64, value: Vec<u8>) -> Result<Verdict, Refused> {
    judge(|description| {
        description.hardware = std::mem::take(&mut description.hardware).with(number, value);
    })
}

/// What costs the level, and not the credential.
fn doubt(outcome: Result<Verdict, Refused>) -> Option<Doubt> {
    let verdict = outcome.unwrap();
    let is_doubted = verdict.facts.doubt.is_some();
    let is_software = verdict.level == AttestationLevel::Software;
    assert_eq!(is_doubted, is_software);
    verdict.facts.doubt
}

#[test]
fn what_the_key_is_for_is_demanded() {
    let refused = |number, value| reason(hardware(number, value).unwrap_err());
    let unsuitable = StatementError::UnsuitableKey;
    assert_eq!(refused(702, der::integer(2)), unsuitable, "imported");
    let encrypting = der::set(&[der::integer(0)]);
    assert_eq!(refused(1, encrypting), unsuitable);
    assert_eq!(refused(600, der::null()), unsuitable, "of every app");
    let scene = Scene::new("android-key");
    let garbage = Android::leaf(&scene.registration.key, &[0x30, 0]);
    let garbage = scene.judge(&statement_with(&scene, garbage)).unwrap_err();
    assert_eq!(reason(garbage), StatementError::Malformed);
    let other = judge(|description| description.challenge[0] ^= 1).unwrap_err();
    assert_eq!(reason(other), StatementError::DataMismatch);
}

#[test]
fn keys_in_software_or_elsewhere_are_software() {
    for (attestation, keymint, expected) in [
        (1, 1, None),
        (2, 2, None),
        (0, 0, Some(Doubt::SoftwareKey)),
        (0, 1, Some(Doubt::SoftwareKey)),
        (1, 0, Some(Doubt::SoftwareKey)),
        (3, 3, Some(Doubt::SoftwareKey)),
        (100, 100, Some(Doubt::SoftwareKey)),
    ] {
        let found = judge(|description| {
            description.attestation_level = attestation;
            description.keymint_level = keymint;
            if attestation == 0 && keymint == 0 {
                // Then it is the system that knows the user.
                let software = std::mem::take(&mut description.software);
                description.software = software.with(504, der::integer(2));
                let hardware = std::mem::take(&mut description.hardware);
                description.hardware = hardware.without(504);
            }
        });
        assert_eq!(doubt(found), expected, "{attestation} {keymint}");
    }
}

#[test]
fn devices_that_are_open_or_run_anything_are_software() {
    let started = |root: &RootOfTrust| doubt(hardware(704, root.encode()));
    let good = RootOfTrust::verified();
    assert_eq!(started(&good), None);
    let unlocked = RootOfTrust {
        locked: 0,
        ..good.clone()
    };
    assert_eq!(started(&unlocked), Some(Doubt::UnverifiedBoot));
    for boot_state in 1..5 {
        let root = RootOfTrust {
            boot_state,
            ..good.clone()
        };
        assert_eq!(started(&root), Some(Doubt::UnverifiedBoot), "{boot_state}");
    }
    let unsaid = judge(|description| {
        let hardware = std::mem::take(&mut description.hardware);
        let root = good.encode();
        description.hardware = hardware.without(704);
        description.software = std::mem::take(&mut description.software).with(704, root);
    });
    assert_eq!(doubt(unsaid), Some(Doubt::UnverifiedBoot));
}

#[test]
fn keys_that_others_asked_for_are_software() {
    let asked = |package: &str, digest: &[u8]| {
        doubt(judge(|description| {
            let application = application(&[(package, 7)], &[digest]);
            let software = std::mem::take(&mut description.software);
            description.software = software.with(709, der::octet_string(&application));
        }))
    };
    assert_eq!(asked(BROWSER, &BROWSER_DIGEST), None);
    let unknown = Some(Doubt::UnknownApp);
    assert_eq!(asked("com.example.other", &BROWSER_DIGEST), unknown);
    assert_eq!(asked(BROWSER, &[0xd3; 32]), unknown);
    let unsaid = judge(|description| {
        description.software = std::mem::take(&mut description.software).without(709);
    });
    assert_eq!(doubt(unsaid), unknown);
}

#[test]
fn keys_that_the_hardware_does_not_claim_are_software() {
    for number in [1, 702] {
        let unsaid = judge(|description| {
            let hardware = std::mem::take(&mut description.hardware);
            description.hardware = hardware.without(number);
        });
        assert_eq!(doubt(unsaid), Some(Doubt::KeyUse), "{number}");
    }
}

/// Under these anchors, a good statement.
fn under(change: impl FnOnce(&mut Anchors)) -> Result<Verdict, Refused> {
    let scene = Scene::new("android-key");
    let mut anchors = scene.anchors();
    change(&mut anchors);
    scene.judge_under(&statement(&scene), &anchors)
}

fn list(json: &str, age: Duration) -> Arc<StatusList> {
    Arc::new(StatusList::parse(json.as_bytes(), NOW.minus(age)).unwrap())
}

#[test]
fn without_a_list_hardware_vouches_for_nothing() {
    let week = HOUR * 24 * 7;
    let none = under(|anchors| anchors.android_key.status = None);
    assert_eq!(doubt(none), Some(Doubt::NoStatusList));
    let empty = r#"{"entries":{}}"#;
    let fresh = under(|anchors| anchors.android_key.status = Some(list(empty, week)));
    assert_eq!(doubt(fresh), None);
    let old = under(|anchors| anchors.android_key.status = Some(list(empty, week + HOUR)));
    assert_eq!(doubt(old), Some(Doubt::NoStatusList));
    let ignored = under(|anchors| {
        anchors.android_key.status = None;
        anchors.android_key.policy.revocation = Revocation::Ignored;
    });
    assert_eq!(doubt(ignored), None);
}

#[test]
fn certificates_that_were_taken_back_are_refused() {
    let listed = r#"{"entries":{"1":{"status":"REVOKED"}}}"#;
    let revoked = Refused::NoPath(PathError::Revoked);
    let refused = under(|anchors| anchors.android_key.status = Some(list(listed, HOUR)));
    assert_eq!(refused.unwrap_err(), revoked);
    // Also where the level is lost for another reason.
    let refused = under(|anchors| {
        anchors.android_key.status = Some(list(listed, HOUR));
        anchors.android_key.policy.apps.clear();
    });
    assert_eq!(refused.unwrap_err(), revoked);
}

#[test]
fn users_are_known_where_the_key_demands_them() {
    let judge = |fields: &dyn Fn(&mut KeyDescription), user_verification| {
        let mut scene = Scene::new("android-key");
        scene.user_verification = user_verification;
        let description = described(&scene, fields);
        let leaf = Android::leaf(&scene.registration.key, &description);
        scene.judge(&statement_with(&scene, leaf))
    };
    let unverified = Refused::Authenticator(AuthenticatorError::UserNotVerified);
    let demands = |_: &mut KeyDescription| {};
    assert!(judge(&demands, true).unwrap().facts.user_verified);
    let says_nothing = |description: &mut KeyDescription| {
        description.hardware = std::mem::take(&mut description.hardware).without(504);
    };
    let says_nobody = |description: &mut KeyDescription| {
        let hardware = std::mem::take(&mut description.hardware);
        description.hardware = hardware.with(504, der::integer(0));
    };
    let says_both = |description: &mut KeyDescription| {
        let hardware = std::mem::take(&mut description.hardware);
        description.hardware = hardware.with(503, der::null());
    };
    // What the system says of a key in hardware is not the hardware's word.
    let system_says = |description: &mut KeyDescription| {
        says_nothing(description);
        let software = std::mem::take(&mut description.software);
        description.software = software.with(504, der::integer(2));
    };
    let all: [&dyn Fn(&mut KeyDescription); 4] =
        [&says_nothing, &says_nobody, &says_both, &system_says];
    for fields in all {
        assert_eq!(judge(fields, true).unwrap_err(), unverified);
        assert!(!judge(fields, false).unwrap().facts.user_verified);
    }
}

#[test]
fn chain_is_linked_up_to_the_root() {
    let scene = Scene::new("android-key");
    let root = &scene.maker.root;
    let with = |chain: &[Vec<u8>]| {
        let mut statement = statement(&scene);
        set(&mut statement, "x5c", x5c(chain));
        scene.judge(&statement).map(|_| ())
    };
    let untrusted = Err(Refused::NoPath(PathError::Untrusted));
    let good = root.issue(leaf(&scene));
    assert_eq!(with(&[good.clone(), root.certificate.clone()]), Ok(()));
    let impostor = Authority::root("Test Authenticator Root", Key::p256());
    let forged = impostor.issue(leaf(&scene));
    assert_eq!(with(&[forged.clone(), root.certificate.clone()]), untrusted);
    assert_eq!(with(&[forged, impostor.certificate]), untrusted);
    let mut misnamed = leaf(&scene);
    misnamed.issuer = Some(der::common_name("another"));
    let misnamed = root.issue(misnamed);
    assert_eq!(with(&[misnamed, root.certificate.clone()]), untrusted);
}

#[test]
fn attested_key_certifies_nothing() {
    let scene = Scene::new("android-key");
    let attested = Key::p256();
    let description = scene.registration.key_description().encode();
    let real = Android::leaf(&attested, &description);
    let real = scene.maker.root.subordinate_of(real, attested);
    let forged = real.issue(leaf(&scene));
    let mut statement = statement(&scene);
    set(&mut statement, "x5c", x5c(&[forged, real.certificate]));
    let untrusted = Refused::NoPath(PathError::Untrusted);
    assert_eq!(scene.judge(&statement).unwrap_err(), untrusted);
}

/// What comes of a credential on a whole device, with its chain changed.
fn on(
    device: &Android,
    change: impl FnOnce(&mut Vec<Vec<u8>>),
) -> Result<Option<Doubt>, PathError> {
    let scene = Scene::new("android-key");
    let mut chain = device.present(leaf(&scene));
    change(&mut chain);
    let mut statement = statement(&scene);
    set(&mut statement, "x5c", x5c(&chain));
    let mut anchors = scene.anchors();
    anchors.android_key = android_keys(&device.root);
    let outcome = scene.judge_under(&statement, &anchors);
    outcome
        .map(|verdict| verdict.facts.doubt)
        .map_err(path_error)
}

#[test]
fn chains_of_devices_come_with_or_without_the_root() {
    for device in [Android::remote(NOW), Android::factory(NOW)] {
        assert_eq!(on(&device, |_| {}), Ok(None));
        assert_eq!(on(&device, |chain| drop(chain.pop())), Ok(None));
        let untrusted = Err(PathError::Untrusted);
        let shorter = on(&device, |chain| chain.truncate(chain.len() - 2));
        assert_eq!(shorter, untrusted);
        let doubled = on(&device, |chain| chain.push(device.root.certificate.clone()));
        assert_eq!(doubled, untrusted);
    }
}

/// Google's server also certifies keys of virtual machines, in whose holders' hands they are.
#[test]
fn chains_of_virtual_machines_are_refused() {
    let untrusted = Err(PathError::Untrusted);
    for organization in ["AVF", "", "strongbox"] {
        let device = Android::remote_in(organization, NOW);
        assert_eq!(on(&device, |_| {}), untrusted, "{organization}");
        let rootless = on(&device, |chain| drop(chain.pop()));
        assert_eq!(rootless, untrusted, "{organization}");
    }
    assert_eq!(on(&Android::remote_in("StrongBox", NOW), |_| {}), Ok(None));
}

/// Factories put in certificates that ended while devices live on; nobody else may.
#[test]
fn chains_that_end_with_a_root_twice_are_no_factorys() {
    let mut device = Android::factory(NOW);
    let key = Key::p256();
    let mut draft = countersign_test_authority::Draft::authority("hardware", key.spki());
    draft.validity = validity(NOW.minus(HOUR * 2), NOW.minus(HOUR));
    device.hardware = device.root.subordinate_of(draft, key);
    device.intermediates.clear();
    let expired = Err(PathError::Expired);
    assert_eq!(on(&device, |_| {}), expired);
    assert_eq!(on(&device, |chain| drop(chain.pop())), expired);
    let doubled = on(&device, |chain| chain.push(device.root.certificate.clone()));
    assert_eq!(doubled, Err(PathError::Untrusted));
}

/// The device's certificates are for weeks; what was taken back is taken back from all.
#[test]
fn stored_statements_are_looked_up_in_a_list_of_now() {
    let device = Android::remote(NOW);
    let later = NOW.plus(HOUR * 24 * 365);
    let judge = |presented_at, json: &str, as_of| {
        let mut scene = Scene::new("android-key");
        let chain = device.present(leaf(&scene));
        let mut statement = statement(&scene);
        set(&mut statement, "x5c", x5c(&chain));
        let list = StatusList::parse(json.as_bytes(), as_of).unwrap();
        let mut anchors = scene.anchors();
        anchors.android_key = android_keys(&device.root);
        anchors.android_key.status = Some(Arc::new(list));
        (scene.presented_at, scene.now) = (presented_at, later);
        let verdict = scene.judge_under(&statement, &anchors)?;
        Ok(verdict.facts.doubt)
    };
    let empty = r#"{"entries":{}}"#;
    assert_eq!(judge(NOW, empty, later), Ok(None));
    assert_eq!(judge(NOW, empty, NOW), Ok(Some(Doubt::NoStatusList)));
    let expired = Err(Refused::NoPath(PathError::Expired));
    assert_eq!(judge(later, empty, later), expired);
    let listed = r#"{"entries":{"4f47":{"status":"REVOKED"}}}"#;
    let revoked = Err(Refused::NoPath(PathError::Revoked));
    assert_eq!(judge(NOW, listed, later), revoked);
}
