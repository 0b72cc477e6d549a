//! What Google says of app and device.

pub use countersign_core::attestation::play_integrity::DeviceIntegrity;
use countersign_core::{
    Timestamp,
    attestation::{AttestationEnvironment, AttestationLevel},
};
use serde::{Deserialize, Serialize};

/// A verdict that was accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verdict {
    /// Always `app`.
    pub level: AttestationLevel,
    /// `development` for an answer that was made up for testing.
    pub environment: AttestationEnvironment,
    /// What is to be kept.
    pub facts: Facts,
}

/// What was said of app and device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Facts {
    /// When the app asked.
    pub requested_at: Timestamp,
    /// The app.
    pub package: String,
    /// Its version.
    pub version_code: u64,
    /// Whether Google Play knows this version.
    pub app_recognition: AppRecognition,
    /// SHA-256 of what it is signed with, in base64url.
    pub signing_digests: Vec<String>,
    /// What the device meets, of what was known when this was written.
    pub device: Vec<DeviceIntegrity>,
    /// Whether the user got the app from Google Play.
    pub licensing: Option<Licensing>,
    /// What Play Protect says, in Google's words.
    pub play_protect: Option<String>,
    /// What is said of other apps on the device, in Google's words.
    pub app_access: Vec<String>,
    /// How much the device asked lately, in Google's words.
    pub device_activity: Option<String>,
    /// The version of the device's system, as the level of its interface.
    pub sdk_version: Option<u64>,
}

/// Whether Google Play knows an app as one of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AppRecognition {
    /// It does.
    PlayRecognized,
    /// The package or the certificate, but not this version.
    UnrecognizedVersion,
}

/// Whether a user got an app from Google Play.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Licensing {
    /// The user did.
    Licensed,
    /// The user did not.
    Unlicensed,
    /// Nobody looked.
    Unevaluated,
}

/// What a label of Google's says that a device meets.
pub(super) fn device_integrity(label: &str) -> Option<DeviceIntegrity> {
    match label {
        "MEETS_BASIC_INTEGRITY" => Some(DeviceIntegrity::Basic),
        "MEETS_DEVICE_INTEGRITY" => Some(DeviceIntegrity::Device),
        "MEETS_STRONG_INTEGRITY" => Some(DeviceIntegrity::Strong),
        "MEETS_VIRTUAL_INTEGRITY" => Some(DeviceIntegrity::Virtual),
        _ => None,
    }
}

impl Licensing {
    pub(super) fn of(label: &str) -> Option<Self> {
        match label {
            "LICENSED" => Some(Self::Licensed),
            "UNLICENSED" => Some(Self::Unlicensed),
            "UNEVALUATED" => Some(Self::Unevaluated),
            _ => None,
        }
    }
}
