//! `/v1/clients`.

use super::{ClientChange, ClientError, Clients};
use crate::{
    caller::Backend,
    http::{Json, Path, Problem, Query, etag, if_match},
    router::AppState,
    signing::Issuer,
};
use axum::extract::State;
use countersign_api_types::{
    FieldError, Problem as ProblemBody,
    client::{ClientItem, ClientPath, CreateClient, UpdateClient},
    page::{OffsetPage, OffsetQuery},
    play_integrity::{PlayCredentialsItem, SetPlayCredentials},
    schema::IfMatch,
};
use countersign_attestation::ending_receipt::Ending;
use countersign_core::{activity::Action, api_key::Scope};
use http::{
    HeaderMap, StatusCode,
    header::{ETAG, HeaderName, LOCATION},
};
use std::sync::Arc;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(crate) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(create_client, list_clients))
        .routes(routes!(get_client, update_client))
        .routes(routes!(set_play_credentials, remove_play_credentials))
}

/// Registers a client application.
#[utoipa::path(
    post, path = "/v1/clients", operation_id = "create_client", tag = "clients",
    security(("api_key" = [])), request_body = CreateClient,
    responses((status = 201, description = "Registered.", body = ClientItem,
        headers(("Location" = String, description = "The client's path."), ("ETag" = String, description = "Its version.")))),
)]
async fn create_client(
    State(clients): State<Arc<Clients>>,
    backend: Backend,
    Json(body): Json<CreateClient>,
) -> Result<(StatusCode, [(HeaderName, String); 2], Json<ClientItem>), Problem> {
    let actor = backend.require(Scope::ClientsWrite)?;
    let client = clients.create(body, actor).await?;
    let headers = [
        (LOCATION, format!("/v1/clients/{}", client.id)),
        (ETAG, etag(client.version)),
    ];
    Ok((StatusCode::CREATED, headers, Json(client.into())))
}

/// Lists client applications, oldest first.
#[utoipa::path(
    get, path = "/v1/clients", operation_id = "list_clients", tag = "clients",
    params(OffsetQuery), security(("api_key" = [])),
    responses((status = 200, description = "One page.", body = OffsetPage<ClientItem>)),
)]
async fn list_clients(
    State(clients): State<Arc<Clients>>,
    backend: Backend,
    Query(query): Query<OffsetQuery>,
) -> Result<Json<OffsetPage<ClientItem>>, Problem> {
    backend.require(Scope::ClientsRead)?;
    let (found, total) = clients
        .list(query.limit().into(), query.offset.into())
        .await?;
    Ok(Json(OffsetPage {
        data: found.into_iter().map(Into::into).collect(),
        total: total.unsigned_abs(),
        offset: query.offset,
        limit: query.limit(),
    }))
}

/// Reads one client application.
#[utoipa::path(
    get, path = "/v1/clients/{client_id}", operation_id = "get_client", tag = "clients",
    params(ClientPath), security(("api_key" = [])),
    responses((status = 200, description = "The client.", body = ClientItem,
        headers(("ETag" = String, description = "Its version, for `If-Match`.")))),
)]
async fn get_client(
    State(clients): State<Arc<Clients>>,
    backend: Backend,
    Path(path): Path<ClientPath>,
) -> Result<([(HeaderName, String); 1], Json<ClientItem>), Problem> {
    backend.require(Scope::ClientsRead)?;
    Ok(tagged(clients.find(path.client_id).await?.into()))
}

/// Changes a client application; what the body leaves out stays.
#[utoipa::path(
    patch, path = "/v1/clients/{client_id}", operation_id = "update_client", tag = "clients",
    params(ClientPath, ("If-Match" = inline(Option<IfMatch>), Header, description = "The version that the change is made on.")),
    security(("api_key" = [])), request_body = UpdateClient,
    responses(
        (status = 200, description = "Changed.", body = ClientItem,
            headers(("ETag" = String, description = "Its new version."))),
        (status = 412, description = "`If-Match` names another version than the current one.", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
async fn update_client(
    State(clients): State<Arc<Clients>>,
    State(issuer): State<Arc<Issuer>>,
    backend: Backend,
    Path(path): Path<ClientPath>,
    headers: HeaderMap,
    Json(update): Json<UpdateClient>,
) -> Result<([(HeaderName, String); 1], Json<ClientItem>), Problem> {
    let actor = backend.require(Scope::ClientsWrite)?;
    let change = ClientChange {
        id: path.client_id,
        based_on: if_match(&headers)?,
        update,
    };
    let (client, receipt) = clients.update(change, actor).await?;
    let ending = Ending {
        client_id: Some(client.id),
        ..Ending::by(Action::ClientUpdated)
    };
    Ok(tagged(ClientItem {
        receipt: Some(issuer.receipt(&ending, receipt)),
        ..client.into()
    }))
}

/// Gives a client what its tokens of Play Integrity are read with, in place of what it had.
///
/// Response keys are for the tokens of classic requests, a service account for those of standard
/// ones. Nothing of it is ever shown again.
#[utoipa::path(
    put, path = "/v1/clients/{client_id}/play-integrity", operation_id = "set_play_credentials", tag = "clients",
    params(ClientPath), security(("api_key" = [])), request_body = SetPlayCredentials,
    responses((status = 200, description = "Set.", body = PlayCredentialsItem)),
)]
async fn set_play_credentials(
    State(clients): State<Arc<Clients>>,
    backend: Backend,
    Path(path): Path<ClientPath>,
    Json(body): Json<SetPlayCredentials>,
) -> Result<Json<PlayCredentialsItem>, Problem> {
    let actor = backend.require(Scope::ClientsWrite)?;
    let id = path.client_id;
    let stored = clients.set_play_credentials(id, body, actor).await?;
    Ok(Json(PlayCredentialsItem {
        client_id: stored.client_id,
        kind: stored.kind,
        set_at: stored.set_at,
    }))
}

/// Takes from a client what its tokens of Play Integrity are read with: they cannot be judged any more.
#[utoipa::path(
    delete, path = "/v1/clients/{client_id}/play-integrity", operation_id = "remove_play_credentials", tag = "clients",
    params(ClientPath), security(("api_key" = [])),
    responses((status = 204, description = "Removed; repeating it changes nothing.")),
)]
async fn remove_play_credentials(
    State(clients): State<Arc<Clients>>,
    backend: Backend,
    Path(path): Path<ClientPath>,
) -> Result<StatusCode, Problem> {
    let actor = backend.require(Scope::ClientsWrite)?;
    clients
        .remove_play_credentials(path.client_id, actor)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

fn tagged(client: ClientItem) -> ([(HeaderName, String); 1], Json<ClientItem>) {
    ([(ETAG, etag(client.version))], Json(client))
}

impl From<ClientError> for Problem {
    fn from(error: ClientError) -> Self {
        match error {
            ClientError::Lifetimes(invalid) => Self::invalid(vec![FieldError::from(invalid)]),
            ClientError::Credentials(invalid) => Self::invalid(vec![FieldError::new(
                invalid.pointer(),
                invalid.to_string(),
            )]),
            error => Self::new(error.code()).caused_by(error),
        }
    }
}
