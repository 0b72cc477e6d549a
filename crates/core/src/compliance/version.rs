//! Versions of operating systems, ordered as their makers count them.
//!
//! A text that is not of its maker's form has no version here: what cannot be read is unknown, never
//! old and never new.

mod dotted;
mod patch_level;

pub use dotted::Dotted;
pub use patch_level::PatchLevel;

use crate::text::text_enum;
use std::fmt;

text_enum! {
    /// A family of operating systems whose versions can be compared with each other.
    #[derive(PartialOrd, Ord)]
    OsFamily {
        /// iPhones.
        Ios = "ios",
        /// iPads.
        Ipados = "ipados",
        /// Macs.
        Macos = "macos",
        /// Windows, by its kernel's numbers and not by the name it is sold under.
        Windows = "windows",
        /// Android.
        Android = "android",
        /// Linux, by its distribution.
        Linux = "linux",
        /// `ChromeOS`, by its platform version and not by its browser's.
        Chromeos = "chromeos",
        /// Anything else; its versions have no order.
        Other = "other",
    }
}

/// A version of an operating system; versions of one family are in their makers' order.
///
/// Linux has no version of its own: distributions stand side by side, each in its own order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OsVersion {
    family: OsFamily,
    distro: Distro,
    numbers: Dotted,
    /// Apple's letter for what it supplied between two versions; 0 for none.
    supplement: u8,
}

/// The identity of a Linux distribution, as `ID` of os-release(5) has it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Distro([u8; LONGEST_DISTRO]);

const LONGEST_DISTRO: usize = 24;

/// The newest major version of the Windows kernel. "Windows 11" is 10.0 too, so an 11 is a name.
const NEWEST_WINDOWS_MAJOR: u32 = 10;

/// From here on a single number is an API level and no version of Android: 21 is Android 5.
const OLDEST_API_LEVEL: u32 = 21;

/// The versions of Android by API level, from 21 on (developer.android.com, "Distribution
/// dashboard" and "Codenames, tags, and build numbers"; 12L is tagged as 12.1).
const ANDROID_BY_API_LEVEL: [[u32; 2]; 16] = [
    [5, 0],
    [5, 1],
    [6, 0],
    [7, 0],
    [7, 1],
    [8, 0],
    [8, 1],
    [9, 0],
    [10, 0],
    [11, 0],
    [12, 0],
    [12, 1],
    [13, 0],
    [14, 0],
    [15, 0],
    [16, 0],
];

/// Below this, a first number is a milestone or the browser's version and no platform version.
const OLDEST_CHROMEOS_PLATFORM: u32 = 1000;

impl OsFamily {
    /// The family of this name, in upper or lower case.
    pub fn named(text: &str) -> Option<Self> {
        let is_named = |family: &Self| family.as_str().eq_ignore_ascii_case(text);
        Self::ALL.iter().copied().find(is_named)
    }
}

impl OsVersion {
    /// Reads a version as the makers of this family write it; [`None`] means that it is unknown.
    ///
    /// | family | form |
    /// |---|---|
    /// | `ios`, `ipados`, `macos` | `16.5.1`, `16.5.1 (c)` |
    /// | `windows` | `10.0.22631.4460` |
    /// | `android` | `14`, `8.1.0`, `API 34` |
    /// | `linux` | `ubuntu 24.04`: `ID` and `VERSION_ID` of os-release(5) |
    /// | `chromeos` | `15633.69.0`, `R119-15633.69.0` |
    ///
    /// Numbers that are left out are 0; leading zeros and a leading `v` do not count.
    pub fn parse(family: OsFamily, text: &str) -> Option<Self> {
        let plain = |numbers| Self {
            family,
            distro: Distro::NONE,
            numbers,
            supplement: 0,
        };
        match family {
            OsFamily::Ios | OsFamily::Ipados | OsFamily::Macos => {
                let (numbers, supplement) = split_supplement(text)?;
                Some(Self {
                    supplement,
                    ..plain(Dotted::parse(numbers)?)
                })
            }
            OsFamily::Windows => windows(text).map(plain),
            OsFamily::Android => android(text).map(plain),
            OsFamily::Linux => {
                let (distro, version) = text.split_once(' ')?;
                Some(Self {
                    distro: Distro::parse(distro)?,
                    ..plain(Dotted::parse(version)?)
                })
            }
            OsFamily::Chromeos => chromeos(text).map(plain),
            OsFamily::Other => None,
        }
    }

    /// The family that it is compared within.
    pub const fn family(&self) -> OsFamily {
        self.family
    }

    /// The distribution; empty in every family but Linux.
    pub const fn distro(&self) -> Distro {
        self.distro
    }

    /// The numbers alone.
    pub const fn numbers(&self) -> Dotted {
        self.numbers
    }
}

impl Distro {
    /// No distribution.
    pub const NONE: Self = Self([0; LONGEST_DISTRO]);

    /// Reads an `ID` of os-release(5): letters, digits, `.`, `_` and `-`, in upper or lower case.
    pub fn parse(text: &str) -> Option<Self> {
        let is_allowed = |byte: &u8| byte.is_ascii_alphanumeric() || b"._-".contains(byte);
        if !text.as_bytes().first()?.is_ascii_alphabetic() || !text.bytes().all(|b| is_allowed(&b))
        {
            return None;
        }
        let mut id = [0; LONGEST_DISTRO];
        id.get_mut(..text.len())?.copy_from_slice(text.as_bytes());
        id.make_ascii_lowercase();
        Some(Self(id))
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        let end = self.0.iter().position(|byte| *byte == 0);
        std::str::from_utf8(&self.0[..end.unwrap_or(LONGEST_DISTRO)]).unwrap_or_default()
    }
}

impl fmt::Debug for Distro {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Distro({:?})", self.as_str())
    }
}

impl fmt::Display for OsVersion {
    /// The shortest text that [`OsVersion::parse`] reads as this version.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.distro != Distro::NONE {
            write!(f, "{} ", self.distro.as_str())?;
        }
        write!(f, "{}", self.numbers)?;
        match self.supplement {
            0 => Ok(()),
            letter => write!(f, " ({})", char::from(letter)),
        }
    }
}

/// Takes Apple's letter off the end, which stands in brackets, with or without a space before them.
fn split_supplement(text: &str) -> Option<(&str, u8)> {
    let Some(rest) = text.strip_suffix(')') else {
        return Some((text, 0));
    };
    let (numbers, letter) = rest.split_once('(')?;
    match letter.as_bytes() {
        [letter @ b'a'..=b'z'] => Some((numbers.strip_suffix(' ').unwrap_or(numbers), *letter)),
        _ => None,
    }
}

fn windows(text: &str) -> Option<Dotted> {
    let numbers = Dotted::parse(text)?;
    let is_known = numbers.part(0) <= NEWEST_WINDOWS_MAJOR && numbers.part(4) == 0;
    is_known.then_some(numbers)
}

fn android(text: &str) -> Option<Dotted> {
    let (prefix, level) = text.split_at_checked(4).unwrap_or((text, ""));
    if prefix.eq_ignore_ascii_case("API ") {
        let level = Dotted::parse(level)?;
        let index = usize::try_from(level.part(0).checked_sub(OLDEST_API_LEVEL)?).ok()?;
        let is_whole = level == Dotted::of(&[level.part(0)]);
        let version = ANDROID_BY_API_LEVEL.get(index)?;
        return is_whole.then(|| Dotted::of(version));
    }
    Dotted::parse(text).filter(|numbers| numbers.part(0) < OLDEST_API_LEVEL)
}

fn chromeos(text: &str) -> Option<Dotted> {
    let platform = match text.strip_prefix('R').and_then(|rest| rest.split_once('-')) {
        Some((milestone, platform)) => {
            Dotted::parse(milestone)?;
            platform
        }
        None => text,
    };
    let numbers = Dotted::parse(platform)?;
    (numbers.part(0) >= OLDEST_CHROMEOS_PLATFORM).then_some(numbers)
}

#[cfg(test)]
mod tests;
