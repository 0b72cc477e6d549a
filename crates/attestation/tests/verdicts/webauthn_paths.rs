//! Who certifies a maker's attestation keys: one line of certificates, up to an anchor.

use crate::{
    forge::NOW,
    webauthn::Scene,
    webauthn_statements::{leaf, path_error, set, statement},
};
use countersign_attestation::{
    path::{Anchors, PathError},
    webauthn::registration::Refused,
};
use countersign_core::Timestamp;
use countersign_test_authority::{Authority, Draft, Extension, Key, der, validity, webauthn::x5c};
use std::time::Duration;

/// 2.5.29.30, which limits whom an authority may certify.
const NAME_CONSTRAINTS: &str = "2.5.29.30";

/// What comes of a statement under these certificates, for a maker whose root is an anchor.
fn judge(scene: &Scene, certificates: &[Vec<u8>]) -> Result<(), PathError> {
    let mut statement = statement(scene);
    set(&mut statement, "x5c", x5c(certificates));
    let outcome = scene.judge(&statement);
    outcome.map(|_| ()).map_err(path_error)
}

/// A leaf by an authority that is by the root.
fn under(scene: &Scene, change: impl FnOnce(&mut Draft)) -> Result<(), PathError> {
    let key = Key::p256();
    let mut draft = Draft::authority("Test Maker CA", key.spki());
    change(&mut draft);
    let authority = scene.maker.root.subordinate_of(draft, key);
    let leaf = authority.issue(leaf(scene));
    judge(scene, &[leaf, authority.certificate])
}

/// So many authorities, one below the other, the highest first.
fn line(scene: &Scene, length: usize) -> Vec<Authority> {
    let mut authorities: Vec<Authority> = Vec::new();
    for at in 0..length {
        let above = authorities.last().unwrap_or(&scene.maker.root);
        let next = above.subordinate(&format!("Test CA {at}"), Key::p256());
        authorities.push(next);
    }
    authorities
}

fn present(scene: &Scene, authorities: &[Authority]) -> Vec<Vec<u8>> {
    let lowest = authorities.last().unwrap_or(&scene.maker.root);
    let above = authorities.iter().rev();
    let leaf = lowest.issue(leaf(scene));
    let certificates = [leaf].into_iter();
    certificates
        .chain(above.map(|authority| authority.certificate.clone()))
        .collect()
}

#[test]
fn certificates_stand_in_a_line_up_to_an_anchor() {
    for format in ["packed", "tpm", "apple"] {
        let scene = Scene::new(format);
        let mut chain = present(&scene, &line(&scene, 2));
        assert_eq!(judge(&scene, &chain), Ok(()), "{format}");
        // What stands at the anchor or above it is of no interest.
        chain.push(scene.maker.root.certificate.clone());
        assert_eq!(judge(&scene, &chain), Ok(()), "{format}");
        chain.push(Authority::root("any", Key::p256()).certificate);
        assert_eq!(judge(&scene, &chain), Ok(()), "{format}");
        let untrusted = Err(PathError::Untrusted);
        for at in 1..3 {
            let mut shorter = chain.clone();
            shorter.remove(at);
            assert_eq!(judge(&scene, &shorter), untrusted, "{format}");
        }
        chain.swap(1, 2);
        assert_eq!(judge(&scene, &chain), untrusted, "{format}");
    }
}

#[test]
fn lines_are_short() {
    let scene = Scene::new("packed");
    let authorities = line(&scene, 5);
    let four = present(&scene, &authorities[..4]);
    assert_eq!(judge(&scene, &four), Ok(()));
    let five = present(&scene, &authorities);
    assert_eq!(judge(&scene, &five), Err(PathError::Untrusted));
}

#[test]
fn names_and_keys_both_lead_to_the_issuer() {
    let untrusted = Err(PathError::Untrusted);
    let scene = Scene::new("tpm");
    let [authority] = line(&scene, 1).try_into().unwrap();
    let mut misnamed = leaf(&scene);
    misnamed.issuer = Some(der::common_name("another"));
    let misnamed = authority.issue(misnamed);
    assert_eq!(judge(&scene, &[misnamed, authority.certificate]), untrusted);
    let elsewhere = under(&scene, |draft| {
        draft.issuer = Some(der::common_name("else"));
    });
    assert_eq!(elsewhere, untrusted);
    let [authority] = line(&scene, 1).try_into().unwrap();
    let [namesake] = line(&scene, 1).try_into().unwrap();
    let by_namesake = namesake.issue(leaf(&scene));
    assert_eq!(
        judge(&scene, &[by_namesake, authority.certificate]),
        untrusted
    );
    let impostor = Authority::root("Test Authenticator Root", Key::p256());
    let forged = impostor.subordinate("Test CA", Key::p256());
    let chain = [forged.issue(leaf(&scene)), forged.certificate];
    assert_eq!(judge(&scene, &chain), untrusted);
}

#[test]
fn authorities_say_that_they_are_some() {
    let untrusted = Err(PathError::Untrusted);
    for format in ["packed", "tpm", "apple"] {
        let scene = Scene::new(format);
        assert_eq!(under(&scene, |_| {}), Ok(()));
        let without =
            |oid: &'static str| under(&scene, |draft| draft.extensions.retain(|e| e.oid != oid));
        assert_eq!(without("2.5.29.19"), untrusted);
        assert_eq!(
            without("2.5.29.15"),
            Ok(()),
            "{format}: nothing is said of uses"
        );
        let end = under(&scene, |draft| {
            draft.extensions[0] = Extension::basic_constraints(false);
        });
        assert_eq!(end, untrusted);
        let signs_lists = under(&scene, |draft| {
            draft.extensions[1] = Extension::key_usage(0x02);
        });
        assert_eq!(signs_lists, untrusted);
        for garbage in [der::null(), der::tlv(0x03, &[]), der::tlv(0x03, &[8, 4])] {
            let outcome = under(&scene, |draft| draft.extensions[1].value = garbage);
            assert_eq!(outcome, Err(PathError::Malformed));
        }
    }
}

/// Whose certificates say so of themselves: an authority's own is no device's.
#[test]
fn leaves_are_no_authorities() {
    let scene = Scene::new("apple");
    let mut authority = leaf(&scene);
    authority.extensions[0] = Extension::basic_constraints(true);
    let chain = [scene.maker.root.issue(authority)];
    assert_eq!(judge(&scene, &chain), Err(PathError::Untrusted));
}

#[test]
fn authorities_limit_those_below_them() {
    let scene = Scene::new("packed");
    let limited = |length: u64, below: &[&str]| {
        let key = Key::p256();
        let mut draft = Draft::authority("Limited CA", key.spki());
        let parts = [der::boolean(true), der::integer(length)];
        draft.extensions[0].value = der::sequence(&parts);
        let mut authorities = vec![scene.maker.root.subordinate_of(draft, key)];
        for name in below {
            let above = authorities.last().unwrap();
            let next = above.subordinate(name, Key::p256());
            authorities.push(next);
        }
        judge(&scene, &present(&scene, &authorities))
    };
    assert_eq!(limited(0, &[]), Ok(()));
    assert_eq!(limited(0, &["one"]), Err(PathError::Untrusted));
    assert_eq!(limited(1, &["one"]), Ok(()));
    assert_eq!(limited(1, &["one", "two"]), Err(PathError::Untrusted));
    // Who certifies themselves anew is nobody else.
    assert_eq!(limited(0, &["Limited CA"]), Ok(()));
}

#[test]
fn what_demands_to_be_understood_is() {
    let unknown = Err(PathError::UnknownExtension);
    let scene = Scene::new("tpm");
    for (oid, critical, expected) in [
        (NAME_CONSTRAINTS, true, unknown),
        ("1.2.3", true, unknown),
        ("1.2.3", false, Ok(())),
        ("2.5.29.32", true, Ok(())),
        ("2.5.29.37", true, Ok(())),
    ] {
        let extension = || Extension {
            oid,
            critical,
            value: der::sequence(&[]),
        };
        let above = under(&scene, |draft| draft.extensions.push(extension()));
        assert_eq!(above, expected, "{oid}");
        let mut leaf = leaf(&scene);
        if leaf.extensions.iter().all(|found| found.oid != oid) {
            leaf.extensions.push(extension());
            let chain = [scene.maker.root.issue(leaf)];
            assert_eq!(judge(&scene, &chain), expected, "{oid}");
        }
    }
}

#[test]
fn every_certificate_of_the_line_is_dated() {
    let scene = Scene::new("tpm");
    let at = |secs| Timestamp::from_secs(NOW.as_secs() + secs);
    for (from, until, expected) in [
        (-20, -10, Err(PathError::Expired)),
        (10, 20, Err(PathError::NotYetValid)),
        (-20, 20, Ok(())),
        (0, 0, Ok(())),
    ] {
        let outcome = under(&scene, |draft| {
            draft.validity = validity(at(from), at(until));
        });
        assert_eq!(outcome, expected);
    }
    let odd = der::sequence(&[der::tlv(0x17, b"yesterday"), der::utc_time(at(10))]);
    let outcome = under(&scene, |draft| draft.validity = odd);
    assert_eq!(outcome, Err(PathError::Malformed));
}

/// Makers renew their roots and keep the keys.
#[test]
fn one_of_an_anchors_certificates_is_valid() {
    let scene = Scene::new("packed");
    let key = Key::p256();
    let old = |from: i64, until: i64| {
        let mut draft = Draft::authority("Root", key.spki());
        draft.validity = validity(Timestamp::from_secs(from), Timestamp::from_secs(until));
        Authority::self_signed(draft, Key::p256()).certificate
    };
    let now = NOW.as_secs();
    let [old, new] = [old(now - 20, now - 10), old(now - 10, now + 10)];
    let root = Authority {
        name: der::common_name("Root"),
        certificate: new.clone(),
        key,
    };
    let mut anchors = scene.anchors();
    let mut judge = |certificates: &[&Vec<u8>]| {
        anchors.authenticators = Anchors::new(certificates).unwrap();
        let mut statement = statement(&scene);
        set(&mut statement, "x5c", x5c(&[root.issue(leaf(&scene))]));
        scene.judge_under(&statement, &anchors).map(|_| ())
    };
    assert_eq!(judge(&[&old, &new]), Ok(()));
    assert_eq!(judge(&[&new, &old]), Ok(()));
    assert_eq!(judge(&[&old]), Err(Refused::NoPath(PathError::Expired)));
}

/// Lists of anchors hold devices' own certificates too, whose keys must certify nobody.
#[test]
fn devices_are_no_anchors() {
    let scene = Scene::new("packed");
    let leaf = scene.maker.root.issue(leaf(&scene));
    assert!(Anchors::new([&leaf]).is_err());
    assert!(Anchors::new([&scene.maker.root.certificate, &leaf]).is_err());
}

#[test]
fn stored_statements_are_judged_as_of_when_they_were_presented() {
    let years = Duration::from_hours(24 * 365 * 20);
    for format in ["packed", "tpm", "apple"] {
        let mut scene = Scene::new(format);
        let chain = present(&scene, &line(&scene, 1));
        scene.now = NOW.plus(years);
        assert_eq!(judge(&scene, &chain), Ok(()), "{format}");
        scene.presented_at = scene.now;
        assert_eq!(judge(&scene, &chain), Err(PathError::Expired), "{format}");
        scene.now = NOW;
        let refused = scene.judge(&statement(&scene)).unwrap_err();
        assert_eq!(refused, Refused::PresentedLater, "{format}");
    }
}
