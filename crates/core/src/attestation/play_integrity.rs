//! What a client demands of Google's verdicts on its app, and what it reads them with.

use super::AttestationEnvironment;
use crate::text::text_enum;
use serde::{Deserialize, Serialize};

text_enum! {
    /// What Google says that a device meets.
    #[derive(PartialOrd, Ord)]
    DeviceIntegrity {
        /// It may be unlocked, or of a version that Google does not certify.
        Basic = "basic",
        /// A certified device with Google's services.
        Device = "device",
        /// With proof from the hardware; from Android 13 on patched within a year, too.
        Strong = "strong",
        /// An emulator that Google certified.
        Virtual = "virtual",
    }
}

text_enum! {
    /// What a client reads tokens of Play Integrity with; it says which kind of request its app makes.
    PlayCredentialKind {
        /// The app's own keys from the Play Console, for the tokens of classic requests.
        ResponseKeys = "response_keys",
        /// An account at Google, which reads the tokens of standard requests for it.
        ServiceAccount = "service_account",
    }
}

/// What Google has to say of an app on Android and of the device under it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PlayIntegrity {
    /// What the device must meet.
    pub device: DeviceIntegrity,
    /// Whether versions are accepted that Google Play does not know.
    pub unrecognized_version: bool,
    /// Whether the user must have got the app from Google Play.
    pub license_required: bool,
    /// `development` also accepts answers that were made up for testing.
    pub environment: AttestationEnvironment,
    /// How long ago the app may have asked.
    pub max_age_secs: u64,
    /// What Play Protect may not say, in Google's words.
    pub refused_play_protect: Vec<String>,
    /// What may not be said of other apps on the device, in Google's words.
    pub refused_app_access: Vec<String>,
    /// Whether nothing being said is refused too, of whatever a word would be refused of.
    pub silence_refused: bool,
}

impl Default for PlayIntegrity {
    /// A certified device with an app that Google Play knows, asked for within ten minutes.
    fn default() -> Self {
        Self {
            device: DeviceIntegrity::Device,
            unrecognized_version: false,
            license_required: false,
            environment: AttestationEnvironment::Production,
            max_age_secs: 600,
            refused_play_protect: Vec::new(),
            refused_app_access: Vec::new(),
            silence_refused: false,
        }
    }
}

impl DeviceIntegrity {
    /// Whether a device that meets this meets what is demanded. Which labels there are is chosen
    /// in the Play Console, and the weaker ones may be left out.
    pub fn meets(self, demanded: Self) -> bool {
        match (self, demanded) {
            (Self::Virtual, _) | (_, Self::Virtual) => self == demanded,
            _ => self >= demanded,
        }
    }
}
