//! `/v1/approvals`.

use super::{ApprovalError, Approvals};
use crate::{
    caller::Backend,
    http::{Json, Path, Problem, Query},
    router::AppState,
};
use axum::extract::State;
use countersign_api_types::{
    approval::{ApprovalItem, ApprovalPath, ApprovalsQuery},
    page::OffsetPage,
};
use countersign_core::{admission::ApprovalDecision, api_key::Scope};
use std::sync::Arc;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(crate) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_approvals))
        .routes(routes!(approve))
        .routes(routes!(reject))
}

/// Lists requests for approval, newest first.
#[utoipa::path(
    get, path = "/v1/approvals", operation_id = "list_approvals", tag = "approvals",
    params(ApprovalsQuery), security(("api_key" = [])),
    responses((status = 200, description = "One page.", body = OffsetPage<ApprovalItem>)),
)]
async fn list_approvals(
    State(approvals): State<Arc<Approvals>>,
    backend: Backend,
    Query(query): Query<ApprovalsQuery>,
) -> Result<Json<OffsetPage<ApprovalItem>>, Problem> {
    backend.require(Scope::DevicesRead)?;
    let (limit, offset) = (query.limit().into(), query.offset.into());
    let found = approvals.search(query.state.as_str(), limit, offset);
    let (found, total) = found.await?;
    Ok(Json(OffsetPage {
        data: found.into_iter().map(Into::into).collect(),
        total: total.unsigned_abs(),
        offset: query.offset,
        limit: query.limit(),
    }))
}

/// Lets a device, or a user on one, in.
#[utoipa::path(
    post, path = "/v1/approvals/{approval_id}/approve", operation_id = "approve", tag = "approvals",
    params(ApprovalPath), security(("api_key" = [])),
    responses((status = 200, description = "Approved; repeating it changes nothing.", body = ApprovalItem),
        (status = 409, description = "It was decided otherwise before.", body = countersign_api_types::Problem,
            content_type = "application/problem+json")),
)]
async fn approve(
    State(approvals): State<Arc<Approvals>>,
    backend: Backend,
    Path(path): Path<ApprovalPath>,
) -> Result<Json<ApprovalItem>, Problem> {
    decide(&approvals, &backend, path, ApprovalDecision::Approved).await
}

/// Refuses a device, which is revoked by that, or a user on one.
#[utoipa::path(
    post, path = "/v1/approvals/{approval_id}/reject", operation_id = "reject", tag = "approvals",
    params(ApprovalPath), security(("api_key" = [])),
    responses((status = 200, description = "Rejected; repeating it changes nothing.", body = ApprovalItem),
        (status = 409, description = "It was decided otherwise before.", body = countersign_api_types::Problem,
            content_type = "application/problem+json")),
)]
async fn reject(
    State(approvals): State<Arc<Approvals>>,
    backend: Backend,
    Path(path): Path<ApprovalPath>,
) -> Result<Json<ApprovalItem>, Problem> {
    decide(&approvals, &backend, path, ApprovalDecision::Rejected).await
}

async fn decide(
    approvals: &Approvals,
    backend: &Backend,
    path: ApprovalPath,
    decision: ApprovalDecision,
) -> Result<Json<ApprovalItem>, Problem> {
    let actor = backend.require(Scope::DevicesWrite)?;
    let decided = approvals.decide(path.approval_id, decision, actor).await;
    let (approval, _) = decided?;
    Ok(Json(approval.into()))
}

impl From<ApprovalError> for Problem {
    fn from(error: ApprovalError) -> Self {
        Self::new(error.code()).caused_by(error)
    }
}
