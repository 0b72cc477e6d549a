//! Whose word is believed about a key in an Android device.

use crate::android::{HOUR, NOW, Phone};
use countersign_attestation::{
    android_key::{Provisioning, Refused, Status, StatusList},
    certificate::Certificate,
};
use countersign_core::Timestamp;
use countersign_test_authority::{
    Authority, Draft, Extension, Hash, Key,
    android::{ATTESTATION, Android},
    der, validity,
};
use std::time::Duration;

/// What is said of a virtual machine whose key is certified.
const VIRTUAL_MACHINE: &str = "1.3.6.1.4.1.11129.2.1.29.1";

#[test]
fn both_ways_of_provisioning_are_accepted() {
    let facts = Phone::remote().verdict().facts;
    assert_eq!(facts.provisioning, Provisioning::Remote);
    assert_eq!(facts.serials, ["1", "4f47", "bfc6", "3882", "d50f"]);
    let facts = Phone::factory().verdict().facts;
    assert_eq!(facts.provisioning, Provisioning::Factory);
    assert_eq!(facts.serials, ["1", "cc66", "388", "d50f"]);
}

#[test]
fn chains_have_bounds() {
    let phone = Phone::remote();
    let chain = phone.chain();
    assert_eq!(phone.refused_chain(&[]), Refused::ChainLength);
    assert_eq!(phone.refused_chain(&chain[..2]), Refused::ChainLength);
    let long = vec![chain[0].clone(); 9];
    assert_eq!(phone.refused_chain(&long), Refused::ChainLength);
    let huge = vec![vec![0; 10_000]; 5];
    assert_eq!(phone.refused_chain(&huge), Refused::TooLong);
    let huge = vec![vec![0; 16 * 1024 + 1]; 3];
    assert_eq!(phone.refused_chain(&huge), Refused::TooLong);
}

#[test]
fn what_is_no_certificate_is_refused() {
    let phone = Phone::remote();
    for at in 0..5 {
        let mut chain = phone.chain();
        chain[at].push(0);
        assert_eq!(phone.refused_chain(&chain), Refused::InvalidCertificate);
    }
    let twice = Extension::new("1.2.3", Vec::new());
    let leaf = Android::leaf(&phone.key, &phone.description.encode());
    let chain = phone.android.present(leaf.with(twice.clone()).with(twice));
    assert_eq!(phone.refused_chain(&chain), Refused::InvalidCertificate);
}

#[test]
fn each_certificate_is_issued_by_the_next() {
    for phone in [Phone::remote(), Phone::factory()] {
        let good = phone.chain();
        for at in 1..good.len() - 1 {
            let mut chain = good.clone();
            chain.remove(at);
            let refused = phone.appraise_chain(&chain).outcome.err();
            let expected = [Some(Refused::WrongIssuer), Some(Refused::ChainLength)];
            assert!(expected.contains(&refused), "{refused:?}");
            for other in 1..at {
                let mut chain = good.clone();
                chain.swap(at, other);
                assert_eq!(phone.refused_chain(&chain), Refused::WrongIssuer);
            }
        }
    }
}

/// The hardware writes the issuer anew, in another kind of string than the factory did.
#[test]
fn names_are_the_same_if_they_say_the_same() {
    let phone = Phone::factory();
    let issuer = |kind, title: &str| {
        let values = [("2.5.4.5", "3e7fb6a1ee4bd568"), ("2.5.4.12", title)];
        let sets = values.map(|(oid, text)| {
            let text = der::tlv(kind, text.as_bytes());
            der::set(&[der::sequence(&[der::oid(oid), text])])
        });
        let mut leaf = Android::leaf(&phone.key, &phone.description.encode());
        leaf.issuer = Some(der::sequence(&sets));
        phone.appraise_chain(&phone.android.present(leaf)).outcome
    };
    assert!(issuer(0x13, "TEE").is_ok());
    assert_eq!(issuer(0x13, "TE").err(), Some(Refused::WrongIssuer));
}

/// Names are free; keys are not.
#[test]
fn certificates_of_other_keys_are_refused() {
    let phone = Phone::remote();
    let other = Phone::remote();
    for at in 0..5 {
        let mut chain = phone.chain();
        chain[at] = other.chain()[at].clone();
        let refused = phone.appraise_chain(&chain).outcome.err();
        let expected = if at == 4 {
            Refused::UnknownRoot
        } else {
            Refused::BadSignature
        };
        assert_eq!(refused, Some(expected));
    }
}

/// Whoever holds an attested key can sign with it what looks like one more attestation.
#[test]
fn chains_extended_by_an_attested_key_are_refused() {
    let mut phone = Phone::remote();
    let real = phone.chain();
    let leaf = Certificate::parse(&real[0]).unwrap();
    let name = leaf.subject.raw().to_vec();
    let key = std::mem::replace(&mut phone.key, Key::p256());
    let attested = Authority {
        key,
        name,
        certificate: real[0].clone(),
    };
    let forged = attested.issue(Android::leaf(&Key::p256(), &phone.description.encode()));
    let chain = [&[forged], real.as_slice()].concat();
    assert_eq!(phone.refused_chain(&chain), Refused::AttestationAboveLeaf);
    let bare = attested.issue(Draft::new("bare", Key::p256().spki()));
    let chain = [&[bare], real.as_slice()].concat();
    assert_eq!(phone.refused_chain(&chain), Refused::NoAttestation);
}

/// The server of remotely provisioned keys also certifies keys of virtual machines, whose holders
/// can sign with them what they like.
#[test]
fn attestations_by_keys_that_hardware_gave_away_are_refused() {
    for (organization, virtual_machine) in
        [("AVF", true), ("AVF", false), ("TEE", true), ("", false)]
    {
        let mut phone = Phone::remote();
        phone.android = Android::remote_in(organization, NOW);
        let key = Key::p256();
        let mut draft = Draft::authority("Android Protected Virtual Machine Key", key.spki());
        draft.validity = validity(NOW.minus(HOUR), NOW.plus(HOUR));
        if virtual_machine {
            draft = draft.with(Extension::new(VIRTUAL_MACHINE, vec![0x30, 0x00]));
        }
        let hardware = phone.android.hardware.subordinate_of(draft, key);
        phone
            .android
            .intermediates
            .push(std::mem::replace(&mut phone.android.hardware, hardware));
        assert_eq!(phone.refused(), Refused::NotAnAttester, "{organization}");
    }
    let mut phone = Phone::remote();
    phone.android = Android::remote_in("AVF", NOW);
    assert_eq!(phone.refused(), Refused::NotAnAttester);
}

#[test]
fn attestations_above_the_leaf_are_refused() {
    let mut phone = Phone::remote();
    let attestation = Extension::new(ATTESTATION, phone.description.encode());
    let key = Key::p256();
    let mut draft = Draft::authority("", key.spki()).with(attestation);
    draft.subject.clone_from(&phone.android.hardware.name);
    draft.validity = validity(NOW.minus(HOUR), NOW.plus(HOUR));
    phone.android.hardware = phone.android.intermediates[1].subordinate_of(draft, key);
    assert_eq!(phone.refused(), Refused::AttestationAboveLeaf);
}

#[test]
fn leaves_without_attestation_are_refused() {
    let phone = Phone::remote();
    let chain = phone.android.present(Draft::new("leaf", phone.key.spki()));
    assert_eq!(phone.refused_chain(&chain), Refused::NoAttestation);
}

#[test]
fn dates_of_leaves_do_not_matter() {
    let phone = Phone::remote();
    for validity in [
        validity(Timestamp::from_secs(0), Timestamp::from_secs(1)),
        validity(NOW.plus(HOUR), NOW.plus(HOUR)),
        der::sequence(&[der::tlv(0x17, b"yesterday"), der::tlv(0x18, b"")]),
    ] {
        let mut leaf = Android::leaf(&phone.key, &phone.description.encode());
        leaf.validity = validity;
        let chain = phone.android.present(leaf);
        assert!(phone.appraise_chain(&chain).outcome.is_ok());
    }
}

#[test]
fn certificates_of_servers_expire() {
    let later = Phone::remote().changed(|phone| {
        phone.now = NOW.plus(HOUR * 24 * 15);
        phone.status = Some(StatusList::parse(br#"{"entries":{}}"#, phone.now).unwrap());
    });
    assert_eq!(later.refused(), Refused::Expired);
    let earlier = Phone::remote().changed(|phone| phone.now = NOW.minus(HOUR * 24 * 8));
    assert_eq!(earlier.refused(), Refused::NotYetValid);
}

#[test]
fn certificates_of_factories_do_not_expire() {
    let phone = Phone::factory();
    let hardware = Certificate::parse(&phone.android.hardware.certificate).unwrap();
    assert!(hardware.not_after.unwrap() < NOW);
    assert!(phone.appraise().outcome.is_ok());
    let earlier = phone.changed(|phone| phone.now = NOW.minus(HOUR * 24 * 365 * 11));
    assert_eq!(earlier.refused(), Refused::NotYetValid);
}

#[test]
fn chains_of_unknown_provisioning_expire() {
    let mut phone = Phone::factory();
    let root = Authority::root("root", Key::p256());
    let old = |key: &Key| {
        let mut draft = Draft::authority("hardware", key.spki());
        draft.validity = validity(NOW.minus(HOUR * 2), NOW.minus(HOUR));
        draft
    };
    let key = Key::p256();
    phone.android.hardware = root.subordinate_of(old(&key), key);
    phone.android.intermediates.clear();
    phone.android.root = root;
    assert_eq!(phone.refused(), Refused::Expired);
}

#[test]
fn unreadable_dates_above_the_leaf_are_refused() {
    let with = |mut phone: Phone, not_before: Vec<u8>, not_after: Vec<u8>| {
        let key = Key::p256();
        let mut draft = Draft::authority("", key.spki());
        draft.validity = der::sequence(&[not_before, not_after]);
        draft.subject.clone_from(&phone.android.hardware.name);
        let above = phone.android.intermediates.last().unwrap();
        phone.android.hardware = above.subordinate_of(draft, key);
        phone.appraise().outcome.err()
    };
    let odd = || der::tlv(0x17, b"yesterday");
    let [before, after] = [NOW.minus(HOUR), NOW.plus(HOUR)].map(der::utc_time);
    let refused = Some(Refused::UnreadableDate);
    assert_eq!(with(Phone::remote(), odd(), after), refused);
    assert_eq!(with(Phone::remote(), before.clone(), odd()), refused);
    assert_eq!(with(Phone::factory(), odd(), odd()), refused);
    // Nobody looks at when a factory's certificates end.
    assert_eq!(with(Phone::factory(), before, odd()), None);
}

/// Seen in the field; each of them is refused by readers that follow the standards.
#[test]
fn oddities_of_devices_are_accepted() {
    let mut phone = Phone::factory();
    let key = Key::p256();
    let mut draft = Draft::new("", key.spki()).with(Extension::basic_constraints(false));
    draft.subject = der::name(&[("2.5.4.5", "1"), ("2.5.4.12", "TEE")]);
    draft.hash = Some(Hash::Sha256);
    phone.android.intermediates[0] = phone.android.root.subordinate_of(draft, key);
    let key = Key::rsa();
    let mut draft = Draft::new("hardware", key.spki());
    draft.hash = Some(Hash::Sha384);
    let ecdsa = der::oid("1.2.840.10045.4.3.3");
    draft.algorithm = Some(der::sequence(&[ecdsa, der::null()]));
    phone.android.hardware = phone.android.intermediates[0].subordinate_of(draft, key);
    assert!(phone.appraise().outcome.is_ok(), "{:?}", phone.appraise());
}

#[test]
fn listed_certificates_are_refused() {
    for (serial, status) in [("4f47", "REVOKED"), ("d50f", "SUSPENDED"), ("3882", "NEW")] {
        let json = format!(r#"{{"entries":{{"{serial}":{{"status":"{status}"}}}}}}"#);
        let list = StatusList::parse(json.as_bytes(), NOW).unwrap();
        let phone = Phone::remote().changed(|phone| phone.status = Some(list));
        let status = match status {
            "REVOKED" => Status::Revoked,
            "SUSPENDED" => Status::Suspended,
            _ => Status::Unknown,
        };
        let serial = serial.to_owned();
        assert_eq!(phone.refused(), Refused::Revoked { serial, status });
    }
}

/// A serial's first byte may be a zero that keeps it from being negative.
#[test]
fn padded_serials_are_found() {
    let json = br#"{"entries":{"cc66":{"status":"REVOKED"}}}"#;
    let list = StatusList::parse(json, NOW).unwrap();
    let phone = Phone::factory().changed(|phone| phone.status = Some(list));
    assert!(matches!(phone.refused(), Refused::Revoked { .. }));
}

#[test]
fn stale_lists_fail_closed() {
    let old = |age| {
        let list = StatusList::parse(br#"{"entries":{}}"#, NOW.minus(age)).unwrap();
        Phone::remote().changed(|phone| phone.status = Some(list))
    };
    assert!(old(HOUR).appraise().outcome.is_ok());
    let late = old(HOUR + Duration::from_micros(1));
    assert_eq!(late.refused(), Refused::StaleStatusList);
    let none = Phone::remote().changed(|phone| phone.status = None);
    assert_eq!(none.refused(), Refused::NoStatusList);
}

/// The device's certificates are for weeks; what was taken back is taken back from all.
#[test]
fn stored_chains_are_looked_up_in_a_list_of_now() {
    let year = HOUR * 24 * 365;
    let judge = |json: &str, age| {
        let phone = Phone::remote().changed(|phone| {
            phone.presented_at = Some(NOW);
            phone.now = NOW.plus(year);
            let as_of = phone.now.minus(age);
            phone.status = Some(StatusList::parse(json.as_bytes(), as_of).unwrap());
        });
        phone.appraise().outcome.map(|_| ())
    };
    let empty = r#"{"entries":{}}"#;
    assert_eq!(judge(empty, HOUR), Ok(()));
    assert_eq!(judge(empty, year), Err(Refused::StaleStatusList));
    let listed = r#"{"entries":{"4f47":{"status":"REVOKED"}}}"#;
    assert!(matches!(judge(listed, HOUR), Err(Refused::Revoked { .. })));
    let early = Phone::remote().changed(|phone| {
        phone.presented_at = Some(NOW.plus(HOUR));
    });
    assert_eq!(early.refused(), Refused::PresentedLater);
}
