//! `POST /v1/users/{user_id}/disable`, `/enable` and `/unfreeze`.

use super::{UserChanged, Users};
use crate::{
    caller::Backend,
    error::store_problem,
    http::{Json, Path, Problem},
    router::AppState,
    signing::Issuer,
};
use axum::extract::State;
use countersign_api_types::{
    ErrorCode,
    receipt::EndingReceipt,
    user::{UserPath, UserStanding},
};
use countersign_attestation::ending_receipt::Ending;
use countersign_core::{activity::Action, api_key::Scope};
use std::sync::Arc;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(crate) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(disable_user))
        .routes(routes!(enable_user))
        .routes(routes!(unfreeze_user))
}

/// Disables a user: all sessions end, and nothing of the user is accepted until enabled.
#[utoipa::path(
    post, path = "/v1/users/{user_id}/disable", operation_id = "disable_user", tag = "users",
    params(UserPath), security(("api_key" = [])),
    responses((status = 200, description = "Disabled; repeating it changes nothing.", body = UserStanding)),
)]
async fn disable_user(
    State(users): State<Arc<Users>>,
    State(issuer): State<Arc<Issuer>>,
    backend: Backend,
    Path(path): Path<UserPath>,
) -> Result<Json<UserStanding>, Problem> {
    let actor = backend.require(Scope::UsersWrite)?;
    let (changed, receipt) = users
        .disable(path.user_id, actor)
        .await
        .map_err(store_problem)?;
    let ending = Ending {
        user_id: Some(&changed.user.external_id),
        sessions: &changed.ended,
        ..Ending::by(Action::UserDisabled)
    };
    let receipt = issuer.receipt(&ending, receipt);
    Ok(Json(standing(changed, Some(receipt))))
}

/// Lets a user log in again; ended sessions stay ended.
#[utoipa::path(
    post, path = "/v1/users/{user_id}/enable", operation_id = "enable_user", tag = "users",
    params(UserPath), security(("api_key" = [])),
    responses((status = 200, description = "Enabled; repeating it changes nothing.", body = UserStanding)),
)]
async fn enable_user(
    State(users): State<Arc<Users>>,
    backend: Backend,
    Path(path): Path<UserPath>,
) -> Result<Json<UserStanding>, Problem> {
    let actor = backend.require(Scope::UsersWrite)?;
    let changed = users
        .enable(path.user_id, actor)
        .await
        .map_err(store_problem)?;
    Ok(Json(standing(changed, None)))
}

/// Lets the devices of a user change again who said of one that it was not theirs.
#[utoipa::path(
    post, path = "/v1/users/{user_id}/unfreeze", operation_id = "unfreeze_user", tag = "users",
    params(UserPath), security(("api_key" = [])),
    responses((status = 200, description = "Not frozen; repeating it changes nothing.", body = UserStanding)),
)]
async fn unfreeze_user(
    State(users): State<Arc<Users>>,
    backend: Backend,
    Path(path): Path<UserPath>,
) -> Result<Json<UserStanding>, Problem> {
    let actor = backend.require(Scope::UsersWrite)?;
    let changed = users.unfreeze(path.user_id, actor).await;
    match changed.map_err(store_problem)? {
        Some(changed) => Ok(Json(standing(changed, None))),
        None => Err(Problem::new(ErrorCode::NotFound)),
    }
}

fn standing(changed: UserChanged, receipt: Option<EndingReceipt>) -> UserStanding {
    UserStanding {
        user_id: changed.user.external_id,
        is_disabled: changed.user.disabled_at.is_some(),
        disabled_at: changed.user.disabled_at,
        frozen_at: changed.user.frozen_at,
        ended: changed.ended.len() as u64,
        receipt,
    }
}
