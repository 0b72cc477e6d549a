//! Whose keys end a chain that is believed.

use crate::certificate::{Certificate, SubjectPublicKey};
use base64::{Engine, engine::general_purpose::STANDARD};

/// The public keys that a chain may end with.
///
/// Keys and not certificates: one of Google's is in circulation in at least three certificates,
/// one of them expired.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roots(Vec<Vec<u8>>);

/// The bytes are neither a certificate nor a public key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a certificate or public key")]
pub struct InvalidRoot;

impl Roots {
    /// Nobody's.
    pub const fn none() -> Self {
        Self(Vec::new())
    }

    /// Google's hardware attestation roots, from `https://android.googleapis.com/attestation/root`.
    pub fn google() -> Self {
        Self(HARDWARE.iter().filter_map(|text| decode(text)).collect())
    }

    /// Adds the key of a certificate in DER, or a `SubjectPublicKeyInfo`.
    ///
    /// # Errors
    /// [`InvalidRoot`] for other bytes.
    pub fn with(mut self, der: &[u8]) -> Result<Self, InvalidRoot> {
        let key = match Certificate::parse(der) {
            Ok(certificate) => certificate.key,
            Err(_) => SubjectPublicKey::parse(der).map_err(|_| InvalidRoot)?,
        };
        self.0.push(key.raw.to_vec());
        Ok(self)
    }

    /// Whether one of these keys has signed a certificate.
    pub(super) fn have_signed(&self, certificate: &Certificate<'_>) -> bool {
        let algorithm = certificate.signature_algorithm;
        self.0
            .iter()
            .filter_map(|root| SubjectPublicKey::parse(root).ok())
            .filter(|root| !is_public_software_root(root))
            .any(|root| root.is_signed(algorithm, certificate.tbs, certificate.signature))
    }

    /// Whether a chain may end with this key.
    pub(super) fn contain(&self, key: &SubjectPublicKey<'_>) -> bool {
        self.0
            .iter()
            .filter_map(|root| SubjectPublicKey::parse(root).ok())
            .any(|root| root == *key)
    }
}

/// Whether this is one of the keys whose private halves are in the source code of Android, for
/// devices without secure hardware.
pub(super) fn is_public_software_root(key: &SubjectPublicKey<'_>) -> bool {
    SOFTWARE
        .iter()
        .filter_map(|text| decode(text))
        .any(|root| SubjectPublicKey::parse(&root).is_ok_and(|root| root == *key))
}

fn decode(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

const HARDWARE: [&str; 2] = [
    // RSA with 4096 bits, subject serialNumber=f92009e853b6b045; since 2016.
    "MIICIjANBgkqhkiG9w0BAQEFAAOCAg8AMIICCgKCAgEAr7bHgiuxpwHsK7Qui8xUFmOr75gvMsd/dTEDDJdSSxtf\
    6An7xyqpRR90PL2abxM1dEqlXnf2tqw1Ne4Xwl5jlRfdnJLmN0pTy/4lj4/7tv0Sk3iiKkypnEUtR6WfMgH0QZfK\
    HM1+di+y9TFRtv6y//0rb+T+W8a9nsNL/ggjnar86461qO0rOs2cXjp3kOG1FEJ5MVmFmBGtnrKpa73XpXyTqRxB\
    /M0n1n/W9nGqC4FSYa04T6N5RIZGBN2z2MT5IKGbFlbC8UrW0DxW7AYImQQcHtGl/m00QLVWutHQoVJYnFPlXTcH\
    YvASLu+RhhsbDmxMgJJ0mcDpvsC4PjvB+TxywElgS70vE0XmLD+OJtvsBslHZvPBKCOdT0MS+tgSOIfga+z1Z1g7\
    +DVagf7quvmag8jfPioyKvxnK/EgsTUVi2ghzq8wm27ud/mIM7AY2qEORR8Go3TVB4HzWQgpZrt3i5MIlCaY504L\
    zSRiigHCzAPlHws+W0rB5N+er5/2pJKnfBSDiCiFAVtCLOZ7gLiMm0jhO2B6tUXHI/+MRPjy02i59lINMRRev56G\
    Ktcd9qO/0kUJWdZTdA2XoS82ixPvZtXQpUpuL12ab+9EaDK8Z4RHJYYfCT3Q5vNAXaiWQ+8PTWm2QgBR/bkwSWc+\
    NpUFgNPN9PvQi8WEg5UmAGMCAwEAAQ==",
    // P-384, subject CN=Key Attestation CA1; in chains since February 2026.
    "MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEI9ojcU7fPlsFCjxy6IRqzgeOoK0b+YsV9FPQywiyw8EQRTkJ9u3qwfnI\
    4DGoSLlBqClTXJfgfCcZvs60FikNMHnu4fkRzObfgDkU2KNXezT9/RQ+XvNslxPHrHCowhGr",
];

const SOFTWARE: [&str; 2] = [
    // P-256, subject CN=Android Keystore Software Attestation Root.
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE7l1ex+HA220Dpn7mthvsTWpdamguD/9/SQ59dx9EIm29sa/6FsvH\
    rcV30lacqrewLVQBXT5DKyqO107sSHVBpA==",
    // RSA with 1024 bits, subject OU=Android, L=Mountain View.
    "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQCia63rbi5EYe/VDoLmt5TRdSMfd5tjkWP/96r/C3JHTsAsQ+wz\
    fNes7UA+jCigZtX3hwszl94OuE4TQKuvpSe/lWmgMdsGUmX4RFlXYfC78hdLt0GAZMAoDo9Sd47b0ke2RekZyOmL\
    w9vCkT/X11DEHTVm+Vfkl5YLCazOkjWFmwIDAQAB",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shipped_keys_can_be_read() {
        assert_eq!(Roots::google().0.len(), HARDWARE.len());
        for text in HARDWARE.iter().chain(&SOFTWARE) {
            let der = decode(text).unwrap();
            assert!(Roots::none().with(&der).is_ok());
            let key = SubjectPublicKey::parse(&der).unwrap();
            assert_ne!(Roots::google().contain(&key), is_public_software_root(&key));
        }
    }
}
