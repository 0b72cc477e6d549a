//! Tokens that the backend issues itself, known here by their hashes.

use crate::{object, schema, text::as_text};
use countersign_core::{Timestamp, fingerprint::Fingerprint, token::HashedToken};
use serde::{Deserialize, Serialize};

/// The backend's own tokens of one session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct AdoptedTokens {
    /// The access token.
    #[serde(deserialize_with = "object::one")]
    pub access: AdoptedToken,
    /// The refresh token.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "object::optional"
    )]
    pub refresh: Option<AdoptedToken>,
}

/// One token of the backend's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct AdoptedToken {
    /// SHA-256 of the token's text, in hexadecimal.
    #[schema(value_type = schema::Sha256)]
    pub sha256: TokenHash,
    /// When it expires.
    #[schema(value_type = schema::Timestamp)]
    pub expires_at: Timestamp,
}

/// A token's hash, in hexadecimal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenHash(#[serde(with = "as_text")] Fingerprint);

impl From<TokenHash> for HashedToken {
    fn from(hash: TokenHash) -> Self {
        Self::from_bytes(*hash.0.as_bytes())
    }
}

impl From<HashedToken> for TokenHash {
    fn from(hash: HashedToken) -> Self {
        Self(Fingerprint::from_bytes(*hash.as_bytes()))
    }
}
