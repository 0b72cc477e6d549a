//! `/v1/bans`.

use crate::{
    FieldError, Validate, page, receipt::EndingReceipt, schema, text::as_optional_text,
    validate::check_optional,
};
use countersign_core::{
    BanId, ClientId, DeviceId, Thumbprint, Timestamp,
    ban::{Ban, BanScope},
    user::ExternalUserId,
};
use serde::{Deserialize, Serialize};

const MAX_REASON: usize = 500;

/// What is to stay refused: a device, one user on it, or a key that may never have been seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateBan {
    /// The device; its key is refused too, and its machine where the platform attests which one it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::DeviceId>)]
    pub device_id: Option<DeviceId>,
    /// With `device_id`: only this user on it; others go on.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "as_optional_text"
    )]
    #[schema(value_type = Option<schema::UserId>)]
    pub user_id: Option<ExternalUserId>,
    /// A key's thumbprint (RFC 7638), without a device.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "as_optional_text"
    )]
    #[schema(value_type = Option<schema::Thumbprint>)]
    pub jkt: Option<Thumbprint>,
    /// For those who read it later: 1 to 500 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Reason>)]
    pub reason: Option<String>,
}

/// One ban, in force or lifted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct BanItem {
    /// Its identity.
    #[schema(value_type = schema::BanId)]
    pub ban_id: BanId,
    /// What it is about.
    #[schema(value_type = schema::BanScope)]
    pub scope: BanScope,
    /// The client, where it is about a device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::ClientId>)]
    pub client_id: Option<ClientId>,
    /// The device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::DeviceId>)]
    pub device_id: Option<DeviceId>,
    /// The user on the device.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "as_optional_text"
    )]
    #[schema(value_type = Option<schema::UserId>)]
    pub user_id: Option<ExternalUserId>,
    /// The key that is refused.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "as_optional_text"
    )]
    #[schema(value_type = Option<schema::Thumbprint>)]
    pub jkt: Option<Thumbprint>,
    /// Whether the machine is refused too, also under another key.
    pub covers_hardware: bool,
    /// What was written about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Since when.
    #[schema(value_type = schema::Timestamp)]
    pub banned_at: Timestamp,
    /// When it was lifted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Timestamp>)]
    pub lifted_at: Option<Timestamp>,
    /// How many sessions ended; in the answer to banning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<u64>,
    /// Where that has arrived; in the answer to banning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<EndingReceipt>,
}

/// Which bans.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum BanState {
    /// Those in force.
    #[default]
    Active,
    /// Those that were lifted.
    Lifted,
    /// Both.
    All,
}

/// Which page of bans.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::IntoParams,
)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct BansQuery {
    /// Which ones.
    #[serde(default)]
    #[param(inline)]
    pub state: BanState,
    /// Only those that name this device.
    #[param(value_type = Option<schema::DeviceId>, inline)]
    pub device_id: Option<DeviceId>,
    /// How many to skip.
    #[serde(default)]
    #[param(value_type = schema::Offset, inline, required = false)]
    pub offset: u32,
    /// How many at most: 1 to 100, 20 when absent.
    #[param(value_type = Option<schema::Limit>, inline)]
    pub limit: Option<u32>,
}

/// A ban in a path.
#[derive(Debug, Clone, Copy, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Path)]
pub struct BanPath {
    /// The ban.
    #[param(value_type = schema::BanId, inline)]
    pub ban_id: BanId,
}

impl BansQuery {
    /// The page size, 1 to [`page::MAX_LIMIT`].
    pub fn limit(&self) -> u32 {
        page::page_size(self.limit)
    }
}

impl From<Ban> for BanItem {
    fn from(ban: Ban) -> Self {
        Self {
            ban_id: ban.id,
            scope: ban.scope,
            client_id: ban.client_id,
            device_id: ban.device_id,
            user_id: ban.user.map(|(_, external)| external),
            jkt: ban.jkt,
            covers_hardware: ban.hardware_identity.is_some(),
            reason: ban.reason,
            banned_at: ban.banned_at,
            lifted_at: ban.lifted_at,
            ended: None,
            receipt: None,
        }
    }
}

impl Validate for CreateBan {
    fn validate(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        match (self.device_id, self.jkt) {
            (None, None) => errors.push(FieldError::new("/device_id", "is needed, or `jkt`")),
            (Some(_), Some(_)) => {
                errors.push(FieldError::new(
                    "/jkt",
                    "a ban of the device covers its key",
                ));
            }
            _ => {}
        }
        if self.user_id.is_some() && self.device_id.is_none() {
            errors.push(FieldError::new(
                "/user_id",
                "is banned on a device, so `device_id` is needed",
            ));
        }
        check_optional(&mut errors, "/reason", self.reason.as_ref(), MAX_REASON);
        errors
    }
}
