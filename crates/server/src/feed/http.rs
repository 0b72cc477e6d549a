//! `/v1/feed`.

use super::{Feed, FeedError};
use crate::{
    caller::Backend,
    http::{Json, Problem},
    membership::Pull,
    router::AppState,
};
use axum::extract::State;
use countersign_api_types::{
    ErrorCode,
    feed::{FeedAnswer, FeedRequest, FeedSeenRequest, FeedSessionAnswer, FeedSessionRequest},
};
use countersign_core::api_key::Scope;
use http::StatusCode;
use std::sync::Arc;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(crate) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(pull_feed))
        .routes(routes!(read_feed_session))
        .routes(routes!(report_seen))
}

/// What is new for a verifier, and for how long it may rely on what it has.
#[utoipa::path(
    post, path = "/v1/feed", operation_id = "pull_feed", tag = "feed",
    security(("api_key" = [])), request_body = FeedRequest,
    responses((status = 200, description = "What is new.", body = FeedAnswer)),
)]
async fn pull_feed(
    State(feed): State<Arc<Feed>>,
    backend: Backend,
    Json(request): Json<FeedRequest>,
) -> Result<Json<FeedAnswer>, Problem> {
    backend.require(Scope::FeedRead)?;
    let pulled = feed.pull(Pull::of(&request), request.keys_id.as_deref());
    pulled.await.map(Json).map_err(unavailable)
}

/// A session, or what a token of the app's own stands for, as of now.
#[utoipa::path(
    post, path = "/v1/feed/session", operation_id = "read_feed_session", tag = "feed",
    security(("api_key" = [])), request_body = FeedSessionRequest,
    responses((status = 200, description = "What there is.", body = FeedSessionAnswer)),
)]
async fn read_feed_session(
    State(feed): State<Arc<Feed>>,
    backend: Backend,
    Json(request): Json<FeedSessionRequest>,
) -> Result<Json<FeedSessionAnswer>, Problem> {
    backend.require(Scope::FeedRead)?;
    let read = match (request.session_id, request.token_sha256) {
        (_, Some(hash)) => {
            let token = feed.token(hash.into()).await;
            token.map(|(node, token)| (node, None, token))
        }
        (Some(id), None) => {
            let session = feed.session(id).await;
            session.map(|(node, session)| (node, session, None))
        }
        (None, None) => return Err(Problem::new(ErrorCode::InvalidRequest)),
    };
    let (node_id, session, token) = read.map_err(unavailable)?;
    Ok(Json(FeedSessionAnswer {
        node_id,
        session,
        token,
    }))
}

/// Takes in whose requests a verifier let through, so that their sessions do not go idle.
#[utoipa::path(
    post, path = "/v1/feed/seen", operation_id = "report_seen", tag = "feed",
    security(("api_key" = [])), request_body = FeedSeenRequest,
    responses((status = 204, description = "Taken in.")),
)]
async fn report_seen(
    State(feed): State<Arc<Feed>>,
    backend: Backend,
    Json(request): Json<FeedSeenRequest>,
) -> Result<StatusCode, Problem> {
    backend.require(Scope::FeedRead)?;
    feed.seen(&request.seen).await.map_err(unavailable)?;
    Ok(StatusCode::NO_CONTENT)
}

fn unavailable(error: FeedError) -> Problem {
    Problem::new(ErrorCode::Unavailable).caused_by(error)
}
