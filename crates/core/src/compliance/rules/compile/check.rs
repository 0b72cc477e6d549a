//! What a rule asks, from text to what can be compared.

use super::{
    super::{
        super::{
            file::{AtLeast, CheckText, EncryptionText, VersionText},
            posture::DiskEncryption,
            version::{Distro, Dotted, OsFamily, OsVersion, PatchLevel},
        },
        Check,
        fault::{FaultCause, Faults, key},
    },
    listed, unrepeated,
};
use std::collections::BTreeMap;

const LOCK: &str = "a screen lock";

/// The check for one family, and what it asks in words.
pub(super) fn compiled(
    check: &CheckText,
    family: OsFamily,
    at: &str,
    faults: &mut Faults,
) -> Option<(Check, String)> {
    let only_on = |allowed: OsFamily| {
        let is_allowed = family == allowed;
        is_allowed
            .then_some(())
            .ok_or(FaultCause::CannotApply(family))
    };
    let (place, compiled) = match check {
        CheckText::OsVersion(version) => return os_version(version, family, at, faults),
        CheckText::Encryption(encryption) => return encrypted(encryption, at, faults),
        CheckText::Os(true) => ("os", Ok((Check::Os, family.to_string()))),
        CheckText::Os(false) => ("os", Err(FaultCause::NotTrue)),
        CheckText::ScreenLock(true) => ("screen_lock", Ok((Check::ScreenLock, LOCK.to_owned()))),
        CheckText::ScreenLock(false) => ("screen_lock", Err(FaultCause::NotTrue)),
        CheckText::PatchLevel(AtLeast { at_least }) => {
            let check = PatchLevel::parse(at_least).map(Check::PatchLevel);
            let compiled = only_on(OsFamily::Android).and(least(at_least, check, FaultCause::Date));
            ("patch_level/at_least", compiled)
        }
        CheckText::Kernel(AtLeast { at_least }) => {
            let check = Dotted::parse_kernel(at_least).map(Check::Kernel);
            let compiled =
                only_on(OsFamily::Linux).and(least(at_least, check, FaultCause::Numbers));
            ("kernel/at_least", compiled)
        }
        CheckText::AppVersion(AtLeast { at_least }) => {
            let check = Dotted::parse(at_least).map(Check::AppVersion);
            (
                "app_version/at_least",
                least(at_least, check, FaultCause::Numbers),
            )
        }
    };
    compiled
        .map_err(|cause| faults.note(format!("{at}/{place}"), cause))
        .ok()
}

fn least(
    text: &str,
    check: Option<Check>,
    fault: impl FnOnce(String) -> FaultCause,
) -> Result<(Check, String), FaultCause> {
    match check {
        Some(check) => Ok((check, at_least(text))),
        None => Err(fault(text.to_owned())),
    }
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
                    format!("{at}/{}", key(build)),
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
        let at = format!("{at}/{}", key(id));
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
    let at = format!("{at}/encryption/is");
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
