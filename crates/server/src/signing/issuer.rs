//! Access tokens, issued and checked.

use super::SigningKeys;
use countersign_attestation::{
    access_token::{self, AccessTokenError, Claims, Expected, VerifiedToken},
    jws::SigningFailed,
};
use countersign_core::{
    Rng, SessionId, Timestamp, client::Client, session::Session, user::ExternalUserId,
};
use std::sync::Arc;

/// Issues access tokens as `iss`, and checks them.
#[derive(Debug)]
pub struct Issuer {
    /// The public URL, without a trailing slash.
    pub url: String,
    /// The keys.
    pub keys: Arc<SigningKeys>,
    /// Where `jti` comes from.
    pub rng: Arc<dyn Rng>,
}

/// An access token was not issued.
#[derive(Debug, thiserror::Error)]
pub enum IssueError {
    /// There is no key that may sign now.
    #[error("there is no signing key")]
    NoKey,
    /// The library failed.
    #[error("signing failed")]
    Signing(#[from] SigningFailed),
}

/// An access token with its expiry.
#[derive(Debug)]
pub struct IssuedToken {
    /// The compact JWS.
    pub text: String,
    /// `exp`.
    pub expires_at: Timestamp,
}

impl Issuer {
    /// Issues an access token for a session.
    ///
    /// # Errors
    /// [`IssueError`] when no key can sign.
    pub fn issue(
        &self,
        client: &Client,
        session: &Session,
        user: &ExternalUserId,
        now: Timestamp,
    ) -> Result<IssuedToken, IssueError> {
        let signer = self.keys.signer(now).ok_or(IssueError::NoKey)?;
        let expires_at = session
            .lifetimes
            .access_expiry(now, session.absolute_expiry());
        let claims = Claims {
            iss: &self.url,
            sub: user,
            aud: &client.audience,
            client_id: client.id,
            iat: now,
            exp: expires_at,
            jti: &jti(now, &*self.rng),
            sid: session.id,
            jkt: session.jkt,
            amr: &session.amr,
        };
        let text = access_token::sign(&claims, signer.id, &signer.private)?;
        Ok(IssuedToken { text, expires_at })
    }

    /// Checks form, signature, issuer and time of an access token.
    ///
    /// # Errors
    /// The first reason against it.
    pub fn check(&self, token: &str, now: Timestamp) -> Result<VerifiedToken, AccessTokenError> {
        let keys = self.keys.current();
        let expected = Expected {
            issuer: &self.url,
            now,
        };
        access_token::verify(token, &expected, |kid| keys.find(kid, now))
    }
}

/// A unique `jti` (RFC 7519 section 4.1.7): 128 bits, 74 of them random.
pub(super) fn jti(now: Timestamp, rng: &dyn Rng) -> String {
    let id = SessionId::generate(now, rng).to_string();
    id.split_once('_')
        .map_or_else(String::new, |(_, digits)| digits.to_owned())
}
