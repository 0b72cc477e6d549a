//! `trust` of a client, and `/v1/devices/{device_id}/evidence`.

use crate::{
    FieldError, Validate, receipt::EndingReceipt, schema, seconds, text::as_optional_text,
    validate::check_optional,
};
use countersign_core::{
    DeviceId, Timestamp,
    ids::TrustEvidenceId,
    trust::{TrustEnd, TrustEvidence, TrustKind, TrustLevel, TrustPolicy, TrustSource},
    user::ExternalUserId,
};
use serde::{Deserialize, Serialize};

const DAY: u64 = 24 * 3600;
const LONGEST: u64 = 400 * DAY;
const MAX_METHOD_CHARS: usize = 32;
const MAX_NOTE: usize = 500;

/// What counts as a confirmation of a device by its user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TrustPolicyItem {
    /// Authentication methods (RFC 8176) of which one in a login's `amr` is enough, at most 16; none
    /// leaves it to the backend.
    #[schema(value_type = Vec<schema::AuthenticationMethod>, max_items = 16)]
    pub mfa_methods: Vec<String>,
    /// How long a confirmation counts: 60 seconds to 400 days.
    #[serde(deserialize_with = "seconds::required")]
    #[schema(value_type = schema::SessionSeconds)]
    pub mfa_seconds: u64,
}

/// What a backend or an admin says for a device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AddTrustEvidence {
    /// `mfa`: the user confirmed it; `mdm`: it is managed.
    #[schema(value_type = schema::TrustKind)]
    pub kind: TrustKind,
    /// The user who confirmed it; management is for all users.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "as_optional_text"
    )]
    #[schema(value_type = Option<schema::UserId>)]
    pub user_id: Option<ExternalUserId>,
    /// How long it counts: 60 seconds to 400 days.
    #[serde(deserialize_with = "seconds::required")]
    #[schema(value_type = schema::SessionSeconds)]
    pub seconds: u64,
    /// Why, in your own words: 1 to 500 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Reason>)]
    pub note: Option<String>,
}

/// One reason to trust a device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TrustEvidenceItem {
    /// Its identity.
    #[schema(value_type = schema::TrustEvidenceId)]
    pub evidence_id: TrustEvidenceId,
    /// What it is.
    #[schema(value_type = schema::TrustKind)]
    pub kind: TrustKind,
    /// Who said so.
    #[schema(value_type = schema::TrustSource)]
    pub source: TrustSource,
    /// The user whom it is for; management is for all.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "as_optional_text"
    )]
    #[schema(value_type = Option<schema::UserId>)]
    pub user_id: Option<ExternalUserId>,
    /// In the words of whoever said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Since when.
    #[schema(value_type = schema::Timestamp)]
    pub since: Timestamp,
    /// Until when, unless it ends before.
    #[schema(value_type = schema::Timestamp)]
    pub until: Timestamp,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Timestamp>)]
    pub ended_at: Option<Timestamp>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::TrustEnd>)]
    pub end_cause: Option<TrustEnd>,
}

/// How far a device is trusted for a user, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TrustOfDevice {
    /// The device.
    #[schema(value_type = schema::DeviceId)]
    pub device_id: DeviceId,
    /// The evidence that was added or withdrawn.
    pub evidence: TrustEvidenceItem,
    /// How far the device is trusted now, for the user whom the evidence is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::TrustLevel>)]
    pub trust: Option<TrustLevel>,
    /// Where that has arrived.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<EndingReceipt>,
}

/// A piece of evidence in a path.
#[derive(Debug, Clone, Copy, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Path)]
pub struct TrustEvidencePath {
    /// The device.
    #[param(value_type = schema::DeviceId, inline)]
    pub device_id: DeviceId,
    /// The evidence.
    #[param(value_type = schema::TrustEvidenceId, inline)]
    pub evidence_id: TrustEvidenceId,
}

impl TrustPolicyItem {
    /// Adds what is wrong with it.
    pub(crate) fn check(&self, errors: &mut Vec<FieldError>) {
        let most = TrustPolicy::MOST_METHODS;
        crate::validate::check_count(errors, "/trust/mfa_methods", self.mfa_methods.len(), most);
        for (index, method) in self.mfa_methods.iter().take(most).enumerate() {
            let pointer = format!("/trust/mfa_methods/{index}");
            crate::validate::check_text(errors, pointer, method, MAX_METHOD_CHARS);
        }
        check_seconds(errors, "/trust/mfa_seconds", self.mfa_seconds);
    }
}

impl Validate for AddTrustEvidence {
    fn validate(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        check_seconds(&mut errors, "/seconds", self.seconds);
        check_optional(&mut errors, "/note", self.note.as_ref(), MAX_NOTE);
        match (self.kind, &self.user_id) {
            (TrustKind::Mfa, None) => errors.push(FieldError::new(
                "/user_id",
                "is needed: only a user confirms a device",
            )),
            (TrustKind::Mdm, Some(_)) => errors.push(FieldError::new(
                "/user_id",
                "a device is managed for all its users",
            )),
            _ => {}
        }
        errors
    }
}

impl Default for TrustPolicyItem {
    fn default() -> Self {
        TrustPolicy::default().into()
    }
}

impl From<TrustPolicy> for TrustPolicyItem {
    fn from(policy: TrustPolicy) -> Self {
        Self {
            mfa_methods: policy.mfa_methods,
            mfa_seconds: policy.mfa_secs,
        }
    }
}

impl From<TrustPolicyItem> for TrustPolicy {
    fn from(item: TrustPolicyItem) -> Self {
        Self {
            mfa_methods: item.mfa_methods,
            mfa_secs: item.mfa_seconds,
        }
    }
}

impl TrustEvidenceItem {
    /// A piece of evidence, with the user whom it is for.
    pub fn of(evidence: TrustEvidence, user_id: Option<ExternalUserId>) -> Self {
        let (ended_at, end_cause) = evidence.ended.unzip();
        Self {
            evidence_id: evidence.id,
            kind: evidence.kind,
            source: evidence.source,
            user_id,
            note: evidence.note,
            since: evidence.since,
            until: evidence.until,
            ended_at,
            end_cause,
        }
    }
}

fn check_seconds(errors: &mut Vec<FieldError>, pointer: &'static str, seconds: u64) {
    if !(60..=LONGEST).contains(&seconds) {
        errors.push(FieldError::new(pointer, format!("must be 60 to {LONGEST}")));
    }
}
