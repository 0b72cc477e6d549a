//! Durations as people write them.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr, time::Duration};

/// A whole number of seconds, minutes, hours, days or weeks: `30s`, `15m`, `12h`, `7d`, `2w`.
///
/// Serialises as this text, in the largest unit that it is a whole number of.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(try_from = "String", into = "String")]
pub struct Span(Duration);

/// The text is no duration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a whole number and one of s, m, h, d, w, as 7d")]
pub struct InvalidSpan;

/// Units from the largest down, in seconds.
const UNITS: [(char, u64); 5] = [
    ('w', 7 * 86_400),
    ('d', 86_400),
    ('h', 3600),
    ('m', 60),
    ('s', 1),
];

impl Span {
    /// How long it is.
    pub const fn duration(self) -> Duration {
        self.0
    }
}

impl FromStr for Span {
    type Err = InvalidSpan;

    fn from_str(text: &str) -> Result<Self, InvalidSpan> {
        let unit = |(unit, seconds): &(char, u64)| Some((text.strip_suffix(*unit)?, *seconds));
        let (digits, seconds) = UNITS.iter().find_map(unit).ok_or(InvalidSpan)?;
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(InvalidSpan);
        }
        let number: u64 = digits.parse().map_err(|_| InvalidSpan)?;
        let seconds = number.checked_mul(seconds).ok_or(InvalidSpan)?;
        Ok(Self(Duration::from_secs(seconds)))
    }
}

impl TryFrom<String> for Span {
    type Error = InvalidSpan;

    fn try_from(text: String) -> Result<Self, InvalidSpan> {
        text.parse()
    }
}

impl From<Span> for String {
    fn from(span: Span) -> Self {
        span.to_string()
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let total = self.0.as_secs();
        let is_whole = |(_, seconds): &&(char, u64)| total != 0 && total.is_multiple_of(*seconds);
        let (unit, seconds) = UNITS.iter().find(is_whole).unwrap_or(&('s', 1));
        write!(f, "{}{unit}", total / seconds)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_and_written() {
        for (text, seconds) in [("30s", 30), ("7d", 604_800), ("90m", 5400), ("0d", 0)] {
            let span: Span = text.parse().unwrap();
            assert_eq!(span.duration(), Duration::from_secs(seconds), "{text}");
            assert_eq!(span.to_string().parse(), Ok(span));
        }
        assert_eq!("14d".parse::<Span>().unwrap().to_string(), "2w");
        for text in [
            "",
            "d",
            "7",
            "-7d",
            "+7d",
            "7 d",
            "1.5d",
            "7days",
            "99999999999999999999w",
        ] {
            assert_eq!(text.parse::<Span>(), Err(InvalidSpan), "{text:?}");
        }
        assert_eq!("18446744073709551615w".parse::<Span>(), Err(InvalidSpan));
    }
}
