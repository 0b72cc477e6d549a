//! The device's key.

pub use countersign_attestation::jws::InvalidPkcs8;

use countersign_attestation::jws::{SigningFailed, SigningKey};
use countersign_core::Thumbprint;
use zeroize::Zeroizing;

/// A P-256 key pair that a device proves itself with; Debug shows its thumbprint only.
#[derive(Debug)]
pub struct DeviceKey(SigningKey);

impl DeviceKey {
    /// Makes a new key from the library's own generator, which cannot be replaced.
    ///
    /// # Errors
    /// [`SigningFailed`] when the library has no entropy or memory.
    pub fn generate() -> Result<Self, SigningFailed> {
        SigningKey::generate().map(Self)
    }

    /// Reads an unencrypted PKCS#8 v1 key (RFC 5208).
    ///
    /// # Errors
    /// [`InvalidPkcs8`] for anything but a consistent P-256 pair.
    pub fn from_pkcs8(der: &[u8]) -> Result<Self, InvalidPkcs8> {
        SigningKey::from_pkcs8(der).map(Self)
    }

    /// The private key as PKCS#8 v1 DER, for the operating system's key store.
    ///
    /// # Errors
    /// [`SigningFailed`] when the library has no memory.
    pub fn to_pkcs8(&self) -> Result<Zeroizing<Vec<u8>>, SigningFailed> {
        self.0.to_pkcs8()
    }

    /// The RFC 7638 thumbprint of the public half, `jkt` in tokens.
    pub fn thumbprint(&self) -> Thumbprint {
        self.0.thumbprint()
    }

    pub(crate) fn signing_key(&self) -> &SigningKey {
        &self.0
    }
}
