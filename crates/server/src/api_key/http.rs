//! `/v1/api-keys`.

use super::{ApiKeyError, ApiKeys, NewApiKey};
use crate::{
    caller::Backend,
    http::{Json, Path, Problem, Query},
    router::AppState,
    signing::Issuer,
};
use axum::extract::State;
use countersign_api_types::{
    Secret,
    api_key::{ApiKeyItem, ApiKeyPath, CreateApiKey, CreatedApiKey, RevokedApiKey},
    page::{OffsetPage, OffsetQuery},
};
use countersign_attestation::ending_receipt::Ending;
use countersign_core::{activity::Action, api_key::Scope};
use http::{
    StatusCode,
    header::{CACHE_CONTROL, HeaderName},
};
use std::sync::Arc;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(crate) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(create_api_key, list_api_keys))
        .routes(routes!(revoke_api_key))
}

/// Makes an API key. The answer holds the secret, which is shown only here.
#[utoipa::path(
    post, path = "/v1/api-keys", operation_id = "create_api_key", tag = "api-keys",
    security(("api_key" = [])), request_body = CreateApiKey,
    responses((status = 201, description = "Made.", body = CreatedApiKey)),
)]
async fn create_api_key(
    State(keys): State<Arc<ApiKeys>>,
    backend: Backend,
    Json(body): Json<CreateApiKey>,
) -> Result<
    (
        StatusCode,
        [(HeaderName, &'static str); 1],
        Json<CreatedApiKey>,
    ),
    Problem,
> {
    let actor = backend.require(Scope::ApiKeysWrite)?;
    let new = NewApiKey {
        name: body.name,
        scopes: body.scopes,
        expires_at: body.expires_at,
    };
    let (key, secret) = keys.create(new, actor).await?;
    let created = CreatedApiKey::new(key, Secret::from(&secret));
    Ok((
        StatusCode::CREATED,
        [(CACHE_CONTROL, "no-store")],
        Json(created),
    ))
}

/// Lists API keys, oldest first, revoked ones included.
#[utoipa::path(
    get, path = "/v1/api-keys", operation_id = "list_api_keys", tag = "api-keys",
    params(OffsetQuery), security(("api_key" = [])),
    responses((status = 200, description = "One page.", body = OffsetPage<ApiKeyItem>)),
)]
async fn list_api_keys(
    State(keys): State<Arc<ApiKeys>>,
    backend: Backend,
    Query(query): Query<OffsetQuery>,
) -> Result<Json<OffsetPage<ApiKeyItem>>, Problem> {
    backend.require(Scope::ApiKeysRead)?;
    let (found, total) = keys.list(query.limit().into(), query.offset.into()).await?;
    Ok(Json(OffsetPage {
        data: found.into_iter().map(Into::into).collect(),
        total: total.unsigned_abs(),
        offset: query.offset,
        limit: query.limit(),
    }))
}

/// Revokes an API key: refused from the next call on.
#[utoipa::path(
    delete, path = "/v1/api-keys/{key_id}", operation_id = "revoke_api_key", tag = "api-keys",
    params(ApiKeyPath), security(("api_key" = [])),
    responses((status = 200, description = "Revoked; repeating it changes nothing.", body = RevokedApiKey)),
)]
async fn revoke_api_key(
    State(keys): State<Arc<ApiKeys>>,
    State(issuer): State<Arc<Issuer>>,
    backend: Backend,
    Path(path): Path<ApiKeyPath>,
) -> Result<Json<RevokedApiKey>, Problem> {
    let actor = backend.require(Scope::ApiKeysWrite)?;
    let receipt = keys.revoke(path.key_id, actor).await?;
    let ending = Ending {
        key_id: Some(path.key_id),
        ..Ending::by(Action::ApiKeyRevoked)
    };
    Ok(Json(RevokedApiKey {
        key_id: path.key_id,
        receipt: issuer.receipt(&ending, receipt),
    }))
}

impl From<ApiKeyError> for Problem {
    fn from(error: ApiKeyError) -> Self {
        Self::new(error.code()).caused_by(error)
    }
}
