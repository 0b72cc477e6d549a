//! Whole seconds, however JSON writes them: `600.0` and `6e2` are the integer 600 (JSON Schema 2020-12,
//! Core, section 4.2.1).

use serde::{Deserialize, Deserializer, de};

/// Reads a whole number that must be there.
pub(crate) fn required<'de, D: Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
    let number = serde_json::Number::deserialize(from)?;
    whole(&number).ok_or_else(|| de::Error::custom("expected a whole number"))
}

/// Reads a number of seconds, or `null`.
pub(crate) fn optional<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u64>, D::Error> {
    let read: Option<serde_json::Number> = Option::deserialize(from)?;
    read.map(|number| whole(&number).ok_or_else(|| de::Error::custom("expected a whole number")))
        .transpose()
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the number is whole, not negative, and small enough to be exact"
)]
fn whole(number: &serde_json::Number) -> Option<u64> {
    /// Up to here every whole number has a floating-point number of its own.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    number.as_u64().or_else(|| {
        let value = number.as_f64()?;
        let is_whole = value.fract() == 0.0 && (0.0..=EXACT).contains(&value);
        is_whole.then_some(value as u64)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_number_is_one_however_it_is_written() {
        let read = |text: &str| optional(&mut serde_json::Deserializer::from_str(text)).ok();
        for text in ["600", "600.0", "6e2"] {
            assert_eq!(read(text), Some(Some(600)), "{text}");
        }
        assert_eq!(read("null"), Some(None));
        for text in ["600.5", "-1", "-1.0", "1e300", "\"600\"", "true", "[600]"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
