//! `/v1/bans`.

use super::{BanError, Banned, Bans, Subject};
use crate::{
    caller::{Backend, Caller},
    http::{Json, Path, Problem, Query},
    router::AppState,
    signing::Issuer,
};
use axum::extract::State;
use countersign_api_types::{
    Problem as ProblemBody,
    ban::{BanItem, BanPath, BanState, BansQuery, CreateBan},
    device::{DevicePath, Ended},
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

/// What users call.
pub(crate) fn own_routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(disown_device))
}

/// Says that one of the caller's devices is not the caller's: it is cut off and stays refused, and
/// nothing else of the account changes until a backend or an admin lifts that.
#[utoipa::path(
    post, path = "/v1/me/devices/{device_id}/not-me", operation_id = "disown_device", tag = "own devices",
    params(DevicePath), security(("access_token" = [], "dpop_proof" = []), ("access_token" = [])),
    responses(
        (status = 200, description = "Cut off.", body = Ended),
        (status = 409, description = "It is the device that makes the call.", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
async fn disown_device(
    State(bans): State<Arc<Bans>>,
    caller: Caller,
    Path(path): Path<DevicePath>,
) -> Result<Json<Ended>, Problem> {
    if path.device_id == caller.device_id() {
        return Err(BanError::Own.into());
    }
    let subject = Subject::NotMe(path.device_id, caller.user_id().clone());
    let reason = Some("The user said that it was not theirs.".to_owned());
    let (Banned { ended, .. }, _) = bans.ban(subject, reason, caller.actor()).await?;
    Ok(Json(Ended {
        ended: ended.len() as u64,
        receipt: None,
    }))
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
