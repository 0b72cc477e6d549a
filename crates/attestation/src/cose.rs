//! Public keys of credentials (RFC 9053), in the few shapes that `WebAuthn` allows.

use crate::{
    cbor::{self, Map, Value},
    jws::PublicKey,
};
use aws_lc_rs::{
    rsa::PublicKeyComponents,
    signature::{
        ECDSA_P256_SHA256_ASN1, ECDSA_P256K1_SHA256_ASN1, ECDSA_P384_SHA384_ASN1,
        ECDSA_P521_SHA512_ASN1, ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256,
        RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256,
        RsaParameters, VerificationAlgorithm,
    },
};

/// The longest key that is looked at: RSA of 4096 bits and room to spare.
pub const MAX_KEY_BYTES: usize = 1024;

/// RSA of 4096 bits: whatever is read from a map is short enough to be read back.
const MAX_MODULUS_BYTES: usize = 512;

const MAX_EXPONENT_BYTES: usize = 8;

/// A credential's public key, its parts parsed and checked once.
#[derive(Debug, Clone)]
pub struct CredentialKey {
    algorithm: i128,
    key: ParsedPublicKey,
    parts: Parts,
}

/// The numbers that a key is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Parts {
    /// x and y.
    Point(Vec<u8>, Vec<u8>),
    /// Modulus and exponent.
    Rsa(Vec<u8>, Vec<u8>),
    /// An Edwards curve's point.
    Edwards(Vec<u8>),
}

/// The bytes are not a key of a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCredentialKey {
    /// Not a `COSE_Key` of the shape that its algorithm asks for, or no point of its curve.
    #[error("not a credential's key")]
    Malformed,
    /// Of an algorithm that is not spoken here.
    #[error("a key of an unknown algorithm")]
    UnknownAlgorithm,
}

impl CredentialKey {
    /// Reads a `COSE_Key` as it is stored, and nothing after it.
    ///
    /// # Errors
    /// [`InvalidCredentialKey`] for other bytes, and for algorithms that are not spoken here.
    pub fn from_cose(bytes: &[u8]) -> Result<Self, InvalidCredentialKey> {
        if bytes.len() > MAX_KEY_BYTES {
            return Err(InvalidCredentialKey::Malformed);
        }
        let map = cbor::read_map(bytes).map_err(|_| InvalidCredentialKey::Malformed)?;
        Self::from_map(&map)
    }

    /// Its number in the registry of COSE algorithms, which says how it signs.
    pub const fn algorithm(&self) -> i128 {
        self.algorithm
    }

    /// Checks a signature in the form that `WebAuthn` has for its algorithm (section 6.5.5).
    pub fn is_signed(&self, message: &[u8], signature: &[u8]) -> bool {
        self.key.verify_sig(message, signature).is_ok()
    }

    /// The same key as one that devices have, if it is on P-256.
    pub fn p256(&self) -> Option<PublicKey> {
        match &self.parts {
            Parts::Point(x, _) if x.len() == 32 && self.algorithm == ES256 => {
                PublicKey::from_point(&self.point()?).ok()
            }
            _ => None,
        }
    }

    pub(crate) const fn parts(&self) -> &Parts {
        &self.parts
    }

    /// The uncompressed point (SEC 1 section 2.3.3), if it is a key on a curve with such points.
    pub(crate) fn point(&self) -> Option<Vec<u8>> {
        match &self.parts {
            Parts::Point(x, y) => Some([&[4], x.as_slice(), y].concat()),
            _ => None,
        }
    }

    pub(crate) fn from_map(map: &Map<'_>) -> Result<Self, InvalidCredentialKey> {
        use InvalidCredentialKey::{Malformed, UnknownAlgorithm};
        let algorithm = number(map, 3).ok_or(Malformed)?;
        let shape = shape(algorithm).ok_or(UnknownAlgorithm)?;
        let (key, parts) = shape.read(map).ok_or(Malformed)?;
        Ok(Self {
            algorithm,
            key,
            parts,
        })
    }
}

/// ECDSA on P-256 with SHA-256.
pub(crate) const ES256: i128 = -7;

/// What the members of a key have to be for one algorithm.
enum Shape {
    /// Key type 2: the curve's number, the length of a coordinate.
    Ec(i128, usize, &'static dyn VerificationAlgorithm),
    /// Key type 1: the curve's number, the length of the point.
    Edwards(i128, usize, &'static dyn VerificationAlgorithm),
    /// Key type 3.
    Rsa(&'static RsaParameters),
}

/// The IANA registry "COSE Algorithms", as far as the library speaks it. SHA-1 is left out.
fn shape(algorithm: i128) -> Option<Shape> {
    Some(match algorithm {
        ES256 | -9 => Shape::Ec(1, 32, &ECDSA_P256_SHA256_ASN1),
        -35 | -51 => Shape::Ec(2, 48, &ECDSA_P384_SHA384_ASN1),
        -36 | -52 => Shape::Ec(3, 66, &ECDSA_P521_SHA512_ASN1),
        -47 => Shape::Ec(8, 32, &ECDSA_P256K1_SHA256_ASN1),
        -8 | -19 => Shape::Edwards(6, 32, &ED25519),
        -37 => Shape::Rsa(&RSA_PSS_2048_8192_SHA256),
        -257 => Shape::Rsa(&RSA_PKCS1_2048_8192_SHA256),
        -258 => Shape::Rsa(&RSA_PKCS1_2048_8192_SHA384),
        -259 => Shape::Rsa(&RSA_PKCS1_2048_8192_SHA512),
        _ => return None,
    })
}

impl Shape {
    /// No member may be there that is not asked for (`WebAuthn` section 6.5.1.1).
    fn read(self, map: &Map<'_>) -> Option<(ParsedPublicKey, Parts)> {
        let kind = number(map, 1)?;
        match self {
            Self::Ec(curve, length, algorithm) => {
                let (x, y) = (bytes(map, -2, length)?, bytes(map, -3, length)?);
                let is_right = kind == 2 && number(map, -1)? == curve && map.len() == 5;
                let point = [&[4], x, y].concat();
                let key = ParsedPublicKey::new(algorithm, &point).ok()?;
                is_right.then(|| (key, Parts::Point(x.to_vec(), y.to_vec())))
            }
            Self::Edwards(curve, length, algorithm) => {
                let point = bytes(map, -2, length)?;
                let is_right = kind == 1 && number(map, -1)? == curve && map.len() == 4;
                let key = ParsedPublicKey::new(algorithm, point).ok()?;
                is_right.then(|| (key, Parts::Edwards(point.to_vec())))
            }
            Self::Rsa(parameters) => {
                let n = map.number_key(-1).and_then(Value::as_bytes)?;
                let e = map.number_key(-2).and_then(Value::as_bytes)?;
                let is_short = n.len() <= MAX_MODULUS_BYTES && e.len() <= MAX_EXPONENT_BYTES;
                let is_right = kind == 3 && map.len() == 4 && is_short;
                let key = PublicKeyComponents { n, e };
                let key = key.to_parsed_public_key(parameters).ok()?;
                is_right.then(|| (key, Parts::Rsa(n.to_vec(), e.to_vec())))
            }
        }
    }
}

fn number(map: &Map<'_>, key: i128) -> Option<i128> {
    map.number_key(key)?.as_number()
}

fn bytes<'a>(map: &Map<'a>, key: i128, length: usize) -> Option<&'a [u8]> {
    let bytes = map.number_key(key)?.as_bytes()?;
    (bytes.len() == length).then_some(bytes)
}
