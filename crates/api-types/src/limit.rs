//! `limits` of a client, and `/v1/limit-tickets/…`.

use crate::{
    FieldError, Secret, Validate,
    device::{DeviceItem, DeviceLimit},
    object, schema, seconds, secret,
    session::{MAX_ROLE, MAX_TICKET_BYTES},
    text::as_text,
    validate::{check_count, check_opaque, check_text},
};
use countersign_core::{
    DeviceId, Timestamp,
    limit::{DeviceLimits, Overflow, RoleLimit, UserLimit},
    user::ExternalUserId,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// How many devices a user may have.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DeviceLimitsItem {
    /// The most devices of a user who is not named below, 1 to 10000; as many as they like when absent.
    #[serde(
        skip_serializing_if = "Option::is_none",
        deserialize_with = "seconds::optional"
    )]
    #[schema(value_type = Option<schema::MaxDevices>)]
    pub max: Option<u64>,
    /// What a login on one more means.
    #[schema(value_type = schema::Overflow)]
    pub overflow: Overflow,
    /// Limits of users in a role instead, at most 100, each role once; the most generous one counts.
    #[serde(deserialize_with = "object::list")]
    #[schema(max_items = 100)]
    pub roles: Vec<RoleLimitItem>,
    /// Limits of single users instead, whatever their roles, at most 100, each user once.
    #[serde(deserialize_with = "object::list")]
    #[schema(max_items = 100)]
    pub users: Vec<UserLimitItem>,
}

/// The limit of users in a role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RoleLimitItem {
    /// The role, in the app's own words: 1 to 64 characters.
    #[schema(value_type = schema::Role)]
    pub role: String,
    /// The most devices, 1 to 10000; as many as they like when absent.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "seconds::optional"
    )]
    #[schema(value_type = Option<schema::MaxDevices>)]
    pub max: Option<u64>,
}

/// The limit of one user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UserLimitItem {
    /// The app's own id of the user.
    #[serde(with = "as_text")]
    #[schema(value_type = schema::UserId)]
    pub user_id: ExternalUserId,
    /// The most devices, 1 to 10000; as many as they like when absent.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "seconds::optional"
    )]
    #[schema(value_type = Option<schema::MaxDevices>)]
    pub max: Option<u64>,
}

/// What a refused login gets: it lets the user see the devices that count, and remove one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct LimitTicketItem {
    /// To be presented at `/v1/limit-tickets/…`, by the device that was refused.
    #[serde(serialize_with = "secret::hand_out")]
    #[schema(value_type = schema::Secret)]
    pub ticket: Secret,
    /// Until when; it is used up by one removal.
    #[schema(value_type = schema::Timestamp)]
    pub expires_at: Timestamp,
}

/// The ticket of a user who wants to see the devices that count.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ListWithTicket {
    /// The ticket.
    #[serde(serialize_with = "secret::hand_out")]
    #[schema(value_type = schema::StoredSecret)]
    pub ticket: Secret,
}

/// The ticket of a user, and the device that is to go.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RemoveWithTicket {
    /// The ticket.
    #[serde(serialize_with = "secret::hand_out")]
    #[schema(value_type = schema::StoredSecret)]
    pub ticket: Secret,
    /// The device.
    #[schema(value_type = schema::DeviceId)]
    pub device_id: DeviceId,
}

/// The devices that count against a limit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CountedDevices {
    /// Those that were not used for longest, at most 100.
    pub data: Vec<DeviceItem>,
    /// How many count in all, and may.
    pub limit: DeviceLimit,
}

/// A device that made room for another one of its user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct EvictedDevice {
    /// The device.
    #[schema(value_type = schema::DeviceId)]
    pub device_id: DeviceId,
    /// The user's own name for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// When the user was last active on it.
    #[schema(value_type = schema::Timestamp)]
    pub last_seen_at: Timestamp,
}

impl Validate for ListWithTicket {
    fn validate(&self) -> Vec<FieldError> {
        checked(&self.ticket)
    }
}

impl Validate for RemoveWithTicket {
    fn validate(&self) -> Vec<FieldError> {
        checked(&self.ticket)
    }
}

impl DeviceLimitsItem {
    /// Adds what is wrong with it.
    pub(crate) fn check(&self, errors: &mut Vec<FieldError>) {
        let most = DeviceLimits::MOST_EXCEPTIONS;
        check_max(errors, "/limits/max".to_owned(), self.max);
        check_count(errors, "/limits/roles", self.roles.len(), most);
        check_count(errors, "/limits/users", self.users.len(), most);
        let mut seen = BTreeSet::new();
        for (index, each) in self.roles.iter().take(most).enumerate() {
            let pointer = format!("/limits/roles/{index}");
            check_text(errors, format!("{pointer}/role"), &each.role, MAX_ROLE);
            check_max(errors, format!("{pointer}/max"), each.max);
            check_once(errors, pointer, seen.insert(each.role.as_str()));
        }
        let mut seen = BTreeSet::new();
        for (index, each) in self.users.iter().take(most).enumerate() {
            let pointer = format!("/limits/users/{index}");
            check_max(errors, format!("{pointer}/max"), each.max);
            check_once(errors, pointer, seen.insert(&each.user_id));
        }
    }
}

impl From<DeviceLimits> for DeviceLimitsItem {
    fn from(limits: DeviceLimits) -> Self {
        let roles = limits.roles.into_iter().map(|each| RoleLimitItem {
            role: each.role,
            max: each.max.map(Into::into),
        });
        let users = limits.users.into_iter().map(|each| UserLimitItem {
            user_id: each.user_id,
            max: each.max.map(Into::into),
        });
        Self {
            max: limits.max.map(Into::into),
            overflow: limits.overflow,
            roles: roles.collect(),
            users: users.collect(),
        }
    }
}

impl From<DeviceLimitsItem> for DeviceLimits {
    fn from(item: DeviceLimitsItem) -> Self {
        let roles = item.roles.into_iter().map(|each| RoleLimit {
            role: each.role,
            max: number(each.max),
        });
        let users = item.users.into_iter().map(|each| UserLimit {
            user_id: each.user_id,
            max: number(each.max),
        });
        Self {
            max: number(item.max),
            overflow: item.overflow,
            roles: roles.collect(),
            users: users.collect(),
        }
    }
}

fn number(max: Option<u64>) -> Option<u32> {
    max.map(|max| u32::try_from(max).unwrap_or(DeviceLimits::LARGEST))
}

fn checked(ticket: &Secret) -> Vec<FieldError> {
    let mut errors = Vec::new();
    check_opaque(&mut errors, "/ticket", ticket.reveal(), MAX_TICKET_BYTES);
    errors
}

fn check_max(errors: &mut Vec<FieldError>, pointer: String, max: Option<u64>) {
    let largest = u64::from(DeviceLimits::LARGEST);
    if max.is_some_and(|max| !(1..=largest).contains(&max)) {
        errors.push(FieldError::new(pointer, format!("must be 1 to {largest}")));
    }
}

fn check_once(errors: &mut Vec<FieldError>, pointer: String, is_first: bool) {
    if !is_first {
        errors.push(FieldError::new(pointer, "is there twice"));
    }
}
