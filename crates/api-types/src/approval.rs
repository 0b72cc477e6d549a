//! `/v1/approvals`.

use crate::{page, schema, text::as_optional_text};
use countersign_core::{
    ApprovalId, ClientId, DeviceId, Timestamp,
    admission::{Approval, ApprovalCause, ApprovalDecision},
    user::ExternalUserId,
};
use serde::{Deserialize, Serialize};

/// A new device, or a user on one, that waits for an admin or that one has looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ApprovalItem {
    /// Its identity.
    #[schema(value_type = schema::ApprovalId)]
    pub approval_id: ApprovalId,
    /// The client application.
    #[schema(value_type = schema::ClientId)]
    pub client_id: ClientId,
    /// The device.
    #[schema(value_type = schema::DeviceId)]
    pub device_id: DeviceId,
    /// The user whom it is about after a ban, or who first came with the device; none where it enrolled first.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "as_optional_text"
    )]
    #[schema(value_type = Option<schema::UserId>)]
    pub user_id: Option<ExternalUserId>,
    /// Why somebody has to look.
    #[schema(value_type = schema::ApprovalCause)]
    pub cause: ApprovalCause,
    /// What came of it.
    pub state: ApprovalState,
    /// Since when.
    #[schema(value_type = schema::Timestamp)]
    pub asked_at: Timestamp,
    /// When it is rejected by itself.
    #[schema(value_type = schema::Timestamp)]
    pub expires_at: Timestamp,
    /// When it was decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Timestamp>)]
    pub decided_at: Option<Timestamp>,
}

/// What came of a request for approval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ApprovalState {
    /// Nobody has looked yet.
    #[default]
    Pending,
    /// An admin let it in.
    Approved,
    /// An admin did not.
    Rejected,
    /// Nobody looked in time.
    Expired,
}

/// Which requests for approval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ApprovalFilter {
    /// Those that wait.
    #[default]
    Pending,
    /// Those that were granted.
    Approved,
    /// Those that were not.
    Rejected,
    /// Those that nobody looked at in time.
    Expired,
    /// All.
    All,
}

/// Which page of requests for approval.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::IntoParams,
)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ApprovalsQuery {
    /// Which ones.
    #[serde(default)]
    #[param(inline)]
    pub state: ApprovalFilter,
    /// How many to skip.
    #[serde(default)]
    #[param(value_type = schema::Offset, inline, required = false)]
    pub offset: u32,
    /// How many at most: 1 to 100, 20 when absent.
    #[param(value_type = Option<schema::Limit>, inline)]
    pub limit: Option<u32>,
}

/// A request for approval in a path.
#[derive(Debug, Clone, Copy, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Path)]
pub struct ApprovalPath {
    /// The request.
    #[param(value_type = schema::ApprovalId, inline)]
    pub approval_id: ApprovalId,
}

impl ApprovalsQuery {
    /// The page size, 1 to [`page::MAX_LIMIT`].
    pub fn limit(&self) -> u32 {
        page::page_size(self.limit)
    }
}

impl ApprovalFilter {
    /// The state that it names, or `all`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::Expired => "expired",
            Self::All => "all",
        }
    }
}

impl From<Approval> for ApprovalItem {
    fn from(approval: Approval) -> Self {
        let state = match approval.decided {
            None => ApprovalState::Pending,
            Some((ApprovalDecision::Approved, _)) => ApprovalState::Approved,
            Some((ApprovalDecision::Rejected, _)) => ApprovalState::Rejected,
            Some((ApprovalDecision::Expired, _)) => ApprovalState::Expired,
        };
        Self {
            approval_id: approval.id,
            client_id: approval.client_id,
            device_id: approval.device_id,
            user_id: approval.user.map(|(_, external)| external),
            cause: approval.cause,
            state,
            asked_at: approval.asked_at,
            expires_at: approval.expires_at,
            decided_at: approval.decided.map(|(_, at)| at),
        }
    }
}
