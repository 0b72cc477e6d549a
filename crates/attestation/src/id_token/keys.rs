//! The keys that an issuer publishes (RFC 7517 section 5).

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, ParsedPublicKey,
    RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256, RsaParameters, RsaPublicKeyComponents,
    VerificationAlgorithm,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use countersign_core::trusted_issuer::IdTokenAlgorithm;
use serde::Deserialize;
use serde_json::{Value, from_slice, from_value};
use std::fmt;

/// The most keys that are taken from a set: a rotation needs two or three, and an issuer that
/// publishes those of all its tenants some dozens.
pub const MAX_KEYS: usize = 64;

/// RSA moduli of 2048 to 8192 bits, in bytes (the library's bounds; RFC 7518 section 3.3).
const RSA_MODULUS_BYTES: std::ops::RangeInclusive<usize> = 256..=1024;

/// The usable keys of a set.
#[derive(Debug, Clone, Default)]
pub struct IssuerKeys(Vec<IssuerKey>);

/// The text is not a JSON Web Key Set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a JSON Web Key Set")]
pub struct InvalidKeySet;

impl IssuerKeys {
    /// Reads a set, without the keys that cannot verify an ID token: of another kind or use,
    /// damaged, or with their private half.
    ///
    /// # Errors
    /// [`InvalidKeySet`] for anything but an object with an array of `keys`.
    pub fn parse(json: &[u8]) -> Result<Self, InvalidKeySet> {
        let set: RawSet = from_slice(json).map_err(|_| InvalidKeySet)?;
        let keys = set.keys.into_iter().take(MAX_KEYS);
        Ok(Self(keys.filter_map(IssuerKey::read).collect()))
    }

    /// How many keys are usable.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The keys that may have signed: those of this name, or without a name the only one that
    /// fits the algorithm (OpenID Connect Core section 10.1).
    pub(super) fn candidates(
        &self,
        kid: Option<&str>,
        algorithm: IdTokenAlgorithm,
    ) -> Vec<&IssuerKey> {
        let fitting = self.0.iter().filter(|key| key.fits(algorithm));
        if let Some(kid) = kid {
            return fitting
                .filter(|key| key.kid.as_deref() == Some(kid))
                .collect();
        }
        let all: Vec<_> = fitting.collect();
        if all.len() == 1 { all } else { Vec::new() }
    }
}

/// One key.
#[derive(Debug, Clone)]
pub(super) struct IssuerKey {
    kid: Option<String>,
    algorithm: Option<IdTokenAlgorithm>,
    key: Key,
}

#[derive(Clone)]
enum Key {
    P256(ParsedPublicKey),
    P384(ParsedPublicKey),
    Ed25519(ParsedPublicKey),
    Rsa(RsaPublicKeyComponents<Vec<u8>>),
}

impl IssuerKey {
    fn read(json: Value) -> Option<Self> {
        let jwk: RawKey = from_value(json).ok()?;
        let is_for_signatures = jwk.usage.as_deref().is_none_or(|usage| usage == "sig");
        let verifies = jwk
            .key_ops
            .as_ref()
            .is_none_or(|ops| ops.iter().any(|op| op == "verify"));
        if !is_for_signatures || !verifies || jwk.d.is_some() || jwk.k.is_some() {
            return None;
        }
        let algorithm = match &jwk.alg {
            Some(text) => Some(text.parse().ok()?),
            None => None,
        };
        Some(Self {
            key: jwk.key()?,
            kid: jwk.kid,
            algorithm,
        })
    }

    fn fits(&self, algorithm: IdTokenAlgorithm) -> bool {
        let is_of_kind = matches!(
            (&self.key, algorithm),
            (Key::P256(_), IdTokenAlgorithm::Es256)
                | (Key::P384(_), IdTokenAlgorithm::Es384)
                | (Key::Ed25519(_), IdTokenAlgorithm::EdDsa)
                | (
                    Key::Rsa(_),
                    IdTokenAlgorithm::Rs256 | IdTokenAlgorithm::Ps256
                )
        );
        is_of_kind && self.algorithm.is_none_or(|own| own == algorithm)
    }

    /// Whether the key signed the message with the algorithm, which [`fits`](Self::fits) it.
    pub(super) fn is_signed(
        &self,
        algorithm: IdTokenAlgorithm,
        message: &[u8],
        signature: &[u8],
    ) -> bool {
        let rsa: &RsaParameters = match algorithm {
            IdTokenAlgorithm::Ps256 => &RSA_PSS_2048_8192_SHA256,
            _ => &RSA_PKCS1_2048_8192_SHA256,
        };
        let verified = match &self.key {
            Key::P256(key) | Key::P384(key) | Key::Ed25519(key) => {
                key.verify_sig(message, signature)
            }
            Key::Rsa(key) => key.verify(rsa, message, signature),
        };
        verified.is_ok()
    }
}

#[derive(Deserialize)]
struct RawSet {
    keys: Vec<Value>,
}

/// A key as it is published. Unknown members are ignored (RFC 7517 section 4).
#[derive(Deserialize)]
struct RawKey {
    kty: String,
    kid: Option<String>,
    alg: Option<String>,
    #[serde(rename = "use")]
    usage: Option<String>,
    key_ops: Option<Vec<String>>,
    crv: Option<String>,
    x: Option<String>,
    y: Option<String>,
    n: Option<String>,
    e: Option<String>,
    /// The private half of every kind but a shared secret.
    d: Option<Value>,
    k: Option<Value>,
}

impl RawKey {
    fn key(&self) -> Option<Key> {
        match (self.kty.as_str(), self.crv.as_deref()) {
            ("EC", Some("P-256")) => {
                parsed(&ECDSA_P256_SHA256_FIXED, &self.point(32)?).map(Key::P256)
            }
            ("EC", Some("P-384")) => {
                parsed(&ECDSA_P384_SHA384_FIXED, &self.point(48)?).map(Key::P384)
            }
            ("OKP", Some("Ed25519")) => {
                parsed(&ED25519, &decode(self.x.as_ref())?).map(Key::Ed25519)
            }
            ("RSA", None) => {
                let (n, e) = (decode(self.n.as_ref())?, decode(self.e.as_ref())?);
                // The library takes numbers in their shortest form only.
                let n = n
                    .into_iter()
                    .skip_while(|byte| *byte == 0)
                    .collect::<Vec<_>>();
                let is_usable = RSA_MODULUS_BYTES.contains(&n.len()) && e.len() <= 8;
                is_usable.then_some(Key::Rsa(RsaPublicKeyComponents { n, e }))
            }
            _ => None,
        }
    }

    /// An uncompressed point (SEC 1 section 2.3.3).
    fn point(&self, coordinate_bytes: usize) -> Option<Vec<u8>> {
        let (x, y) = (decode(self.x.as_ref())?, decode(self.y.as_ref())?);
        let fits = x.len() == coordinate_bytes && y.len() == coordinate_bytes;
        fits.then(|| [&[4], x.as_slice(), &y].concat())
    }
}

fn parsed(algorithm: &'static dyn VerificationAlgorithm, bytes: &[u8]) -> Option<ParsedPublicKey> {
    ParsedPublicKey::new(algorithm, bytes).ok()
}

fn decode(text: Option<&String>) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text?).ok()
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::P256(_) => "P-256",
            Self::P384(_) => "P-384",
            Self::Ed25519(_) => "Ed25519",
            Self::Rsa(_) => "RSA",
        })
    }
}
