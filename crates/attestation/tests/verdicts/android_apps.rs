//! Which app asked for a key, as the system of an Android device has it.

use crate::android::{DIGEST, PACKAGE, Phone};
use countersign_attestation::android_key::Refused;
use countersign_test_authority::{android::application, der};

fn asked_by(packages: &[(&str, u64)], digests: &[&[u8]]) -> Phone {
    let value = der::octet_string(&application(packages, digests));
    Phone::remote().software(|fields| fields.with(709, value))
}

#[test]
fn other_apps_are_refused() {
    let good: &[&[u8]] = &[&DIGEST];
    for (packages, digests, refused) in [
        (&[("com.example.other", 7)][..], good, Refused::WrongPackage),
        (&[("com.example.ap", 7)], good, Refused::WrongPackage),
        (&[], good, Refused::WrongPackage),
        (
            &[("UnknownApplication", 0)],
            good,
            Refused::UnknownApplication,
        ),
        (&[(PACKAGE, 7)], &[], Refused::WrongSigner),
        (&[(PACKAGE, 7)], &[&[0xd2; 32]], Refused::WrongSigner),
        (
            &[(PACKAGE, 7)],
            &[&DIGEST, &[0xd2; 32]],
            Refused::WrongSigner,
        ),
        (&[(PACKAGE, 7)], &[&DIGEST[..31]], Refused::WrongSigner),
    ] {
        assert_eq!(
            asked_by(packages, digests).refused(),
            refused,
            "{packages:?}"
        );
    }
    let shared = asked_by(&[("com.example.first", 1), (PACKAGE, 9)], good);
    assert_eq!(shared.verdict().facts.package_version, 9);
}

#[test]
fn apps_have_a_minimal_version() {
    let at_least =
        |min| Phone::remote().changed(|phone| phone.policy.apps[0].min_version = Some(min));
    assert!(at_least(7).appraise().outcome.is_ok());
    assert_eq!(at_least(8).refused(), Refused::OldVersion);
}

#[test]
fn unreadable_apps_are_refused() {
    let none = Phone::remote().software(|fields| fields.without(709));
    assert_eq!(none.refused(), Refused::NoApplication);
    let bare = application(&[(PACKAGE, 7)], &[&DIGEST]);
    let bare = Phone::remote().software(|fields| fields.with(709, bare));
    assert_eq!(bare.refused(), Refused::NoApplication);
    let good = application(&[(PACKAGE, 7)], &[&DIGEST]);
    for length in 0..good.len() {
        let value = der::octet_string(&good[..length]);
        let cut = Phone::remote().software(|fields| fields.with(709, value));
        assert_eq!(cut.refused(), Refused::NoApplication);
    }
    let value = der::octet_string(&good);
    let hardware = Phone::remote()
        .software(|fields| fields.without(709))
        .hardware(|fields| fields.with(709, value));
    assert_eq!(hardware.refused(), Refused::NoApplication);
}
