//! `POST /oauth/introspect` (RFC 7662) and `POST /oauth/revoke` (RFC 7009), form encoded.

use crate::{
    FieldError, Secret, Validate, schema, secret, text::as_optional_text, validate::check_opaque,
};
use countersign_core::{
    AppId, ClientId, DeviceId, SessionId, Thumbprint, device::Platform, trust::TrustLevel,
    user::ExternalUserId,
};
use serde::{Deserialize, Serialize};

const MAX_TOKEN_BYTES: usize = 8 * 1024;

/// The form of introspection (RFC 7662 section 2.1).
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TokenForm {
    /// An access or refresh token.
    #[serde(serialize_with = "secret::hand_out")]
    #[schema(value_type = schema::Token)]
    pub token: Secret,
    /// `access_token` or `refresh_token`; only a hint, so any text is accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_type_hint: Option<String>,
}

/// The form of revocation (RFC 7009 section 2.1).
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RevokeForm {
    /// An access or refresh token.
    #[serde(serialize_with = "secret::hand_out")]
    #[schema(value_type = schema::Token)]
    pub token: Secret,
    /// `access_token` or `refresh_token`; only a hint, so any text is accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_type_hint: Option<String>,
    /// The client that the token was issued to, from a caller without an API key; another text is
    /// as good as another client's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
}

/// What a token is worth (RFC 7662 section 2.2); only `active` when it is worth nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Introspection {
    /// Whether the token is valid and its session live.
    pub active: bool,
    /// `DPoP` or `Bearer`; absent for a refresh token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_type: Option<crate::session::TokenType>,
    /// The client application.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::ClientId>)]
    pub client_id: Option<ClientId>,
    /// The app's own id of the user.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "as_optional_text"
    )]
    #[schema(value_type = Option<schema::UserId>)]
    pub sub: Option<ExternalUserId>,
    /// Who issued the token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iss: Option<String>,
    /// Whom the token is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aud: Option<String>,
    /// When it expires, in seconds since the epoch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exp: Option<i64>,
    /// When it was issued, in seconds since the epoch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iat: Option<i64>,
    /// The token's own id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jti: Option<String>,
    /// The session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::SessionId>)]
    pub sid: Option<SessionId>,
    /// The key that the token is bound to (RFC 9449 section 6.2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cnf: Option<Confirmation>,
    /// How the user authenticated (RFC 8176).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub amr: Vec<String>,
    /// The device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::DeviceId>)]
    pub device_id: Option<DeviceId>,
    /// The device's generation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::AppId>)]
    pub app_id: Option<AppId>,
    /// What the device is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Platform>)]
    pub platform: Option<Platform>,
    /// How far the device is trusted for the user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::TrustLevel>)]
    pub trust: Option<TrustLevel>,
}

/// The key that a token is bound to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Confirmation {
    /// Thumbprint of the key (RFC 7638).
    #[schema(value_type = String)]
    pub jkt: Thumbprint,
}

impl Introspection {
    /// The answer about a token that is worth nothing, whatever the reason.
    pub fn inactive() -> Self {
        Self::default()
    }
}

impl Validate for RevokeForm {
    fn validate(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        check_opaque(&mut errors, "/token", self.token.reveal(), MAX_TOKEN_BYTES);
        errors
    }
}

impl Validate for TokenForm {
    fn validate(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        check_opaque(&mut errors, "/token", self.token.reveal(), MAX_TOKEN_BYTES);
        errors
    }
}
