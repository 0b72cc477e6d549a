//! Why nothing can be said for a device.

use countersign_api_types::ErrorCode;
use countersign_core::device::DeviceState;
use countersign_storage::StoreError;

/// What was said for a device does not count; nothing changed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TrustError {
    /// There is no such device.
    #[error("there is no such device")]
    DeviceUnknown,
    /// The user does not have the device.
    #[error("the user does not have the device")]
    UserUnknown,
    /// The device has no such evidence.
    #[error("there is no such evidence of the device")]
    EvidenceUnknown,
    /// A device without a key is not known to be the same the next time.
    #[error("the device has no key")]
    KeyRequired,
    /// It is dead.
    #[error("the device is {0}")]
    State(DeviceState),
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

impl TrustError {
    /// The closed code of the answer.
    pub(crate) fn code(&self) -> ErrorCode {
        match self {
            Self::DeviceUnknown | Self::UserUnknown | Self::EvidenceUnknown => ErrorCode::NotFound,
            Self::KeyRequired | Self::State(_) => ErrorCode::Conflict,
            Self::Store(error) => crate::error::store_code(error),
        }
    }
}
