//! What a rule asks, from text to what can be compared.

use super::{
    super::{
        super::{
            file::{CheckText, EncryptionText, VersionText},
            posture::DiskEncryption,
            version::{Distro, Dotted, OsFamily, OsVersion, PatchLevel},
        },
        Check,
        fault::{FaultCause, Faults},
    },
    listed, unrepeated,
};
use std::collections::BTreeMap;

/// The check for one family, and what it asks in words.
pub(super) fn compiled(
    check: &CheckText,
    family: OsFamily,
    at: &str,
    faults: &mut Faults,
) -> Option<(Check, String)> {
    let only_on = |allowed: OsFamily| {
        (family == allowed)
            .then_some(())
            .ok_or(FaultCause::CannotApply(family))
    };
    let (place, compiled) = match check {
        CheckText::Os(true) => ("/os", Ok((Check::Os, family.to_string()))),
        CheckText::Os(false) => ("/os", Err(FaultCause::NotTrue)),
        CheckText::ScreenLock(true) => (
            "/screen_lock",
            Ok((Check::ScreenLock, "a screen lock".to_owned())),
        ),
        CheckText::ScreenLock(false) => ("/screen_lock", Err(FaultCause::NotTrue)),
        CheckText::OsVersion(version) => return os_version(version, family, at, faults),
        CheckText::Encryption(encryption) => {
            return encrypted(encryption, &format!("{at}/encryption"), faults);
        }
        CheckText::PatchLevel(least) => {
            let text = &least.at_least;
            let level = PatchLevel::parse(text).ok_or_else(|| FaultCause::Date(text.clone()));
            let check = only_on(OsFamily::Android).and(level).map(Check::PatchLevel);
            (
                "/patch_level/at_least",
                check.map(|check| (check, at_least(text))),
            )
        }
        CheckText::Kernel(least) => {
            let text = &least.at_least;
            let kernel =
                Dotted::parse_kernel(text).ok_or_else(|| FaultCause::Numbers(text.clone()));
            let check = only_on(OsFamily::Linux).and(kernel).map(Check::Kernel);
            (
                "/kernel/at_least",
                check.map(|check| (check, at_least(text))),
            )
        }
        CheckText::AppVersion(least) => {
            let text = &least.at_least;
            let version = Dotted::parse(text).ok_or_else(|| FaultCause::Numbers(text.clone()));
            let check = version.map(Check::AppVersion);
            (
                "/app_version/at_least",
                check.map(|check| (check, at_least(text))),
            )
        }
    };
    compiled
        .map_err(|cause| faults.note(format!("{at}{place}"), cause))
        .ok()
}

fn os_version(
    version: &VersionText,
    family: OsFamily,
    at: &str,
    faults: &mut Faults,
) -> Option<(Check, String)> {
    let at = format!("{at}/os_version");
    let is_ordered = !matches!(family, OsFamily::Linux | OsFamily::Other);
    let (can_apply, place) = match version {
        VersionText::AtLeast(_) => (is_ordered, "at_least"),
        VersionText::Exactly(_) => (is_ordered, "exactly"),
        VersionText::Branch(_) => (family == OsFamily::Windows, "branch"),
        VersionText::Distro(_) => (family == OsFamily::Linux, "distro"),
    };
    let at = format!("{at}/{place}");
    if !can_apply {
        faults.note(at, FaultCause::CannotApply(family));
        return None;
    }
    match version {
        VersionText::AtLeast(text) => {
            let version = parsed(family, text, &at, faults)?;
            Some((Check::AtLeast(version), at_least(text)))
        }
        VersionText::Exactly(text) => {
            let version = parsed(family, text, &at, faults)?;
            Some((Check::Exactly(version), format!("exactly {text}")))
        }
        VersionText::Branch(branches) => branch(branches, &at, faults),
        VersionText::Distro(distros) => distro(distros, &at, faults),
    }
}

fn branch(
    branches: &BTreeMap<String, String>,
    at: &str,
    faults: &mut Faults,
) -> Option<(Check, String)> {
    let mut compiled = Vec::new();
    for (build, revision) in branches {
        let mut number = |text: &str| {
            let is_digits = text.bytes().all(|byte| byte.is_ascii_digit());
            let number: Option<u32> = is_digits.then(|| text.parse().ok()).flatten();
            if number.is_none() {
                faults.note(
                    format!("{at}/{build}"),
                    FaultCause::Numbers(text.to_owned()),
                );
            }
            number
        };
        compiled.push((number(build)?, number(revision)?));
    }
    listed(&compiled, at, faults);
    compiled.sort_unstable();
    // 22631 and 022631 are two keys of one build.
    let builds = compiled.iter().map(|(build, _)| build.to_string());
    unrepeated(builds, |_| at.to_owned(), faults);
    let words = compiled
        .iter()
        .map(|(build, revision)| format!("{build}.{revision}"));
    let words = format!(
        "at least {} of its branch",
        words.collect::<Vec<_>>().join(" or ")
    );
    Some((Check::Branch(compiled.into()), words))
}

fn distro(
    distros: &BTreeMap<String, String>,
    at: &str,
    faults: &mut Faults,
) -> Option<(Check, String)> {
    let mut compiled = Vec::new();
    for (id, version) in distros {
        let at = format!("{at}/{id}");
        let Some(distro) = Distro::parse(id) else {
            faults.note(at, FaultCause::Distro(id.clone()));
            return None;
        };
        let version = parsed(OsFamily::Linux, &format!("{id} {version}"), &at, faults)?;
        compiled.push((distro, version));
    }
    listed(&compiled, at, faults);
    compiled.sort_unstable();
    let ids = compiled
        .iter()
        .map(|(distro, _)| distro.as_str().to_owned());
    unrepeated(ids, |_| at.to_owned(), faults);
    let words = distros
        .iter()
        .map(|(id, version)| format!("{id} {version}"));
    let words = format!("at least {}", words.collect::<Vec<_>>().join(" or "));
    Some((Check::Distro(compiled.into()), words))
}

fn encrypted(text: &EncryptionText, at: &str, faults: &mut Faults) -> Option<(Check, String)> {
    let at = format!("{at}/is");
    listed(&text.is, &at, faults);
    unrepeated(
        text.is.iter().map(|kind| kind.as_str()),
        |_| at.clone(),
        faults,
    );
    if text.is.contains(&DiskEncryption::Unknown) {
        faults.note(at, FaultCause::UnknownIsGood);
        return None;
    }
    let kinds: Vec<&str> = text.is.iter().map(|kind| kind.as_str()).collect();
    let words = format!("{} volume {}", text.volume, kinds.join(" or "));
    Some((
        Check::Encryption(text.volume, text.is.as_slice().into()),
        words,
    ))
}

fn parsed(family: OsFamily, text: &str, at: &str, faults: &mut Faults) -> Option<OsVersion> {
    let version = OsVersion::parse(family, text);
    if version.is_none() {
        let text = text.to_owned();
        faults.note(at, FaultCause::Version { family, text });
    }
    version
}

fn at_least(text: &str) -> String {
    format!("at least {text}")
}
