//! Keys that an issuer signs with.

use aws_lc_rs::{
    rand::SystemRandom,
    rsa::KeySize,
    signature::{
        ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair,
        Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RSA_PSS_SHA256, RsaKeyPair,
    },
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use countersign_core::trusted_issuer::IdTokenAlgorithm;
use serde_json::{Value, json};
use std::fmt;

/// A key of an issuer, under a name.
pub struct IssuerKey {
    /// `kid`.
    pub kid: String,
    /// What it signs with.
    pub algorithm: IdTokenAlgorithm,
    pair: Pair,
}

enum Pair {
    Ec(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
    Rsa(RsaKeyPair),
}

impl IssuerKey {
    /// Makes a key.
    ///
    /// # Panics
    /// When the library cannot.
    pub fn generate(kid: &str, algorithm: IdTokenAlgorithm) -> Self {
        let ec = |signing| Pair::Ec(EcdsaKeyPair::generate(signing).expect("a key"));
        let pair = match algorithm {
            IdTokenAlgorithm::Es256 => ec(&ECDSA_P256_SHA256_FIXED_SIGNING),
            IdTokenAlgorithm::Es384 => ec(&ECDSA_P384_SHA384_FIXED_SIGNING),
            IdTokenAlgorithm::Rs256 | IdTokenAlgorithm::Ps256 => {
                Pair::Rsa(RsaKeyPair::generate(KeySize::Rsa2048).expect("a key"))
            }
            IdTokenAlgorithm::EdDsa => Pair::Ed25519(Ed25519KeyPair::generate().expect("a key")),
        };
        Self {
            kid: kid.to_owned(),
            algorithm,
            pair,
        }
    }

    /// The public half as an issuer publishes it.
    ///
    /// # Panics
    /// When the library cannot write it.
    pub fn jwk(&self) -> Value {
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let mut jwk = match &self.pair {
            Pair::Ec(pair) => {
                let point = &pair.public_key().as_ref()[1..];
                let (x, y) = point.split_at(point.len() / 2);
                let crv = if x.len() == 32 { "P-256" } else { "P-384" };
                json!({ "kty": "EC", "crv": crv, "x": text(x), "y": text(y) })
            }
            Pair::Ed25519(pair) => {
                json!({ "kty": "OKP", "crv": "Ed25519", "x": text(pair.public_key().as_ref()) })
            }
            Pair::Rsa(pair) => {
                // RSAPublicKey (RFC 8017 appendix A.1.1) of 2048 bits: a sequence of the modulus,
                // behind a zero, and 65537.
                let der = pair.public_key().as_ref();
                json!({ "kty": "RSA", "n": text(&der[9..265]), "e": text(&der[267..270]) })
            }
        };
        jwk["kid"] = json!(self.kid);
        jwk["alg"] = json!(self.algorithm);
        jwk["use"] = json!("sig");
        jwk
    }

    /// A token with these claims, under the usual header.
    pub fn token(&self, claims: &Value) -> String {
        let header = json!({ "alg": self.algorithm, "typ": "JWT", "kid": self.kid });
        self.token_with(&header, claims)
    }

    /// A token with this header and these claims.
    ///
    /// # Panics
    /// When signing fails.
    pub fn token_with(&self, header: &Value, claims: &Value) -> String {
        let input =
            [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string().as_bytes()));
        let input = input.join(".");
        let random = SystemRandom::new();
        let signature = match &self.pair {
            Pair::Ec(pair) => pair
                .sign(&random, input.as_bytes())
                .expect("a signature")
                .as_ref()
                .to_vec(),
            Pair::Ed25519(pair) => pair.sign(input.as_bytes()).as_ref().to_vec(),
            Pair::Rsa(pair) => {
                let padding: &dyn aws_lc_rs::signature::RsaEncoding = match self.algorithm {
                    IdTokenAlgorithm::Ps256 => &RSA_PSS_SHA256,
                    _ => &RSA_PKCS1_SHA256,
                };
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(padding, &random, input.as_bytes(), &mut signature)
                    .expect("a signature");
                signature
            }
        };
        format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

impl fmt::Debug for IssuerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IssuerKey({} {})", self.kid, self.algorithm)
    }
}
