//! Why a ticket shows and removes nothing.

use crate::session::SessionError;
use countersign_api_types::ErrorCode;
use countersign_core::decision::Refusal;
use countersign_storage::StoreError;

/// Nothing was shown or removed, and the ticket serves on if it did.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TicketError {
    /// The ticket is unknown, used or too old.
    #[error("the ticket does not serve")]
    Invalid,
    /// The proof is missing, wrong, or by another key than the refused device's.
    #[error("the proof was refused: {0}")]
    Proof(Refusal),
    /// The user has no such device at the client.
    #[error("the user has no such device")]
    DeviceUnknown,
    /// What any registration may be refused for.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

impl TicketError {
    /// The closed code of the answer.
    pub(crate) fn code(&self) -> ErrorCode {
        match self {
            Self::Invalid => ErrorCode::TicketInvalid,
            Self::Proof(refusal) => (*refusal).into(),
            Self::DeviceUnknown => ErrorCode::NotFound,
            Self::Session(error) => error.code(),
            Self::Store(error) => crate::error::store_code(error),
        }
    }

    /// Whether it says that the caller holds nothing genuine.
    pub(super) fn is_guess(&self) -> bool {
        match self {
            Self::Invalid => true,
            Self::Proof(refusal) | Self::Session(SessionError::Proof(refusal)) => {
                *refusal != Refusal::UseDpopNonce
            }
            _ => false,
        }
    }
}
