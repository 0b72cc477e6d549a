//! Users: people whose accounts live in the app's backend.

use crate::{Timestamp, UserId, text};
use std::{fmt, str::FromStr};

/// The app's own id for a user, opaque here: 1 to 255 characters, no control characters.
///
/// `.` and `..` are refused, because no URL path can name such a user (RFC 3986 section 5.2.4).
///
/// It is `sub` in tokens and `user_id` in the API.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ExternalUserId(Box<str>);

impl ExternalUserId {
    /// The most characters an id may have.
    pub const MAX_CHARS: usize = 255;

    /// The id as the app wrote it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ExternalUserId {
    type Err = text::InvalidText;

    fn from_str(id: &str) -> Result<Self, text::InvalidText> {
        text::check(id, Self::MAX_CHARS)?;
        if matches!(id, "." | "..") {
            return Err(text::InvalidText {
                max: Self::MAX_CHARS,
            });
        }
        Ok(Self(id.into()))
    }
}

impl TryFrom<String> for ExternalUserId {
    type Error = text::InvalidText;

    fn try_from(id: String) -> Result<Self, text::InvalidText> {
        id.parse()
    }
}

impl From<ExternalUserId> for String {
    fn from(id: ExternalUserId) -> Self {
        id.0.into()
    }
}

impl fmt::Display for ExternalUserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for ExternalUserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// A user as Countersign knows one: made by the first login or by a disable before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The row's own id.
    pub id: UserId,
    /// The app's id.
    pub external_id: ExternalUserId,
    /// When the first login or disable was.
    pub created_at: Timestamp,
    /// Set while the user is disabled: no login, refresh or request is accepted.
    pub disabled_at: Option<Timestamp>,
    /// Set while the user's devices may not change, because one of them was not the user's.
    pub frozen_at: Option<Timestamp>,
    /// What the backend last said the user is, for limits.
    pub roles: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_id_can_stand_in_a_path() {
        for refused in ["", ".", "..", "a\u{0}b"] {
            assert!(refused.parse::<ExternalUserId>().is_err(), "{refused:?}");
        }
        for taken in ["42", "...", "a/b", "ü@example"] {
            assert_eq!(taken.parse::<ExternalUserId>().unwrap().as_str(), taken);
        }
    }
}
