//! Why a client operation is refused.

use super::InvalidCredentials;
use countersign_api_types::ErrorCode;
use countersign_core::lifetime::InvalidLifetimes;
use countersign_storage::StoreError;

/// An operation on a client did not go through; nothing changed.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// There is no such client.
    #[error("there is no such client")]
    NotFound,
    /// The settings changed since they were read.
    #[error("the client has changed since")]
    VersionMismatch,
    /// The lifetimes are out of range.
    #[error("the lifetimes are out of range: {0}")]
    Lifetimes(#[from] InvalidLifetimes),
    /// Credentials cannot be read.
    #[error("the credentials cannot be read: {0}")]
    Credentials(#[from] InvalidCredentials),
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

impl ClientError {
    /// The closed code of the answer.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::NotFound => ErrorCode::NotFound,
            Self::VersionMismatch => ErrorCode::VersionMismatch,
            Self::Lifetimes(_) | Self::Credentials(_) => ErrorCode::InvalidRequest,
            Self::Store(error) => crate::error::store_code(error),
        }
    }
}
