//! Service accounts of Google's: who they are, and how they say so (RFC 7523).

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{RSA_PKCS1_SHA256, RsaKeyPair},
};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use countersign_core::Timestamp;
use serde_json::{Value, json};
use std::fmt;
use zeroize::Zeroizing;

/// An account that signs for itself.
pub(crate) struct ServiceAccount {
    email: String,
    key_id: String,
    key: RsaKeyPair,
}

/// The text is not an RSA key of 2048 bits or more, as PKCS #8 in PEM.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an RSA private key in PEM (PKCS #8) of at least 2048 bits")]
pub(crate) struct InvalidPrivateKey;

/// The library could not sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the account's assertion cannot be signed")]
pub(crate) struct Unsigned;

const LEAST_KEY_BYTES: usize = 256;

/// Seconds: Google takes no assertion that is good for longer than an hour.
const ASSERTION_SECONDS: i64 = 600;

impl ServiceAccount {
    /// An account by what its key file says.
    ///
    /// # Errors
    /// [`InvalidPrivateKey`] says what is expected.
    pub(crate) fn parse(
        email: &str,
        key_id: &str,
        private_key: &str,
    ) -> Result<Self, InvalidPrivateKey> {
        let der = decode_pem(private_key).ok_or(InvalidPrivateKey)?;
        let key = RsaKeyPair::from_pkcs8(&der).map_err(|_| InvalidPrivateKey)?;
        if key.public_modulus_len() < LEAST_KEY_BYTES {
            return Err(InvalidPrivateKey);
        }
        Ok(Self {
            email: email.to_owned(),
            key_id: key_id.to_owned(),
            key,
        })
    }

    /// What the account shows the audience to be let in with this scope (RFC 7523 section 3).
    ///
    /// # Errors
    /// [`Unsigned`] when the library fails.
    pub(crate) fn assertion(
        &self,
        scope: &str,
        audience: &str,
        now: Timestamp,
    ) -> Result<Zeroizing<String>, Unsigned> {
        let now = now.as_secs();
        let header = json!({ "alg": "RS256", "typ": "JWT", "kid": self.key_id });
        let claims = json!({
            "iss": self.email, "scope": scope, "aud": audience,
            "iat": now, "exp": now + ASSERTION_SECONDS,
        });
        let encode = |part: Value| URL_SAFE_NO_PAD.encode(part.to_string());
        let input = format!("{}.{}", encode(header), encode(claims));
        let mut signature = vec![0; self.key.public_modulus_len()];
        let random = SystemRandom::new();
        self.key
            .sign(&RSA_PKCS1_SHA256, &random, input.as_bytes(), &mut signature)
            .map_err(|_| Unsigned)?;
        let signature = URL_SAFE_NO_PAD.encode(signature);
        Ok(Zeroizing::new(format!("{input}.{signature}")))
    }
}

/// Shows nothing of the key.
impl fmt::Debug for ServiceAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServiceAccount").finish_non_exhaustive()
    }
}

/// The bytes between the lines that say what they are (RFC 7468 section 10).
fn decode_pem(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let text = text.trim().strip_prefix("-----BEGIN PRIVATE KEY-----")?;
    let text = text.strip_suffix("-----END PRIVATE KEY-----")?;
    let is_of_key = |character: &char| !character.is_ascii_whitespace();
    let text = Zeroizing::new(text.chars().filter(is_of_key).collect::<String>());
    STANDARD.decode(text.as_bytes()).ok().map(Zeroizing::new)
}
