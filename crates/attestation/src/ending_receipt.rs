//! Ending receipts: what ended, and who can no longer accept it, signed for whoever asked for it.
//!
//! They have a `typ` of their own (RFC 8725 section 3.11) and name neither subject, audience nor
//! expiry, so that nothing takes one for a token.

use crate::jws::{SigningFailed, SigningKey, sign as sign_jws};
use countersign_core::{
    ApiKeyId, ClientId, DeviceId, NodeId, SessionId, SigningKeyId, Timestamp, activity::Action,
    user::ExternalUserId,
};
use serde::Serialize;
use std::time::Duration;

/// `typ` of an ending receipt.
pub const TYP: &str = "ending-receipt+jwt";

/// What was ended or lowered; whatever is known of it.
#[derive(Debug, Clone, Copy)]
pub struct Ending<'a> {
    /// What was asked for.
    pub action: Action,
    /// The client it was done to.
    pub client_id: Option<ClientId>,
    /// The app's own id of the user it was done to.
    pub user_id: Option<&'a ExternalUserId>,
    /// The device it was done to.
    pub device_id: Option<DeviceId>,
    /// The API key it was done to.
    pub key_id: Option<ApiKeyId>,
    /// The sessions that ended one by one; none where they had ended, or end with their client.
    pub sessions: &'a [SessionId],
}

impl Ending<'_> {
    /// An ending of something that is yet to be named.
    pub const fn by(action: Action) -> Self {
        Self {
            action,
            client_id: None,
            user_id: None,
            device_id: None,
            key_id: None,
            sessions: &[],
        }
    }
}

/// What an ending receipt says.
#[derive(Debug, Clone, Copy)]
pub struct Claims<'a> {
    /// The issuer: the public URL.
    pub iss: &'a str,
    /// Unique to this receipt.
    pub jti: &'a str,
    /// What ended.
    pub ending: &'a Ending<'a>,
    /// From when on nobody accepts it.
    pub at: Timestamp,
    /// The nodes that have it, each with all of its verifiers.
    pub acknowledged: &'a [NodeId],
    /// The nodes whose leases ended without a word.
    pub lapsed: &'a [NodeId],
    /// Whether the list of nodes could be read.
    pub is_complete: bool,
    /// How long all of that took after the commit; kept in whole milliseconds.
    pub waited: Duration,
}

/// Signs an ending receipt with the key that `kid` names.
///
/// # Errors
/// [`SigningFailed`] when the library has no entropy or memory.
pub fn sign(
    claims: &Claims<'_>,
    kid: SigningKeyId,
    key: &SigningKey,
) -> Result<String, SigningFailed> {
    let header = SignedHeader {
        alg: "ES256",
        typ: TYP,
        kid,
    };
    let payload = SignedClaims {
        iss: claims.iss,
        iat: claims.at.as_secs(),
        jti: claims.jti,
        action: claims.ending.action,
        client_id: claims.ending.client_id,
        user_id: claims.ending.user_id.map(ExternalUserId::as_str),
        device_id: claims.ending.device_id,
        key_id: claims.ending.key_id,
        sessions: claims.ending.sessions,
        at: claims.at,
        acknowledged: claims.acknowledged,
        lapsed: claims.lapsed,
        is_complete: claims.is_complete,
        waited_ms: u64::try_from(claims.waited.as_millis()).unwrap_or(u64::MAX),
    };
    sign_jws(key, &header, &payload)
}

#[derive(Serialize)]
struct SignedHeader {
    alg: &'static str,
    typ: &'static str,
    kid: SigningKeyId,
}

#[derive(Serialize)]
struct SignedClaims<'a> {
    iss: &'a str,
    iat: i64,
    jti: &'a str,
    action: Action,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<ClientId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    device_id: Option<DeviceId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key_id: Option<ApiKeyId>,
    sessions: &'a [SessionId],
    at: Timestamp,
    acknowledged: &'a [NodeId],
    lapsed: &'a [NodeId],
    is_complete: bool,
    waited_ms: u64,
}
