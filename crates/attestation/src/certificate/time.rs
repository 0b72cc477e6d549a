//! The two ways to write a date (RFC 5280 section 4.1.2.5).

use crate::der::{Element, Tag};
use countersign_core::Timestamp;
use serde::{Deserialize, de::IntoDeserializer, de::value::Error};

/// "No well-defined expiration date" (RFC 5280 section 4.1.2.5), which no calendar goes up to.
const NEVER: &str = "99991231235959Z";

/// A date as a time, if it can be read as one.
pub(super) fn read(element: Element<'_>) -> Option<Timestamp> {
    let text = str::from_utf8(element.content).ok()?;
    if text == NEVER {
        return Some(Timestamp::from_micros(i64::MAX));
    }
    let (year, rest) = match element.tag {
        Tag::UTC_TIME => {
            let (year, rest) = text.split_at_checked(2)?;
            let century = if year < "50" { "20" } else { "19" };
            (format!("{century}{year}"), rest)
        }
        Tag::GENERALIZED_TIME => {
            let (year, rest) = text.split_at_checked(4)?;
            (year.to_owned(), rest)
        }
        _ => return None,
    };
    let [month, day, hour, minute, second] = pairs(rest.strip_suffix('Z')?)?;
    let text = format!("{year}-{month}-{day}T{hour}:{minute}:{second}Z");
    let text: serde::de::value::StringDeserializer<Error> = text.into_deserializer();
    Timestamp::deserialize(text).ok()
}

fn pairs(text: &str) -> Option<[&str; 5]> {
    let mut rest = text;
    let mut pairs = [""; 5];
    for pair in &mut pairs {
        (*pair, rest) = rest.split_at_checked(2)?;
        if !pair.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
    }
    rest.is_empty().then_some(pairs)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(tag: Tag, text: &str) -> Option<String> {
        let content = text.as_bytes();
        let element = Element {
            tag,
            content,
            raw: content,
        };
        read(element).map(|time| time.to_string())
    }

    #[test]
    fn both_ways_are_read() {
        let utc = |text| of(Tag::UTC_TIME, text);
        let generalized = |text| of(Tag::GENERALIZED_TIME, text);
        let expected = Some("1970-01-01T00:00:00.000000Z".to_owned());
        assert_eq!(utc("700101000000Z"), expected);
        assert_eq!(generalized("19700101000000Z"), expected);
        let expected = Some("2049-12-31T23:59:59.000000Z".to_owned());
        assert_eq!(utc("491231235959Z"), expected);
        assert!(generalized("21060207062815Z").is_some());
        assert!(generalized(NEVER).is_some());
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in [
            "",
            "Z",
            "700101000000",
            "701301000000Z",
            "7001010000Z",
            "700101000000+0100",
            "+00101000000Z",
            "é0101000000Z",
            "19700101000000Z",
        ] {
            assert_eq!(of(Tag::UTC_TIME, text), None, "{text}");
        }
        assert_eq!(of(Tag::OCTET_STRING, "19700101000000Z"), None);
    }
}
