//! The keys of an app's tokens, as the Play Console hands them out.

use crate::{
    certificate::{Curve, KeyAlgorithm, SubjectPublicKey},
    jws::PublicKey,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use std::fmt;
use zeroize::Zeroizing;

/// What an app's tokens are decrypted and verified with.
#[derive(Clone)]
pub struct ResponseKeys {
    pub(super) decryption: Zeroizing<[u8; 32]>,
    pub(super) verification: PublicKey,
}

/// The keys in use, and those before them or after them while the Play Console changes over.
#[derive(Debug, Clone)]
pub struct KeyRing {
    /// Tried first.
    pub current: ResponseKeys,
    /// Tried if a token is not for the first ones.
    pub other: Option<ResponseKeys>,
}

/// The texts are not the keys of an app.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidResponseKeys {
    /// The decryption key is not 32 bytes in base64.
    #[error("not an AES-256 key in base64")]
    Decryption,
    /// The verification key is not a P-256 key (`SubjectPublicKeyInfo`) in base64.
    #[error("not a P-256 public key in base64")]
    Verification,
}

impl ResponseKeys {
    /// Takes the two keys in the texts that the Play Console shows.
    ///
    /// # Errors
    /// [`InvalidResponseKeys`] says which text is wrong.
    pub fn parse(decryption: &str, verification: &str) -> Result<Self, InvalidResponseKeys> {
        let bytes = STANDARD.decode(decryption.trim()).map(Zeroizing::new);
        let bytes = bytes.map_err(|_| InvalidResponseKeys::Decryption)?;
        let mut key = Zeroizing::new([0; 32]);
        if bytes.len() != key.len() {
            return Err(InvalidResponseKeys::Decryption);
        }
        key.copy_from_slice(&bytes);
        Ok(Self {
            decryption: key,
            verification: verification_key(verification)
                .ok_or(InvalidResponseKeys::Verification)?,
        })
    }
}

/// Never shows the secret one.
impl fmt::Debug for ResponseKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ResponseKeys({})", self.verification.thumbprint())
    }
}

impl KeyRing {
    pub(super) fn pairs(&self) -> impl Iterator<Item = &ResponseKeys> {
        [Some(&self.current), self.other.as_ref()]
            .into_iter()
            .flatten()
    }
}

fn verification_key(text: &str) -> Option<PublicKey> {
    let der = STANDARD.decode(text.trim()).ok()?;
    let key = SubjectPublicKey::parse(&der).ok()?;
    let is_p256 = key.algorithm == KeyAlgorithm::Ec(Curve::P256);
    PublicKey::from_point(is_p256.then_some(key.bits)?).ok()
}
