//! What a client demands of its devices' evidence, and what becomes of those that fall short.

use super::{AttestationEnvironment, AttestationLevel, play_integrity::PlayIntegrity};
use crate::{client::Origin, text::text_enum};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr, time::Duration};

text_enum! {
    /// What a device does that evidence may be demanded for.
    AttestedAction {
        /// It comes for the first time, or with another key.
        Enroll = "enroll",
        /// A user logs in on it.
        Login = "login",
        /// Its session's tokens rotate.
        Refresh = "refresh",
        /// It shows itself anew for one action of its app.
        Sensitive = "sensitive",
    }
}

text_enum! {
    /// How strictly a demand is kept.
    AttestationMode {
        /// Evidence is not looked at.
        Off = "off",
        /// Evidence is judged and kept; nobody is refused.
        Telemetry = "telemetry",
        /// Only evidence that is proven wrong is refused.
        SoftFail = "soft_fail",
        /// Whoever does not show what is demanded is refused.
        Enforce = "enforce",
    }
}

text_enum! {
    /// What becomes of a device that falls short in one way.
    Reaction {
        /// It goes on, with what it did show.
        Accept = "accept",
        /// It is refused.
        Refuse = "refuse",
    }
}

text_enum! {
    /// How a device falls short of a demand.
    Shortfall {
        /// It showed nothing.
        Missing = "missing",
        /// What it showed is wrong.
        Invalid = "invalid",
        /// What it showed could not be judged: there is no list, key or root to judge it by.
        Unevaluated = "unevaluated",
        /// The platform's own service did not answer in time.
        Timeout = "timeout",
        /// What it showed is worth less than demanded.
        Level = "level",
        /// What it showed is too old.
        Stale = "stale",
    }
}

text_enum! {
    /// Which of Apple's systems an app runs on.
    ApplePlatform {
        /// iOS and those that came from it.
        Ios = "ios",
        /// macOS.
        Macos = "macos",
    }
}

/// Everything a client demands; the default demands nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct AttestationPolicy {
    /// Apps that App Attest may vouch for.
    pub apple: Vec<AppleApp>,
    /// Apps on Android that its hardware may vouch for a key of, or Google for them.
    pub android: Option<AndroidApps>,
    /// Pages that an authenticator may vouch for a key of.
    pub web: Option<WebPages>,
    /// Demanded of enrollments and new keys.
    pub enroll: Demand,
    /// Demanded of logins.
    pub login: Demand,
    /// Demanded of refreshes.
    pub refresh: Demand,
    /// Demanded of what a device asserts for one action of its app.
    pub sensitive: Demand,
}

/// What one kind of action demands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Demand {
    /// How strictly.
    pub mode: AttestationMode,
    /// The least that has to be shown.
    pub level: AttestationLevel,
    /// How long ago it may have been shown; a device that enrolls shows it now.
    pub max_age_secs: Option<u64>,
    /// Under `soft_fail`: of evidence that is wrong.
    pub on_invalid: Reaction,
    /// Under `enforce`: of evidence that cannot be judged.
    pub on_unevaluated: Reaction,
    /// Under `enforce`: where the platform's service does not answer.
    pub on_timeout: Reaction,
}

/// An app on Apple's systems.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppleApp {
    /// The team id, a full stop and the bundle id; on macOS the code's signing identifier.
    pub app_id: String,
    /// The system.
    pub platform: ApplePlatform,
    /// Which of Apple's services it talks to.
    pub environment: AttestationEnvironment,
}

/// Apps on Android, and what is demanded of the devices under them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AndroidApps {
    /// The apps.
    pub apps: Vec<AndroidApp>,
    /// The oldest patch level of the system, as `YYYYMM`.
    pub min_os_patch_level: Option<u32>,
    /// Keys of systems that owners put in and that are believed (`verifiedBootKey`).
    pub self_signed_boot_keys: Vec<Sha256Hex>,
    /// How old the list of revoked certificates may be.
    pub max_status_list_age_secs: u64,
    /// What Google has to say of the apps; without it, its verdicts are no evidence.
    pub play_integrity: Option<PlayIntegrity>,
}

/// An app on Android.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AndroidApp {
    /// Its package name.
    pub package: String,
    /// SHA-256 of the certificates that it may be signed with.
    pub signing_digests: Vec<Sha256Hex>,
    /// Its oldest version code.
    pub min_version: Option<u64>,
}

/// Pages of a site whose authenticators vouch for keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebPages {
    /// The relying party's id: a domain.
    pub rp_id: String,
    /// The pages' origins.
    pub origins: Vec<Origin>,
    /// Whether the authenticator must know the user.
    pub user_verification: bool,
    /// Whether a credential that may leave its authenticator is refused.
    pub device_bound: bool,
}

/// A SHA-256 in hexadecimal; colons and upper case, as signing tools print them, are taken.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Sha256Hex([u8; 32]);

/// The text is not 64 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a SHA-256: 64 hexadecimal digits")]
pub struct InvalidSha256;

/// What a device has shown, as far as it was judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// Nothing, not even a key.
    Nothing,
    /// A key, and nothing that vouches for it.
    Key,
    /// Evidence of this worth, so long ago.
    Verdict {
        /// What it is worth.
        level: AttestationLevel,
        /// How long ago it was shown.
        age: Duration,
    },
    /// Evidence that is wrong.
    Invalid,
    /// Evidence that could not be judged.
    Unevaluated,
    /// Evidence that the platform's service did not judge in time.
    TimedOut,
}

impl AttestationPolicy {
    /// What an action demands.
    pub const fn demand(&self, action: AttestedAction) -> &Demand {
        match action {
            AttestedAction::Enroll => &self.enroll,
            AttestedAction::Login => &self.login,
            AttestedAction::Refresh => &self.refresh,
            AttestedAction::Sensitive => &self.sensitive,
        }
    }

    /// Whether evidence is looked at, for whatever it is demanded.
    pub fn is_judged(&self) -> bool {
        [&self.enroll, &self.login, &self.refresh, &self.sensitive]
            .into_iter()
            .any(Demand::is_judged)
    }
}

impl Shown {
    /// What is wrong with it by itself, whatever is demanded.
    pub const fn fault(self) -> Option<Shortfall> {
        match self {
            Self::Invalid => Some(Shortfall::Invalid),
            Self::Unevaluated => Some(Shortfall::Unevaluated),
            Self::TimedOut => Some(Shortfall::Timeout),
            Self::Nothing | Self::Key | Self::Verdict { .. } => None,
        }
    }
}

impl Default for Demand {
    fn default() -> Self {
        Self {
            mode: AttestationMode::Off,
            level: AttestationLevel::Software,
            max_age_secs: None,
            on_invalid: Reaction::Refuse,
            on_unevaluated: Reaction::Refuse,
            on_timeout: Reaction::Refuse,
        }
    }
}

impl Demand {
    /// What is demanded of an assertion where evidence is not looked at: that it is right, and by a key
    /// that is known.
    pub const fn of_assertions_alone() -> Self {
        Self {
            mode: AttestationMode::Enforce,
            level: AttestationLevel::Software,
            max_age_secs: None,
            on_invalid: Reaction::Refuse,
            on_unevaluated: Reaction::Refuse,
            on_timeout: Reaction::Refuse,
        }
    }

    /// Whether evidence is looked at.
    pub fn is_judged(&self) -> bool {
        self.mode != AttestationMode::Off
    }

    /// Whether a device that showed this goes on.
    ///
    /// # Errors
    /// How it falls short, where that refuses it.
    pub fn judge(&self, shown: Shown) -> Result<(), Shortfall> {
        match self.shortfall(shown) {
            Some(shortfall) if self.reaction(shortfall) == Reaction::Refuse => Err(shortfall),
            _ => Ok(()),
        }
    }

    /// How a device that showed this falls short, whatever becomes of it; not at all where evidence is
    /// not looked at.
    pub fn shortfall(&self, shown: Shown) -> Option<Shortfall> {
        let oldest = self.max_age_secs.map(Duration::from_secs);
        if self.mode == AttestationMode::Off {
            return None;
        }
        match shown {
            Shown::Nothing if self.level == AttestationLevel::None => None,
            Shown::Key if self.level <= AttestationLevel::Software => None,
            Shown::Nothing | Shown::Key => Some(Shortfall::Missing),
            Shown::Invalid | Shown::Unevaluated | Shown::TimedOut => shown.fault(),
            Shown::Verdict { level, .. } if level < self.level => Some(Shortfall::Level),
            Shown::Verdict { age, .. } if oldest.is_some_and(|oldest| age > oldest) => {
                Some(Shortfall::Stale)
            }
            Shown::Verdict { .. } => None,
        }
    }

    const fn reaction(&self, shortfall: Shortfall) -> Reaction {
        match (self.mode, shortfall) {
            (AttestationMode::SoftFail, Shortfall::Invalid) => self.on_invalid,
            (AttestationMode::Off | AttestationMode::Telemetry | AttestationMode::SoftFail, _) => {
                Reaction::Accept
            }
            (AttestationMode::Enforce, Shortfall::Unevaluated) => self.on_unevaluated,
            (AttestationMode::Enforce, Shortfall::Timeout) => self.on_timeout,
            (AttestationMode::Enforce, _) => Reaction::Refuse,
        }
    }
}

impl Sha256Hex {
    /// The hash.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl FromStr for Sha256Hex {
    type Err = InvalidSha256;

    fn from_str(text: &str) -> Result<Self, InvalidSha256> {
        let mut digits = text.chars().filter(|character| *character != ':');
        let mut hash = [0; 32];
        for byte in &mut hash {
            let mut digit = || digits.next().and_then(|digit| digit.to_digit(16));
            let (high, low) = (digit().ok_or(InvalidSha256)?, digit().ok_or(InvalidSha256)?);
            *byte = u8::try_from(high * 16 + low).map_err(|_| InvalidSha256)?;
        }
        match digits.next() {
            None => Ok(Self(hash)),
            Some(_) => Err(InvalidSha256),
        }
    }
}

impl TryFrom<String> for Sha256Hex {
    type Error = InvalidSha256;

    fn try_from(text: String) -> Result<Self, InvalidSha256> {
        text.parse()
    }
}

impl From<Sha256Hex> for String {
    fn from(hash: Sha256Hex) -> Self {
        hash.to_string()
    }
}

impl fmt::Display for Sha256Hex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Sha256Hex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sha256Hex({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use AttestationMode::{Enforce, Off, SoftFail, Telemetry};

    fn verdict(level: AttestationLevel) -> Shown {
        let age = Duration::from_secs(61);
        Shown::Verdict { level, age }
    }

    /// What a demand of `app`, shown within a minute, makes of everything that may be shown.
    fn fate(mode: AttestationMode, reaction: Reaction, shown: Shown) -> Option<Shortfall> {
        let demand = Demand {
            mode,
            level: AttestationLevel::App,
            max_age_secs: Some(60),
            on_invalid: reaction,
            on_unevaluated: reaction,
            on_timeout: reaction,
        };
        demand.judge(shown).err()
    }

    #[test]
    fn every_mode_meets_every_shortfall() {
        use Shortfall as S;
        let low = verdict(AttestationLevel::Software);
        let old = verdict(AttestationLevel::Hardware);
        let rows = [
            (
                Shown::Nothing,
                S::Missing,
                [false, false, false, false, true, true],
            ),
            (
                Shown::Key,
                S::Missing,
                [false, false, false, false, true, true],
            ),
            (low, S::Level, [false, false, false, false, true, true]),
            (old, S::Stale, [false, false, false, false, true, true]),
            (
                Shown::Invalid,
                S::Invalid,
                [false, false, false, true, true, true],
            ),
            (
                Shown::Unevaluated,
                S::Unevaluated,
                [false, false, false, false, false, true],
            ),
            (
                Shown::TimedOut,
                S::Timeout,
                [false, false, false, false, false, true],
            ),
        ];
        let modes = [
            (Off, Reaction::Refuse),
            (Telemetry, Reaction::Refuse),
            (SoftFail, Reaction::Accept),
            (SoftFail, Reaction::Refuse),
            (Enforce, Reaction::Accept),
            (Enforce, Reaction::Refuse),
        ];
        for (shown, shortfall, refused) in rows {
            for ((mode, reaction), is_refused) in modes.into_iter().zip(refused) {
                let expected = is_refused.then_some(shortfall);
                assert_eq!(
                    fate(mode, reaction, shown),
                    expected,
                    "{mode} {reaction} {shown:?}"
                );
            }
        }
    }

    #[test]
    fn what_is_shown_in_time_and_worth_enough_is_accepted() {
        let demand = Demand {
            mode: Enforce,
            level: AttestationLevel::App,
            max_age_secs: Some(61),
            ..Demand::default()
        };
        for level in [AttestationLevel::App, AttestationLevel::StrongBox] {
            assert_eq!(demand.judge(verdict(level)), Ok(()));
        }
    }

    #[test]
    fn a_key_is_worth_software() {
        for (level, shown, shortfall) in [
            (AttestationLevel::None, Shown::Nothing, None),
            (
                AttestationLevel::Software,
                Shown::Nothing,
                Some(Shortfall::Missing),
            ),
            (AttestationLevel::Software, Shown::Key, None),
            (
                AttestationLevel::Authenticator,
                Shown::Key,
                Some(Shortfall::Missing),
            ),
        ] {
            let demand = Demand {
                mode: Enforce,
                level,
                ..Demand::default()
            };
            assert_eq!(demand.judge(shown).err(), shortfall, "{level} {shown:?}");
        }
    }

    #[test]
    fn a_hash_is_read_as_signing_tools_print_it() {
        let plain = "ab".repeat(32);
        let hash: Sha256Hex = plain.parse().unwrap();
        let colons = vec!["AB"; 32].join(":");
        assert_eq!(colons.parse(), Ok(hash));
        assert_eq!(hash.to_string(), plain);
        for wrong in ["", "ab", &"ab".repeat(33), &"zz".repeat(32)] {
            assert_eq!(wrong.parse::<Sha256Hex>(), Err(InvalidSha256));
        }
    }
}
