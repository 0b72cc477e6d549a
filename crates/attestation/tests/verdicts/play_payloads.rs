//! What Google has to say of app and device.

use countersign_attestation::play_integrity::{
    self, App, AppRecognition, Binding, DeviceIntegrity, Expected, Licensing, Policy, Refused,
    Verdict,
};
use countersign_core::{
    Timestamp,
    attestation::{AttestationEnvironment, AttestationLevel},
};
use serde_json::{Value, json};

pub(crate) const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);
pub(crate) const NONCE: &str = "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA";
pub(crate) const DIGEST: &str = "0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dHR0dE";
const PACKAGE: &str = "com.example.app";

/// A verdict as it should be, for a classic request.
pub(crate) fn payload() -> Value {
    json!({
        "requestDetails": {
            "requestPackageName": PACKAGE,
            "nonce": NONCE,
            "timestampMillis": "1799999990000",
        },
        "appIntegrity": {
            "appRecognitionVerdict": "PLAY_RECOGNIZED",
            "packageName": PACKAGE,
            "certificateSha256Digest": [DIGEST],
            "versionCode": "42",
        },
        "deviceIntegrity": {
            "deviceRecognitionVerdict": ["MEETS_BASIC_INTEGRITY", "MEETS_DEVICE_INTEGRITY"],
            "recentDeviceActivity": { "deviceActivityLevel": "LEVEL_2" },
            "deviceAttributes": { "sdkVersion": 36 },
        },
        "accountDetails": { "appLicensingVerdict": "LICENSED" },
        "environmentDetails": {
            "appAccessRiskVerdict": { "appsDetected": ["KNOWN_INSTALLED", "UNKNOWN_CAPTURING"] },
            "playProtectVerdict": "HIGH_RISK",
        },
    })
}

pub(crate) fn policy() -> Policy {
    Policy::usual(App {
        package: PACKAGE.to_owned(),
        signing_digests: vec![vec![0xd1; 32]],
        min_version: None,
    })
}

pub(crate) fn expected<'a>(binding: Binding<'a>, policy: &'a Policy) -> Expected<'a> {
    Expected {
        binding,
        policy,
        presented_at: NOW,
        now: NOW,
    }
}

pub(crate) fn judge_by(
    payload: &Value,
    binding: Binding<'_>,
    policy: &Policy,
) -> Result<Verdict, Refused> {
    let json = serde_json::to_vec(payload).unwrap();
    let appraisal = play_integrity::appraise_payload(&json, &expected(binding, policy));
    let (last, before) = appraisal.checks.split_last().unwrap();
    assert!(before.iter().all(|check| check.passed));
    assert_eq!(last.passed, appraisal.outcome.is_ok());
    appraisal.outcome
}

pub(crate) fn judge(payload: &Value, policy: &Policy) -> Result<Verdict, Refused> {
    judge_by(payload, Binding::Nonce(NONCE), policy)
}

/// Puts a value in the place that a JSON pointer names.
pub(crate) fn with(pointer: &str, value: Value) -> Value {
    let mut payload = payload();
    *payload.pointer_mut(pointer).unwrap() = value;
    payload
}

pub(crate) fn without(parent: &str, member: &str) -> Value {
    let mut payload = payload();
    let object = payload.pointer_mut(parent).unwrap().as_object_mut();
    assert!(object.unwrap().remove(member).is_some());
    payload
}

pub(crate) fn refused(payload: &Value) -> Refused {
    judge(payload, &policy()).unwrap_err()
}

#[test]
fn what_is_said_is_kept() {
    let verdict = judge(&payload(), &policy()).unwrap();
    assert_eq!(verdict.level, AttestationLevel::App);
    assert_eq!(verdict.environment, AttestationEnvironment::Production);
    assert_eq!(
        serde_json::to_value(&verdict.facts).unwrap(),
        json!({
            "requested_at": "2027-01-15T07:59:50.000000Z",
            "package": PACKAGE,
            "version_code": 42,
            "app_recognition": "play_recognized",
            "signing_digests": [DIGEST],
            "device": ["basic", "device"],
            "licensing": "licensed",
            "play_protect": "HIGH_RISK",
            "app_access": ["KNOWN_INSTALLED", "UNKNOWN_CAPTURING"],
            "device_activity": "LEVEL_2",
            "sdk_version": 36,
        })
    );
}

#[test]
fn absent_members_fail() {
    for (parent, member, expected) in [
        ("", "requestDetails", Refused::WrongRequestPackage),
        (
            "/requestDetails",
            "requestPackageName",
            Refused::WrongRequestPackage,
        ),
        ("/requestDetails", "nonce", Refused::NotBound),
        ("/requestDetails", "timestampMillis", Refused::NoTime),
        ("", "appIntegrity", Refused::AppUnrecognized),
        (
            "/appIntegrity",
            "appRecognitionVerdict",
            Refused::AppUnrecognized,
        ),
        ("/appIntegrity", "packageName", Refused::WrongPackage),
        (
            "/appIntegrity",
            "certificateSha256Digest",
            Refused::WrongSigner,
        ),
        ("/appIntegrity", "versionCode", Refused::NoVersion),
        ("", "deviceIntegrity", Refused::DeviceIntegrity),
        (
            "/deviceIntegrity",
            "deviceRecognitionVerdict",
            Refused::DeviceIntegrity,
        ),
    ] {
        assert_eq!(refused(&without(parent, member)), expected, "{member}");
        let null = with(&format!("{parent}/{member}"), Value::Null);
        assert_eq!(refused(&null), expected, "{member}");
    }
}

/// What is said only of some devices, or only since lately.
#[test]
fn optional_members_may_be_absent() {
    for (parent, member) in [
        ("", "accountDetails"),
        ("/accountDetails", "appLicensingVerdict"),
        ("", "environmentDetails"),
        ("/environmentDetails", "appAccessRiskVerdict"),
        ("/environmentDetails/appAccessRiskVerdict", "appsDetected"),
        ("/environmentDetails", "playProtectVerdict"),
        ("/deviceIntegrity", "recentDeviceActivity"),
        ("/deviceIntegrity", "deviceAttributes"),
    ] {
        let outcome = judge(&without(parent, member), &policy());
        assert!(outcome.is_ok(), "{member}: {outcome:?}");
    }
}

#[test]
fn unknown_words_are_passed_over() {
    let labels = json!(["MEETS_DEVICE_INTEGRITY", "MEETS_MORE", ""]);
    let payload = with("/deviceIntegrity/deviceRecognitionVerdict", labels);
    let facts = judge(&payload, &policy()).unwrap().facts;
    assert_eq!(facts.device, [DeviceIntegrity::Device]);
    let payload = with("/accountDetails/appLicensingVerdict", json!("LEASED"));
    assert_eq!(judge(&payload, &policy()).unwrap().facts.licensing, None);
    let payload = with(
        "/environmentDetails/playProtectVerdict",
        json!("x".repeat(65)),
    );
    assert_eq!(judge(&payload, &policy()).unwrap().facts.play_protect, None);
    let payload = with("/appIntegrity/appRecognitionVerdict", json!("KNOWN"));
    assert_eq!(refused(&payload), Refused::AppUnrecognized);
    let mut payload = with("/deviceIntegrity/deviceRecognitionVerdict", json!(["NEW"]));
    assert_eq!(refused(&payload), Refused::DeviceIntegrity);
    payload = self::payload();
    payload["newDetails"] = json!({ "a": [1, 2, {}] });
    assert!(judge(&payload, &policy()).is_ok());
}

#[test]
fn answers_for_testing_are_not_for_production() {
    let mut payload = payload();
    payload["testingDetails"] = json!({ "isTestingResponse": true });
    assert_eq!(refused(&payload), Refused::TestAnswer);
    let mut policy = policy();
    policy.environment = AttestationEnvironment::Development;
    let verdict = judge(&payload, &policy).unwrap();
    assert_eq!(verdict.environment, AttestationEnvironment::Development);
    let verdict = judge(&self::payload(), &policy).unwrap();
    assert_eq!(verdict.environment, AttestationEnvironment::Production);
}

#[test]
fn versions_are_known_to_google_play_unless_accepted_otherwise() {
    let unknown = with(
        "/appIntegrity/appRecognitionVerdict",
        json!("UNRECOGNIZED_VERSION"),
    );
    assert_eq!(refused(&unknown), Refused::AppUnrecognized);
    let unevaluated = with("/appIntegrity/appRecognitionVerdict", json!("UNEVALUATED"));
    assert_eq!(refused(&unevaluated), Refused::AppUnevaluated);
    let mut policy = policy();
    policy.is_unrecognized_version_accepted = true;
    let facts = judge(&unknown, &policy).unwrap().facts;
    assert_eq!(facts.app_recognition, AppRecognition::UnrecognizedVersion);
    assert_eq!(judge(&unevaluated, &policy), Err(Refused::AppUnevaluated));
}

#[test]
fn apps_have_a_minimal_version() {
    let mut policy = policy();
    policy.apps[0].min_version = Some(42);
    assert!(judge(&payload(), &policy).is_ok());
    policy.apps[0].min_version = Some(43);
    assert_eq!(judge(&payload(), &policy), Err(Refused::OldVersion));
    let number = with("/appIntegrity/versionCode", json!(43));
    assert!(judge(&number, &policy).is_ok());
}

#[test]
fn devices_meet_what_is_demanded() {
    let mut policy = policy();
    for (device, is_met) in [
        (DeviceIntegrity::Basic, true),
        (DeviceIntegrity::Device, true),
        (DeviceIntegrity::Strong, false),
        (DeviceIntegrity::Virtual, false),
    ] {
        policy.device = device;
        let refused = judge(&payload(), &policy).err();
        assert_eq!(refused, (!is_met).then_some(Refused::DeviceIntegrity));
    }
    let strong = json!(["MEETS_STRONG_INTEGRITY"]);
    let strong = with("/deviceIntegrity/deviceRecognitionVerdict", strong);
    assert!(judge(&strong, &self::policy()).is_ok());
    let emulator = with(
        "/deviceIntegrity/deviceRecognitionVerdict",
        json!(["MEETS_VIRTUAL_INTEGRITY"]),
    );
    assert_eq!(refused(&emulator), Refused::DeviceIntegrity);
    assert!(judge(&emulator, &policy).is_ok());
}

#[test]
fn licences_are_demanded_only_by_policy() {
    let mut policy = policy();
    policy.is_license_required = true;
    for (verdict, expected) in [
        ("LICENSED", Ok(Some(Licensing::Licensed))),
        ("UNLICENSED", Err(Refused::Unlicensed)),
        ("UNEVALUATED", Err(Refused::LicenseUnevaluated)),
        ("NEW", Err(Refused::Unlicensed)),
    ] {
        let payload = with("/accountDetails/appLicensingVerdict", json!(verdict));
        let found = judge(&payload, &policy).map(|verdict| verdict.facts.licensing);
        assert_eq!(found, expected);
        assert!(judge(&payload, &self::policy()).is_ok());
    }
    let absent = without("", "accountDetails");
    assert_eq!(judge(&absent, &policy), Err(Refused::Unlicensed));
}

#[test]
fn numbers_of_another_type_are_as_good_as_absent() {
    for odd in [
        json!(36.5),
        json!(true),
        json!([36]),
        json!({"of": [36]}),
        json!(null),
    ] {
        let sdk = with("/deviceIntegrity/deviceAttributes/sdkVersion", odd.clone());
        let facts = judge(&sdk, &policy()).unwrap().facts;
        assert_eq!(facts.sdk_version, None, "{odd}");
        let version = with("/appIntegrity/versionCode", odd.clone());
        assert_eq!(refused(&version), Refused::NoVersion, "{odd}");
        let time = with("/requestDetails/timestampMillis", odd.clone());
        assert_eq!(refused(&time), Refused::NoTime, "{odd}");
    }
}
