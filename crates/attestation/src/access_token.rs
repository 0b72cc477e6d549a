//! Access tokens: `at+jwt`, signed here and checked here (RFC 9068).

use crate::jws::{
    Compact, CompactError, NumericDate, Object, PublicKey, SigningFailed, SigningKey, Text,
    is_present, read_object, sign as sign_jws,
};
use countersign_core::{
    ClientId, SessionId, SigningKeyId, Thumbprint, Timestamp, decision::Refusal,
    user::ExternalUserId,
};
use serde::{Deserialize, Serialize};

/// The longest token that is looked at.
pub const MAX_BYTES: usize = 8 * 1024;

/// `typ` of an access token (RFC 9068 section 2.1).
const TYP: &str = "at+jwt";

/// What an access token says (RFC 9068 section 2.2). Times are kept in whole seconds.
#[derive(Debug, Clone, Copy)]
pub struct Claims<'a> {
    /// The issuer: the public URL.
    pub iss: &'a str,
    /// The app's own id for the user.
    pub sub: &'a ExternalUserId,
    /// The client's audience.
    pub aud: &'a str,
    /// The client.
    pub client_id: ClientId,
    /// When it is issued.
    pub iat: Timestamp,
    /// From when on it is refused.
    pub exp: Timestamp,
    /// Unique to this token.
    pub jti: &'a str,
    /// The session.
    pub sid: SessionId,
    /// The key that it is bound to (`cnf.jkt`, RFC 9449 section 6.1).
    pub jkt: Option<Thumbprint>,
    /// How the user authenticated (RFC 8176); left out when empty.
    pub amr: &'a [String],
}

/// Signs an access token with the key that `kid` names.
///
/// # Errors
/// [`SigningFailed`] when the library has no entropy or memory.
pub fn sign(
    claims: &Claims<'_>,
    kid: SigningKeyId,
    key: &SigningKey,
) -> Result<String, SigningFailed> {
    let header = SignedHeader {
        alg: "ES256",
        typ: TYP,
        kid,
    };
    let payload = SignedClaims {
        iss: claims.iss,
        sub: claims.sub.as_str(),
        aud: claims.aud,
        client_id: claims.client_id,
        iat: claims.iat.as_secs(),
        exp: claims.exp.as_secs(),
        jti: claims.jti,
        sid: claims.sid,
        cnf: claims.jkt.map(|jkt| Confirmation { jkt }),
        amr: claims.amr,
    };
    sign_jws(key, &header, &payload)
}

/// What a token must be.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// The issuer, compared character by character.
    pub issuer: &'a str,
    /// The time now.
    pub now: Timestamp,
}

/// A token whose signature, issuer and time were checked by [`verify`].
///
/// It says what was true when it was issued: only a live session makes it an authorisation.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct VerifiedToken {
    /// The session.
    pub session_id: SessionId,
    /// The client.
    pub client_id: ClientId,
    /// The app's own id for the user.
    pub sub: ExternalUserId,
    /// The audience; comparing it is the caller's.
    pub aud: String,
    /// When it was issued, in whole seconds.
    pub issued_at: Timestamp,
    /// From when on it is refused, in whole seconds.
    pub expires_at: Timestamp,
    /// The key that it is bound to.
    pub jkt: Option<Thumbprint>,
    /// How the user authenticated.
    pub amr: Vec<String>,
    /// Unique to this token.
    pub jti: String,
    /// The key that signed it.
    pub key_id: SigningKeyId,
}

impl VerifiedToken {
    /// Whether its time is over; what must be asked again of a remembered token.
    pub fn is_expired_at(&self, now: Timestamp) -> bool {
        now >= self.expires_at
    }
}

/// Why a text is not a valid access token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AccessTokenError {
    /// Longer than [`MAX_BYTES`].
    #[error("the token is too long")]
    TooLong,
    /// Not three parts of canonical base64url, or a part is not the JSON object it should be.
    #[error("not a compact JWS with the claims of an access token")]
    Malformed,
    /// `typ` is not `at+jwt`.
    #[error("not an access token by its type")]
    WrongType,
    /// `alg` is not `ES256`.
    #[error("not signed with ES256")]
    WrongAlgorithm,
    /// The header brings its own key (`jwk`, `jku`, `x5u`, `x5c`) or extensions (`crit`, `b64`).
    #[error("the header holds a parameter that is not accepted")]
    ForbiddenHeader,
    /// `kid` names no key of ours.
    #[error("signed with an unknown key")]
    UnknownKey,
    /// The signature is wrong.
    #[error("the signature is wrong")]
    BadSignature,
    /// `iss` is not ours.
    #[error("from another issuer")]
    WrongIssuer,
    /// Its time is over.
    #[error("expired")]
    Expired,
}

impl AccessTokenError {
    /// What the backend is told.
    pub const fn refusal(self) -> Refusal {
        match self {
            Self::Expired => Refusal::TokenExpired,
            _ => Refusal::TokenInvalid,
        }
    }
}

/// Checks a token: form, header, signature, then what it claims.
///
/// `find_key` gives the public key that a `kid` names.
///
/// # Errors
/// The first reason in the order of [`AccessTokenError`]'s variants, except that claims that
/// cannot be read are [`AccessTokenError::Malformed`] after the signature.
pub fn verify<'k>(
    token: &str,
    expected: &Expected<'_>,
    find_key: impl FnOnce(SigningKeyId) -> Option<&'k PublicKey>,
) -> Result<VerifiedToken, AccessTokenError> {
    let jws = Compact::parse(token, MAX_BYTES)?;
    let header: Header<'_> = read_object(&jws.header).ok_or(AccessTokenError::Malformed)?;
    let key_id = check_header(&header)?;
    let key = find_key(key_id).ok_or(AccessTokenError::UnknownKey)?;
    let is_signed = jws
        .signature
        .is_some_and(|signature| key.is_signed(jws.signing_input.as_bytes(), &signature));
    if !is_signed {
        return Err(AccessTokenError::BadSignature);
    }
    let claims: ReadClaims<'_> = read_object(&jws.payload).ok_or(AccessTokenError::Malformed)?;
    if claims.iss.0 != expected.issuer {
        return Err(AccessTokenError::WrongIssuer);
    }
    let token = claims.into_token(key_id)?;
    if token.is_expired_at(expected.now) {
        return Err(AccessTokenError::Expired);
    }
    Ok(token)
}

fn check_header(header: &Header<'_>) -> Result<SigningKeyId, AccessTokenError> {
    if header.typ.0 != TYP {
        return Err(AccessTokenError::WrongType);
    }
    if header.alg.0 != "ES256" {
        return Err(AccessTokenError::WrongAlgorithm);
    }
    if header.jku || header.jwk || header.x5u || header.x5c || header.crit || header.b64 {
        return Err(AccessTokenError::ForbiddenHeader);
    }
    let kid = header.kid.0.parse();
    kid.map_err(|_| AccessTokenError::UnknownKey)
}

#[derive(Serialize)]
struct SignedHeader {
    alg: &'static str,
    typ: &'static str,
    kid: SigningKeyId,
}

#[derive(Serialize)]
struct SignedClaims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    client_id: ClientId,
    iat: i64,
    exp: i64,
    jti: &'a str,
    sid: SessionId,
    #[serde(skip_serializing_if = "Option::is_none")]
    cnf: Option<Confirmation>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    amr: &'a [String],
}

#[derive(Serialize, Deserialize)]
struct Confirmation {
    jkt: Thumbprint,
}

#[derive(Deserialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "one per parameter that may not be there"
)]
struct Header<'a> {
    #[serde(borrow)]
    alg: Text<'a>,
    #[serde(borrow)]
    typ: Text<'a>,
    #[serde(borrow)]
    kid: Text<'a>,
    #[serde(default, deserialize_with = "is_present")]
    jku: bool,
    #[serde(default, deserialize_with = "is_present")]
    jwk: bool,
    #[serde(default, deserialize_with = "is_present")]
    x5u: bool,
    #[serde(default, deserialize_with = "is_present")]
    x5c: bool,
    #[serde(default, deserialize_with = "is_present")]
    crit: bool,
    #[serde(default, deserialize_with = "is_present")]
    b64: bool,
}

#[derive(Deserialize)]
struct ReadClaims<'a> {
    #[serde(borrow)]
    iss: Text<'a>,
    #[serde(borrow)]
    sub: Text<'a>,
    #[serde(borrow)]
    aud: Text<'a>,
    client_id: ClientId,
    iat: NumericDate,
    exp: NumericDate,
    #[serde(borrow)]
    jti: Text<'a>,
    sid: SessionId,
    cnf: Option<Object<Confirmation>>,
    #[serde(default)]
    amr: Vec<String>,
}

impl ReadClaims<'_> {
    fn into_token(self, key_id: SigningKeyId) -> Result<VerifiedToken, AccessTokenError> {
        let sub = self.sub.0.parse();
        Ok(VerifiedToken {
            session_id: self.sid,
            client_id: self.client_id,
            sub: sub.map_err(|_| AccessTokenError::Malformed)?,
            aud: self.aud.0.into_owned(),
            issued_at: self.iat.0,
            expires_at: self.exp.0,
            jkt: self.cnf.map(|Object(cnf)| cnf.jkt),
            amr: self.amr,
            jti: self.jti.0.into_owned(),
            key_id,
        })
    }
}

impl From<CompactError> for AccessTokenError {
    fn from(error: CompactError) -> Self {
        match error {
            CompactError::TooLong => Self::TooLong,
            CompactError::NotCompact => Self::Malformed,
        }
    }
}
