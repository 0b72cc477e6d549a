//! `/v1/bans`.

use super::{BanError, Banned, Bans, Subject};
use crate::{
    caller::Backend,
    http::{Json, Path, Problem, Query},
    router::AppState,
    signing::Issuer,
};
use axum::extract::State;
use countersign_api_types::{
    ban::{BanItem, BanPath, BanState, BansQuery, CreateBan},
    page::OffsetPage,
};
use countersign_attestation::ending_receipt::Ending;
use countersign_core::{activity::Action, api_key::Scope};
use countersign_storage::BanFilter;
use http::StatusCode;
use std::sync::Arc;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(crate) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(create_ban, list_bans))
        .routes(routes!(lift_ban))
}

/// Bans a device, one user on it, or a key that may never have been seen: its sessions end, and it
/// stays refused until the ban is lifted.
#[utoipa::path(
    post, path = "/v1/bans", operation_id = "create_ban", tag = "bans",
    security(("api_key" = [])), request_body = CreateBan,
    responses((status = 201, description = "Banned; nobody accepts it any more.", body = BanItem)),
)]
async fn create_ban(
    State(bans): State<Arc<Bans>>,
    State(issuer): State<Arc<Issuer>>,
    backend: Backend,
    Json(body): Json<CreateBan>,
) -> Result<(StatusCode, Json<BanItem>), Problem> {
    let actor = backend.require(Scope::DevicesWrite)?;
    let subject = match (body.device_id, body.user_id, body.jkt) {
        (Some(device), Some(user), _) => Subject::UserOnDevice(device, user),
        (Some(device), None, _) => Subject::Device(device),
        (None, _, Some(jkt)) => Subject::Key(jkt),
        (None, _, None) => return Err(BanError::NotFound.into()),
    };
    let (Banned { ban, ended }, receipt) = bans.ban(subject, body.reason, actor).await?;
    let ending = Ending {
        client_id: ban.client_id,
        user_id: ban.user.as_ref().map(|(_, external)| external),
        device_id: ban.device_id,
        sessions: &ended,
        ..Ending::by(Action::DeviceBanned)
    };
    let receipt = issuer.receipt(&ending, receipt);
    let item = BanItem {
        ended: Some(ended.len() as u64),
        receipt: Some(receipt),
        ..ban.into()
    };
    Ok((StatusCode::CREATED, Json(item)))
}

/// Lists bans, newest first.
#[utoipa::path(
    get, path = "/v1/bans", operation_id = "list_bans", tag = "bans",
    params(BansQuery), security(("api_key" = [])),
    responses((status = 200, description = "One page.", body = OffsetPage<BanItem>)),
)]
async fn list_bans(
    State(bans): State<Arc<Bans>>,
    backend: Backend,
    Query(query): Query<BansQuery>,
) -> Result<Json<OffsetPage<BanItem>>, Problem> {
    backend.require(Scope::DevicesRead)?;
    let filter = BanFilter {
        is_active: match query.state {
            BanState::Active => Some(true),
            BanState::Lifted => Some(false),
            BanState::All => None,
        },
        device: query.device_id,
    };
    let (limit, offset) = (query.limit().into(), query.offset.into());
    let (found, total) = bans.search(filter, limit, offset).await?;
    Ok(Json(OffsetPage {
        data: found.into_iter().map(Into::into).collect(),
        total: total.unsigned_abs(),
        offset: query.offset,
        limit: query.limit(),
    }))
}

/// Lifts a ban; the device may come back with another key.
#[utoipa::path(
    delete, path = "/v1/bans/{ban_id}", operation_id = "lift_ban", tag = "bans",
    params(BanPath), security(("api_key" = [])),
    responses((status = 200, description = "Lifted; repeating it changes nothing.", body = BanItem)),
)]
async fn lift_ban(
    State(bans): State<Arc<Bans>>,
    backend: Backend,
    Path(path): Path<BanPath>,
) -> Result<Json<BanItem>, Problem> {
    let actor = backend.require(Scope::DevicesWrite)?;
    let ban = bans.lift(path.ban_id, actor).await?;
    Ok(Json(ban.into()))
}

impl From<BanError> for Problem {
    fn from(error: BanError) -> Self {
        Self::new(error.code()).caused_by(error)
    }
}
