//! Public keys of certificates, and the signatures that they check.

use super::bit_string;
use crate::der::{self, Element, Malformed, Tag};
use aws_lc_rs::signature as aws;
use aws_lc_rs::signature::{UnparsedPublicKey, VerificationAlgorithm};

/// A curve of elliptic-curve keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Curve {
    /// NIST P-256.
    P256,
    /// NIST P-384.
    P384,
    /// NIST P-521.
    P521,
}

/// What a key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyAlgorithm {
    /// An elliptic-curve key on a named curve.
    Ec(Curve),
    /// An RSA key.
    Rsa,
    /// Another one; nothing is verified with it.
    Other,
}

/// A hash function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hash {
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

/// How something is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignatureAlgorithm {
    /// ECDSA, the signature in DER.
    Ecdsa(Hash),
    /// RSASSA-PKCS1-v1_5.
    RsaPkcs1(Hash),
    /// Another one, SHA-1 included; it never verifies.
    Other,
}

/// A key as a certificate has it (RFC 5280 section 4.1.2.7).
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct SubjectPublicKey<'a> {
    /// The whole field, encoded.
    pub raw: &'a [u8],
    /// What it is for.
    pub algorithm: KeyAlgorithm,
    /// The key itself: a point (SEC 1 section 2.3.3) or an `RSAPublicKey` (RFC 8017).
    pub bits: &'a [u8],
}

impl<'a> SubjectPublicKey<'a> {
    /// Reads a `SubjectPublicKeyInfo` and nothing after it.
    pub(crate) fn parse(raw: &'a [u8]) -> Result<Self, Malformed> {
        let mut fields = der::open_only(raw, Tag::SEQUENCE)?;
        let algorithm = fields.element()?.raw;
        let bits = bit_string(fields.content(Tag::BIT_STRING)?)?;
        fields.end()?;
        Ok(Self {
            raw,
            algorithm: KeyAlgorithm::of(algorithm)?,
            bits,
        })
    }

    /// Modulus and exponent of an RSA key, without leading zeros.
    pub(crate) fn rsa_parts(&self) -> Result<(&'a [u8], &'a [u8]), Malformed> {
        let mut fields = der::open_only(self.bits, Tag::SEQUENCE)?;
        let mut number = || fields.content(Tag::INTEGER).map(der::without_leading_zeros);
        Ok((number()?, number()?))
    }

    pub(super) fn of(element: Element<'a>) -> Result<Self, Malformed> {
        Self::parse(element.raw)
    }

    /// Checks a signature over `message`.
    pub fn is_signed(
        &self,
        algorithm: SignatureAlgorithm,
        message: &[u8],
        signature: &[u8],
    ) -> bool {
        self.verification(algorithm).is_some_and(|algorithm| {
            UnparsedPublicKey::new(algorithm, self.bits)
                .verify(message, signature)
                .is_ok()
        })
    }

    fn verification(&self, algorithm: SignatureAlgorithm) -> Option<&'static Verification> {
        match (self.algorithm, algorithm) {
            (KeyAlgorithm::Ec(curve), SignatureAlgorithm::Ecdsa(hash)) => Some(ecdsa(curve, hash)),
            (KeyAlgorithm::Rsa, SignatureAlgorithm::RsaPkcs1(hash)) => Some(rsa(hash)),
            _ => None,
        }
    }
}

/// Two keys are the same if they are of a known kind and of the same bits.
impl PartialEq for SubjectPublicKey<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.algorithm != KeyAlgorithm::Other
            && self.algorithm == other.algorithm
            && self.bits == other.bits
    }
}

impl KeyAlgorithm {
    fn of(raw: &[u8]) -> Result<Self, Malformed> {
        let mut fields = der::open_only(raw, Tag::SEQUENCE)?;
        let oid = fields.content(Tag::OID)?;
        Ok(match oid {
            RSA_ENCRYPTION => Self::Rsa,
            EC_PUBLIC_KEY => match fields.optional(Tag::OID)? {
                Some(PRIME256V1) => Self::Ec(Curve::P256),
                Some(SECP384R1) => Self::Ec(Curve::P384),
                Some(SECP521R1) => Self::Ec(Curve::P521),
                _ => Self::Other,
            },
            _ => Self::Other,
        })
    }
}

impl SignatureAlgorithm {
    /// Reads the algorithm that is named outside and inside of what is signed.
    ///
    /// The two have to agree (RFC 5280 section 4.1.1.2), but there are devices that write NULL for
    /// the parameters in one place or both where there should be none.
    pub(super) fn of(outside: &[u8], inside: &[u8]) -> Result<Self, Malformed> {
        let (oid, parameters) = algorithm(outside)?;
        let (inner_oid, inner_parameters) = algorithm(inside)?;
        let are_none = [parameters, inner_parameters]
            .iter()
            .all(|parameters| matches!(parameters, [] | [5, 0]));
        if outside != inside && (oid != inner_oid || !are_none) {
            return Err(Malformed);
        }
        Ok(match oid {
            _ if !are_none => Self::Other,
            ECDSA_WITH_SHA256 => Self::Ecdsa(Hash::Sha256),
            ECDSA_WITH_SHA384 => Self::Ecdsa(Hash::Sha384),
            ECDSA_WITH_SHA512 => Self::Ecdsa(Hash::Sha512),
            SHA256_WITH_RSA => Self::RsaPkcs1(Hash::Sha256),
            SHA384_WITH_RSA => Self::RsaPkcs1(Hash::Sha384),
            SHA512_WITH_RSA => Self::RsaPkcs1(Hash::Sha512),
            _ => Self::Other,
        })
    }
}

/// An `AlgorithmIdentifier`'s OBJECT IDENTIFIER and what follows it.
fn algorithm(raw: &[u8]) -> Result<(&[u8], &[u8]), Malformed> {
    let mut fields = der::open_only(raw, Tag::SEQUENCE)?;
    Ok((fields.content(Tag::OID)?, fields.rest()))
}

type Verification = dyn VerificationAlgorithm;

/// Hash and curve are chosen freely: devices sign with SHA-384 by keys on P-256.
fn ecdsa(curve: Curve, hash: Hash) -> &'static Verification {
    match (curve, hash) {
        (Curve::P256, Hash::Sha256) => &aws::ECDSA_P256_SHA256_ASN1,
        (Curve::P256, Hash::Sha384) => &aws::ECDSA_P256_SHA384_ASN1,
        (Curve::P256, Hash::Sha512) => &aws::ECDSA_P256_SHA512_ASN1,
        (Curve::P384, Hash::Sha256) => &aws::ECDSA_P384_SHA256_ASN1,
        (Curve::P384, Hash::Sha384) => &aws::ECDSA_P384_SHA384_ASN1,
        (Curve::P384, Hash::Sha512) => &aws::ECDSA_P384_SHA512_ASN1,
        (Curve::P521, Hash::Sha256) => &aws::ECDSA_P521_SHA256_ASN1,
        (Curve::P521, Hash::Sha384) => &aws::ECDSA_P521_SHA384_ASN1,
        (Curve::P521, Hash::Sha512) => &aws::ECDSA_P521_SHA512_ASN1,
    }
}

/// RSA keys of attestation certificates are of 1024 bits and more; the library has no check of
/// SHA-384 for those below 2048.
fn rsa(hash: Hash) -> &'static Verification {
    match hash {
        Hash::Sha256 => &aws::RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY,
        Hash::Sha384 => &aws::RSA_PKCS1_2048_8192_SHA384,
        Hash::Sha512 => &aws::RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY,
    }
}

/// 1.2.840.113549.1.1.1
const RSA_ENCRYPTION: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
/// 1.2.840.10045.2.1
const EC_PUBLIC_KEY: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
/// 1.2.840.10045.3.1.7
const PRIME256V1: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
/// 1.3.132.0.34
const SECP384R1: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x22];
/// 1.3.132.0.35
const SECP521R1: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x23];
/// 1.2.840.10045.4.3.2
const ECDSA_WITH_SHA256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];
/// 1.2.840.10045.4.3.3
const ECDSA_WITH_SHA384: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03];
/// 1.2.840.10045.4.3.4
const ECDSA_WITH_SHA512: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x04];
/// 1.2.840.113549.1.1.11
const SHA256_WITH_RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b];
/// 1.2.840.113549.1.1.12
const SHA384_WITH_RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0c];
/// 1.2.840.113549.1.1.13
const SHA512_WITH_RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0d];
