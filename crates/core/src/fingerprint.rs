//! The device fingerprint: a recognition hint, never identity and never proof.

use crate::token::sha256;
use std::fmt::Write;

/// Rarely changing attributes of a browser or device.
#[derive(Debug, Clone, Copy)]
pub struct Attributes<'a> {
    /// The user agent string.
    pub user_agent: &'a str,
    /// Width and height, like `1920x1080`.
    pub screen: &'a str,
    /// IANA time zone, like `America/New_York`.
    pub timezone: &'a str,
    /// BCP 47 language tag, like `en-US`.
    pub language: &'a str,
    /// What the platform calls itself, like `MacIntel`.
    pub platform: &'a str,
    /// Hash of a drawn canvas; absent and empty are the same.
    pub canvas: Option<&'a str>,
}

/// SHA-256 of the canonical JSON of the attributes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint([u8; 32]);

/// The text is not 64 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a SHA-256 in hexadecimal")]
pub struct InvalidFingerprint;

impl Fingerprint {
    /// Hashes the attributes as Python's `json.dumps(…, sort_keys=True)` writes them: keys in
    /// order, `", "` and `": "` between, everything outside ASCII escaped.
    pub fn of(attributes: &Attributes<'_>) -> Self {
        let mut json = String::with_capacity(256);
        let canvas = attributes.canvas.filter(|canvas| !canvas.is_empty());
        let members = [
            ("canvas", canvas),
            ("lang", Some(attributes.language)),
            ("platform", Some(attributes.platform)),
            ("screen", Some(attributes.screen)),
            ("tz", Some(attributes.timezone)),
            ("ua", Some(attributes.user_agent)),
        ];
        for (name, value) in members {
            let Some(value) = value else { continue };
            json.push_str(if json.is_empty() { "{" } else { ", " });
            push_string(&mut json, name);
            json.push_str(": ");
            push_string(&mut json, value);
        }
        json.push('}');
        Self(sha256(json.as_bytes()))
    }

    /// Wraps 32 bytes read from the store.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes of the hash.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl std::fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl std::str::FromStr for Fingerprint {
    type Err = InvalidFingerprint;

    fn from_str(text: &str) -> Result<Self, InvalidFingerprint> {
        let digits = text.as_bytes();
        if digits.len() != 64 || !digits.iter().all(u8::is_ascii_hexdigit) {
            return Err(InvalidFingerprint);
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
            let pair = std::str::from_utf8(pair).map_err(|_| InvalidFingerprint)?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_| InvalidFingerprint)?;
        }
        Ok(Self(bytes))
    }
}

/// Writes a JSON string with Python's `ensure_ascii` escapes.
fn push_string(json: &mut String, value: &str) {
    json.push('"');
    for character in value.chars() {
        match character {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            '\n' => json.push_str("\\n"),
            '\r' => json.push_str("\\r"),
            '\t' => json.push_str("\\t"),
            '\u{8}' => json.push_str("\\b"),
            '\u{c}' => json.push_str("\\f"),
            ' '..='~' => json.push(character),
            _ => push_escape(json, character),
        }
    }
    json.push('"');
}

fn push_escape(json: &mut String, character: char) {
    for unit in character.encode_utf16(&mut [0; 2]) {
        // Writing to a String cannot fail.
        let _ = write!(json, "\\u{unit:04x}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Deserialize)]
    struct Vector {
        user_agent: String,
        screen: String,
        timezone: String,
        language: String,
        platform: String,
        canvas: Option<String>,
        fingerprint: String,
    }

    #[test]
    fn equals_what_python_computes() {
        let vectors: Vec<Vector> =
            serde_json::from_str(include_str!("../tests/fingerprint-vectors.json")).unwrap();
        assert!(vectors.len() >= 12);
        for vector in vectors {
            let fingerprint = Fingerprint::of(&Attributes {
                user_agent: &vector.user_agent,
                screen: &vector.screen,
                timezone: &vector.timezone,
                language: &vector.language,
                platform: &vector.platform,
                canvas: vector.canvas.as_deref(),
            });
            assert_eq!(
                fingerprint.to_string(),
                vector.fingerprint,
                "{}",
                vector.user_agent
            );
            assert_eq!(vector.fingerprint.parse(), Ok(fingerprint));
        }
    }

    #[test]
    fn only_sixty_four_hex_digits_parse() {
        for text in ["", "ab", &"g".repeat(64), &"é".repeat(32)] {
            assert_eq!(
                text.parse::<Fingerprint>(),
                Err(InvalidFingerprint),
                "{text}"
            );
        }
    }
}
