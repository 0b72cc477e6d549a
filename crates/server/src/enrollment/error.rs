//! Why a device is not enrolled.

use crate::session::SessionError;
use countersign_api_types::ErrorCode;
use countersign_core::{attestation::policy::Shortfall, decision::Refusal};
use countersign_storage::StoreError;

/// An enrollment did not go through; nothing changed, but the challenge is used up if it was known.
#[derive(Debug, thiserror::Error)]
pub enum EnrollmentError {
    /// The challenge was never given out, or was used.
    #[error("unknown challenge")]
    ChallengeUnknown,
    /// The challenge is too old.
    #[error("the challenge has expired")]
    ChallengeExpired,
    /// The challenge is another client's, or for another purpose.
    #[error("the challenge is for something else")]
    ChallengeMismatch,
    /// There is no proof by the device's key.
    #[error("a proof by the device's key is required")]
    ProofRequired,
    /// No session has this id.
    #[error("unknown session")]
    SessionUnknown,
    /// Requests of the session may not go through.
    #[error("the session's requests are refused: {0}")]
    Refused(Refusal),
    /// No device of the client has the key that the proof is by.
    #[error("no device has this key")]
    KeyUnknown,
    /// No device of the client has the key that is to be replaced.
    #[error("no device has the previous key")]
    PreviousKeyUnknown,
    /// A piece of evidence is not base64url.
    #[error("{0} is not unpadded base64url")]
    NotBase64(&'static str),
    /// What is to be kept cannot be written as JSON.
    #[error("evidence cannot be written as JSON")]
    Unwritable(#[source] serde_json::Error),
    /// What was kept cannot be read any more.
    #[error("kept evidence cannot be read")]
    Unreadable(#[source] serde_json::Error),
    /// The device falls short of what the client demands.
    #[error("the evidence is refused: {0}")]
    Attestation(Shortfall),
    /// What any registration may be refused for.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

impl EnrollmentError {
    /// The closed code of the answer.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::ChallengeUnknown => ErrorCode::ChallengeUnknown,
            Self::ChallengeExpired => ErrorCode::ChallengeExpired,
            Self::ChallengeMismatch => ErrorCode::ChallengeMismatch,
            Self::ProofRequired => ErrorCode::ProofRequired,
            Self::SessionUnknown => ErrorCode::NotFound,
            Self::Refused(refusal) => ErrorCode::from(*refusal),
            Self::PreviousKeyUnknown | Self::KeyUnknown => ErrorCode::KeyMismatch,
            Self::NotBase64(_) => ErrorCode::InvalidRequest,
            Self::Unwritable(_) | Self::Unreadable(_) => ErrorCode::Internal,
            Self::Attestation(shortfall) => attestation_code(*shortfall),
            Self::Session(SessionError::ClientUnknown) => ErrorCode::ClientUnknown,
            Self::Session(error) => error.code(),
            Self::Store(error) => crate::error::store_code(error),
        }
    }

    /// Whether it says that the caller holds nothing genuine: such calls count against their
    /// address.
    pub(super) fn is_guess(&self) -> bool {
        match self {
            Self::ChallengeUnknown
            | Self::ProofRequired
            | Self::PreviousKeyUnknown
            | Self::KeyUnknown
            | Self::NotBase64(_)
            | Self::Attestation(Shortfall::Invalid)
            | Self::Session(SessionError::ClientUnknown) => true,
            Self::Session(SessionError::Proof(refusal)) => *refusal != Refusal::UseDpopNonce,
            _ => false,
        }
    }
}

/// The code of falling short.
pub(crate) const fn attestation_code(shortfall: Shortfall) -> ErrorCode {
    match shortfall {
        Shortfall::Missing | Shortfall::Stale => ErrorCode::AttestationRequired,
        Shortfall::Invalid => ErrorCode::AttestationInvalid,
        Shortfall::Level => ErrorCode::AttestationInsufficient,
        Shortfall::Unevaluated | Shortfall::Timeout => ErrorCode::AttestationUnavailable,
    }
}
