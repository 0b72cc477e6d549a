//! `admission` of a client: who waits for approval, and what bad proofs cost.

use crate::{FieldError, object, schema, seconds};
use countersign_core::admission::{Activation, Admission, AfterBan, BadProofs};
use serde::{Deserialize, Serialize};

const DAY: u64 = 24 * 3600;
const MOST_BAD_PROOFS: u64 = 1000;

/// Whom a client lets in only after somebody has looked, and what bad proofs cost a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AdmissionItem {
    /// Whether a new device comes into use at once, or when an admin approves it.
    #[schema(value_type = schema::Activation)]
    pub activation: Activation,
    /// Whether a user with a banned device may log in on another one, or an admin has to approve it.
    #[schema(value_type = schema::AfterBan)]
    pub after_ban: AfterBan,
    /// How long a request for approval waits before it is rejected by itself: 60 seconds to 400 days.
    #[serde(deserialize_with = "seconds::required")]
    #[schema(value_type = schema::SessionSeconds)]
    pub approval_seconds: u64,
    /// What bad proofs cost.
    #[serde(deserialize_with = "object::one")]
    pub bad_proofs: BadProofsItem,
}

/// How many bad proofs suspend a device, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct BadProofsItem {
    /// How many, at most 1000; 0 for never. Only those count whose request had a live token too.
    #[serde(deserialize_with = "seconds::required")]
    #[schema(maximum = 1000)]
    pub limit: u64,
    /// Within how long: 60 seconds to a day.
    #[serde(deserialize_with = "seconds::required")]
    #[schema(value_type = schema::DaySeconds)]
    pub within_seconds: u64,
    /// How long the first suspension lasts: 60 seconds to a day; each that follows lasts twice as long
    /// as the one before, up to a day.
    #[serde(deserialize_with = "seconds::required")]
    #[schema(value_type = schema::DaySeconds)]
    pub suspend_seconds: u64,
}

impl AdmissionItem {
    /// Adds what is wrong with it.
    pub(crate) fn check(&self, errors: &mut Vec<FieldError>) {
        let mut check = |pointer, seconds, most| {
            if !(60..=most).contains(&seconds) {
                let detail = format!("must be 60 to {most}");
                errors.push(FieldError::new(pointer, detail));
            }
        };
        let bad = &self.bad_proofs;
        check(
            "/admission/approval_seconds",
            self.approval_seconds,
            400 * DAY,
        );
        check(
            "/admission/bad_proofs/within_seconds",
            bad.within_seconds,
            DAY,
        );
        check(
            "/admission/bad_proofs/suspend_seconds",
            bad.suspend_seconds,
            DAY,
        );
        if bad.limit > MOST_BAD_PROOFS {
            let detail = format!("must be 0 to {MOST_BAD_PROOFS}");
            errors.push(FieldError::new("/admission/bad_proofs/limit", detail));
        }
    }
}

impl Default for AdmissionItem {
    fn default() -> Self {
        Admission::default().into()
    }
}

impl Default for BadProofsItem {
    fn default() -> Self {
        BadProofs::default().into()
    }
}

impl From<Admission> for AdmissionItem {
    fn from(admission: Admission) -> Self {
        Self {
            activation: admission.activation,
            after_ban: admission.after_ban,
            approval_seconds: admission.approval_secs,
            bad_proofs: admission.bad_proofs.into(),
        }
    }
}

impl From<AdmissionItem> for Admission {
    fn from(item: AdmissionItem) -> Self {
        Self {
            activation: item.activation,
            after_ban: item.after_ban,
            approval_secs: item.approval_seconds,
            bad_proofs: BadProofs {
                limit: u32::try_from(item.bad_proofs.limit).unwrap_or(u32::MAX),
                within_secs: item.bad_proofs.within_seconds,
                suspend_secs: item.bad_proofs.suspend_seconds,
            },
        }
    }
}

impl From<BadProofs> for BadProofsItem {
    fn from(rule: BadProofs) -> Self {
        Self {
            limit: rule.limit.into(),
            within_seconds: rule.within_secs,
            suspend_seconds: rule.suspend_secs,
        }
    }
}
