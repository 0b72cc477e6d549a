//! What is kept of evidence is read back from where it is stored.

use crate::{
    android::Phone, app_attest, app_receipts, play_payloads, webauthn,
    webauthn_statements::statement,
};
use countersign_attestation::webauthn::Doubt;
use serde::{Serialize, de::DeserializeOwned};
use std::fmt::Debug;

fn check<T: Serialize + DeserializeOwned + PartialEq + Debug>(facts: &T) {
    let stored = serde_json::to_string(facts).unwrap();
    let read: T = serde_json::from_str(&stored).unwrap();
    assert_eq!(&read, facts, "{stored}");
    // A later version may know more.
    let newer = stored.replacen('{', r#"{"more_than_is_known":[1],"#, 1);
    assert_eq!(&serde_json::from_str::<T>(&newer).unwrap(), facts);
}

#[test]
fn facts_of_android_keys_are_read_back() {
    check(&Phone::remote().verdict().facts);
    let less = Phone::factory().hardware(|fields| fields.without(705).without(706).without(718));
    check(&less.verdict().facts);
}

#[test]
fn facts_of_play_integrity_are_read_back() {
    let judge = |payload| play_payloads::judge(&payload, &play_payloads::policy()).unwrap();
    check(&judge(play_payloads::payload()).facts);
    check(&judge(play_payloads::without("", "environmentDetails")).facts);
    check(&judge(play_payloads::without("", "accountDetails")).facts);
}

#[test]
fn facts_of_app_attest_are_read_back() {
    for extensions in [
        vec![],
        countersign_test_authority::app_attest::extensions(4, "1.2"),
    ] {
        let mut scene = app_attest::Scene::new();
        scene.data.rest = extensions;
        check(&scene.judge(&scene.object().encode()).unwrap().facts);
    }
}

#[test]
fn what_receipts_say_is_read_back() {
    check(&app_receipts::verdict());
}

#[test]
fn facts_of_credentials_are_read_back() {
    for format in ["packed", "tpm", "android-key", "apple", "fido-u2f"] {
        let scene = webauthn::Scene::new(format);
        check(&scene.judge(&statement(&scene)).unwrap().facts);
    }
    let scene = webauthn::Scene::new("none");
    check(&scene.judge(&vec![]).unwrap().facts);
    let scene = webauthn::Scene::new("android-key");
    let mut anchors = scene.anchors();
    anchors.android_key.status = None;
    let facts = scene
        .judge_under(&statement(&scene), &anchors)
        .unwrap()
        .facts;
    assert_eq!(facts.doubt, Some(Doubt::NoStatusList));
    check(&facts);
}
