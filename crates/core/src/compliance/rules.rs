//! Rules that have been checked, in the form in which they are judged by.

mod compile;
mod examples;
mod fault;
mod names;

pub use compile::{LONGEST_SPAN, MOST_RULES, MOST_TESTS, SHORTEST_FRESHNESS};
pub use fault::{FaultCause, RuleFault};
pub use names::{InvalidRuleId, RuleId, RuleSetVersion};

use super::{
    posture::{DiskEncryption, PostureSource},
    version::{Distro, Dotted, OsFamily, OsVersion, PatchLevel},
};
use crate::{ClientId, Timestamp, text::text_enum, trust::TrustLevel};
use std::time::Duration;

text_enum! {
    /// What comes of failing a rule, in rising order.
    #[derive(PartialOrd, Ord)]
    Effect {
        /// It is told to admins.
        Report = "report",
        /// It is told to the user too.
        Warn = "warn",
        /// The device does not comply, so a corporate one is worth less.
        Downgrade = "downgrade",
        /// The device does not comply, and is let in nowhere.
        Block = "block",
    }
}

text_enum! {
    /// What a corporate device that does not comply is worth.
    #[derive(Default)]
    FallsTo {
        /// As much as one that nobody knows.
        #[default]
        Unknown = "unknown",
        /// As much as one that its user confirmed, if evidence of that stands.
        Trusted = "trusted",
    }
}

text_enum! {
    /// What a device is when no rule is about its platform.
    #[derive(Default)]
    UnlistedPlatform {
        /// Unknown.
        #[default]
        Unknown = "unknown",
        /// Compliant.
        Compliant = "compliant",
    }
}

text_enum! {
    /// Whether an MDM manages a device.
    #[derive(Default)]
    Management {
        /// One does, and that has been verified.
        Managed = "managed",
        /// None does.
        #[default]
        Unmanaged = "unmanaged",
    }
}

text_enum! {
    /// Which of a device's volumes.
    Volume {
        /// The one that the system runs from.
        System = "system",
        /// Every one: the weakest counts.
        All = "all",
    }
}

/// Rules that have passed every check and their own tests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleSet {
    pub(super) version: RuleSetVersion,
    pub(super) unlisted_platform: UnlistedPlatform,
    pub(super) new_device_grace: Duration,
    pub(super) unknown_grace: Option<Duration>,
    pub(super) falls_to: FallsTo,
    /// By family, in the order of [`OsFamily::ALL`].
    pub(super) by_family: [Vec<Rule>; OsFamily::ALL.len()],
}

/// One rule, as it is for one family.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    pub(super) id: RuleId,
    pub(super) check: Check,
    pub(super) scope: Scope,
    pub(super) rollout: Rollout,
    pub(super) min_source: PostureSource,
    pub(super) fresh_within: Option<Duration>,
    pub(super) effect: Effect,
    pub(super) grace: Duration,
    pub(super) no_grace_after: Option<Timestamp>,
    pub(super) required: Box<str>,
    pub(super) message: Option<Box<str>>,
}

/// What a rule asks, with every version read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Check {
    Os,
    AtLeast(OsVersion),
    Exactly(OsVersion),
    /// Builds of Windows and their first good revisions, by build.
    Branch(Box<[(u32, u32)]>),
    Distro(Box<[(Distro, OsVersion)]>),
    PatchLevel(PatchLevel),
    Kernel(Dotted),
    Encryption(Volume, Box<[DiskEncryption]>),
    ScreenLock,
    AppVersion(Dotted),
}

/// Which devices a rule is about.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Scope {
    pub(super) management: Option<Management>,
    pub(super) groups: Option<Box<[String]>>,
    pub(super) clients: Option<Box<[ClientId]>>,
}

/// How many of a hundred devices a rule has reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rollout {
    percent: u8,
    salt: u64,
}

impl RuleSet {
    /// Which text it was made from.
    pub const fn version(&self) -> RuleSetVersion {
        self.version
    }

    /// What a corporate device that does not comply is worth.
    pub const fn falls_to(&self) -> FallsTo {
        self.falls_to
    }

    /// The rules about a family, in the order of the file.
    pub fn rules(&self, family: OsFamily) -> &[Rule] {
        &self.by_family[family as usize]
    }

    /// Whether a rule of this name is about any family.
    pub fn has_rule(&self, id: &RuleId) -> bool {
        self.by_family.iter().flatten().any(|rule| rule.id == *id)
    }
}

impl Rule {
    /// Its name.
    pub const fn id(&self) -> &RuleId {
        &self.id
    }

    /// What comes of failing it.
    pub const fn effect(&self) -> Effect {
        self.effect
    }

    /// What it asks, for people.
    pub const fn required(&self) -> &str {
        &self.required
    }

    /// What the user is told.
    pub fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }
}

impl Effect {
    /// Whether failing the rule makes a device one that does not comply.
    pub const fn decides(self) -> bool {
        matches!(self, Self::Downgrade | Self::Block)
    }
}

impl FallsTo {
    /// The level of trust.
    pub const fn trust(self) -> TrustLevel {
        match self {
            Self::Unknown => TrustLevel::Unknown,
            Self::Trusted => TrustLevel::Trusted,
        }
    }
}

impl Rollout {
    /// Reaches so many of a hundred devices; another rule reaches others first.
    pub(super) fn new(id: &RuleId, percent: u8) -> Self {
        let hash = crate::token::sha256(id.as_str().as_bytes());
        let salt = hash.first_chunk().copied().unwrap_or_default();
        Self {
            percent,
            salt: u64::from_be_bytes(salt),
        }
    }

    /// Whether it has reached the device whose id has these bits.
    pub(super) fn has_reached(self, (high, low): (u64, u64)) -> bool {
        if self.percent >= 100 {
            return true;
        }
        let hash = mixed(mixed(self.salt ^ high) ^ low);
        let shard = (u128::from(hash) * 100) >> 64;
        shard < u128::from(self.percent)
    }
}

/// The finaliser of `SplitMix64` (Steele, Lea, Flood: "Fast splittable pseudorandom number
/// generators", 2014). Changing it changes which devices a rollout has reached.
const fn mixed(bits: u64) -> u64 {
    let bits = bits.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests;
