//! The dates of security patches.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// The date that a security patch level is named after, as Android writes it: `2025-06-05`.
///
/// Serialises as this text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PatchLevel(Date);

/// The text is not a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a date as 2025-06-05")]
pub struct InvalidDate;

impl PatchLevel {
    /// Reads year, month and day; [`None`] means that it is unknown, a blank text too.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let is_separator = |index| bytes.get(index) == Some(&b'-');
        if bytes.len() != 10 || !is_separator(4) || !is_separator(7) {
            return None;
        }
        let number = |from: usize, to: usize| {
            let is_digits = bytes[from..to].iter().all(u8::is_ascii_digit);
            is_digits.then(|| text.get(from..to)?.parse::<i16>().ok())?
        };
        let (month, day) = (number(5, 7)?, number(8, 10)?);
        let (month, day) = (i8::try_from(month).ok()?, i8::try_from(day).ok()?);
        Date::new(number(0, 4)?, month, day).ok().map(Self)
    }

    /// The day itself.
    pub(crate) const fn date(self) -> Date {
        self.0
    }
}

impl FromStr for PatchLevel {
    type Err = InvalidDate;

    fn from_str(text: &str) -> Result<Self, InvalidDate> {
        Self::parse(text).ok_or(InvalidDate)
    }
}

impl TryFrom<String> for PatchLevel {
    type Error = InvalidDate;

    fn try_from(text: String) -> Result<Self, InvalidDate> {
        text.parse()
    }
}

impl From<PatchLevel> for String {
    fn from(level: PatchLevel) -> Self {
        level.to_string()
    }
}

impl fmt::Display for PatchLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = (self.0.year(), self.0.month(), self.0.day());
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}
