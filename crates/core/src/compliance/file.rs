//! A rule file as its operator writes it, before anything in it is believed.
//!
//! Every field has a type, and a field that nobody knows is an error. What a type cannot say is
//! checked by [`RuleFile::validate`].

mod span;

pub use span::{InvalidSpan, Span};

use super::{
    evaluate::{ResultKind, Verdict},
    posture::{DiskEncryption, Posture, PostureSource},
    rules::{Effect, FallsTo, Management, UnlistedPlatform, Volume},
    version::OsFamily,
};
use crate::{ClientId, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A whole file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleFile {
    /// What a device is when no rule is about its platform.
    #[serde(default)]
    pub unlisted_platform: UnlistedPlatform,
    /// How long after it was first seen a device may fall short of any rule. Absent for none.
    pub new_device_grace: Option<Span>,
    /// How long a device may be unknown before it counts as not compliant. Absent for no end to it,
    /// and nothing that depends on compliance either.
    pub unknown_grace: Option<Span>,
    /// What a corporate device that does not comply is worth.
    #[serde(default)]
    pub falls_to: FallsTo,
    /// The rules, in the order in which they are told.
    #[serde(default, rename = "rule")]
    pub rules: Vec<RuleText>,
    /// What the rules must say of made-up devices, or the file is refused.
    #[serde(default, rename = "test")]
    pub tests: Vec<TestText>,
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleText {
    /// Its name, which no other rule has: 1 to 64 of `a-z`, `0-9` and `-`. What is known of how long a
    /// device has failed it hangs on this name.
    pub id: String,
    /// The systems that it is about.
    pub platform: OneOrMore<OsFamily>,
    /// The devices among them; absent for all.
    #[serde(default)]
    pub applies_to: ScopeText,
    /// What it asks.
    pub check: CheckText,
    /// What comes of failing it.
    pub effect: Effect,
    /// How long after the first failure nothing comes of it. Absent for none.
    pub grace: Option<Span>,
    /// From the beginning of this day on, UTC, there is no grace, whatever else gives one.
    pub no_grace_after: Option<String>,
    /// How old a report may be. Absent for any age.
    pub fresh_within: Option<Span>,
    /// Whose word is enough.
    #[serde(default)]
    pub min_source: PostureSource,
    /// What the user is told.
    pub message: Option<String>,
    /// How many of a hundred devices it is about, by a hash of device and rule: 1 to 100. Raising it
    /// adds devices and takes none away.
    #[serde(default = "all_of_them")]
    pub rollout_percent: u8,
}

/// One value or a list of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, expecting = "must be one known value or a list of them")]
pub enum OneOrMore<T> {
    /// One.
    One(T),
    /// A list.
    More(Vec<T>),
}

/// Which devices a rule is about; all that is named must hold.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScopeText {
    /// Whether an MDM manages them.
    pub management: Option<Management>,
    /// They have one of these labels.
    pub group: Option<Vec<String>>,
    /// Their app is one of these.
    pub client: Option<Vec<ClientId>>,
}

/// What a rule asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckText {
    /// That the device has reported itself to be of the platform; always `true`.
    Os(bool),
    /// A version of the system.
    OsVersion(VersionText),
    /// Android's patch level, by date.
    PatchLevel(AtLeast),
    /// The Linux kernel.
    Kernel(AtLeast),
    /// Disk encryption.
    Encryption(EncryptionText),
    /// That a screen lock is set; always `true`.
    ScreenLock(bool),
    /// The app's version.
    AppVersion(AtLeast),
}

/// Which versions of the system are good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VersionText {
    /// This one and later ones.
    AtLeast(String),
    /// This one.
    Exactly(String),
    /// Of Windows: builds, each with its first good revision. A build that is not listed fails, unless
    /// it is newer than all that are: then it is unknown.
    Branch(BTreeMap<String, String>),
    /// Of Linux: distributions by `ID` of os-release(5), each with its first good version. One that is
    /// not listed is unknown.
    Distro(BTreeMap<String, String>),
}

/// The least that is good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AtLeast {
    /// This and what comes after it.
    pub at_least: String,
}

/// Which kinds of disk encryption are good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EncryptionText {
    /// Of which volume.
    pub volume: Volume,
    /// These; `unknown` is never good.
    pub is: Vec<DiskEncryption>,
}

/// What the rules must say of a made-up device, which every rollout has reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TestText {
    /// Its name, which no other test has.
    pub name: String,
    /// What the device reports; absent for nothing.
    pub posture: Option<PostureText>,
    /// Its system, where it reports nothing.
    pub platform: Option<OsFamily>,
    /// Whether an MDM manages it.
    #[serde(default)]
    pub management: Management,
    /// Its labels.
    #[serde(default)]
    pub group: Vec<String>,
    /// Its app.
    pub client: Option<ClientId>,
    /// What the rules must say.
    pub expect: Expectation,
}

/// What a made-up device reports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PostureText {
    /// As [`Posture::os_family`].
    pub os_family: OsFamily,
    /// As [`Posture::os_version`].
    pub os_version: Option<String>,
    /// As [`Posture::kernel`].
    pub kernel: Option<String>,
    /// As [`Posture::patch_level`].
    pub patch_level: Option<String>,
    /// As [`Posture::system_encryption`].
    #[serde(default)]
    pub system_encryption: DiskEncryption,
    /// As [`Posture::all_encryption`].
    #[serde(default)]
    pub all_encryption: DiskEncryption,
    /// As [`Posture::screen_lock`].
    pub screen_lock: Option<bool>,
    /// As [`Posture::app_version`].
    pub app_version: Option<String>,
    /// As [`Posture::source`].
    #[serde(default)]
    pub source: PostureSource,
    /// How long ago it came in. Absent for just now.
    pub age: Option<Span>,
}

/// What a test expects: of the device, or of the rules that it names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    untagged,
    expecting = "must be a verdict on the device, or results by rule"
)]
pub enum Expectation {
    /// Of the device, without any grace.
    Verdict(Verdict),
    /// Of rules.
    Results(BTreeMap<String, ResultKind>),
}

impl<T> OneOrMore<T> {
    /// All of them.
    pub fn as_slice(&self) -> &[T] {
        match self {
            Self::One(value) => std::slice::from_ref(value),
            Self::More(values) => values,
        }
    }
}

impl PostureText {
    /// The report, for a device that is looked at `now`.
    pub fn at(&self, now: Timestamp) -> Posture {
        Posture {
            os_family: self.os_family,
            os_version: self.os_version.clone(),
            kernel: self.kernel.clone(),
            patch_level: self.patch_level.clone(),
            system_encryption: self.system_encryption,
            all_encryption: self.all_encryption,
            screen_lock: self.screen_lock,
            app_version: self.app_version.clone(),
            source: self.source,
            collected_at: None,
            received_at: now.minus(self.age.map_or(std::time::Duration::ZERO, Span::duration)),
        }
    }
}

const fn all_of_them() -> u8 {
    100
}
