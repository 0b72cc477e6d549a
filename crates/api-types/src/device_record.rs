//! `/v1/devices/{device_id}`: everything that is known of a device, for admins.

use crate::{
    approval::ApprovalItem, ban::BanItem, receipt::EndingReceipt, schema, text::as_optional_text,
    text::as_text, trust::TrustEvidenceItem,
};
use countersign_core::{
    AppId, ClientId, DeviceId, Thumbprint, Timestamp,
    attestation::{AttestationLevel, Purpose, policy::Shortfall},
    device::{DeviceState, Platform},
    trust::TrustLevel,
    user::ExternalUserId,
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A device as admins see it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct DeviceRecord {
    /// Its identity.
    #[schema(value_type = schema::DeviceId)]
    pub device_id: DeviceId,
    /// The client application.
    #[schema(value_type = schema::ClientId)]
    pub client_id: ClientId,
    /// What it is.
    #[schema(value_type = schema::Platform)]
    pub platform: Platform,
    /// The UUID that the app keeps.
    #[schema(value_type = schema::InstallationId)]
    pub installation_id: Uuid,
    /// Its current generation.
    #[schema(value_type = schema::AppId)]
    pub app_id: AppId,
    /// Which generation that is, from 1.
    pub generation: i64,
    /// The thumbprint of its key, if it has one.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "as_optional_text"
    )]
    #[schema(value_type = Option<schema::Thumbprint>)]
    pub jkt: Option<Thumbprint>,
    /// Where it stands.
    #[schema(value_type = schema::DeviceState)]
    pub state: DeviceState,
    /// When its suspension lifts by itself; one by hand does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Timestamp>)]
    pub suspended_until: Option<Timestamp>,
    /// Whether its platform attests which machine it is, so that a ban survives a reinstall.
    pub hardware_identity: HardwareKnowledge,
    /// What it showed last, if anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<EvidenceItem>,
    /// What speaks or spoke for it, the newest first, at most 100.
    pub trust_evidence: Vec<TrustEvidenceItem>,
    /// Who has it now, at most 100.
    pub owners: Vec<Owner>,
    /// What was last asked of admins about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval: Option<ApprovalItem>,
    /// Bans in force that name it, newest first, at most 100.
    pub bans: Vec<BanItem>,
    /// When it first came.
    #[schema(value_type = schema::Timestamp)]
    pub created_at: Timestamp,
    /// When it last came.
    #[schema(value_type = schema::Timestamp)]
    pub last_seen_at: Timestamp,
}

/// Whether a platform attests which machine a device is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum HardwareKnowledge {
    /// It does not: nothing of the device survives a reinstall.
    None,
    /// It does.
    Attested,
}

/// What a device showed, and what came of judging it last.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct EvidenceItem {
    /// What it was shown for.
    #[schema(value_type = schema::Purpose)]
    pub purpose: Purpose,
    /// When.
    #[schema(value_type = schema::Timestamp)]
    pub presented_at: Timestamp,
    /// When it was judged last.
    #[schema(value_type = schema::Timestamp)]
    pub judged_at: Timestamp,
    /// What it is worth.
    #[schema(value_type = schema::AttestationLevel)]
    pub level: AttestationLevel,
    /// How it falls short of what the client demands of enrollments.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Shortfall>)]
    pub shortfall: Option<Shortfall>,
    /// The check that it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed_check: Option<String>,
    /// What it shows, in the platform's own terms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub facts: Option<serde_json::Value>,
}

/// A user who has a device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Owner {
    /// The app's own id of the user.
    #[serde(with = "as_text")]
    #[schema(value_type = schema::UserId)]
    pub user_id: ExternalUserId,
    /// When the user first logged in on it.
    #[schema(value_type = schema::Timestamp)]
    pub since: Timestamp,
    /// How far the device is trusted for the user.
    #[schema(value_type = schema::TrustLevel)]
    pub trust: TrustLevel,
    /// When the user was last active on it.
    #[schema(value_type = schema::Timestamp)]
    pub last_seen_at: Timestamp,
}

/// Where a device stands after a call that changed it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct DeviceStanding {
    /// The device.
    #[schema(value_type = schema::DeviceId)]
    pub device_id: DeviceId,
    /// Where it stands.
    #[schema(value_type = schema::DeviceState)]
    pub state: DeviceState,
    /// How many sessions the call ended.
    pub ended: u64,
    /// Where that has arrived.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<EndingReceipt>,
}
