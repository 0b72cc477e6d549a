//! `POST /oauth/token` (RFC 6749, RFC 8693), its errors, and the server's metadata (RFC 8414).

use crate::{
    ErrorCode, FieldError, Problem, Secret, Validate,
    limit::LimitTicketItem,
    schema, secret,
    session::{DeviceReport, RegisteredSession},
    validate::check_opaque,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::borrow::Cow;
use uuid::Uuid;

/// `grant_type` of a token exchange (RFC 8693 section 2.1).
pub const TOKEN_EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
/// `grant_type` of a refresh (RFC 6749 section 6).
pub const REFRESH_TOKEN: &str = "refresh_token";
/// The type of an ID token (RFC 8693 section 3).
pub const ID_TOKEN_TYPE: &str = "urn:ietf:params:oauth:token-type:id_token";
/// The type of an access token (RFC 8693 section 3).
pub const ACCESS_TOKEN_TYPE: &str = "urn:ietf:params:oauth:token-type:access_token";

/// The most bytes of any token in the form: an issuer's ID token is the longest.
const MAX_TOKEN_BYTES: usize = 16 * 1024;

/// The form of the token endpoint; the proof comes in the `DPoP` header. Parameters that are not
/// listed are ignored, and so is one without a value; a repeated one is refused.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TokenRequest {
    /// `urn:ietf:params:oauth:grant-type:token-exchange` or `refresh_token`.
    #[schema(value_type = schema::GrantType)]
    pub grant_type: String,
    /// The client application: a public client, without a secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::ClientId>)]
    pub client_id: Option<String>,
    /// Token exchange: the ID token.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        serialize_with = "secret::hand_out_optional"
    )]
    #[schema(value_type = Option<schema::Secret>)]
    pub subject_token: Option<Secret>,
    /// Token exchange: `urn:ietf:params:oauth:token-type:id_token`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::SubjectTokenType>)]
    pub subject_token_type: Option<String>,
    /// Token exchange: `urn:ietf:params:oauth:token-type:access_token`, which is also meant when
    /// it is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::RequestedTokenType>)]
    pub requested_token_type: Option<String>,
    /// Nobody acts for somebody else here, so this is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor_token: Option<String>,
    /// The client's own audience, if anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audience: Option<String>,
    /// The client's own audience, if anything (RFC 8707).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<String>,
    /// Token exchange: what the app gave the issuer as `nonce`; the ID token must carry it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
    /// Token exchange: the UUID that the app keeps; one is made when it is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::InstallationId>)]
    pub installation_id: Option<Uuid>,
    /// What the device says of itself: a `DeviceReport` in JSON, without `installation_id`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<String>,
    /// Refresh: the refresh token.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        serialize_with = "secret::hand_out_optional"
    )]
    #[schema(value_type = Option<schema::Secret>)]
    pub refresh_token: Option<Secret>,
}

impl TokenRequest {
    /// What the device says of itself, under an installation id.
    ///
    /// # Errors
    /// Says that `device` is not such an object; never what it holds.
    pub fn device_report(&self, installation_id: Uuid) -> Result<DeviceReport, FieldError> {
        let wrong = || FieldError::new("/device", "must be a device report in JSON");
        let mut members: Map<String, Value> = match &self.device {
            Some(text) => serde_json::from_str(text).map_err(|_| wrong())?,
            None => Map::new(),
        };
        let id = Value::String(installation_id.to_string());
        members.insert("installation_id".to_owned(), id);
        serde_json::from_value(Value::Object(members)).map_err(|_| wrong())
    }
}

impl Validate for TokenRequest {
    fn validate(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        for (pointer, token) in [
            ("/subject_token", &self.subject_token),
            ("/refresh_token", &self.refresh_token),
        ] {
            if let Some(token) = token {
                check_opaque(&mut errors, pointer, token.reveal(), MAX_TOKEN_BYTES);
            }
        }
        match self.device_report(Uuid::nil()) {
            Ok(report) => report.check(&mut errors),
            Err(error) => errors.push(error),
        }
        errors
    }
}

/// A session with its tokens, as a token endpoint answers it.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TokenAnswer {
    /// The session. The nonce for the next proof is in the `DPoP-Nonce` header.
    #[serde(flatten)]
    pub session: RegisteredSession,
    /// Token exchange: `urn:ietf:params:oauth:token-type:access_token`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub issued_token_type: Option<Cow<'static, str>>,
}

/// An error of the OAuth endpoints (RFC 6749 section 5.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct OAuthError {
    /// The error of the standard.
    #[schema(value_type = String, example = "invalid_grant")]
    pub error: Cow<'static, str>,
    /// What happened, for developers.
    pub error_description: String,
    /// The closed code to branch on: it says more than `error`.
    #[schema(value_type = schema::ErrorCode)]
    pub code: ErrorCode,
    /// Names the request in the server's log; also in `X-Request-Id`.
    #[serde(default)]
    pub request_id: String,
    /// With `device_limit_reached`: what lets the user remove a device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<LimitTicketItem>,
}

impl OAuthError {
    /// The media type (RFC 6749 section 5.2).
    pub const MEDIA_TYPE: &'static str = "application/json";
}

impl From<&Problem> for OAuthError {
    fn from(problem: &Problem) -> Self {
        let faults = problem.errors.iter();
        let faults: Vec<String> = faults
            .map(|fault| format!("{} {}", fault.pointer.trim_start_matches('/'), fault.detail))
            .collect();
        let text = if faults.is_empty() {
            problem.detail.as_ref()
        } else {
            &faults.join("; ")
        };
        // The characters that the standard allows.
        let allowed = |c: &char| matches!(c, ' '..='~') && !matches!(c, '"' | '\\');
        Self {
            error: problem
                .error
                .clone()
                .unwrap_or(Cow::Borrowed("invalid_request")),
            error_description: text.trim().chars().filter(allowed).collect(),
            code: problem.code,
            ticket: problem.ticket.clone(),
            request_id: problem.request_id.clone(),
        }
    }
}

/// What the server can do as an OAuth authorization server (RFC 8414 section 2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ServerMetadata {
    /// `iss` of the access tokens: the public URL.
    pub issuer: String,
    /// Where tokens are issued.
    pub token_endpoint: String,
    /// Where they are given back.
    pub revocation_endpoint: String,
    /// Where the keys are.
    pub jwks_uri: String,
    /// Empty: there is no authorization endpoint. The member itself is required.
    pub response_types_supported: Vec<String>,
    /// Token exchange and refresh.
    pub grant_types_supported: Vec<String>,
    /// `none`: clients are public.
    pub token_endpoint_auth_methods_supported: Vec<String>,
    /// `none`: possession of the token is what counts.
    pub revocation_endpoint_auth_methods_supported: Vec<String>,
    /// What proofs are signed with (RFC 9449 section 5.1).
    pub dpop_signing_alg_values_supported: Vec<String>,
}

impl ServerMetadata {
    /// Of the server at a public URL.
    pub fn of(public_url: &str) -> Self {
        let list = |values: &[&str]| values.iter().map(|&value| value.to_owned()).collect();
        Self {
            issuer: public_url.to_owned(),
            token_endpoint: format!("{public_url}/oauth/token"),
            revocation_endpoint: format!("{public_url}/oauth/revoke"),
            jwks_uri: format!("{public_url}/.well-known/jwks.json"),
            response_types_supported: Vec::new(),
            grant_types_supported: list(&[TOKEN_EXCHANGE, REFRESH_TOKEN]),
            token_endpoint_auth_methods_supported: list(&["none"]),
            revocation_endpoint_auth_methods_supported: list(&["none"]),
            dpop_signing_alg_values_supported: list(&["ES256"]),
        }
    }
}
