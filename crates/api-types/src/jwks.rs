//! `GET /.well-known/jwks.json` (RFC 7517 section 5).

use serde::{Deserialize, Serialize};

/// The keys that access tokens are signed with.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Jwks {
    /// Current, coming and recently retired ones.
    pub keys: Vec<Jwk>,
}

/// One public P-256 key (RFC 7518 section 6.2.1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Jwk {
    /// `EC`.
    pub kty: String,
    /// `P-256`.
    pub crv: String,
    /// The x coordinate, base64url.
    pub x: String,
    /// The y coordinate, base64url.
    pub y: String,
    /// Names the key in a token's header.
    pub kid: String,
    /// `ES256`.
    pub alg: String,
    /// `sig`.
    #[serde(rename = "use")]
    pub key_use: String,
}

impl Jwk {
    /// A P-256 key for signatures; `x` and `y` are base64url text.
    pub fn p256(kid: String, x: String, y: String) -> Self {
        Self {
            kty: "EC".to_owned(),
            crv: "P-256".to_owned(),
            x,
            y,
            kid,
            alg: "ES256".to_owned(),
            key_use: "sig".to_owned(),
        }
    }
}
