//! For whom, where and when App Attest attestations are made.

use crate::{
    app_attest::{APP, Scene, refused},
    forge::NOW,
};
use countersign_attestation::{app_attest::attestation::Refused, path::PathError};
use countersign_core::attestation::AttestationEnvironment;
use countersign_test_authority::{
    app_attest::{self, DEVELOPMENT, PRODUCTION},
    cbor,
};
use std::time::Duration;

#[test]
fn other_apps_are_refused() {
    for app in ["TEAM.com.example.ap", "team.com.example.app", ""] {
        let reason = refused(|scene| scene.app_id = app.to_owned());
        assert_eq!(reason, Refused::AppMismatch, "{app}");
    }
}

#[test]
fn used_keys_are_refused() {
    assert_eq!(
        refused(|scene| scene.data.counter = 1),
        Refused::CounterNotZero
    );
}

#[test]
fn every_byte_of_the_environment_counts() {
    let mut almost = PRODUCTION;
    almost[15] = 1;
    for aaguid in [DEVELOPMENT, almost, [0; 16]] {
        let reason = refused(|scene| scene.data = app_attest::new_key(&scene.key, APP, aaguid));
        assert_eq!(reason, Refused::EnvironmentMismatch);
    }
    let reverse = refused(|scene| scene.environment = AttestationEnvironment::Development);
    assert_eq!(reverse, Refused::EnvironmentMismatch);
}

#[test]
fn extensions_of_another_type_are_refused() {
    let category = "apple_validation_category_01";
    for (key, value) in [
        (category, cbor::number(4)),
        (category, cbor::bytes(&[4, 0, 0])),
        ("apple_bundle_version_01", cbor::bytes(b"1")),
    ] {
        let reason = refused(|scene| scene.data.rest = cbor::text_map(&[(key, value)]));
        assert_eq!(reason, Refused::InvalidExtensions);
    }
}

#[test]
fn app_came_in_a_way_that_is_accepted() {
    let judge = |categories, rest: Vec<u8>| {
        let mut scene = Scene::new();
        scene.validation_categories = categories;
        scene.data.rest = rest;
        scene.judge(&scene.object().encode()).map(|_| ())
    };
    let mismatch = Err(Refused::CategoryMismatch);
    let category = |number| app_attest::extensions(number, "1");
    assert_eq!(judge(Some(&[2, 4]), category(4)), Ok(()));
    assert_eq!(judge(Some(&[2, 4]), category(3)), mismatch);
    assert_eq!(judge(Some(&[]), category(4)), mismatch);
    assert_eq!(judge(None, category(3)), Ok(()));
    // Older systems do not tell.
    assert_eq!(judge(Some(&[4]), vec![]), Ok(()));
}

/// The leaf is valid for days, the app's stay for years.
#[test]
fn stored_evidence_is_judged_as_of_when_it_was_presented() {
    let years = Duration::from_hours(24 * 365 * 20);
    let mut scene = Scene::new();
    let object = scene.object().encode();
    let expired = Refused::NoPath(PathError::Expired);
    scene.now = NOW.plus(years);
    assert_eq!(scene.judge(&object).unwrap_err(), expired);
    scene.presented_at = Some(NOW);
    assert!(scene.judge(&object).is_ok());
    scene.now = NOW;
    let minutes = Duration::from_mins(5);
    scene.presented_at = Some(NOW.plus(minutes));
    assert!(scene.judge(&object).is_ok());
    let late = NOW.plus(minutes).plus(Duration::from_micros(1));
    scene.presented_at = Some(late);
    assert_eq!(scene.judge(&object).unwrap_err(), Refused::PresentedLater);
}
