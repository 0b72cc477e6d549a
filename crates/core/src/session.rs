//! Sessions: one login of one ownership, and how it ends.

use crate::{
    AppId, ClientId, DeviceId, OwnershipId, SessionId, Thumbprint, Timestamp, UserId,
    lifetime::Lifetimes, text::text_enum, token::HashedToken,
};

text_enum! {
    /// Why a session ended. Final: the first cause stands.
    EndingCause {
        /// The device logged out by itself.
        Logout = "logout",
        /// The user or an admin logged the device out from elsewhere.
        RemoteLogout = "remote_logout",
        /// The device was removed from the user's account.
        Removed = "removed",
        /// The device made room for another one of the user.
        Evicted = "evicted",
        /// The device was revoked.
        DeviceRevoked = "device_revoked",
        /// The device, its key, its machine or the user on it was banned.
        DeviceBanned = "device_banned",
        /// The user ended all other sessions.
        EndedOthers = "ended_others",
        /// A new login of the same user on the same device took its place.
        Replaced = "replaced",
        /// The user was disabled.
        UserDisabled = "user_disabled",
        /// The device gave its key up.
        DeviceUnenrolled = "device_unenrolled",
        /// The device came back with a new key.
        KeyReplaced = "key_replaced",
        /// What the device showed of itself counts no longer, and its client demands it.
        AttestationLost = "attestation_lost",
        /// A superseded refresh token of a device without a key was used again.
        RefreshReuse = "refresh_reuse",
        /// A token was revoked at `/oauth/revoke`.
        TokenRevoked = "token_revoked",
        /// An idle or absolute limit passed.
        Expired = "expired",
        /// The client was disabled.
        ClientDisabled = "client_disabled",
    }
}

/// One login of one ownership.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Its identity, `sid` in tokens.
    pub id: SessionId,
    /// The ownership; at most one active session each.
    pub ownership_id: OwnershipId,
    /// The ownership's device.
    pub device_id: DeviceId,
    /// The ownership's user.
    pub user_id: UserId,
    /// The ownership's client.
    pub client_id: ClientId,
    /// The generation of the device that logged in.
    pub app_id: AppId,
    /// The key that its tokens are bound to; `None` for a device without one.
    pub jkt: Option<Thumbprint>,
    /// Authentication methods (RFC 8176).
    pub amr: Vec<String>,
    /// The client's epoch at the login.
    pub client_epoch: i64,
    /// When the login was.
    pub created_at: Timestamp,
    /// Last login, refresh or request, coalesced.
    pub last_active_at: Timestamp,
    /// Lifetimes as they were at the login.
    pub lifetimes: Lifetimes,
    /// How and when it ended, once it has.
    pub ended: Option<Ending>,
    /// The refresh token's state, unless the tokens are adopted.
    pub refresh: Option<RefreshState>,
}

/// How a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ending {
    /// When.
    pub at: Timestamp,
    /// Why.
    pub cause: EndingCause,
}

/// Which refresh tokens a session still answers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefreshState {
    /// The token that rotates the session.
    pub current: HashedToken,
    /// The one before it, until the current one is presented.
    pub previous: Option<PreviousRefresh>,
}

/// The superseded token whose response may have been lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviousRefresh {
    /// Its hash.
    pub hash: HashedToken,
    /// The current token, sealed under a key derived from the previous one.
    pub sealed_successor: Vec<u8>,
    /// When it was rotated.
    pub rotated_at: Timestamp,
}

impl RefreshState {
    /// Whether presenting this token continues the session.
    pub fn answers_to(&self, token: &HashedToken) -> bool {
        let previous = self.previous.as_ref().map(|previous| &previous.hash);
        self.current == *token || previous == Some(token)
    }
}

impl Session {
    /// When the session ends whatever happens.
    pub fn absolute_expiry(&self) -> Timestamp {
        self.created_at.plus(self.lifetimes.absolute)
    }

    /// When the session ends unless there is activity.
    pub fn idle_expiry(&self) -> Timestamp {
        self.last_active_at
            .plus(self.lifetimes.idle)
            .min(self.absolute_expiry())
    }

    /// Neither ended nor past a limit. Expiry is exclusive: at the limit it is over.
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.ended.is_none() && now < self.idle_expiry()
    }
}
