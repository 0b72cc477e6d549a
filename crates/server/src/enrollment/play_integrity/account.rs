//! Access tokens of service accounts: asked for with a signed assertion, kept until they are nearly over.

use crate::client::{ServiceAccount, Unsigned};
use crate::outside::{Outside, OutsideError, Post};
use countersign_core::{Timestamp, token::sha256};
use serde::Deserialize;
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use zeroize::Zeroizing;

/// What lets an account decode tokens.
const SCOPE: &str = "https://www.googleapis.com/auth/playintegrity";

/// RFC 7523 section 8.1.
const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

const MAX_ANSWER_BYTES: usize = 16 * 1024;

/// A token is not used in its last minute: it may take a while until it arrives.
const MARGIN: Duration = Duration::from_mins(1);

/// Whatever the answer says, a token is asked for anew after an hour.
const MAX_LIFETIME: u64 = 3600;

/// The access token of one client's account.
#[derive(Debug, Default)]
pub(super) struct AccessToken(Mutex<Option<Arc<Held>>>);

/// A token that was handed out.
pub(super) struct Held {
    bearer: Zeroizing<String>,
    /// Of the credentials that it was asked for with.
    credentials: [u8; 32],
    used_until: Timestamp,
}

/// No access token could be had.
#[derive(Debug, thiserror::Error)]
pub(super) enum GrantError {
    /// The assertion could not be signed.
    #[error(transparent)]
    Unsigned(#[from] Unsigned),
    /// No token was handed out.
    #[error("no access token was handed out")]
    Outside(#[source] OutsideError),
    /// What came is no token.
    #[error("the answer to the service account is no access token")]
    Unreadable,
}

/// Where and for whom a token is asked.
pub(super) struct Grant<'a> {
    pub(super) outside: &'a Outside,
    pub(super) url: &'a str,
    pub(super) account: &'a ServiceAccount,
    /// As they are sealed: with others, another token is needed.
    pub(super) sealed: &'a [u8],
}

/// The answer (RFC 6749 section 5.1).
#[derive(Deserialize)]
struct Answer {
    access_token: String,
    expires_in: u64,
}

impl AccessToken {
    /// A token that is good for a while. Nobody waits for another one's: at worst some are asked
    /// for twice.
    pub(super) async fn get(
        &self,
        grant: &Grant<'_>,
        now: Timestamp,
    ) -> Result<Arc<Held>, GrantError> {
        let credentials = sha256(grant.sealed);
        let kept = self.lock().clone();
        let kept = kept.filter(|held| held.credentials == credentials && now < held.used_until);
        if let Some(held) = kept {
            return Ok(held);
        }
        let held = Arc::new(grant.ask(credentials, now).await?);
        *self.lock() = Some(Arc::clone(&held));
        Ok(held)
    }

    /// Forgets a token that was not accepted.
    pub(super) fn forget(&self) {
        *self.lock() = None;
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Arc<Held>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    /// It.
    pub(super) fn reveal(&self) -> &str {
        &self.bearer
    }
}

impl std::fmt::Debug for Held {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Held[redacted]")
    }
}

impl Grant<'_> {
    async fn ask(&self, credentials: [u8; 32], now: Timestamp) -> Result<Held, GrantError> {
        let assertion = self.account.assertion(SCOPE, self.url, now)?;
        let body = form_urlencoded::Serializer::new(String::new())
            .append_pair("grant_type", GRANT_TYPE)
            .append_pair("assertion", &assertion)
            .finish();
        let post = Post {
            media_type: "application/x-www-form-urlencoded",
            body: body.into_bytes(),
            bearer: None,
        };
        let answer = self.outside.post(self.url, post, MAX_ANSWER_BYTES).await;
        let answer = Zeroizing::new(answer.map_err(GrantError::Outside)?);
        let answer: Answer = serde_json::from_slice(&answer).map_err(|_| GrantError::Unreadable)?;
        let bearer = Zeroizing::new(answer.access_token);
        let is_token = !bearer.is_empty() && bearer.bytes().all(|byte| byte.is_ascii_graphic());
        if !is_token {
            return Err(GrantError::Unreadable);
        }
        let lifetime = Duration::from_secs(answer.expires_in.min(MAX_LIFETIME));
        Ok(Held {
            bearer,
            credentials,
            used_until: now.plus(lifetime.saturating_sub(MARGIN)),
        })
    }
}
