//! Key pairs of every kind that certificates and devices have.

use crate::der;
use aws_lc_rs::{
    digest::{self, Digest, digest},
    encoding::AsDer,
    rand::SystemRandom,
    rsa::{self, KeySize},
    signature::{
        ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING,
        ECDSA_P521_SHA512_ASN1_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair,
        KeyPair, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RsaSignatureEncoding,
    },
};

/// A key pair.
#[derive(Debug)]
pub struct Key(Pair);

#[derive(Debug)]
enum Pair {
    Ec(EcdsaKeyPair, Hash),
    Rsa(Box<rsa::KeyPair>),
    Ed25519(Ed25519KeyPair),
}

/// What a message is hashed with before it is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hash {
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

impl Key {
    /// A new key on P-256.
    pub fn p256() -> Self {
        Self::ec(&ECDSA_P256_SHA256_ASN1_SIGNING, Hash::Sha256)
    }

    /// A new key on P-384.
    pub fn p384() -> Self {
        Self::ec(&ECDSA_P384_SHA384_ASN1_SIGNING, Hash::Sha384)
    }

    /// A new key on P-521.
    pub fn p521() -> Self {
        Self::ec(&ECDSA_P521_SHA512_ASN1_SIGNING, Hash::Sha512)
    }

    /// A new RSA key of 2048 bits.
    pub fn rsa() -> Self {
        let pair = rsa::KeyPair::generate(KeySize::Rsa2048);
        Self(Pair::Rsa(Box::new(pair.unwrap_or_else(|_| no_entropy()))))
    }

    /// A new Ed25519 key.
    pub fn ed25519() -> Self {
        Self(Pair::Ed25519(
            Ed25519KeyPair::generate().unwrap_or_else(|_| no_entropy()),
        ))
    }

    /// `SubjectPublicKeyInfo`.
    pub fn spki(&self) -> Vec<u8> {
        let written = match &self.0 {
            Pair::Ec(pair, _) => pair.public_key().as_der(),
            Pair::Rsa(pair) => pair.public_key().as_der(),
            Pair::Ed25519(pair) => pair.public_key().as_der(),
        };
        written.unwrap_or_else(|_| no_entropy()).as_ref().to_vec()
    }

    /// The bare public key: an uncompressed point, an `RSAPublicKey`, or 32 bytes.
    pub fn public_bytes(&self) -> Vec<u8> {
        match &self.0 {
            Pair::Ec(pair, _) => pair.public_key().as_ref().to_vec(),
            Pair::Rsa(pair) => pair.public_key().as_ref().to_vec(),
            Pair::Ed25519(pair) => pair.public_key().as_ref().to_vec(),
        }
    }

    /// Modulus and exponent of an RSA key, big-endian.
    pub fn rsa_parts(&self) -> Option<(Vec<u8>, Vec<u8>)> {
        let Pair::Rsa(pair) = &self.0 else {
            return None;
        };
        // The one form of an `RSAPublicKey` with a modulus of 2048 bits (RFC 8017 section A.1.1).
        let (n, e) = pair.public_key().as_ref()[9..].split_at(256);
        Some((n.to_vec(), e[2..].to_vec()))
    }

    /// The hash that usually goes with the key.
    pub fn hash(&self) -> Hash {
        match &self.0 {
            Pair::Ec(_, hash) => *hash,
            Pair::Rsa(_) => Hash::Sha256,
            Pair::Ed25519(_) => Hash::Sha512,
        }
    }

    /// Signs with the usual hash: ECDSA in DER, RSA with PKCS #1 v1.5 padding, `EdDSA`.
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.sign_with(self.hash(), message)
    }

    /// Signs with any hash; `EdDSA` has only its own.
    pub fn sign_with(&self, hash: Hash, message: &[u8]) -> Vec<u8> {
        let signed = match &self.0 {
            Pair::Ec(pair, native) => pair
                .sign_digest(&native.of_another(hash, message))
                .map(|signature| signature.as_ref().to_vec()),
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(hash.rsa(), &SystemRandom::new(), message, &mut signature)
                    .map(|()| signature)
            }
            Pair::Ed25519(pair) => Ok(pair.sign(message).as_ref().to_vec()),
        };
        signed.unwrap_or_else(|_| no_entropy())
    }

    /// The `AlgorithmIdentifier` of what [`sign_with`](Self::sign_with) makes.
    pub fn signature_algorithm(&self, hash: Hash) -> Vec<u8> {
        match (&self.0, hash) {
            (Pair::Ec(..), Hash::Sha256) => der::sequence(&[der::oid("1.2.840.10045.4.3.2")]),
            (Pair::Ec(..), Hash::Sha384) => der::sequence(&[der::oid("1.2.840.10045.4.3.3")]),
            (Pair::Ec(..), Hash::Sha512) => der::sequence(&[der::oid("1.2.840.10045.4.3.4")]),
            (Pair::Rsa(_), hash) => {
                let last = [11, 12, 13][hash as usize];
                let oid = der::oid(&format!("1.2.840.113549.1.1.{last}"));
                der::sequence(&[oid, der::null()])
            }
            (Pair::Ed25519(_), _) => der::sequence(&[der::oid("1.3.101.112")]),
        }
    }

    fn ec(algorithm: &'static EcdsaSigningAlgorithm, hash: Hash) -> Self {
        let pair = EcdsaKeyPair::generate(algorithm).unwrap_or_else(|_| no_entropy());
        Self(Pair::Ec(pair, hash))
    }
}

impl Hash {
    fn algorithm(self) -> &'static digest::Algorithm {
        match self {
            Self::Sha256 => &digest::SHA256,
            Self::Sha384 => &digest::SHA384,
            Self::Sha512 => &digest::SHA512,
        }
    }

    fn rsa(self) -> &'static RsaSignatureEncoding {
        match self {
            Self::Sha256 => &RSA_PKCS1_SHA256,
            Self::Sha384 => &RSA_PKCS1_SHA384,
            Self::Sha512 => &RSA_PKCS1_SHA512,
        }
    }

    /// Another hash of the message in the place of this one: ECDSA takes the leftmost bits of a
    /// hash that is longer than the curve, and a shorter one as the same number (FIPS 186-5
    /// section 6.4).
    fn of_another(self, hash: Self, message: &[u8]) -> Digest {
        let hashed = digest(hash.algorithm(), message);
        let length = self.algorithm().output_len();
        let mut bytes = vec![0; length.saturating_sub(hashed.as_ref().len())];
        bytes.extend(hashed.as_ref().iter().take(length));
        Digest::import_less_safe(&bytes, self.algorithm()).unwrap_or_else(|_| no_entropy())
    }
}

fn no_entropy() -> ! {
    panic!("the library has no entropy or memory")
}
