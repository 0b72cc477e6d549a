//! Why a login, refresh or adoption is refused.

use countersign_api_types::{ErrorCode, Secret, limit::LimitTicketItem};
use countersign_core::{
    Timestamp, admission::ApprovalCause, attestation::policy::Shortfall, decision::Refusal,
    token::PlainToken,
};
use countersign_storage::StoreError;

/// A session operation did not go through; nothing of it was kept.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// No client has this id.
    #[error("unknown client")]
    ClientUnknown,
    /// The client is disabled.
    #[error("the client is disabled")]
    ClientDisabled,
    /// The user is disabled.
    #[error("the user is disabled")]
    UserDisabled,
    /// The client demands a key, the device has one, or the session is bound to one.
    #[error("a proof by the device's key is required")]
    ProofRequired,
    /// The proof was refused.
    #[error("the proof was refused: {0}")]
    Proof(Refusal),
    /// The ID token logged another key in, or one without a key.
    #[error("the ID token was used before")]
    IdTokenUsed,
    /// The proof names an origin that the client does not list.
    #[error("the proof's URL is not on an origin of the client")]
    OriginNotListed,
    /// The device gave this key up before.
    #[error("the key was replaced and stays dead")]
    KeyRetired,
    /// The device is suspended.
    #[error("the device is suspended")]
    DeviceSuspended,
    /// The device is revoked.
    #[error("the device is revoked")]
    DeviceRevoked,
    /// The device is banned.
    #[error("the device is banned")]
    DeviceBanned,
    /// The user said that a device was not theirs, so no other joins the account for now.
    #[error("the account is frozen")]
    AccountFrozen,
    /// The user has as many devices as allowed; with what lets the user remove one, once it is given.
    #[error("the user has as many devices as allowed")]
    DeviceLimitReached(Option<GivenTicket>),
    /// An admin has to approve the device, or the user on it.
    #[error("the device waits for approval")]
    ApprovalPending(ApprovalCause),
    /// An admin did not, or nobody looked in time.
    #[error("the device was not approved")]
    ApprovalRejected,
    /// A device without a key has to wait, and could not be known again.
    #[error("a device without a key needs an installation id to wait for approval")]
    InstallationIdRequired,
    /// The device has not shown what its client demands for this.
    #[error("the device's evidence is not enough: {0}")]
    Attestation(Shortfall),
    /// A push address of a platform without a provider of its own names none.
    #[error("the push address names no provider")]
    PushProviderRequired,
    /// No session issued this refresh token, or it belongs to another client or user.
    #[error("unknown refresh token")]
    RefreshUnknown,
    /// A newer refresh token has been presented.
    #[error("the refresh token was superseded")]
    RefreshSuperseded,
    /// A superseded refresh token came from a device without a key; the session has ended.
    #[error("the refresh token was used twice")]
    RefreshReused,
    /// No session has this id.
    #[error("unknown session")]
    SessionUnknown,
    /// The session has ended.
    #[error("the session has ended")]
    SessionEnded,
    /// The session is past a limit.
    #[error("the session has expired")]
    SessionExpired,
    /// The session's tokens are ours, not the backend's.
    #[error("the session's tokens are not adopted")]
    TokensNotAdopted,
    /// The adopted token belongs to a session that has ended.
    #[error("the token belongs to an ended session")]
    TokenEnded,
    /// The adopted token belongs to another live session.
    #[error("the token belongs to another session")]
    TokenTaken,
    /// Another login registered the same device a moment ago.
    #[error("another login of the same device came first")]
    Raced,
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

/// A ticket that was just given.
#[derive(Debug)]
pub struct GivenTicket {
    /// Its text.
    pub text: PlainToken,
    /// Until when it serves.
    pub expires_at: Timestamp,
}

impl From<&GivenTicket> for LimitTicketItem {
    fn from(given: &GivenTicket) -> Self {
        Self {
            ticket: Secret::from(&given.text),
            expires_at: given.expires_at,
        }
    }
}

impl SessionError {
    /// What lets a user remove a device, where a limit refused the login.
    pub(crate) fn ticket(&self) -> Option<LimitTicketItem> {
        match self {
            Self::DeviceLimitReached(given) => given.as_ref().map(Into::into),
            _ => None,
        }
    }

    /// The closed code of the answer.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::ClientUnknown | Self::PushProviderRequired | Self::InstallationIdRequired => {
                ErrorCode::InvalidRequest
            }
            Self::ClientDisabled => ErrorCode::ClientDisabled,
            Self::UserDisabled => ErrorCode::UserDisabled,
            Self::ProofRequired => ErrorCode::ProofRequired,
            Self::Proof(refusal) => (*refusal).into(),
            Self::IdTokenUsed => ErrorCode::IdTokenUsed,
            Self::OriginNotListed => ErrorCode::ProofMismatch,
            Self::KeyRetired => ErrorCode::KeyRetired,
            Self::DeviceSuspended => ErrorCode::DeviceSuspended,
            Self::DeviceRevoked => ErrorCode::DeviceRevoked,
            Self::DeviceBanned => ErrorCode::DeviceBanned,
            Self::AccountFrozen => ErrorCode::AccountFrozen,
            Self::DeviceLimitReached(_) => ErrorCode::DeviceLimitReached,
            Self::ApprovalPending(_) => ErrorCode::ApprovalPending,
            Self::ApprovalRejected => ErrorCode::ApprovalRejected,
            Self::Attestation(shortfall) => crate::enrollment::attestation_code(*shortfall),
            Self::RefreshUnknown => ErrorCode::RefreshInvalid,
            Self::RefreshSuperseded => ErrorCode::RefreshSuperseded,
            Self::RefreshReused => ErrorCode::RefreshReused,
            Self::SessionUnknown => ErrorCode::NotFound,
            Self::SessionEnded => ErrorCode::SessionEnded,
            Self::SessionExpired => ErrorCode::SessionExpired,
            Self::TokensNotAdopted | Self::TokenTaken => ErrorCode::Conflict,
            Self::TokenEnded => ErrorCode::TokenEnded,
            Self::Raced => ErrorCode::Unavailable,
            Self::Store(error) => crate::error::store_code(error),
        }
    }
}
