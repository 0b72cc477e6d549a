//! What secure hardware and system have to say of a key.

use crate::{
    android::{CHALLENGE, PACKAGE, Phone},
    android_boot::started,
};
use countersign_attestation::android_key::{self, Expected, Refused, Roots, SecurityLevel};
use countersign_core::attestation::AttestationLevel;
use countersign_test_authority::{
    Draft, Key,
    android::{Android, Fields, RootOfTrust},
    der,
};

fn strongbox(organization: &str) -> Phone {
    let android = Android::remote_in(organization, crate::android::NOW);
    Phone::of(android).changed(|phone| {
        phone.description.attestation_level = 2;
        phone.description.keymint_level = 2;
    })
}

#[test]
fn what_is_attested_is_kept() {
    let phone = Phone::remote();
    let verdict = phone.verdict();
    assert_eq!(verdict.level, AttestationLevel::Hardware);
    let jwk = verdict.key.jwk();
    let point = [
        vec![4],
        crate::forge::decode(&jwk.x),
        crate::forge::decode(&jwk.y),
    ]
    .concat();
    assert_eq!(point, phone.key.public_bytes());
    let facts = serde_json::to_value(verdict.facts).unwrap();
    assert_eq!(
        facts,
        serde_json::json!({
            "serials": ["1", "4f47", "bfc6", "3882", "d50f"],
            "provisioning": "remote",
            "attestation_version": 300,
            "keymint_version": 300,
            "security_level": "tee",
            "boot_state": "verified",
            "is_locked": true,
            "boot_key": "b0".repeat(32),
            "boot_hash": "b1".repeat(32),
            "os_version": 160_000,
            "os_patch_level": 202_612,
            "vendor_patch_level": 20_261_205,
            "boot_patch_level": 20_261_201,
            "package": PACKAGE,
            "package_version": 7,
            "signing_digests": ["d1".repeat(32)],
        })
    );
}

#[test]
fn every_version_is_a_number() {
    for version in [1, 2, 3, 4, 100, 200, 300, 400, 500, 1000] {
        let phone = Phone::remote().changed(|phone| {
            phone.description.attestation_version = version;
            phone.description.keymint_version = version + 1;
        });
        let facts = phone.verdict().facts;
        assert_eq!(
            (facts.attestation_version, facts.keymint_version),
            (version, version + 1)
        );
    }
}

#[test]
fn unreadable_descriptions_are_refused() {
    let phone = Phone::remote();
    let good = phone.description.encode();
    let refused = |attestation: &[u8]| {
        let chain = phone
            .android
            .present(Android::leaf(&phone.key, attestation));
        phone.refused_chain(&chain)
    };
    for length in 0..good.len() {
        assert_eq!(refused(&good[..length]), Refused::InvalidDescription);
    }
    let more = [good.as_slice(), &[5, 0]].concat();
    assert_eq!(refused(&more), Refused::InvalidDescription);
    let inside = der::sequence(&[good[4..].to_vec(), der::null()]);
    assert_eq!(refused(&inside), Refused::InvalidDescription);
}

#[test]
fn lists_hold_numbered_fields_only() {
    let phone = Phone::remote();
    for stranger in [
        der::null(),
        der::implicit(10, &[1]),
        der::tlv(0x61, &der::null()),
    ] {
        let attestation = der::sequence(&[
            der::integer(300),
            der::enumerated(1),
            der::integer(300),
            der::enumerated(1),
            der::octet_string(CHALLENGE),
            der::octet_string(&[]),
            der::sequence(&[stranger]),
            der::sequence(&[]),
        ]);
        let chain = phone
            .android
            .present(Android::leaf(&phone.key, &attestation));
        assert_eq!(phone.refused_chain(&chain), Refused::InvalidDescription);
    }
}

/// Which of the two would count?
#[test]
fn fields_that_are_there_twice_are_refused() {
    let twice = |number: u64| {
        move |mut fields: Fields| {
            let found = fields.0.iter().find(|(other, _)| *other == number);
            let field = found.unwrap().clone();
            fields.0.push(field);
            fields
        }
    };
    for number in [1, 10, 503, 702, 704, 706] {
        let phone = Phone::remote().hardware(twice(number));
        assert_eq!(phone.refused(), Refused::InvalidDescription);
    }
    let phone = Phone::remote().software(twice(709));
    assert_eq!(phone.refused(), Refused::InvalidDescription);
}

#[test]
fn unreadable_fields_are_as_good_as_absent() {
    let with = |number, value: &[u8]| {
        let value = value.to_vec();
        Phone::remote().hardware(|fields| fields.with(number, value))
    };
    let unreadable = [&[][..], &[5, 0], &[2, 1], &[2, 1, 0x80], &[2, 1, 2, 5, 0]];
    for value in unreadable {
        for (number, refused) in [
            (1, Refused::WrongPurpose),
            (2, Refused::UnsupportedKey),
            (10, Refused::UnsupportedKey),
            (702, Refused::NotGenerated),
            (704, Refused::InvalidDescription),
        ] {
            assert_eq!(
                with(number, value).refused(),
                refused,
                "{number}: {value:?}"
            );
        }
        for number in [705, 706, 718, 719] {
            assert!(with(number, value).appraise().outcome.is_ok());
        }
        let demanding = with(706, value);
        let demanding = demanding.changed(|phone| phone.policy.min_os_patch_level = Some(1));
        assert_eq!(demanding.refused(), Refused::OldPatchLevel);
    }
}

/// Seen in the field: see also [`oddities_of_devices_are_accepted`](crate::android_chains).
#[test]
fn oddities_of_descriptions_are_accepted() {
    let mut root = RootOfTrust::verified();
    root.locked = 1;
    let phone = started(&root).hardware(|mut fields| {
        fields.0.reverse();
        let purposes = der::set(&[der::integer(3), der::integer(2)]);
        fields.with(1, purposes).with(9999, der::tlv(0x13, b"new"))
    });
    let phone = phone.software(|mut fields| {
        fields.0.reverse();
        fields
    });
    assert!(phone.verdict().facts.is_locked);
    root.boot_hash = None;
    let phone = started(&root).hardware(|fields| fields.without(10));
    assert_eq!(phone.verdict().facts.boot_hash, None);
}

#[test]
fn other_challenges_are_refused() {
    for challenge in [
        &[][..],
        &CHALLENGE[1..],
        &[CHALLENGE, &[0]].concat(),
        &[0xc5; 32],
        &[0; 129],
    ] {
        let phone =
            Phone::remote().changed(|phone| phone.description.challenge = challenge.to_vec());
        assert_eq!(phone.refused(), Refused::ChallengeMismatch);
    }
}

#[test]
fn no_challenge_is_nobodys() {
    let phone = Phone::remote().changed(|phone| phone.description.challenge = Vec::new());
    let expected = Expected {
        challenge: &[],
        policy: &phone.policy,
        presented_at: phone.now,
        now: phone.now,
    };
    let roots = Roots::none().with(&phone.android.root.certificate).unwrap();
    let appraisal = android_key::appraise(&phone.chain(), &expected, &roots, phone.status.as_ref());
    let refused = appraisal.outcome.unwrap_err();
    assert_eq!(refused, Refused::ChallengeMismatch);
}

#[test]
fn keys_in_software_are_refused() {
    let at = |attestation, keymint| {
        Phone::remote().changed(|phone| {
            phone.description.attestation_level = attestation;
            phone.description.keymint_level = keymint;
        })
    };
    assert_eq!(at(0, 1).refused(), Refused::LevelsDiffer);
    assert_eq!(at(1, 0).refused(), Refused::LevelsDiffer);
    assert_eq!(at(1, 2).refused(), Refused::LevelsDiffer);
    assert_eq!(at(0, 0).refused(), Refused::SoftwareKey);
    assert_eq!(at(3, 3).refused(), Refused::SoftwareKey);
    assert_eq!(at(100, 100).refused(), Refused::SoftwareKey);
}

/// A key in the trusted environment can say what it likes about itself.
#[test]
fn elements_of_their_own_are_vouched_for_by_the_chain() {
    let vouched = strongbox("StrongBox").verdict();
    assert_eq!(vouched.level, AttestationLevel::StrongBox);
    let claimed = strongbox("TEE").verdict();
    assert_eq!(claimed.level, AttestationLevel::Hardware);
    assert_eq!(claimed.facts.security_level, SecurityLevel::StrongBox);
    let require = |phone: Phone| phone.changed(|phone| phone.policy.is_strongbox_required = true);
    assert!(require(strongbox("StrongBox")).appraise().outcome.is_ok());
    assert_eq!(require(strongbox("TEE")).refused(), Refused::NoStrongBox);
    assert_eq!(require(Phone::remote()).refused(), Refused::NoStrongBox);
}

/// Factories wrote it into one certificate or the other; Google's server writes it in one way.
#[test]
fn elements_of_their_own_are_named_in_several_ways() {
    let level = |android| {
        let phone = Phone::of(android).changed(|phone| {
            phone.description.attestation_level = 2;
            phone.description.keymint_level = 2;
        });
        phone.verdict().level
    };
    let now = crate::android::NOW;
    for (titles, expected) in [
        (["StrongBox", "TEE"], AttestationLevel::StrongBox),
        (["TEE", "StrongBox"], AttestationLevel::StrongBox),
        (["STRONGBOX", "TEE"], AttestationLevel::StrongBox),
        (["TEE", "Some strongbox"], AttestationLevel::StrongBox),
        (["TEE", "TEE"], AttestationLevel::Hardware),
    ] {
        let found = level(Android::factory_in(titles, now));
        assert_eq!(found, expected, "{titles:?}");
    }
    let mut named = Android::remote(now);
    let key = Key::p256();
    let mut draft = Draft::authority("", key.spki());
    draft.subject = der::name(&[("2.5.4.10", "TEE"), ("2.5.4.3", "StrongBox")]);
    let above = named.intermediates.last().unwrap();
    named.hardware = above.subordinate_of(draft, key);
    assert_eq!(level(named), AttestationLevel::Hardware);
}

#[test]
fn keys_are_made_by_the_hardware() {
    for origin in 1..5 {
        let phone = Phone::remote().hardware(|fields| fields.with(702, der::integer(origin)));
        assert_eq!(phone.refused(), Refused::NotGenerated);
    }
}

#[test]
fn keys_sign_and_do_nothing_else() {
    for purposes in [&[][..], &[3], &[2, 7], &[2, 1], &[2, 6], &[2, 3, 0]] {
        let purposes: Vec<_> = purposes.iter().map(|one| der::integer(*one)).collect();
        let phone = Phone::remote().hardware(|fields| fields.with(1, der::set(&purposes)));
        assert_eq!(phone.refused(), Refused::WrongPurpose);
    }
}

#[test]
fn users_are_asked_for_if_demanded() {
    let demanding =
        |phone: Phone| phone.changed(|phone| phone.policy.is_user_authentication_required = true);
    assert_eq!(
        demanding(Phone::remote()).refused(),
        Refused::NoUserAuthentication
    );
    let phone = Phone::remote().hardware(|fields| fields.without(503));
    assert_eq!(demanding(phone).refused(), Refused::NoUserAuthentication);
    let authenticated = |fields: Fields| fields.without(503).with(504, der::integer(2));
    let phone = Phone::remote().hardware(authenticated);
    assert!(demanding(phone).appraise().outcome.is_ok());
    let phone = Phone::remote().hardware(|fields| fields.with(504, der::integer(2)));
    assert_eq!(demanding(phone).refused(), Refused::NoUserAuthentication);
}
