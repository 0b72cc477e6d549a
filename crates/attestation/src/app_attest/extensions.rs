//! What iOS 27 and later append to authenticator data.

use crate::cbor::{Map, Value};
use serde::{Deserialize, Serialize};

/// What the operating system says of the app; empty before iOS 27.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Extensions {
    /// How the app came onto the device: 1 with the system, 2 by `TestFlight`, 3 from a developer,
    /// 4 from the App Store, 5 by an enterprise or ad hoc, 6 with a Developer ID, 10 otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub validation_category: Option<u32>,
    /// The version of the app's bundle.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bundle_version: Option<String>,
}

impl Extensions {
    /// Reads the map that may follow; keys that are not known are passed over.
    pub(super) fn read(map: Option<&Map<'_>>) -> Option<Self> {
        let Some(map) = map else {
            return Some(Self::default());
        };
        let category = map.text_key("apple_validation_category_01").map(category);
        let version = map.text_key("apple_bundle_version_01").map(Value::as_text);
        Some(Self {
            // What is there must be readable; what is not there is not.
            validation_category: category.map_or(Some(None), |read| read.map(Some))?,
            bundle_version: version
                .map_or(Some(None), |read| read.map(Some))?
                .map(str::to_owned),
        })
    }
}

impl Extensions {
    /// Whether the app came onto the device in one of these ways, as far as the system tells: before
    /// iOS 27 it does not, and who signs the extensions cannot leave them out.
    pub(super) fn are_of(&self, categories: Option<&[u32]>) -> bool {
        match (categories, self.validation_category) {
            (Some(accepted), Some(found)) => accepted.contains(&found),
            _ => true,
        }
    }
}

/// Four bytes, the lowest first.
fn category(value: &Value<'_>) -> Option<u32> {
    let bytes = value.as_bytes()?.as_array::<4>()?;
    Some(u32::from_le_bytes(*bytes))
}
