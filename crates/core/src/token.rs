//! Opaque secrets: what is handed out once ([`PlainToken`]) and what is kept ([`HashedToken`]).
//!
//! A plain token reads `cs<kind>_` + 43 base62 digits (256 random bits) + 6 base62 digits (CRC-32 of what stands
//! before them). The prefix and checksum let a secret scanner recognise a leaked one offline:
//! `cs(rt|ds|ak|lt)_[0-9A-Za-z]{49}`.

use crate::Rng;
use std::{fmt, str::FromStr};
use zeroize::Zeroizing;

/// SHA-256 of the bytes.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes);
    let mut hash = [0; 32];
    hash.copy_from_slice(digest.as_ref());
    hash
}

/// What a token is for; part of its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TokenKind {
    /// `csrt_`: rotates a session.
    Refresh,
    /// `csds_`: a device without a key proves itself on its command channel.
    DeviceSecret,
    /// `csak_`: a backend or admin calls the API.
    ApiKey,
    /// `cslt_`: a user whom a device limit refused removes another device.
    LimitTicket,
}

impl TokenKind {
    const ALL: [Self; 4] = [
        Self::Refresh,
        Self::DeviceSecret,
        Self::ApiKey,
        Self::LimitTicket,
    ];

    /// The brand prefix, underscore included.
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Refresh => "csrt_",
            Self::DeviceSecret => "csds_",
            Self::ApiKey => "csak_",
            Self::LimitTicket => "cslt_",
        }
    }
}

/// A secret in the clear: shown once, never stored, printed redacted.
#[derive(Clone, PartialEq, Eq)]
pub struct PlainToken {
    kind: TokenKind,
    text: Zeroizing<String>,
}

/// The text is not a token of ours, or was mistyped: prefix, length or checksum is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a Countersign token")]
pub struct InvalidToken;

impl PlainToken {
    /// Makes a new token of 256 random bits.
    pub fn generate(kind: TokenKind, rng: &dyn Rng) -> Self {
        let mut secret = Zeroizing::new([0; 32]);
        rng.fill(secret.as_mut());
        let mut text = Zeroizing::new(String::with_capacity(TEXT_LENGTH));
        text.push_str(kind.prefix());
        push_base62(&mut text, secret.as_ref(), SECRET_DIGITS);
        let checksum = crc32fast::hash(text.as_bytes()).to_be_bytes();
        push_base62(&mut text, &checksum, CHECKSUM_DIGITS);
        Self { kind, text }
    }

    /// What the token is for.
    pub const fn kind(&self) -> TokenKind {
        self.kind
    }

    /// The secret itself, for the one response that hands it out.
    pub fn reveal(&self) -> &str {
        &self.text
    }

    /// What the store keeps of it.
    pub fn hash(&self) -> HashedToken {
        HashedToken::of(&self.text)
    }
}

impl FromStr for PlainToken {
    type Err = InvalidToken;

    fn from_str(text: &str) -> Result<Self, InvalidToken> {
        let kind = TokenKind::ALL
            .into_iter()
            .find(|kind| text.starts_with(kind.prefix()))
            .ok_or(InvalidToken)?;
        if text.len() != TEXT_LENGTH || !text.is_ascii() {
            return Err(InvalidToken);
        }
        let (body, checksum) = text.split_at(TEXT_LENGTH - CHECKSUM_DIGITS);
        let mut expected = String::with_capacity(CHECKSUM_DIGITS);
        push_base62(
            &mut expected,
            &crc32fast::hash(body.as_bytes()).to_be_bytes(),
            CHECKSUM_DIGITS,
        );
        if checksum != expected {
            return Err(InvalidToken);
        }
        Ok(Self {
            kind,
            text: Zeroizing::new(text.to_owned()),
        })
    }
}

impl fmt::Debug for PlainToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}[redacted]", self.kind.prefix())
    }
}

/// SHA-256 of a token's text: what is stored, compared and looked up.
///
/// 256 random bits need no slow hash (ASVS 5.0, 6.5.2). Adopted tokens are hashed the same way.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct HashedToken([u8; 32]);

impl HashedToken {
    /// Hashes a token as it was presented.
    pub fn of(text: &str) -> Self {
        Self(sha256(text.as_bytes()))
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

impl fmt::Debug for HashedToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02x}{:02x}…", self.0[0], self.0[1])
    }
}

const SECRET_DIGITS: usize = 43;
const CHECKSUM_DIGITS: usize = 6;
const TEXT_LENGTH: usize = 5 + SECRET_DIGITS + CHECKSUM_DIGITS;
const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Appends a big-endian number in base 62, padded with zeros to `digits`.
fn push_base62(text: &mut String, number: &[u8], digits: usize) {
    let mut number = Zeroizing::new(number.to_vec());
    let mut reversed = Zeroizing::new(Vec::with_capacity(digits));
    for _ in 0..digits {
        let mut remainder = 0u32;
        for byte in number.iter_mut() {
            let value = remainder << 8 | u32::from(*byte);
            *byte = u8::try_from(value / 62).unwrap_or(u8::MAX);
            remainder = value % 62;
        }
        reversed.push(BASE62[remainder as usize]);
    }
    text.extend(reversed.iter().rev().map(|digit| char::from(*digit)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{SystemRng, rng::tests::CountingRng};
    use proptest::prelude::*;

    #[test]
    fn text_form_is_branded_and_checked() {
        let token = PlainToken::generate(TokenKind::Refresh, &CountingRng::default());
        assert_eq!(token.reveal().len(), 54);
        assert!(token.reveal().starts_with("csrt_"));
        assert_eq!(token.reveal().parse::<PlainToken>(), Ok(token.clone()));
        assert_eq!(format!("{token:?}"), "csrt_[redacted]");
    }

    #[test]
    fn tokens_do_not_repeat() {
        let make = || PlainToken::generate(TokenKind::ApiKey, &SystemRng);
        assert_ne!(make().hash(), make().hash());
    }

    proptest! {
        #[test]
        fn every_mistyped_character_is_noticed(at in 0usize..54, with in "[0-9A-Za-z_]") {
            let token = PlainToken::generate(TokenKind::DeviceSecret, &CountingRng::default());
            let mut text = token.reveal().to_owned();
            prop_assume!(text[at..=at] != with);
            text.replace_range(at..=at, &with);
            prop_assert_eq!(text.parse::<PlainToken>(), Err(InvalidToken));
        }

        #[test]
        fn any_text_parses_or_is_refused(text in ".{0,80}") {
            let _ = text.parse::<PlainToken>();
        }
    }
}
