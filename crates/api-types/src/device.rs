//! Lists of a user's devices, for the user and for admins, and what can be done to one.

use crate::{
    FieldError, Validate, page, receipt::EndingReceipt, schema, session::MAX_NAME,
    validate::check_text,
};
use countersign_core::{
    AppId, ClientId, DeviceId, Timestamp,
    device::{DeviceState, Encryption, OwnershipEndCause, Platform},
    session::EndingCause,
    trust::TrustLevel,
};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// One device of a user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct DeviceItem {
    /// Its identity.
    #[schema(value_type = schema::DeviceId)]
    pub device_id: DeviceId,
    /// Its current generation.
    #[schema(value_type = schema::AppId)]
    pub app_id: AppId,
    /// The client application.
    #[schema(value_type = schema::ClientId)]
    pub client_id: ClientId,
    /// The user's name for it, else its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What it is.
    #[schema(value_type = schema::Platform)]
    pub platform: Platform,
    /// Hardware model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Operating system version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub os_version: Option<String>,
    /// The app's version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app_version: Option<String>,
    /// Whether it says that its storage is encrypted.
    #[schema(value_type = schema::Encryption)]
    pub encryption: Encryption,
    /// How far it is trusted for the user.
    #[schema(value_type = schema::TrustLevel)]
    pub trust: TrustLevel,
    /// Whether the user had a device with the same fingerprint when it came.
    pub is_recognised: bool,
    /// Whether it makes this very request.
    pub is_current: bool,
    /// Whether it has a key.
    pub key_bound: bool,
    /// Where it stands.
    #[schema(value_type = schema::DeviceState)]
    pub state: DeviceState,
    /// How many live sessions the user has on it.
    pub active_sessions: u32,
    /// When the user first logged in on it.
    #[schema(value_type = schema::Timestamp)]
    pub created_at: Timestamp,
    /// When the user was last active on it.
    #[schema(value_type = schema::Timestamp)]
    pub last_seen_at: Timestamp,
    /// Where it was seen last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_seen: Option<LastSeen>,
    /// How it ended, for a past one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<DeviceEnd>,
}

/// Where a device was seen.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct LastSeen {
    /// Its address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::IpAddress>)]
    pub ip: Option<IpAddr>,
    /// City, when a `GeoIP` database is configured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// ISO 3166-1 country code, likewise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
}

/// How a past device ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct DeviceEnd {
    /// When.
    #[schema(value_type = schema::Timestamp)]
    pub at: Timestamp,
    /// Why.
    #[schema(value_type = schema::EndCause)]
    pub cause: EndCause,
}

/// Why a device is a past one: its ownership ended, or its last session did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum EndCause {
    /// The ownership ended.
    Ownership(OwnershipEndCause),
    /// The session ended.
    Session(EndingCause),
}

impl From<OwnershipEndCause> for EndCause {
    fn from(cause: OwnershipEndCause) -> Self {
        Self::Ownership(cause)
    }
}

impl From<EndingCause> for EndCause {
    fn from(cause: EndingCause) -> Self {
        Self::Session(cause)
    }
}

/// One page of a user's own devices.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct OwnDevices {
    /// The devices.
    pub data: Vec<DeviceItem>,
    /// Where the next page begins; absent at the end.
    pub next_cursor: Option<String>,
    /// Whether there is a next page.
    pub has_more: bool,
    /// How many live sessions the user has on all devices.
    pub active_sessions: u32,
    /// How many devices the user may have.
    pub limit: DeviceLimit,
    /// Since when nothing here may change, because one device was not the user's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Timestamp>)]
    pub frozen_at: Option<Timestamp>,
}

/// How many devices a user has and may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct DeviceLimit {
    /// Devices that count.
    pub used: u32,
    /// The most; absent when there is no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<u32>,
}

/// Which of the caller's own devices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum OwnDeviceFilter {
    /// Those the user has.
    #[default]
    Active,
    /// Those the user had.
    Past,
}

/// Which of a user's devices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum DeviceFilter {
    /// Those the user has.
    #[default]
    Active,
    /// Those the user had.
    Past,
    /// Both.
    All,
}

/// Which page of a user's own devices.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct OwnDevicesQuery {
    /// Which ones.
    #[serde(default)]
    #[param(inline)]
    pub state: OwnDeviceFilter,
    /// How many at most: 1 to 100, 20 when absent.
    #[param(value_type = Option<schema::Limit>, inline)]
    pub limit: Option<u32>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

impl OwnDevicesQuery {
    /// The page size, 1 to [`page::MAX_LIMIT`].
    pub fn limit(&self) -> u32 {
        page::page_size(self.limit)
    }
}

/// Which page of a user's devices, for an admin.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::IntoParams,
)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct UserDevicesQuery {
    /// Which ones.
    #[serde(default)]
    #[param(inline)]
    pub state: DeviceFilter,
    /// Only those of this platform.
    #[param(value_type = Option<schema::Platform>, inline)]
    pub platform: Option<Platform>,
    /// How many to skip.
    #[serde(default)]
    #[param(value_type = schema::Offset, inline, required = false)]
    pub offset: u32,
    /// How many at most: 1 to 100, 20 when absent.
    #[param(value_type = Option<schema::Limit>, inline)]
    pub limit: Option<u32>,
}

impl UserDevicesQuery {
    /// The page size, 1 to [`page::MAX_LIMIT`].
    pub fn limit(&self) -> u32 {
        page::page_size(self.limit)
    }
}

/// The user's own name for a device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RenameDevice {
    /// 1 to 120 characters.
    #[schema(value_type = schema::Name)]
    pub name: String,
}

impl Validate for RenameDevice {
    fn validate(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        check_text(&mut errors, "/name", &self.name, MAX_NAME);
        errors
    }
}

/// What an ending ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Ended {
    /// How many sessions; 0 when there was none left to end.
    pub ended: u64,
    /// Where that has arrived; for callers with an API key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<EndingReceipt>,
}

/// One of the caller's own devices in a path.
#[derive(Debug, Clone, Copy, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Path)]
pub struct DevicePath {
    /// The device.
    #[param(value_type = schema::DeviceId, inline)]
    pub device_id: DeviceId,
}
