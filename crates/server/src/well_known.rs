//! What anyone may read: the signing keys, the metadata and the API's description.

use crate::{
    app::App,
    caller::PublicUrl,
    http::{Json, Throttled},
    router::AppState,
    signing::Issuer,
};
use axum::extract::State;
use countersign_api_types::{
    jwks::{Jwk, Jwks},
    token::ServerMetadata,
};
use http::header::{CACHE_CONTROL, HeaderName};
use std::sync::Arc;
use utoipa::openapi::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};

/// How long a verifier may keep the keys: less than the hour between publishing and signing.
const KEYS_FOR: [(HeaderName, &str); 1] = [(CACHE_CONTROL, "public, max-age=900")];

/// How long the metadata may be kept: they change with the version and the configuration only.
const METADATA_FOR: [(HeaderName, &str); 1] = [(CACHE_CONTROL, "public, max-age=3600")];

pub(crate) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(get_jwks))
        .routes(routes!(get_server_metadata))
        .route("/openapi.json", axum::routing::get(get_openapi))
}

/// The keys that sign access tokens.
#[utoipa::path(
    get, path = "/.well-known/jwks.json", operation_id = "get_jwks", tag = "well-known",
    responses((status = 200, description = "The published keys (RFC 7517).", body = Jwks)),
)]
async fn get_jwks(
    State(app): State<AppState>,
    State(issuer): State<Arc<Issuer>>,
) -> ([(HeaderName, &'static str); 1], Json<Jwks>) {
    let published = issuer.keys.jwks(App::now(&app.0));
    let keys = published
        .into_iter()
        .map(|(id, jwk)| Jwk::p256(id.to_string(), jwk.x, jwk.y));
    (
        KEYS_FOR,
        Json(Jwks {
            keys: keys.collect(),
        }),
    )
}

/// What the server can do as an OAuth authorization server.
#[utoipa::path(
    get, path = "/.well-known/oauth-authorization-server", operation_id = "get_server_metadata",
    tag = "well-known",
    responses((status = 200, description = "The metadata (RFC 8414 section 3.2).", body = ServerMetadata)),
)]
async fn get_server_metadata(
    State(PublicUrl(url)): State<PublicUrl>,
) -> ([(HeaderName, &'static str); 1], Json<ServerMetadata>) {
    (METADATA_FOR, Json(ServerMetadata::of(&url)))
}

async fn get_openapi(_: Throttled) -> axum::Json<OpenApi> {
    axum::Json(crate::router::openapi())
}
