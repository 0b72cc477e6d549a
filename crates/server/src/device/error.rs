//! Why a device operation is refused.

use countersign_api_types::ErrorCode;
use countersign_core::device::DeviceState;
use countersign_storage::StoreError;

/// An operation on a user's devices did not go through; nothing changed.
#[derive(Debug, thiserror::Error)]
pub enum DeviceError {
    /// The user has no such device; perhaps somebody else does.
    #[error("the user has no such device")]
    NotFound,
    /// The user said that a device was not theirs, so nothing else changes for now.
    #[error("the account is frozen")]
    AccountFrozen,
    /// The cursor was not given for this list.
    #[error("the cursor belongs to another list")]
    ForeignCursor,
    /// It cannot be done to a device in this state.
    #[error("the device is {0}")]
    State(DeviceState),
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

impl DeviceError {
    /// The closed code of the answer.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::NotFound => ErrorCode::NotFound,
            Self::AccountFrozen => ErrorCode::AccountFrozen,
            Self::ForeignCursor => ErrorCode::InvalidRequest,
            Self::State(_) => ErrorCode::Conflict,
            Self::Store(error) => crate::error::store_code(error),
        }
    }
}
