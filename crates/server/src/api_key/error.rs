//! Why an API-key operation is refused.

use crate::membership::NoLease;
use countersign_api_types::ErrorCode;
use countersign_storage::StoreError;

/// An operation on API keys did not go through; nothing changed.
#[derive(Debug, thiserror::Error)]
pub enum ApiKeyError {
    /// There is no such key.
    #[error("there is no such api key")]
    NotFound,
    /// The presented secret is not that of a live key.
    #[error("not a live api key")]
    Unknown,
    /// This node may not answer.
    #[error(transparent)]
    NoLease(#[from] NoLease),
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

impl ApiKeyError {
    /// The closed code of the answer.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::NotFound => ErrorCode::NotFound,
            Self::Unknown => ErrorCode::Unauthenticated,
            Self::NoLease(_) => ErrorCode::Unavailable,
            Self::Store(error) => crate::error::store_code(error),
        }
    }
}
