//! ID tokens of an OpenID Connect issuer that a client trusts (OpenID Connect Core section 3.1.3.7).
//!
//! [`IdToken::parse`] takes one apart, so that the caller can find whose it says it is;
//! [`IdToken::verify`] decides whether it is that issuer's, for this app, now.

mod claims;
mod keys;

pub use keys::{InvalidKeySet, IssuerKeys, MAX_KEYS};

use crate::jws::{Parts, Text, is_present, read_object};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use claims::Claims;
use countersign_core::{
    Thumbprint, Timestamp,
    token::HashedToken,
    trusted_issuer::{IdTokenAlgorithm, TrustedIssuer},
    user::ExternalUserId,
};
use serde::Deserialize;
use std::time::Duration;

/// The longest token that is looked at: issuers put a person's groups into it.
pub const MAX_BYTES: usize = 16 * 1024;

/// How far an issuer's clock may be from ours: what most libraries allow.
pub const LEEWAY: Duration = Duration::from_mins(1);

/// How old a token may be, whatever its `exp` says: a login is exchanged at once, and an old token
/// is one that was lying about.
pub const MAX_AGE: Duration = Duration::from_mins(10);

/// What a token must be.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// The issuer that it names, with what the client demands of it.
    pub issuer: &'a TrustedIssuer,
    /// The issuer's keys.
    pub keys: &'a IssuerKeys,
    /// What the device says that `nonce` is, if it says so.
    pub nonce: Option<&'a str>,
    /// The device's key.
    pub jkt: Option<&'a Thumbprint>,
    /// The time now.
    pub now: Timestamp,
}

/// A token taken apart; nothing of it is verified yet.
#[derive(Debug)]
pub struct IdToken<'t> {
    signing_input: &'t str,
    signature: Vec<u8>,
    algorithm: IdTokenAlgorithm,
    kid: Option<String>,
    claims: Claims,
}

/// Who logged in, as the issuer says.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct VerifiedIdToken {
    /// The user: the issuer's prefix and `sub`.
    pub user_id: ExternalUserId,
    /// How they did: `amr`, and `acr` and `auth_time` behind their names.
    pub amr: Vec<String>,
    /// Names the token, whatever its signature looks like: the same content can be signed twice,
    /// and anyone can turn one ECDSA signature into another.
    pub hash: HashedToken,
    /// From when on it is refused for its age.
    pub usable_until: Timestamp,
}

/// Why a text is not an ID token that logs somebody in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdTokenError {
    /// Longer than [`MAX_BYTES`].
    #[error("the ID token is too long")]
    TooLong,
    /// Not a compact JWS, or a part is not the JSON object it should be.
    #[error("not a compact JWS with the claims of an ID token")]
    Malformed,
    /// `typ` says that it is something else, or the header demands an extension.
    #[error("not an ID token by its header")]
    WrongType,
    /// `alg` is none that the client accepts from this issuer.
    #[error("signed with an algorithm that is not accepted")]
    WrongAlgorithm,
    /// `iss` is another issuer.
    #[error("from another issuer")]
    WrongIssuer,
    /// None of the keys has its `kid`; without one, none fits or several do.
    #[error("signed with an unknown key")]
    UnknownKey,
    /// The signature is wrong.
    #[error("the signature is wrong")]
    BadSignature,
    /// `aud` or `azp` is another app.
    #[error("for another app")]
    WrongAudience,
    /// `exp` or the age limit is over.
    #[error("the ID token is too old")]
    Expired,
    /// `iat` or `nbf` is in the future.
    #[error("the ID token is from the future")]
    NotYet,
    /// `nonce` is not what it must be.
    #[error("the nonce is another one")]
    WrongNonce,
    /// `sub` cannot be a user's id.
    #[error("sub is no user id")]
    InvalidSubject,
}

impl<'t> IdToken<'t> {
    /// Takes a token apart.
    ///
    /// # Errors
    /// [`IdTokenError::TooLong`], [`Malformed`](IdTokenError::Malformed),
    /// [`WrongType`](IdTokenError::WrongType), [`WrongAlgorithm`](IdTokenError::WrongAlgorithm).
    pub fn parse(token: &'t str) -> Result<Self, IdTokenError> {
        if token.len() > MAX_BYTES {
            return Err(IdTokenError::TooLong);
        }
        let parts = Parts::split(token).ok_or(IdTokenError::Malformed)?;
        let header: Header<'_> = read_object(&parts.header).ok_or(IdTokenError::Malformed)?;
        let typ = header.typ.as_ref();
        if typ.is_some_and(|typ| !typ.0.eq_ignore_ascii_case("JWT")) || header.crit || header.b64 {
            return Err(IdTokenError::WrongType);
        }
        let algorithm = header.alg.0.parse();
        let signature = URL_SAFE_NO_PAD.decode(parts.signature);
        Ok(Self {
            signing_input: parts.signing_input,
            algorithm: algorithm.map_err(|_| IdTokenError::WrongAlgorithm)?,
            signature: signature.map_err(|_| IdTokenError::Malformed)?,
            kid: header.kid.map(|kid| kid.0.into_owned()),
            claims: read_object(&parts.payload).ok_or(IdTokenError::Malformed)?,
        })
    }

    /// Who it says issued it.
    pub fn issuer(&self) -> &str {
        &self.claims.iss
    }

    /// Whether one of the keys may have signed it.
    pub fn has_key_among(&self, keys: &IssuerKeys) -> bool {
        let kid = self.kid.as_deref();
        !keys.candidates(kid, self.algorithm).is_empty()
    }

    /// Whether the client accepts what the token says it is: whose, and how it is signed. For
    /// before the keys are fetched.
    ///
    /// # Errors
    /// [`IdTokenError::WrongAlgorithm`], [`IdTokenError::WrongIssuer`].
    pub fn check_names(&self, issuer: &TrustedIssuer) -> Result<(), IdTokenError> {
        if !issuer.algorithms.contains(&self.algorithm) {
            return Err(IdTokenError::WrongAlgorithm);
        }
        if self.claims.iss != issuer.issuer.as_str() {
            return Err(IdTokenError::WrongIssuer);
        }
        Ok(())
    }

    /// Checks algorithm, signature and claims.
    ///
    /// # Errors
    /// The first reason, in the order of [`IdTokenError`]'s variants.
    pub fn verify(&self, expected: &Expected<'_>) -> Result<VerifiedIdToken, IdTokenError> {
        self.check_names(expected.issuer)?;
        self.check_signature(expected.keys)?;
        self.claims.check_audience(&expected.issuer.audiences)?;
        let usable_until = self.claims.check_time(expected.now)?;
        self.claims.check_nonce(expected)?;
        Ok(VerifiedIdToken {
            user_id: self.claims.user_id(expected.issuer)?,
            amr: self.claims.methods(),
            hash: HashedToken::of(self.signing_input),
            usable_until,
        })
    }

    fn check_signature(&self, keys: &IssuerKeys) -> Result<(), IdTokenError> {
        let candidates = keys.candidates(self.kid.as_deref(), self.algorithm);
        if candidates.is_empty() {
            return Err(IdTokenError::UnknownKey);
        }
        let message = self.signing_input.as_bytes();
        let is_signed =
            |key: &&keys::IssuerKey| key.is_signed(self.algorithm, message, &self.signature);
        if candidates.iter().any(is_signed) {
            Ok(())
        } else {
            Err(IdTokenError::BadSignature)
        }
    }
}

#[derive(Deserialize)]
struct Header<'a> {
    #[serde(borrow)]
    alg: Text<'a>,
    #[serde(borrow)]
    typ: Option<Text<'a>>,
    #[serde(borrow)]
    kid: Option<Text<'a>>,
    #[serde(default, deserialize_with = "is_present")]
    crit: bool,
    #[serde(default, deserialize_with = "is_present")]
    b64: bool,
}
