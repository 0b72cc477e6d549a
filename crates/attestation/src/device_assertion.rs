//! Device assertions: what a request was judged to be, signed for the app behind a proxy.
//!
//! They have a `typ` of their own (RFC 8725 section 3.11), so that neither an assertion is taken
//! for an access token nor an access token for an assertion.

use crate::jws::{SigningFailed, SigningKey, sign as sign_jws};
use countersign_core::{
    AppId, ClientId, DeviceId, SessionId, SigningKeyId, Timestamp, snapshot::Compliance,
    trust::TrustLevel, user::ExternalUserId,
};
use serde::Serialize;

/// `typ` of a device assertion.
pub const TYP: &str = "device-assertion+jwt";

/// What a device assertion says. Times are kept in whole seconds.
#[derive(Debug, Clone, Copy)]
pub struct Claims<'a> {
    /// The issuer: the public URL.
    pub iss: &'a str,
    /// The app's own id for the user.
    pub sub: &'a ExternalUserId,
    /// The origin of the app that was called.
    pub aud: &'a str,
    /// When it was judged.
    pub iat: Timestamp,
    /// From when on it says nothing.
    pub exp: Timestamp,
    /// Unique to this assertion.
    pub jti: &'a str,
    /// The device.
    pub device_id: DeviceId,
    /// The device's generation.
    pub app_id: AppId,
    /// The session.
    pub sid: SessionId,
    /// The client.
    pub client_id: ClientId,
    /// How far the device is trusted for the user.
    pub trust: TrustLevel,
    /// Whether the device meets the rules.
    pub compliance: Compliance,
    /// Whether the session is bound to a device key.
    pub key_bound: bool,
    /// The method of the request that was judged.
    pub method: &'a str,
    /// Its absolute URL, query included, as the proxy received it.
    pub url: &'a str,
}

/// Signs a device assertion with the key that `kid` names.
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
        iat: claims.iat.as_secs(),
        exp: claims.exp.as_secs(),
        jti: claims.jti,
        device_id: claims.device_id,
        app_id: claims.app_id,
        sid: claims.sid,
        client_id: claims.client_id,
        trust: claims.trust,
        compliance: claims.compliance,
        key_bound: claims.key_bound,
        method: claims.method,
        url: claims.url,
    };
    sign_jws(key, &header, &payload)
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
    iat: i64,
    exp: i64,
    jti: &'a str,
    device_id: DeviceId,
    app_id: AppId,
    sid: SessionId,
    client_id: ClientId,
    trust: TrustLevel,
    compliance: Compliance,
    key_bound: bool,
    method: &'a str,
    url: &'a str,
}
