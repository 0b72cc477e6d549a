//! What a session resolves to.

use crate::{
    AppId, ClientId, DeviceId, OwnershipId, SessionId, Thumbprint, Timestamp, UserId,
    client::NoncePolicy,
    device::{DeviceState, Platform},
    session::EndingCause,
    text::text_enum,
    trust::{Grounds, TrustLevel},
    user::ExternalUserId,
};
use std::sync::Arc;

text_enum! {
    /// Whether the device meets the compliance rules.
    Compliance {
        /// It meets them.
        Compliant = "compliant",
        /// It fails at least one, and may for a while yet.
        InGrace = "in_grace",
        /// It fails at least one.
        NonCompliant = "non_compliant",
        /// Nobody can tell, or not any more.
        Unknown = "unknown",
        /// No rule has been evaluated for it.
        Unevaluated = "unevaluated",
    }
}

impl Compliance {
    /// Whether it is as good as meeting the rules.
    pub const fn holds(self) -> bool {
        matches!(self, Self::Compliant | Self::InGrace)
    }
}

/// The state of a session and of everything it hangs on, as one load from the store saw it.
///
/// A node keeps one for every session that it answers for: each byte here is a megabyte there. So
/// what sessions have in common is in [`SessionKind`], and what moves on is not here at all.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one fact of the load, not a mode"
)]
pub struct Snapshot {
    /// What other sessions share with it.
    pub kind: Arc<SessionKind>,
    /// The session.
    pub session_id: SessionId,
    /// Its ownership.
    pub ownership_id: OwnershipId,
    /// Its device.
    pub device_id: DeviceId,
    /// The device's generation.
    pub app_id: AppId,
    /// Its user's row.
    pub user: UserId,
    /// The app's id of its user.
    pub user_id: ExternalUserId,
    /// The key that its tokens are bound to.
    pub jkt: Option<Thumbprint>,
    /// What speaks for the device and the user on it, if anything does.
    pub grounds: Option<Box<Grounds>>,
    /// When the session ends whatever happens.
    pub absolute_expiry: Timestamp,
    /// Set once the session ended.
    pub ended: Option<EndingCause>,
    /// Whether the ownership is past.
    pub is_ownership_ended: bool,
    /// Where the device stands.
    pub device_state: DeviceState,
    /// Whether the device's current key is still the session's.
    pub is_key_current: bool,
    /// Whether the user is disabled.
    pub is_user_disabled: bool,
    /// Whether the client is disabled or has raised its epoch since the login.
    pub is_client_ended: bool,
}

/// What many sessions have in common, to be kept once for all of them.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SessionKind {
    /// The client.
    pub client_id: ClientId,
    /// When the client's devices must use nonces.
    pub nonce_policy: NoncePolicy,
    /// What the device is.
    pub platform: Platform,
    /// The app's version.
    pub app_version: Option<Box<str>>,
    /// Authentication methods of the login.
    pub amr: Box<[String]>,
    /// The idle limit, in microseconds.
    pub idle_micros: i64,
}

/// What one load from the store saw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loaded {
    /// The session's state.
    pub snapshot: Snapshot,
    /// Last activity that the store knew of.
    pub last_active_at: Timestamp,
}

impl Snapshot {
    /// When the session goes idle if it was last active at `last_active_at`.
    pub fn idle_expiry(&self, last_active_at: Timestamp) -> Timestamp {
        let idle = self.kind.idle_micros;
        Timestamp::from_micros(last_active_at.as_micros().saturating_add(idle))
    }

    /// How far the device is trusted for the user; without a key, never beyond
    /// [`TrustLevel::Unknown`].
    pub fn trust_at(&self, now: Timestamp) -> TrustLevel {
        let is_revoked = self.is_ownership_ended || self.device_state.is_dead();
        let grounds = self.grounds.as_deref().unwrap_or(&Grounds::NONE);
        TrustLevel::of(is_revoked, self.jkt.is_some(), grounds, now)
    }

    /// Whether the rules let the device in nowhere.
    pub fn is_blocked(&self) -> bool {
        self.grounds
            .as_ref()
            .is_some_and(|grounds| grounds.is_blocked())
    }

    /// Whether the device meets the rules, as far as that is known.
    pub fn compliance_at(&self, now: Timestamp) -> Compliance {
        let grounds = self.grounds.as_ref();
        grounds.map_or(Compliance::Unevaluated, |grounds| {
            grounds.compliance_at(now)
        })
    }
}
