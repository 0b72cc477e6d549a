//! What an Android device has to have started, by its hardware's account.

use crate::android::Phone;
use countersign_attestation::android_key::{BootState, Refused};
use countersign_test_authority::{android::RootOfTrust, der};

pub(crate) fn started(root: &RootOfTrust) -> Phone {
    Phone::remote().hardware(|fields| fields.with(704, root.encode()))
}

#[test]
fn only_the_hardware_says_what_was_started() {
    let root = RootOfTrust::verified().encode();
    let phone = Phone::remote()
        .hardware(|fields| fields.without(704))
        .software(|fields| fields.with(704, root));
    assert_eq!(phone.refused(), Refused::NoRootOfTrust);
    for (number, refused) in [
        (702, Refused::NotGenerated),
        (1, Refused::WrongPurpose),
        (2, Refused::UnsupportedKey),
    ] {
        let mut moved = Vec::new();
        let phone = Phone::remote()
            .hardware(|fields| {
                moved.extend(fields.0.iter().find(|(other, _)| *other == number).cloned());
                fields.without(number)
            })
            .software(|mut fields| {
                fields.0.append(&mut moved);
                fields
            });
        assert_eq!(phone.refused(), refused);
    }
}

#[test]
fn devices_are_locked_and_verified() {
    let good = RootOfTrust::verified();
    let unlocked = RootOfTrust {
        locked: 0,
        ..good.clone()
    };
    assert_eq!(started(&unlocked).refused(), Refused::Unlocked);
    for (boot_state, refused) in [
        (1, Refused::UnlistedBootKey),
        (2, Refused::UnverifiedBoot),
        (3, Refused::UnverifiedBoot),
        (4, Refused::UnverifiedBoot),
    ] {
        let root = RootOfTrust {
            boot_state,
            ..good.clone()
        };
        assert_eq!(started(&root).refused(), refused);
    }
    let phone = Phone::remote().hardware(|fields| fields.with(704, der::sequence(&[])));
    assert_eq!(phone.refused(), Refused::InvalidDescription);
}

#[test]
fn listed_systems_of_owners_are_accepted() {
    let own = RootOfTrust {
        boot_state: 1,
        ..RootOfTrust::verified()
    };
    let listing = |root: &RootOfTrust, key: Vec<u8>| {
        started(root).changed(|phone| phone.policy.self_signed_boot_keys = vec![vec![1; 32], key])
    };
    let phone = listing(&own, own.boot_key.clone());
    assert_eq!(phone.verdict().facts.boot_state, BootState::SelfSigned);
    let phone = listing(&own, vec![2; 32]);
    assert_eq!(phone.refused(), Refused::UnlistedBootKey);
    let unlocked = RootOfTrust {
        locked: 0,
        ..own.clone()
    };
    let phone = listing(&unlocked, own.boot_key.clone());
    assert_eq!(phone.refused(), Refused::Unlocked);
    let unverified = RootOfTrust {
        boot_state: 2,
        ..own.clone()
    };
    let phone = listing(&unverified, own.boot_key);
    assert_eq!(phone.refused(), Refused::UnverifiedBoot);
}

#[test]
fn patch_levels_have_a_minimum() {
    let at_least = |min| {
        move |phone: Phone| phone.changed(|phone| phone.policy.min_os_patch_level = Some(min))
    };
    assert!(
        at_least(202_612)(Phone::remote())
            .appraise()
            .outcome
            .is_ok()
    );
    let old = at_least(202_701)(Phone::remote());
    assert_eq!(old.refused(), Refused::OldPatchLevel);
    let day = Phone::remote().hardware(|fields| fields.with(706, der::integer(20_261_205)));
    assert_eq!(
        at_least(202_612)(day).verdict().facts.os_patch_level,
        Some(202_612)
    );
    let day = Phone::remote().hardware(|fields| fields.with(706, der::integer(20_261_205)));
    assert_eq!(at_least(202_701)(day).refused(), Refused::OldPatchLevel);
    let none = Phone::remote().hardware(|fields| fields.without(706));
    assert_eq!(at_least(1)(none).refused(), Refused::OldPatchLevel);
    let none = Phone::remote().hardware(|fields| fields.without(706));
    assert_eq!(none.verdict().facts.os_patch_level, None);
}
