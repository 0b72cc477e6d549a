//! What Google says of what is around an app, and what it does not say.

use crate::play_payloads::{judge, payload, policy, with, without};
use countersign_attestation::play_integrity::Refused;
use serde_json::json;

#[test]
fn surroundings_are_refused_by_name() {
    let mut policy = policy();
    policy.refused_play_protect = vec!["HIGH_RISK".to_owned()];
    assert_eq!(judge(&payload(), &policy), Err(Refused::PlayProtect));
    let good = with("/environmentDetails/playProtectVerdict", json!("NO_ISSUES"));
    assert!(judge(&good, &policy).is_ok());
    policy.refused_app_access = vec!["UNKNOWN_CAPTURING".to_owned()];
    assert_eq!(judge(&good, &policy), Err(Refused::AppAccess));
    let many: Vec<_> = (0..20)
        .map(|at| format!("A{at}"))
        .chain(["UNKNOWN_CAPTURING".to_owned()])
        .collect();
    let many = with(
        "/environmentDetails/appAccessRiskVerdict/appsDetected",
        json!(many),
    );
    policy.refused_play_protect.clear();
    assert_eq!(judge(&many, &policy), Err(Refused::AppAccess));
}

/// What nobody said cannot be refused by name; it can only be demanded.
#[test]
fn surroundings_are_spoken_of_if_that_is_demanded() {
    let mut policy = policy();
    policy.refused_play_protect = vec!["MEDIUM_RISK".to_owned()];
    let controlling = vec!["KNOWN_CONTROLLING".to_owned()];
    policy.refused_app_access.clone_from(&controlling);
    let silent = without("", "environmentDetails");
    let no_word = without("/environmentDetails", "playProtectVerdict");
    let long_word = with(
        "/environmentDetails/playProtectVerdict",
        json!("X".repeat(65)),
    );
    let no_apps = with("/environmentDetails/appAccessRiskVerdict", json!({}));
    let none = with(
        "/environmentDetails/appAccessRiskVerdict/appsDetected",
        json!([]),
    );
    for payload in [&silent, &no_word, &long_word, &no_apps, &none, &payload()] {
        assert!(judge(payload, &policy).is_ok());
    }
    policy.is_silence_refused = true;
    policy.refused_app_access.clear();
    for payload in [&silent, &no_word, &long_word] {
        assert_eq!(judge(payload, &policy), Err(Refused::NoPlayProtect));
    }
    assert!(judge(&no_apps, &policy).is_ok());
    policy.refused_play_protect.clear();
    policy.refused_app_access = controlling;
    for payload in [&silent, &no_apps] {
        assert_eq!(judge(payload, &policy), Err(Refused::NoAppAccess));
    }
    assert!(judge(&none, &policy).is_ok() && judge(&no_word, &policy).is_ok());
    policy.refused_app_access.clear();
    assert!(judge(&silent, &policy).is_ok(), "no word would be refused");
}
