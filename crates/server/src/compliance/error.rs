//! Why rules are not applied, or a report is not kept.

use super::RulesError;
use countersign_api_types::ErrorCode;
use countersign_core::device::DeviceState;
use countersign_storage::StoreError;

/// Nothing changed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ComplianceError {
    /// The rule file is wrong, or its own tests fail.
    #[error("the rule file is not accepted")]
    Rules(#[from] RulesError),
    /// No rules of this version were ever applied.
    #[error("no rules of this version were applied")]
    VersionUnknown,
    /// Other rules are in force than those that the change was made on.
    #[error("other rules are in force")]
    VersionMismatch,
    /// There is no such device.
    #[error("there is no such device")]
    DeviceUnknown,
    /// Nothing can be said of a dead device any more.
    #[error("the device is {0}")]
    State(DeviceState),
    /// Nor does it say anything itself.
    #[error("the device is {0} and is not heard")]
    Unheard(DeviceState),
    /// What came is no report.
    #[error("is not a posture report")]
    ReportMalformed,
    /// The report's signature is wrong.
    #[error("the report's signature is wrong")]
    ReportUnsigned,
    /// The report is by another key than its device's.
    #[error("the report is by another key than the device's")]
    KeyMismatch,
    /// The report is of another generation of the device.
    #[error("the report is of another generation of the device")]
    ReportMismatch,
    /// It came before, or a later one did.
    #[error("the report, or a later one, came before")]
    ReportReplayed,
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

impl ComplianceError {
    /// The closed code of the answer.
    pub(crate) fn code(&self) -> ErrorCode {
        match self {
            Self::Rules(_) | Self::ReportMalformed => ErrorCode::InvalidRequest,
            Self::ReportUnsigned => ErrorCode::ProofInvalid,
            Self::KeyMismatch => ErrorCode::KeyMismatch,
            Self::ReportMismatch => ErrorCode::ReportMismatch,
            Self::ReportReplayed => ErrorCode::ReportReplayed,
            Self::VersionUnknown | Self::DeviceUnknown => ErrorCode::NotFound,
            Self::VersionMismatch => ErrorCode::VersionMismatch,
            Self::State(_) => ErrorCode::Conflict,
            Self::Unheard(DeviceState::Banned) => ErrorCode::DeviceBanned,
            Self::Unheard(_) => ErrorCode::DeviceRevoked,
            Self::Store(error) => crate::error::store_code(error),
        }
    }

    /// Whether it says that the caller holds nothing genuine.
    pub(super) const fn is_guess(&self) -> bool {
        matches!(
            self,
            Self::ReportMalformed | Self::ReportUnsigned | Self::KeyMismatch
        )
    }
}
