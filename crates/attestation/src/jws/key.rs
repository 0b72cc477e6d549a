//! P-256 keys: the pair that signs and the public half that verifies.

use super::object::{Text, is_present};
use aws_lc_rs::{
    rand::SystemRandom,
    signature::{
        ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair,
        ParsedPublicKey,
    },
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use countersign_core::Thumbprint;
use serde::{Deserialize, Serialize};
use std::fmt;
use zeroize::Zeroizing;

/// r and s, 32 bytes each (RFC 7518 section 3.4).
pub(crate) const SIGNATURE_BYTES: usize = 64;

/// A P-256 key pair.
pub struct SigningKey(EcdsaKeyPair);

/// The library could not make or use a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("cannot sign")]
pub struct SigningFailed;

/// The bytes are not a P-256 key pair in PKCS#8.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a P-256 key pair in PKCS#8")]
pub struct InvalidPkcs8;

impl SigningKey {
    /// Makes a new key from the library's own generator, which cannot be replaced.
    ///
    /// # Errors
    /// [`SigningFailed`] when the library has no entropy or memory.
    pub fn generate() -> Result<Self, SigningFailed> {
        EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)
            .map(Self)
            .map_err(|_| SigningFailed)
    }

    /// Reads an unencrypted PKCS#8 v1 key (RFC 5208).
    ///
    /// # Errors
    /// [`InvalidPkcs8`] for anything but a consistent P-256 pair.
    pub fn from_pkcs8(der: &[u8]) -> Result<Self, InvalidPkcs8> {
        EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der)
            .map(Self)
            .map_err(|_| InvalidPkcs8)
    }

    /// The private key as PKCS#8 v1 DER, to be sealed before it is stored.
    ///
    /// # Errors
    /// [`SigningFailed`] when the library has no memory.
    pub fn to_pkcs8(&self) -> Result<Zeroizing<Vec<u8>>, SigningFailed> {
        let document = self.0.to_pkcs8v1().map_err(|_| SigningFailed)?;
        Ok(Zeroizing::new(document.as_ref().to_vec()))
    }

    /// Signs with ECDSA over SHA-256: r and s, 32 bytes each.
    ///
    /// # Errors
    /// [`SigningFailed`] when the library has no entropy or memory.
    pub fn sign(&self, message: &[u8]) -> Result<[u8; 64], SigningFailed> {
        let signature = self
            .0
            .sign(&SystemRandom::new(), message)
            .map_err(|_| SigningFailed)?;
        signature.as_ref().try_into().map_err(|_| SigningFailed)
    }

    /// The public half as a JWK.
    pub fn jwk(&self) -> Jwk {
        Jwk::of_point(self.0.public_key().as_ref())
    }

    /// The public half, ready to verify with.
    ///
    /// # Errors
    /// [`InvalidKey`] when the library has no memory.
    pub fn public_key(&self) -> Result<PublicKey, InvalidKey> {
        PublicKey::from_point(self.0.public_key().as_ref())
    }

    /// The RFC 7638 thumbprint of the public half.
    pub fn thumbprint(&self) -> Thumbprint {
        self.jwk().thumbprint()
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.thumbprint())
    }
}

/// A P-256 public key, its point parsed and checked once.
#[derive(Debug, Clone)]
pub struct PublicKey(ParsedPublicKey);

/// The coordinates are not a point of P-256.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a point of P-256")]
pub struct InvalidKey;

impl PublicKey {
    /// Takes a JWK's `x` and `y`: 43 characters of unpadded base64url each.
    ///
    /// # Errors
    /// [`InvalidKey`] for other text and for points off the curve.
    pub fn from_coordinates(x: &str, y: &str) -> Result<Self, InvalidKey> {
        Self::from_point(&Coordinates::decode(x, y).ok_or(InvalidKey)?.0)
    }

    /// Checks an ES256 signature: r and s, 32 bytes each.
    pub fn is_signed(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        self.0.verify_sig(message, signature).is_ok()
    }

    /// The key as a JWK.
    pub fn jwk(&self) -> Jwk {
        Jwk::of_point(self.0.as_ref())
    }

    /// The RFC 7638 thumbprint.
    pub fn thumbprint(&self) -> Thumbprint {
        self.jwk().thumbprint()
    }

    /// The uncompressed point (SEC 1 section 2.3.3).
    pub(crate) fn point(&self) -> &[u8] {
        self.0.as_ref()
    }

    /// Takes an uncompressed point (SEC 1 section 2.3.3).
    pub(crate) fn from_point(point: &[u8]) -> Result<Self, InvalidKey> {
        ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point)
            .map(Self)
            .map_err(|_| InvalidKey)
    }
}

/// A public P-256 key as JSON (RFC 7518 section 6.2.1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Jwk {
    /// Always `EC`.
    pub kty: &'static str,
    /// Always `P-256`.
    pub crv: &'static str,
    /// 32 bytes as 43 characters of unpadded base64url.
    pub x: String,
    /// 32 bytes as 43 characters of unpadded base64url.
    pub y: String,
}

impl Jwk {
    /// The RFC 7638 thumbprint.
    pub fn thumbprint(&self) -> Thumbprint {
        Thumbprint::of_p256(&self.x, &self.y)
    }

    fn of_point(point: &[u8]) -> Self {
        let (_, coordinates) = point.split_first().unwrap_or((&0, &[]));
        let (x, y) = coordinates.split_at_checked(32).unwrap_or((&[], &[]));
        Self {
            kty: KTY,
            crv: CRV,
            x: URL_SAFE_NO_PAD.encode(x),
            y: URL_SAFE_NO_PAD.encode(y),
        }
    }
}

const KTY: &str = "EC";
const CRV: &str = "P-256";

/// A JWK as somebody presents it. Unknown members are ignored (RFC 7517 section 4).
#[derive(Debug, Deserialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "one per member that may not be there"
)]
pub(crate) struct RawJwk<'a> {
    #[serde(borrow)]
    kty: Option<Text<'a>>,
    #[serde(borrow)]
    crv: Option<Text<'a>>,
    #[serde(borrow)]
    x: Option<Text<'a>>,
    #[serde(borrow)]
    y: Option<Text<'a>>,
    #[serde(default, deserialize_with = "is_present")]
    d: bool,
    #[serde(default, deserialize_with = "is_present")]
    p: bool,
    #[serde(default, deserialize_with = "is_present")]
    q: bool,
    #[serde(default, deserialize_with = "is_present")]
    dp: bool,
    #[serde(default, deserialize_with = "is_present")]
    dq: bool,
    #[serde(default, deserialize_with = "is_present")]
    qi: bool,
    #[serde(default, deserialize_with = "is_present")]
    oth: bool,
    #[serde(default, deserialize_with = "is_present")]
    k: bool,
    /// The private member of RFC 9964 keys (`AKP`).
    #[serde(default, rename = "priv", deserialize_with = "is_present")]
    private: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RawJwkError {
    Private,
    Unsupported,
    Invalid,
}

impl RawJwk<'_> {
    /// The coordinates as text and as a point, whose place on the curve is not checked yet.
    pub(crate) fn coordinates(&self) -> Result<(&str, &str, Coordinates), RawJwkError> {
        let rsa = self.p || self.q || self.dp || self.dq || self.qi || self.oth;
        if self.d || self.k || self.private || rsa {
            return Err(RawJwkError::Private);
        }
        let is = |member: &Option<Text<'_>>, value| member.as_ref().is_some_and(|m| m.0 == value);
        if !is(&self.kty, KTY) || !is(&self.crv, CRV) {
            return Err(RawJwkError::Unsupported);
        }
        let (Some(Text(x)), Some(Text(y))) = (&self.x, &self.y) else {
            return Err(RawJwkError::Invalid);
        };
        let point = Coordinates::decode(x, y).ok_or(RawJwkError::Invalid)?;
        Ok((x, y, point))
    }
}

/// An uncompressed point as bytes, in the one way to write it; not checked to be on the curve.
#[derive(Debug)]
pub(crate) struct Coordinates(pub(crate) [u8; 65]);

impl Coordinates {
    fn decode(x: &str, y: &str) -> Option<Self> {
        // SEC 1 section 2.3.3: 04, then x, then y.
        let mut point = [4; 65];
        let (_, coordinates) = point.split_first_mut()?;
        for (place, text) in coordinates.chunks_exact_mut(32).zip([x, y]) {
            // base64 asks for room for whole groups of three bytes.
            let mut bytes = [0; 33];
            let length = URL_SAFE_NO_PAD.decode_slice(text, &mut bytes).ok()?;
            place.copy_from_slice(bytes.get(..length)?.as_array::<32>()?);
        }
        Some(Self(point))
    }
}
