//! Whether a report meets what one rule asks.

use super::super::{
    posture::{DiskEncryption, Posture, Read, Reading, UnknownReason},
    rules::{Check, Volume},
    version::{Distro, OsVersion},
};

impl Check {
    /// Whether it is met, or why nobody can say.
    pub(super) fn is_met(&self, reading: &Reading<'_>) -> Read<bool> {
        let posture = reading.posture;
        match self {
            Self::Os => Ok(true),
            Self::AtLeast(least) => Ok(reading.os_version? >= *least),
            Self::Exactly(version) => Ok(reading.os_version? == *version),
            Self::Branch(branches) => is_good_in_branch(reading.os_version?, branches),
            Self::Distro(distros) => is_good_of_distro(reading.os_version?, distros),
            Self::PatchLevel(least) => Ok(reading.patch_level? >= *least),
            Self::Kernel(least) => Ok(reading.kernel? >= *least),
            Self::AppVersion(least) => Ok(reading.app_version? >= *least),
            Self::ScreenLock => posture.screen_lock.ok_or(UnknownReason::Missing),
            Self::Encryption(volume, good) => match encryption(posture, *volume) {
                DiskEncryption::Unknown => Err(UnknownReason::Missing),
                found => Ok(good.contains(&found)),
            },
        }
    }

    /// What the report says of what is asked.
    pub(super) fn observed(&self, posture: &Posture) -> Option<String> {
        match self {
            Self::Os => Some(posture.os_family.to_string()),
            Self::AtLeast(_) | Self::Exactly(_) | Self::Branch(_) | Self::Distro(_) => {
                posture.os_version.clone()
            }
            Self::PatchLevel(_) => posture.patch_level.clone(),
            Self::Kernel(_) => posture.kernel.clone(),
            Self::AppVersion(_) => posture.app_version.clone(),
            Self::ScreenLock => {
                let is_set = posture.screen_lock?;
                Some(
                    if is_set {
                        "a screen lock"
                    } else {
                        "no screen lock"
                    }
                    .to_owned(),
                )
            }
            Self::Encryption(volume, _) => Some(encryption(posture, *volume).to_string()),
        }
    }
}

fn encryption(posture: &Posture, volume: Volume) -> DiskEncryption {
    match volume {
        Volume::System => posture.system_encryption,
        Volume::All => posture.all_encryption,
    }
}

fn is_good_in_branch(version: OsVersion, branches: &[(u32, u32)]) -> Read<bool> {
    let [major, minor, build, revision] = [0, 1, 2, 3].map(|index| version.numbers().part(index));
    // A build of Windows 8 and before is of no branch of Windows 10.
    if (major, minor) != (10, 0) {
        return Ok(false);
    }
    match branches.binary_search_by_key(&build, |(build, _)| *build) {
        Ok(index) => Ok(revision >= branches[index].1),
        Err(index) if index == branches.len() => Err(UnknownReason::Unlisted),
        Err(_) => Ok(false),
    }
}

fn is_good_of_distro(version: OsVersion, distros: &[(Distro, OsVersion)]) -> Read<bool> {
    let found = distros.binary_search_by_key(&version.distro(), |(distro, _)| *distro);
    let index = found.map_err(|_| UnknownReason::Unlisted)?;
    Ok(version >= distros[index].1)
}
