//! The activity log: who did what to which device.

use crate::{
    ActivityId, ApiKeyId, ClientId, DeviceId, OwnershipId, SessionId, Timestamp, UserId,
    text::text_enum,
};

text_enum! {
    /// What was done.
    Action {
        /// A client was registered.
        ClientCreated = "client.created",
        /// A client's settings changed.
        ClientUpdated = "client.updated",
        /// An API key was made.
        ApiKeyCreated = "api_key.created",
        /// An API key was revoked.
        ApiKeyRevoked = "api_key.revoked",
        /// A device registered for the first time.
        DeviceRegistered = "device.registered",
        /// A device enrolled by its key; the reason says what vouches for it.
        DeviceEnrolled = "device.enrolled",
        /// A device showed itself anew for an action of its app; the reason says what vouches for it.
        DeviceAsserted = "device.asserted",
        /// A device came back with a new key: a new generation.
        DeviceRekeyed = "device.rekeyed",
        /// A device that had enrolled turned out to be one that its user has: it goes on as that one.
        DeviceAbsorbed = "device.absorbed",
        /// A user gave a device another name.
        DeviceRenamed = "device.renamed",
        /// A device was removed from a user's account.
        DeviceRemoved = "device.removed",
        /// A device made room for another one of its user.
        DeviceEvicted = "device.evicted",
        /// A device was suspended; the reason says whether bad proofs did it.
        DeviceSuspended = "device.suspended",
        /// A device's suspension was lifted; the reason says whether its time was over.
        DeviceResumed = "device.resumed",
        /// A device's generation was revoked.
        DeviceRevoked = "device.revoked",
        /// A device, a key or a user on a device was banned.
        DeviceBanned = "device.banned",
        /// A ban was lifted.
        BanLifted = "ban.lifted",
        /// A new device, or a user on one, waits for approval; the reason says why.
        ApprovalAsked = "approval.asked",
        /// An admin let it in.
        ApprovalGranted = "approval.granted",
        /// An admin, or time, did not.
        ApprovalRefused = "approval.refused",
        /// A device's evidence was judged again and is worth less; the reason says why.
        DeviceDowngraded = "device.downgraded",
        /// As before, but worth more.
        DeviceUpgraded = "device.upgraded",
        /// Other rules are in force.
        RulesApplied = "rules.applied",
        /// A device meets the rules, or does no longer; the reason says which.
        ComplianceChanged = "compliance.changed",
        /// Something speaks for a device; the reason says what.
        TrustRaised = "trust.raised",
        /// It does no longer; the reason says why.
        TrustLowered = "trust.lowered",
        /// A device gave its key up.
        DeviceUnenrolled = "device.unenrolled",
        /// A device was logged out from elsewhere.
        DeviceLoggedOut = "device.logged_out",
        /// A user logged in on a device.
        SessionStarted = "session.started",
        /// A session's tokens rotated.
        SessionRefreshed = "session.refreshed",
        /// A backend replaced a session's adopted tokens.
        SessionTokensReplaced = "session.tokens_replaced",
        /// A session ended.
        SessionEnded = "session.ended",
        /// A user ended all sessions but one.
        SessionsEndedOthers = "session.ended_others",
        /// A refresh token was used with a wrong key, without one, or after its time.
        RefreshRefused = "session.refresh_refused",
        /// A user was disabled.
        UserDisabled = "user.disabled",
        /// A user said that a device was not theirs: nothing else of the account changes for now.
        UserFrozen = "user.frozen",
        /// It may change again.
        UserUnfrozen = "user.unfrozen",
        /// A user was enabled again.
        UserEnabled = "user.enabled",
        /// A signing key was made.
        SigningKeyCreated = "signing_key.created",
    }
}

/// Who did it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    /// A backend or admin, by its API key.
    ApiKey(ApiKeyId),
    /// A user, through one of their sessions.
    User(UserId),
    /// The service itself: a job, a limit, a rule.
    System,
    /// Someone with a shell on the machine.
    Operator,
}

/// What it was done to; whatever is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Target {
    /// The client.
    pub client: Option<ClientId>,
    /// The user.
    pub user: Option<UserId>,
    /// The device.
    pub device: Option<DeviceId>,
    /// The ownership.
    pub ownership: Option<OwnershipId>,
    /// The session.
    pub session: Option<SessionId>,
    /// The API key.
    pub api_key: Option<ApiKeyId>,
}

/// One record, written in the transaction of the change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activity {
    /// Its identity.
    pub id: ActivityId,
    /// When.
    pub at: Timestamp,
    /// What.
    pub action: Action,
    /// By whom.
    pub actor: Actor,
    /// To what.
    pub target: Target,
    /// A closed code that says why, where the action alone does not: an ending cause, a refusal.
    pub reason: Option<&'static str>,
}
