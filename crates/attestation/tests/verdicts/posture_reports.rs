//! Posture reports: those that are taken, and each way to be refused.

mod claims;
mod headers;

use crate::forge::{NOW, Scene, encode, replace, sign};
use PostureReportError::*;
use countersign_attestation::{
    dpop::{self, ProofError},
    jws::SigningKey,
    key_assertion,
    posture_report::{
        CreateReportError, MAX_REPORT_BYTES, PostureReportError, Report, Said, TYP, create, verify,
    },
};
use countersign_core::{
    Timestamp,
    compliance::{
        posture::{DiskEncryption, Posture, PostureSource},
        version::OsFamily,
    },
};
use proptest::prelude::*;
use std::sync::LazyLock;

static KEY: LazyLock<SigningKey> = LazyLock::new(|| SigningKey::generate().unwrap());

const DEVICE: &str = "dev_01jd3x7q8r9s0tavbwcxdyezf0";
const CLAIMS: &str = r#"{"device_id":"dev_01jd3x7q8r9s0tavbwcxdyezf0","generation":2,"counter":7,"collected_at":"2027-01-15T08:00:00Z","posture":{"os_family":"android","os_version":"14","patch_level":"2026-12-05","system_encryption":"encrypted","screen_lock":true}}"#;

/// What [`CLAIMS`] say.
fn report() -> Report {
    Report {
        device_id: DEVICE.parse().unwrap(),
        generation: 2,
        counter: 7,
        collected_at: NOW,
        posture: Said {
            os_version: Some("14".to_owned()),
            patch_level: Some("2026-12-05".to_owned()),
            system_encryption: DiskEncryption::Encrypted,
            screen_lock: Some(true),
            ..nothing_of(OsFamily::Android)
        },
    }
}

const fn nothing_of(os_family: OsFamily) -> Said {
    Said {
        os_family,
        os_version: None,
        kernel: None,
        patch_level: None,
        system_encryption: DiskEncryption::Unknown,
        all_encryption: DiskEncryption::Unknown,
        screen_lock: None,
        app_version: None,
    }
}

fn header() -> String {
    let jwk = serde_json::to_string(&KEY.jwk()).unwrap();
    format!(r#"{{"typ":"{TYP}","alg":"ES256","jwk":{jwk}}}"#)
}

fn signed(claims: &str) -> Result<Report, PostureReportError> {
    verify(&sign(&KEY, header(), claims)).map(|verified| verified.report)
}

#[test]
fn a_report_is_its_keys() {
    let verified = verify(&sign(&KEY, header(), CLAIMS)).unwrap();
    assert_eq!(verified.jkt, KEY.thumbprint());
    assert_eq!(verified.report, report());
    let again = verify(&create(&KEY, &report()).unwrap()).unwrap();
    assert_eq!(again, verified);
}

#[test]
fn a_report_becomes_a_posture_by_somebodys_word() {
    let received_at = Timestamp::from_secs(1_900_000_000);
    let posture = report().into_posture(PostureSource::Attested, received_at);
    let expected = Posture {
        os_version: Some("14".to_owned()),
        patch_level: Some("2026-12-05".to_owned()),
        system_encryption: DiskEncryption::Encrypted,
        screen_lock: Some(true),
        source: PostureSource::Attested,
        collected_at: Some(NOW),
        ..Posture::empty(OsFamily::Android, received_at)
    };
    assert_eq!(posture, expected);
}

#[test]
fn every_member_reaches_the_posture() {
    let said = Said {
        os_family: OsFamily::Linux,
        os_version: Some("ubuntu 24.04".to_owned()),
        kernel: Some("6.8.0-45-generic".to_owned()),
        patch_level: Some("a".to_owned()),
        system_encryption: DiskEncryption::Partial,
        all_encryption: DiskEncryption::Unencrypted,
        screen_lock: Some(false),
        app_version: Some("1.2".to_owned()),
    };
    let written = serde_json::to_value(&said).unwrap();
    let posture = Report {
        posture: said,
        ..report()
    }
    .into_posture(PostureSource::SelfReported, NOW);
    let kept = serde_json::to_value(&posture).unwrap();
    for (name, value) in written.as_object().unwrap() {
        assert_eq!(kept[name], *value, "{name}");
    }
    // What a posture has beyond what a device says: its source and two times.
    assert_eq!(
        kept.as_object().unwrap().len(),
        written.as_object().unwrap().len() + 3
    );
}

#[test]
fn signatures_that_are_not_the_keys() {
    let other = SigningKey::generate().unwrap();
    assert_eq!(verify(&sign(&other, header(), CLAIMS)), Err(Signature));
    let good = sign(&KEY, header(), CLAIMS);
    let (input, signature) = good.rsplit_once('.').unwrap();
    for changed in [
        "",
        "AAAA",
        &encode([0; 64]),
        &encode([0; 63]),
        &encode([0; 65]),
        &signature[..84],
    ] {
        assert_eq!(
            verify(&format!("{input}.{changed}")),
            Err(Signature),
            "{changed}"
        );
    }
    let of_others = sign(
        &KEY,
        header(),
        replace(CLAIMS, "\"counter\":7", "\"counter\":8"),
    );
    let (_, of_others) = of_others.rsplit_once('.').unwrap();
    assert_eq!(verify(&format!("{input}.{of_others}")), Err(Signature));
    assert_eq!(verify(&format!("{input}.{signature}=")), Err(Malformed));
    assert_eq!(verify(input), Err(Malformed));
    assert_eq!(verify(&format!("{good}.")), Err(Malformed));
}

#[test]
fn no_other_signed_text_is_a_report_and_no_report_another() {
    let scene = Scene::new();
    let proof = scene.proof();
    assert!(dpop::verify(&proof, &scene.expected()).is_ok());
    assert_eq!(verify(&proof), Err(Malformed));
    let transcript = &[7; 32];
    let assertion = key_assertion::create(&scene.key, transcript).unwrap();
    assert_eq!(verify(&assertion), Err(Malformed));

    let made = create(&scene.key, &report()).unwrap();
    // Claims that are right everywhere, so that nothing but the type tells the texts apart.
    let everything = |transcript: &str| {
        let more = format!(
            r#"{},"transcript":"{transcript}","#,
            crate::forge::CLAIMS.trim_end_matches('}')
        );
        format!("{more}{}", CLAIMS.trim_start_matches('{'))
    };
    let everything = everything(&encode(transcript));
    let of_type = |typ: &str| scene.sign(replace(&scene.header(), "dpop+jwt", typ), &everything);
    let [report, proof, assertion] = [TYP, "dpop+jwt", key_assertion::TYP].map(of_type);
    let jkt = &scene.jkt;
    let assert = |text: &str| {
        let expected = key_assertion::Expected { jkt, transcript };
        key_assertion::appraise(text, &expected).outcome
    };
    assert!(verify(&report).is_ok());
    assert!(dpop::verify(&proof, &scene.expected()).is_ok());
    assert_eq!(assert(&assertion), Ok(()));
    for text in [&report, &made] {
        assert_eq!(
            dpop::verify(text, &scene.expected()),
            Err(ProofError::WrongType)
        );
        assert_eq!(assert(text), Err(key_assertion::Refused::WrongType));
    }
    for text in [&proof, &assertion] {
        assert_eq!(verify(text), Err(Malformed));
    }
}

#[test]
fn any_character_that_changes_spoils_it() {
    let good = create(&KEY, &report()).unwrap();
    for (at, _) in good.char_indices() {
        let (before, rest) = good.split_at(at);
        let other = if rest.starts_with('A') { "B" } else { "A" };
        assert!(
            verify(&format!("{before}{other}{}", &rest[1..])).is_err(),
            "{at}"
        );
        assert!(verify(before).is_err(), "{at}");
    }
}

fn text() -> impl Strategy<Value = Option<String>> {
    prop::option::of("\\PC{0,64}")
}

fn said() -> impl Strategy<Value = Said> {
    let texts = (text(), text(), text(), text());
    let encryption = || prop::sample::select(DiskEncryption::ALL);
    let family = prop::sample::select(OsFamily::ALL);
    let fields = (
        family,
        texts,
        encryption(),
        encryption(),
        any::<Option<bool>>(),
    );
    fields.prop_map(
        |(os_family, texts, system_encryption, all_encryption, screen_lock)| {
            let (os_version, kernel, patch_level, app_version) = texts;
            Said {
                os_family,
                os_version,
                kernel,
                patch_level,
                system_encryption,
                all_encryption,
                screen_lock,
                app_version,
            }
        },
    )
}

proptest! {
    #[test]
    fn what_is_made_is_verified(
        device in "dev_[0-7][0-9a-hjkmnp-tv-z]{25}",
        generation in 1..=i64::MAX,
        counter in 0..=i64::MAX,
        collected_at in -62_135_596_800_000_000_i64..253_402_207_200_000_000,
        posture in said(),
    ) {
        let report = Report {
            device_id: device.parse().unwrap(),
            generation,
            counter,
            collected_at: Timestamp::from_micros(collected_at),
            posture,
        };
        let verified = verify(&create(&KEY, &report).unwrap()).unwrap();
        prop_assert_eq!(verified.jkt, KEY.thumbprint());
        prop_assert_eq!(verified.report, report);
    }

    #[test]
    fn any_text_is_refused(text in "\\PC{0,200}|[-_.A-Za-z0-9]{0,400}") {
        prop_assert_eq!(verify(&text), Err(Malformed));
    }

    #[test]
    fn any_bytes_that_are_signed_are_refused(bytes: Vec<u8>) {
        prop_assert_eq!(verify(&sign(&KEY, header(), &bytes)), Err(Malformed));
        prop_assert_eq!(verify(&sign(&KEY, &bytes, CLAIMS)), Err(Malformed));
    }
}
