//! What a device reports of itself, or an MDM of it.

use super::version::{Dotted, OsFamily, OsVersion, PatchLevel};
use crate::{Timestamp, text::text_enum};
use serde::{Deserialize, Serialize};

text_enum! {
    /// How a volume is encrypted.
    #[derive(Default)]
    DiskEncryption {
        /// Whoever has the disk alone cannot read it.
        Encrypted = "encrypted",
        /// Encrypted, with the key beside it in the clear: protection is paused.
        EncryptedKeyExposed = "encrypted_key_exposed",
        /// On the way to being encrypted, or from it.
        Partial = "partial",
        /// Not encrypted.
        Unencrypted = "unencrypted",
        /// The system cannot encrypt it.
        Unsupported = "unsupported",
        /// Nobody says.
        #[default]
        Unknown = "unknown",
    }
}

text_enum! {
    /// Who says so, in rising order of weight.
    #[derive(PartialOrd, Ord, Default)]
    PostureSource {
        /// The device. A signature shows who says it, not that it is so.
        #[default]
        SelfReported = "self",
        /// Evidence of the platform.
        Attested = "attested",
        /// The device management that the device is enrolled in.
        Mdm = "mdm",
    }
}

/// What is known of a device at one time; what is absent is unknown.
///
/// Texts are kept as they came, so that what cannot be read can be shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Posture {
    /// The family of its operating system.
    pub os_family: OsFamily,
    /// The version, in the form of [`OsVersion::parse`].
    #[serde(default)]
    pub os_version: Option<String>,
    /// The release of the Linux kernel, as `uname -r` has it.
    #[serde(default)]
    pub kernel: Option<String>,
    /// Android's security patch level, as `2025-06-05`.
    #[serde(default)]
    pub patch_level: Option<String>,
    /// The encryption of the volume that the system runs from.
    #[serde(default)]
    pub system_encryption: DiskEncryption,
    /// The weakest encryption of all its volumes.
    #[serde(default)]
    pub all_encryption: DiskEncryption,
    /// Whether a screen lock is set.
    #[serde(default)]
    pub screen_lock: Option<bool>,
    /// The app's version: one to five numbers with dots between them.
    #[serde(default)]
    pub app_version: Option<String>,
    /// Who says so.
    #[serde(default)]
    pub source: PostureSource,
    /// When it was gathered, by the clock of whoever did; recorded and never judged by.
    #[serde(default)]
    pub collected_at: Option<Timestamp>,
    /// When it came in.
    pub received_at: Timestamp,
}

text_enum! {
    /// Why nobody can say whether a rule is met.
    UnknownReason {
        /// Nothing was ever reported.
        NoPosture = "no_posture",
        /// What the rule is about is not in the report.
        Missing = "missing",
        /// What the rule is about cannot be read.
        Unparsable = "unparsable",
        /// The report is too old.
        Stale = "stale",
        /// The report is by somebody whose word is not enough.
        WeakSource = "weak_source",
        /// The rule says nothing of this branch or distribution.
        Unlisted = "unlisted",
    }
}

/// A posture whose texts have been read, once for all rules.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reading<'a> {
    pub(super) posture: &'a Posture,
    pub(super) os_version: Read<OsVersion>,
    pub(super) kernel: Read<Dotted>,
    pub(super) patch_level: Read<PatchLevel>,
    pub(super) app_version: Read<Dotted>,
}

pub(super) type Read<T> = Result<T, UnknownReason>;

impl Posture {
    /// A report of this family that says nothing else.
    pub const fn empty(os_family: OsFamily, received_at: Timestamp) -> Self {
        Self {
            os_family,
            os_version: None,
            kernel: None,
            patch_level: None,
            system_encryption: DiskEncryption::Unknown,
            all_encryption: DiskEncryption::Unknown,
            screen_lock: None,
            app_version: None,
            source: PostureSource::SelfReported,
            collected_at: None,
            received_at,
        }
    }

    /// Whether it takes the place of the one that is kept: not if it came in earlier.
    ///
    /// Sources are to be kept apart: what a device says of itself does not replace an MDM's word.
    pub fn replaces(&self, kept: Option<&Self>) -> bool {
        kept.is_none_or(|kept| self.received_at >= kept.received_at)
    }
}

impl<'a> Reading<'a> {
    pub(super) fn of(posture: &'a Posture) -> Self {
        let family = posture.os_family;
        Self {
            posture,
            os_version: read(posture.os_version.as_deref(), |text| {
                OsVersion::parse(family, text)
            }),
            kernel: read(posture.kernel.as_deref(), Dotted::parse_kernel),
            patch_level: read(posture.patch_level.as_deref(), PatchLevel::parse),
            app_version: read(posture.app_version.as_deref(), Dotted::parse),
        }
    }
}

fn read<T>(text: Option<&str>, parse: impl Fn(&str) -> Option<T>) -> Read<T> {
    match text {
        None | Some("") => Err(UnknownReason::Missing),
        Some(text) => parse(text).ok_or(UnknownReason::Unparsable),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);

    #[test]
    fn what_is_absent_is_unknown() {
        let text = r#"{"os_family":"linux","received_at":"2027-01-15T08:00:00Z"}"#;
        let posture: Posture = serde_json::from_str(text).unwrap();
        assert_eq!(posture, Posture::empty(OsFamily::Linux, NOW));
        let again = serde_json::to_string(&posture).unwrap();
        assert_eq!(serde_json::from_str::<Posture>(&again).unwrap(), posture);
    }

    #[test]
    fn an_older_report_replaces_nothing() {
        let kept = Posture::empty(OsFamily::Ios, NOW);
        let at = |micros| Posture::empty(OsFamily::Ios, Timestamp::from_micros(micros));
        assert!(!at(NOW.as_micros() - 1).replaces(Some(&kept)));
        assert!(at(NOW.as_micros()).replaces(Some(&kept)));
        assert!(at(0).replaces(None));
    }

    #[test]
    fn when_it_was_gathered_does_not_count() {
        let kept = Posture::empty(OsFamily::Ios, NOW);
        let early = Timestamp::from_micros(NOW.as_micros() - 1);
        let boasting = Posture {
            collected_at: Some(Timestamp::from_micros(i64::MAX)),
            ..Posture::empty(OsFamily::Ios, early)
        };
        assert!(!boasting.replaces(Some(&kept)));
    }

    #[test]
    fn a_blank_text_is_missing_and_another_unparsable() {
        let posture = Posture {
            os_version: Some("x.y.1".to_owned()),
            patch_level: Some(String::new()),
            ..Posture::empty(OsFamily::Android, NOW)
        };
        let reading = Reading::of(&posture);
        assert_eq!(reading.os_version, Err(UnknownReason::Unparsable));
        assert_eq!(reading.patch_level, Err(UnknownReason::Missing));
        assert_eq!(reading.kernel, Err(UnknownReason::Missing));
    }
}
