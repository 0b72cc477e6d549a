//! Secrets on their way through the API: never printed, wiped from memory, serialised on request only.

use crate::Text;
use countersign_core::token::PlainToken;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use zeroize::Zeroizing;

/// A secret text: Debug prints no part of it, memory is wiped on drop.
///
/// It has no `Serialize`, so a field that hands one out has to say so with
/// `#[serde(serialize_with = "secret::hand_out")]`.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// The secret itself.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

impl From<&PlainToken> for Secret {
    fn from(token: &PlainToken) -> Self {
        Self::from(token.reveal().to_owned())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// Serialises a secret in the clear; for the body that hands it to its owner or its judge.
///
/// # Errors
/// Only the serializer's own.
pub fn hand_out<S: Serializer>(secret: &Secret, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.reveal())
}

/// Like [`hand_out`], for a secret that may be absent.
///
/// # Errors
/// Only the serializer's own.
pub fn hand_out_optional<S: Serializer>(
    secret: &Option<Secret>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    secret.as_ref().map(Secret::reveal).serialize(serializer)
}

/// A secret read in place from a request's bytes: Debug prints no part of it.
///
/// It is not wiped, because the bytes it points into belong to the connection.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretText<'a>(Text<'a>);

impl SecretText<'_> {
    /// The secret itself.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Copies it, so that it outlives the bytes it was read from.
    pub fn into_owned(self) -> SecretText<'static> {
        SecretText(self.0.into_owned())
    }
}

impl<'a> From<&'a str> for SecretText<'a> {
    fn from(text: &'a str) -> Self {
        Self(text.into())
    }
}

impl From<String> for SecretText<'_> {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for SecretText<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Text::deserialize(deserializer).map(Self)
    }
}

impl fmt::Debug for SecretText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// Like [`hand_out`], for a secret read in place.
///
/// # Errors
/// Only the serializer's own.
pub fn hand_out_text<S: Serializer>(
    secret: &SecretText<'_>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.reveal())
}

/// Like [`hand_out_text`], for a secret that may be absent.
///
/// # Errors
/// Only the serializer's own.
pub fn hand_out_optional_text<S: Serializer>(
    secret: &Option<SecretText<'_>>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    secret
        .as_ref()
        .map(SecretText::reveal)
        .serialize(serializer)
}
