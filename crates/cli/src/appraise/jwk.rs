//! Public keys that files name.

use super::input::Unreadable;
use countersign_attestation::jws::PublicKey;
use serde::Deserialize;

/// A public key as a JWK.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PublicJwk {
    #[serde(rename = "kty")]
    _kty: KeyType,
    #[serde(rename = "crv")]
    _crv: Curve,
    x: String,
    y: String,
}

#[derive(Debug, Deserialize)]
enum KeyType {
    #[serde(rename = "EC")]
    Ec,
}

#[derive(Debug, Deserialize)]
enum Curve {
    #[serde(rename = "P-256")]
    P256,
}

impl PublicJwk {
    /// The key, which stands at this place in the file.
    pub(super) fn read(&self, pointer: &str) -> Result<PublicKey, Unreadable> {
        PublicKey::from_coordinates(&self.x, &self.y)
            .map_err(|error| Unreadable::at(pointer, &error))
    }
}
