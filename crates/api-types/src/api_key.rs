//! `/v1/api-keys`.

use crate::{
    FieldError, Secret, Validate, receipt::EndingReceipt, schema, secret, session::MAX_NAME,
    validate::check_text,
};
use countersign_core::{
    ApiKeyId, Timestamp,
    api_key::{ApiKey, Scope},
};
use serde::{Deserialize, Serialize};

/// One API key, without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ApiKeyItem {
    /// Its identity.
    #[schema(value_type = schema::ApiKeyId)]
    pub key_id: ApiKeyId,
    /// What people call it.
    pub name: String,
    /// What it may do.
    #[schema(value_type = Vec<schema::Scope>)]
    pub scopes: Vec<Scope>,
    /// When it was made.
    #[schema(value_type = schema::Timestamp)]
    pub created_at: Timestamp,
    /// When it stops by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Timestamp>)]
    pub expires_at: Option<Timestamp>,
    /// When it was revoked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Timestamp>)]
    pub revoked_at: Option<Timestamp>,
}

/// An API key to make.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CreateApiKey {
    /// 1 to 120 characters.
    #[schema(value_type = schema::Name)]
    pub name: String,
    /// At least one, each once.
    #[schema(value_type = schema::Scopes)]
    pub scopes: Vec<Scope>,
    /// When it stops by itself; never when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Timestamp>)]
    pub expires_at: Option<Timestamp>,
}

/// A new API key with its secret, which is shown this once.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CreatedApiKey {
    /// Its identity.
    #[schema(value_type = schema::ApiKeyId)]
    pub key_id: ApiKeyId,
    /// What people call it.
    pub name: String,
    /// What it may do.
    #[schema(value_type = Vec<schema::Scope>)]
    pub scopes: Vec<Scope>,
    /// When it was made.
    #[schema(value_type = schema::Timestamp)]
    pub created_at: Timestamp,
    /// When it stops by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Timestamp>)]
    pub expires_at: Option<Timestamp>,
    /// The secret, `csak_…`.
    #[serde(serialize_with = "secret::hand_out")]
    #[schema(value_type = schema::Secret)]
    pub secret: Secret,
}

impl From<ApiKey> for ApiKeyItem {
    fn from(key: ApiKey) -> Self {
        Self {
            key_id: key.id,
            name: key.name,
            scopes: key.scopes,
            created_at: key.created_at,
            expires_at: key.expires_at,
            revoked_at: key.revoked_at,
        }
    }
}

impl CreatedApiKey {
    /// The answer that shows the secret of the key.
    pub fn new(key: ApiKey, secret: Secret) -> Self {
        Self {
            key_id: key.id,
            name: key.name,
            scopes: key.scopes,
            created_at: key.created_at,
            expires_at: key.expires_at,
            secret,
        }
    }
}

impl Validate for CreateApiKey {
    /// Whether `expires_at` lies ahead is for the caller, who has the clock.
    fn validate(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        check_text(&mut errors, "/name", &self.name, MAX_NAME);
        if self.scopes.is_empty() {
            errors.push(FieldError::new("/scopes", "at least one is needed"));
        }
        for (index, scope) in self.scopes.iter().enumerate() {
            if self.scopes.iter().take(index).any(|other| other == scope) {
                let detail = format!("{scope} is there twice");
                errors.push(FieldError::new(format!("/scopes/{index}"), detail));
            }
        }
        errors
    }
}

/// What revoking an API key answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct RevokedApiKey {
    /// Which.
    #[schema(value_type = schema::ApiKeyId)]
    pub key_id: ApiKeyId,
    /// Where that has arrived.
    pub receipt: EndingReceipt,
}

/// An API key in a path.
#[derive(Debug, Clone, Copy, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Path)]
pub struct ApiKeyPath {
    /// The key.
    #[param(value_type = schema::ApiKeyId, inline)]
    pub key_id: ApiKeyId,
}
