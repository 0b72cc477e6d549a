//! Makes proofs and tokens of any shape, well signed or not.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use countersign_attestation::{
    dpop::{Expected, HtuUrl, NonceKey, NonceKeys, Window},
    jws::SigningKey,
};
use countersign_core::{Thumbprint, Timestamp};

pub(crate) const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);
pub(crate) const URL: &str = "https://server.example.com/token";
pub(crate) const TOKEN: &str = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU";

/// `iat` is [`NOW`], `ath` is [`TOKEN`]'s, `htu` is [`URL`].
pub(crate) const CLAIMS: &str = r#"{"jti":"e1j3V_bKic8-LAEB","htm":"POST","htu":"https://server.example.com/token","iat":1800000000,"ath":"fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo"}"#;

/// A device, the server it talks to, and the good proof's parts.
pub(crate) struct Scene {
    pub(crate) key: SigningKey,
    pub(crate) jkt: Thumbprint,
    pub(crate) url: HtuUrl,
    pub(crate) nonces: NonceKeys,
}

impl Scene {
    pub(crate) fn new() -> Self {
        let key = SigningKey::generate().unwrap();
        Self {
            jkt: key.thumbprint(),
            key,
            url: HtuUrl::parse(URL).unwrap(),
            nonces: NonceKeys::new(NonceKey::new(&[7; 32]), None),
        }
    }

    pub(crate) fn expected(&self) -> Expected<'_> {
        Expected {
            method: "POST",
            url: &self.url,
            access_token: Some(TOKEN),
            key: Some(&self.jkt),
            nonces: Some(&self.nonces),
            nonces_since: Timestamp::from_secs(0),
            now: NOW,
            window: Window::default(),
        }
    }

    pub(crate) fn header(&self) -> String {
        let jwk = self.key.jwk();
        header(&jwk.x, &jwk.y)
    }

    pub(crate) fn proof(&self) -> String {
        self.sign(self.header(), CLAIMS)
    }

    /// Signs any header and claims with the device's key.
    pub(crate) fn sign(&self, header: impl AsRef<[u8]>, claims: impl AsRef<[u8]>) -> String {
        sign(&self.key, header, claims)
    }
}

pub(crate) fn header(x: &str, y: &str) -> String {
    let jwk = format!(r#"{{"kty":"EC","crv":"P-256","x":"{x}","y":"{y}"}}"#);
    format!(r#"{{"typ":"dpop+jwt","alg":"ES256","jwk":{jwk}}}"#)
}

pub(crate) fn sign(key: &SigningKey, header: impl AsRef<[u8]>, claims: impl AsRef<[u8]>) -> String {
    let input = format!("{}.{}", encode(header), encode(claims));
    let signature = key.sign(input.as_bytes()).unwrap();
    format!("{input}.{}", encode(signature))
}

pub(crate) fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub(crate) fn decode(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).unwrap()
}

/// Replaces exactly one place.
pub(crate) fn replace(text: &str, from: &str, to: &str) -> String {
    assert_eq!(text.matches(from).count(), 1, "{from} in {text}");
    text.replace(from, to)
}

/// Splits a signed text into what is signed and the signature.
pub(crate) fn split(text: &str) -> (&str, Vec<u8>) {
    let (input, signature) = text.rsplit_once('.').unwrap();
    (input, decode(signature))
}
