//! What the store's failures mean to a caller.

use crate::http::Problem;
use countersign_api_types::ErrorCode;
use countersign_storage::StoreError;

/// The closed code of a store failure.
pub(crate) fn store_code(error: &StoreError) -> ErrorCode {
    match error {
        StoreError::OutcomeUnknown => ErrorCode::OutcomeUnknown,
        StoreError::Full => ErrorCode::StorageFull,
        error if error.is_transient() => ErrorCode::Unavailable,
        _ => ErrorCode::Internal,
    }
}

/// The answer to a store failure.
pub(crate) fn store_problem(error: StoreError) -> Problem {
    Problem::new(store_code(&error)).caused_by(error)
}
