//! `POST /v1/users/{user_id}/disable`, `/enable` and `/unfreeze`.

use crate::{receipt::EndingReceipt, schema, text::as_text};
use countersign_core::{DeviceId, Timestamp, user::ExternalUserId};
use serde::{Deserialize, Serialize};

/// Where a user stands after the call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct UserStanding {
    /// The app's own id of the user.
    #[serde(with = "as_text")]
    #[schema(value_type = schema::UserId)]
    pub user_id: ExternalUserId,
    /// Whether logins, refreshes and requests are refused.
    pub is_disabled: bool,
    /// Since when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Timestamp>)]
    pub disabled_at: Option<Timestamp>,
    /// Since when the user's devices may not change, because one of them was not the user's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Timestamp>)]
    pub frozen_at: Option<Timestamp>,
    /// How many sessions the call ended.
    pub ended: u64,
    /// Where that has arrived; in the answer to disabling.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<EndingReceipt>,
}

/// A user in a path.
#[derive(Debug, Clone, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Path)]
pub struct UserPath {
    /// The app's own id of the user.
    #[serde(with = "as_text")]
    #[param(value_type = schema::UserId, inline)]
    pub user_id: ExternalUserId,
}

/// A user's device in a path.
#[derive(Debug, Clone, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Path)]
pub struct UserDevicePath {
    /// The app's own id of the user.
    #[serde(with = "as_text")]
    #[param(value_type = schema::UserId, inline)]
    pub user_id: ExternalUserId,
    /// The device.
    #[param(value_type = schema::DeviceId, inline)]
    pub device_id: DeviceId,
}
