//! The tokens of a session.

use crate::ClientError;
use countersign_api_types::{
    Secret,
    session::{RegisteredSession, TokenType},
    verify::Scheme,
};
use countersign_core::Timestamp;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// An access token is refreshed this long before it expires, so that it arrives in time.
const LEEWAY: Duration = Duration::from_secs(10);

/// What an app keeps of a session between two starts; it holds tokens.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SavedSession {
    /// What the server said of it.
    pub registered: RegisteredSession,
    /// When that came, in the server's time.
    pub received_at: Timestamp,
}

/// What a session is used with now.
#[derive(Debug)]
pub(super) struct Tokens {
    pub(super) access_token: Secret,
    pub(super) scheme: Scheme,
    pub(super) saved: SavedSession,
}

impl Tokens {
    pub(super) fn new(
        registered: RegisteredSession,
        received_at: Timestamp,
    ) -> Result<Self, ClientError> {
        let unexpected = |reason| ClientError::Unexpected {
            status: 200,
            reason,
        };
        let scheme = match registered.token_type {
            TokenType::DPoP => Scheme::DPoP,
            TokenType::Bearer => Scheme::Bearer,
            TokenType::Adopted => return Err(unexpected("the tokens are the backend's own")),
        };
        let Some(access_token) = registered.access_token.clone() else {
            return Err(unexpected("the answer holds no access token"));
        };
        let saved = SavedSession {
            registered,
            received_at,
        };
        Ok(Self {
            access_token,
            scheme,
            saved,
        })
    }

    /// Whether the access token is expired, or may be when it arrives.
    pub(super) fn is_stale(&self, now: Timestamp) -> bool {
        let seconds = self.saved.registered.expires_in.unwrap_or(u64::MAX);
        let lifetime = Duration::from_secs(seconds);
        // Never longer than half its life, or a token of seconds would be refreshed at every use.
        let leeway = LEEWAY.min(lifetime / 2);
        now.plus(leeway) >= self.saved.received_at.plus(lifetime)
    }

    pub(super) fn save(&self) -> SavedSession {
        self.saved.clone()
    }
}
