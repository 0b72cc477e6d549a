//! `/v1/compliance/rules`, what devices report, and where they stand.

use crate::{
    FieldError, Validate, schema,
    validate::{check_opaque, check_optional},
};
use countersign_core::{
    DeviceId, Timestamp,
    compliance::{
        evaluate::ResultKind,
        posture::{DiskEncryption, PostureSource, UnknownReason},
        rules::Effect,
        version::OsFamily,
    },
    snapshot::Compliance,
};
use serde::{Deserialize, Serialize};

/// The longest text of a rule file that a request can hold, in bytes.
const MAX_RULES_BYTES: usize = 60 * 1024;
const MAX_NOTE: usize = 500;
const MAX_FACT: usize = 64;
const MAX_REPORT_BYTES: usize = 8 * 1024;

/// Rules as they were applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RulesItem {
    /// Counts what was applied; 0 for the rules that a service starts with. The number in the `ETag`.
    pub number: i64,
    /// SHA-256 of the text, in hexadecimal.
    #[schema(value_type = schema::Sha256)]
    pub version: String,
    /// The rule file, in TOML.
    pub text: String,
    /// Why, in the words of whoever applied them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// When they were applied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Timestamp>)]
    pub applied_at: Option<Timestamp>,
}

/// Rules to put in force: a file, or one that was applied before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ApplyRules {
    /// A rule file, in TOML: at most 60 KiB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::RulesText>)]
    pub text: Option<String>,
    /// Of rules that were applied before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Sha256>)]
    pub version: Option<String>,
    /// Why, in your own words: 1 to 500 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Reason>)]
    pub note: Option<String>,
}

/// What a device management says of a device; what is absent is unknown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PutPosture {
    /// Its operating system.
    #[schema(value_type = schema::OsFamily)]
    pub os_family: OsFamily,
    /// The system's version, as its maker writes it; of Linux, `ID VERSION_ID` of os-release(5).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Version>)]
    pub os_version: Option<String>,
    /// The Linux kernel, as `uname -r` has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Version>)]
    pub kernel: Option<String>,
    /// Android's security patch level, as `2025-06-05`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Version>)]
    pub patch_level: Option<String>,
    /// The encryption of the volume that the system runs from.
    #[serde(default)]
    #[schema(value_type = schema::DiskEncryption)]
    pub system_encryption: DiskEncryption,
    /// The weakest encryption of all its volumes.
    #[serde(default)]
    #[schema(value_type = schema::DiskEncryption)]
    pub all_encryption: DiskEncryption,
    /// Whether a screen lock is set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub screen_lock: Option<bool>,
    /// The app's version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Version>)]
    pub app_version: Option<String>,
}

/// A device reports in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CheckIn {
    /// What it says of itself: a compact JWS by its key, at most 8 KiB.
    #[schema(value_type = schema::Token)]
    pub report: String,
}

/// What a device that reported in is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CheckedIn {
    /// Where it stands by the rules.
    pub compliance: DeviceCompliance,
    /// Seconds until it should report again.
    pub next_in: u64,
}

/// Where a device stands by the rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct DeviceCompliance {
    /// The device.
    #[schema(value_type = schema::DeviceId)]
    pub device_id: DeviceId,
    /// Whether it counts as meeting the rules, grace included.
    pub compliant: bool,
    /// Where it stands.
    #[schema(value_type = schema::Compliance)]
    pub status: Compliance,
    /// When its grace ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Timestamp>)]
    pub grace_until: Option<Timestamp>,
    /// The rules that it does not meet, or of which nobody can say.
    pub issues: Vec<ComplianceIssue>,
    /// SHA-256 of the rules' text.
    #[schema(value_type = schema::Sha256)]
    pub rules_version: String,
    /// When it was judged.
    #[schema(value_type = schema::Timestamp)]
    pub evaluated_at: Timestamp,
    /// Who said what it was judged by, if anything is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::PostureSource>)]
    pub source: Option<PostureSource>,
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Timestamp>)]
    pub reported_at: Option<Timestamp>,
}

/// A rule that a device does not meet, or of which nobody can say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ComplianceIssue {
    /// The rule's name.
    pub rule: String,
    /// `fail` or `unknown`.
    #[schema(value_type = schema::ResultKind)]
    pub result: ResultKind,
    /// Why nobody can say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::UnknownReason>)]
    pub reason: Option<UnknownReason>,
    /// What comes of failing it.
    #[schema(value_type = schema::Effect)]
    pub effect: Effect,
    /// What it asks.
    pub required: String,
    /// What the device has, as it was reported.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed: Option<String>,
    /// What the user is to be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// The first failure since it was last met.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Timestamp>)]
    pub failing_since: Option<Timestamp>,
}

impl Validate for ApplyRules {
    fn validate(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        if let Some(text) = &self.text {
            check_opaque(&mut errors, "/text", text, MAX_RULES_BYTES);
        }
        check_optional(&mut errors, "/note", self.note.as_ref(), MAX_NOTE);
        let is_hash =
            |text: &String| text.len() == 64 && text.bytes().all(|digit| digit.is_ascii_hexdigit());
        match (&self.text, &self.version) {
            (None, None) => errors.push(FieldError::new("/text", "is needed, or `version` is")),
            (Some(_), Some(_)) => {
                errors.push(FieldError::new("/version", "cannot come with `text`"));
            }
            (None, Some(version)) if !is_hash(version) => {
                errors.push(FieldError::new(
                    "/version",
                    "is not a SHA-256 in hexadecimal",
                ));
            }
            _ => {}
        }
        errors
    }
}

impl Validate for PutPosture {
    fn validate(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        for (pointer, text) in [
            ("/os_version", &self.os_version),
            ("/kernel", &self.kernel),
            ("/patch_level", &self.patch_level),
            ("/app_version", &self.app_version),
        ] {
            check_optional(&mut errors, pointer, text.as_ref(), MAX_FACT);
        }
        errors
    }
}

impl Validate for CheckIn {
    fn validate(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        check_opaque(&mut errors, "/report", &self.report, MAX_REPORT_BYTES);
        errors
    }
}
