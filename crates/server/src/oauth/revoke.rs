//! `POST /oauth/revoke`.

use crate::{
    caller::Backend,
    device::Devices,
    error::store_problem,
    http::{Form, Problem},
    router::AppState,
    session::Sessions,
    verify::{Gate, Judged},
};
use axum::extract::State;
use countersign_api_types::{ErrorCode, oauth::TokenForm};
use countersign_core::{SessionId, api_key::Scope, session::EndingCause};
use http::StatusCode;
use std::sync::Arc;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(revoke))
}

/// Ends the session that a token belongs to: access and refresh token alike. A token that is
/// none of ours is answered in the same way.
#[utoipa::path(
    post, path = "/oauth/revoke", operation_id = "revoke", tag = "oauth",
    security(("api_key" = []), ("api_key_basic" = [])),
    request_body(content = TokenForm, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, description = "The token is good for nothing (RFC 7009 section 2.2).")),
)]
async fn revoke(
    State(gate): State<Arc<Gate>>,
    State(sessions): State<Arc<Sessions>>,
    State(devices): State<Arc<Devices>>,
    backend: Backend,
    Form(form): Form<TokenForm>,
) -> Result<StatusCode, Problem> {
    let actor = backend.require(Scope::Verify)?;
    if let Some(session) = session_of(&gate, &sessions, form.token.reveal()).await? {
        let journal = devices.ledger.journal(actor);
        devices
            .log_out(journal, session, EndingCause::TokenRevoked)
            .await?;
    }
    Ok(StatusCode::OK)
}

/// The session of an access token, else of a refresh token.
async fn session_of(
    gate: &Gate,
    sessions: &Sessions,
    token: &str,
) -> Result<Option<SessionId>, Problem> {
    let judged = gate
        .inspect(token)
        .await
        .map_err(|error| Problem::new(ErrorCode::Unavailable).caused_by(error))?;
    match judged {
        Judged::Admitted(admitted) => Ok(Some(admitted.live.snapshot.session_id)),
        // An expired or suspended one is genuine all the same.
        Judged::Refused(refused) if refused.session.is_some() => Ok(refused.session),
        Judged::Refused(_) => sessions
            .find_refreshable(token)
            .await
            .map_err(store_problem),
    }
}
