//! App Attest on Macs, where the owner may change the system.

use crate::app_attest::Scene;
use base64::{Engine, engine::general_purpose::STANDARD};
use countersign_attestation::app_attest::attestation::{Platform, Refused};
use countersign_test_authority::{Extension, app_attest::access_control, der};

/// From Apple's guide: the rule of access of a Mac with a protected system and full security.
const FULL_SECURITY: &str =
    "MEAMAjExMDowCQwCb2uhAwEB/zAJDAJvYaEDAQH/MAsMBG9kZWyhAwEB/zAVDARvc2duoAYMBHJzZWMwBaYDAgEB";

fn rule() -> Vec<u8> {
    STANDARD.decode(FULL_SECURITY).unwrap()
}

fn judge(platform: Platform, extension: Option<Extension>) -> Result<(), Refused> {
    let mut scene = Scene::new();
    scene.platform = platform;
    let mut leaf = scene.leaf();
    leaf.extensions.extend(extension);
    let verdict = scene.judge(&scene.object_with(leaf).encode())?;
    assert_eq!(verdict.facts.platform, platform);
    Ok(())
}

fn on_mac(value: Vec<u8>) -> Result<(), Refused> {
    let extension = Extension {
        value,
        ..access_control(&[])
    };
    judge(Platform::MacOs, Some(extension))
}

#[test]
fn macs_with_full_security_are_accepted() {
    assert_eq!(
        judge(Platform::MacOs, Some(access_control(&rule()))),
        Ok(())
    );
    // Apple's text shows no tag inside, its samples do.
    let bare = der::sequence(&[der::octet_string(&rule())]);
    assert_eq!(on_mac(bare), Ok(()));
}

#[test]
fn other_macs_are_refused() {
    let unprotected = Err(Refused::UnprotectedMac);
    assert_eq!(judge(Platform::MacOs, None), unprotected);
    for at in 0..rule().len() * 8 {
        let mut other = rule();
        other[at / 8] ^= 1 << (at % 8);
        let refused = judge(Platform::MacOs, Some(access_control(&other)));
        assert_eq!(refused, unprotected, "bit {at}");
    }
    for other in [vec![], rule()[1..].to_vec(), [rule(), vec![0]].concat()] {
        let refused = judge(Platform::MacOs, Some(access_control(&other)));
        assert_eq!(refused, unprotected);
    }
}

#[test]
fn rule_is_the_only_thing_that_is_said() {
    let unprotected = Err(Refused::UnprotectedMac);
    let right = || der::octet_string(&rule());
    for value in [
        rule(),
        right(),
        der::sequence(&[]),
        der::sequence(&[right(), right()]),
        der::sequence(&[der::explicit(3, &right()), der::null()]),
        der::sequence(&[der::explicit(3, &[right(), right()].concat())]),
        der::sequence(&[der::explicit(3, &der::explicit(3, &right()))]),
        der::sequence(&[der::implicit(3, &rule())]),
        der::sequence(&[der::implicit(3, &right())]),
        der::set(&[right()]),
    ] {
        assert_eq!(on_mac(value.clone()), unprotected, "{value:x?}");
    }
}

#[test]
fn other_systems_say_other_things_there() {
    assert_eq!(judge(Platform::Ios, None), Ok(()));
    assert_eq!(judge(Platform::Ios, Some(access_control(&[7; 20]))), Ok(()));
}
