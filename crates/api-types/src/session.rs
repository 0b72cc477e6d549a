//! `POST /v1/sessions` and `PUT /v1/sessions/{session_id}/tokens`.

mod adopted;
mod checks;

pub use adopted::{AdoptedToken, AdoptedTokens, TokenHash};

use crate::{
    Secret,
    limit::EvictedDevice,
    object, schema, secret,
    text::{as_optional_text, as_text},
};
use countersign_core::{
    AppId, ClientId, DeviceId, SessionId, Timestamp,
    device::{Encryption, PushProvider},
    fingerprint::Fingerprint,
    trust::TrustLevel,
    user::ExternalUserId,
};
use serde::{Deserialize, Serialize};
use std::{fmt, net::IpAddr};
use uuid::Uuid;

/// The most bytes of a `DPoP` proof.
pub const MAX_PROOF_BYTES: usize = 8 * 1024;
/// The most characters of a device's or a person's name for something.
pub const MAX_NAME: usize = 120;
/// The most characters of a role.
pub(crate) const MAX_ROLE: usize = 64;
/// The most bytes of a ticket of a device limit.
pub(crate) const MAX_TICKET_BYTES: usize = 512;

/// A login, signup or refresh that the app's backend has let through.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RegisterSession {
    /// What happened.
    pub event: SessionEvent,
    /// The client application.
    #[schema(value_type = schema::ClientId)]
    pub client_id: ClientId,
    /// The app's own id of the user.
    #[serde(with = "as_text")]
    #[schema(value_type = schema::UserId)]
    pub user_id: ExternalUserId,
    /// How the user authenticated (RFC 8176), at most 16 values.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<schema::AuthenticationMethod>, max_items = 16)]
    pub amr: Vec<String>,
    /// What the user is in the app, for device limits: at most 16 roles. As they were when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<schema::Role>>, max_items = 16)]
    pub roles: Option<Vec<String>>,
    /// The device.
    #[serde(deserialize_with = "object::one")]
    pub device: DeviceReport,
    /// The device's proof of its key, as it came to the backend.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "object::optional"
    )]
    pub proof: Option<RelayedProof>,
    /// The refresh token, for `refresh` unless the tokens are the backend's own.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        serialize_with = "secret::hand_out_optional"
    )]
    #[schema(value_type = Option<schema::StoredSecret>)]
    pub refresh_token: Option<Secret>,
    /// The backend's own tokens, adopted by hash.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "object::optional"
    )]
    pub tokens: Option<AdoptedTokens>,
    /// The device's address as the backend saw it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::IpAddress>)]
    pub client_ip: Option<IpAddr>,
    /// The device's user agent as the backend saw it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::UserAgent>)]
    pub user_agent: Option<String>,
}

/// What made a session be registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum SessionEvent {
    /// A user logged in.
    Login,
    /// A user signed up, and is logged in by that.
    Signup,
    /// A session's tokens are to be rotated.
    Refresh,
}

/// What a device says of itself.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct DeviceReport {
    /// The UUID that the app made and keeps.
    #[schema(value_type = schema::InstallationId)]
    pub installation_id: Uuid,
    /// The device's own name, 1 to 120 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Name>)]
    pub name: Option<String>,
    /// Hardware model, 1 to 120 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Name>)]
    pub model: Option<String>,
    /// Operating system version, 1 to 64 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Version>)]
    pub os_version: Option<String>,
    /// The app's version, 1 to 64 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Version>)]
    pub app_version: Option<String>,
    /// Whether its storage is encrypted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Encryption>)]
    pub encryption: Option<Encryption>,
    /// A recognition hint, SHA-256 in hexadecimal.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "as_optional_text"
    )]
    #[schema(value_type = Option<schema::Sha256>)]
    pub fingerprint: Option<Fingerprint>,
    /// What a device without a key was given at its first registration.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        serialize_with = "secret::hand_out_optional"
    )]
    #[schema(value_type = Option<schema::StoredSecret>)]
    pub device_secret: Option<Secret>,
    /// Where pushes for the device go.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "object::optional"
    )]
    pub push: Option<PushAddress>,
}

/// Where pushes for a device go.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PushAddress {
    /// The push service's token.
    #[serde(serialize_with = "secret::hand_out")]
    #[schema(value_type = schema::PushToken)]
    pub token: Secret,
    /// The push service; that of the platform when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::PushProvider>)]
    pub provider: Option<PushProvider>,
}

/// A `DPoP` proof (RFC 9449) and the request that the device made it for.
#[derive(Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RelayedProof {
    /// The proof, a compact JWS.
    #[schema(value_type = schema::Token)]
    pub jwt: String,
    /// The method of the device's request to the backend.
    #[schema(value_type = schema::Method)]
    pub htm: String,
    /// The URL of the device's request, at one of the client's origins.
    #[schema(min_length = 1, max_length = 2048)]
    pub htu: String,
}

impl fmt::Debug for RelayedProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RelayedProof")
            .field("htu", &self.htu)
            .finish_non_exhaustive()
    }
}

/// A session with the tokens it was given.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RegisteredSession {
    /// The session.
    #[schema(value_type = schema::SessionId)]
    pub session_id: SessionId,
    /// The app's own id of the user.
    #[serde(with = "as_text")]
    #[schema(value_type = schema::UserId)]
    pub user_id: ExternalUserId,
    /// The device.
    #[schema(value_type = schema::DeviceId)]
    pub device_id: DeviceId,
    /// The device's generation.
    #[schema(value_type = schema::AppId)]
    pub app_id: AppId,
    /// The installation id to keep; another than the presented one if that is taken.
    #[schema(value_type = schema::InstallationId)]
    pub installation_id: Uuid,
    /// Whether the device was registered by this call.
    pub is_new_device: bool,
    /// Whether the user had a device with the same fingerprint.
    pub is_recognised: bool,
    /// How far the device is trusted for the user.
    #[schema(value_type = schema::TrustLevel)]
    pub trust: TrustLevel,
    /// How to present the access token; `N_A` for the backend's own (RFC 8693 section 2.2.1).
    pub token_type: TokenType,
    /// The access token, unless it is the backend's own.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        serialize_with = "secret::hand_out_optional"
    )]
    #[schema(value_type = Option<schema::Secret>)]
    pub access_token: Option<Secret>,
    /// Seconds until the access token expires.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_in: Option<u64>,
    /// The refresh token, unless it is the backend's own.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        serialize_with = "secret::hand_out_optional"
    )]
    #[schema(value_type = Option<schema::Secret>)]
    pub refresh_token: Option<Secret>,
    /// When the session ends whatever happens.
    #[schema(value_type = schema::Timestamp)]
    pub session_expires_at: Timestamp,
    /// When the session ends unless there is activity.
    #[schema(value_type = schema::Timestamp)]
    pub idle_expires_at: Timestamp,
    /// The device secret, once, for a new device without a key.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        serialize_with = "secret::hand_out_optional"
    )]
    #[schema(value_type = Option<schema::Secret>)]
    pub device_secret: Option<Secret>,
    /// Devices of the user that made room for this one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evicted: Vec<EvictedDevice>,
    /// The nonce for the device's next proof (`DPoP-Nonce`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dpop_nonce: Option<String>,
}

/// How an access token is presented.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
pub enum TokenType {
    /// With a proof of the device's key (RFC 9449).
    DPoP,
    /// By itself (RFC 6750).
    Bearer,
    /// As the backend does with its own tokens.
    #[serde(rename = "N_A")]
    Adopted,
}

/// A session after the backend's tokens were replaced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TokensReplaced {
    /// The session.
    #[schema(value_type = schema::SessionId)]
    pub session_id: SessionId,
    /// When the session ends whatever happens.
    #[schema(value_type = schema::Timestamp)]
    pub session_expires_at: Timestamp,
    /// When the session ends unless there is activity.
    #[schema(value_type = schema::Timestamp)]
    pub idle_expires_at: Timestamp,
}

/// A session in a path.
#[derive(Debug, Clone, Copy, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Path)]
pub struct SessionPath {
    /// The session.
    #[param(value_type = schema::SessionId, inline)]
    pub session_id: SessionId,
}
