//! What is demanded of app and device.

use super::verdict::DeviceIntegrity;
use countersign_core::{Timestamp, attestation::AttestationEnvironment};
use std::time::Duration;

/// What a verdict of Google's has to show.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// What the app's request had to carry.
    pub binding: Binding<'a>,
    /// What is demanded.
    pub policy: &'a Policy,
    /// When it was presented: the request has to be fresh then.
    pub presented_at: Timestamp,
    /// The time now, not before that. Google takes nothing back.
    pub now: Timestamp,
}

/// What ties a verdict to one exchange. Which one it is says the kind of request that was asked
/// for, never what the verdict happens to carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Binding<'a> {
    /// For classic requests.
    Nonce(&'a str),
    /// For standard requests.
    RequestHash(&'a str),
}

/// What is demanded of every verdict about an app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// The apps that may ask; one of them must have.
    pub apps: Vec<App>,
    /// What the device must meet.
    pub device: DeviceIntegrity,
    /// Whether versions are accepted that Google Play does not know.
    pub is_unrecognized_version_accepted: bool,
    /// Whether the user must have got the app from Google Play.
    pub is_license_required: bool,
    /// `development` also accepts answers that were made up for testing.
    pub environment: AttestationEnvironment,
    /// How long ago the app may have asked.
    pub max_age: Duration,
    /// How far in the future it may have asked, for clocks that differ.
    pub max_skew: Duration,
    /// What Play Protect may not say (`HIGH_RISK`). Good devices say many of these: look at what
    /// they say before you refuse them.
    pub refused_play_protect: Vec<String>,
    /// What may not be said of other apps on the device (`UNKNOWN_CAPTURING`).
    pub refused_app_access: Vec<String>,
    /// Whether nothing being said is refused too, of whatever a word would be refused of; Google
    /// leaves out what was not asked for in the Play Console, or could not be told.
    pub is_silence_refused: bool,
}

/// An app, as Google Play knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct App {
    /// Its package name.
    pub package: String,
    /// SHA-256 of the certificates that it may be signed with.
    pub signing_digests: Vec<Vec<u8>>,
    /// Its oldest version.
    pub min_version: Option<u64>,
}

impl Policy {
    /// The usual policy for one app: known to Google Play, on a device that meets `device`, asked
    /// for within the last ten minutes.
    pub fn usual(app: App) -> Self {
        Self {
            apps: vec![app],
            device: DeviceIntegrity::Device,
            is_unrecognized_version_accepted: false,
            is_license_required: false,
            environment: AttestationEnvironment::Production,
            max_age: Duration::from_mins(10),
            max_skew: Duration::from_mins(1),
            refused_play_protect: Vec::new(),
            refused_app_access: Vec::new(),
            is_silence_refused: false,
        }
    }
}
