//! `POST /oauth/revoke`, for devices and for backends.

use crate::{
    api_key::ApiKeys,
    caller::{Backend, anonymous},
    cors::CallOf,
    device::Devices,
    error::store_problem,
    http::{OAuthForm, Problem, RateLimiter, RequestContext},
    router::AppState,
    session::Sessions,
    verify::{Gate, Judged},
};
use axum::{
    extract::{FromRef, FromRequestParts, State},
    response::{IntoResponse, Response},
};
use countersign_api_types::{ErrorCode, oauth::RevokeForm, token::OAuthError};
use countersign_core::{
    ClientId, SessionId,
    activity::Actor,
    api_key::Scope,
    session::{EndingCause, Session},
};
use countersign_storage::StoreError;
use http::{StatusCode, header::AUTHORIZATION, request::Parts};
use std::sync::Arc;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(crate) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(revoke))
}

/// Who gives a token back.
#[derive(Debug)]
enum Revoker {
    /// A backend with an API key.
    Backend(Backend),
    /// Whoever holds the token, and says whose it is.
    Holder,
}

impl<S: Send + Sync> FromRequestParts<S> for Revoker
where
    Arc<ApiKeys>: FromRef<S>,
    RateLimiter: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        if parts.headers.contains_key(AUTHORIZATION) {
            let backend = Backend::from_request_parts(parts, state).await;
            backend.map(Self::Backend)
        } else {
            Ok(Self::Holder)
        }
    }
}

/// Ends the session that a token belongs to: access and refresh token alike. A token that is
/// none of ours is answered in the same way.
///
/// A device sends its `client_id`: holding the token is enough, and another client's token stays
/// as it is. A backend sends its API key.
#[utoipa::path(
    post, path = "/oauth/revoke", operation_id = "revoke", tag = "oauth",
    security((), ("api_key" = []), ("api_key_basic" = [])),
    request_body(content = RevokeForm, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "The token is good for nothing (RFC 7009 section 2.2)."),
        (status = 400, description = "The form is wrong (RFC 6749 section 5.2).", body = OAuthError),
    ),
)]
async fn revoke(
    State(app): State<AppState>,
    revoker: Revoker,
    context: RequestContext,
    OAuthForm(form): OAuthForm<RevokeForm>,
) -> Result<Response, Problem> {
    let (gate, sessions) = (Arc::from_ref(&app), Arc::from_ref(&app));
    let limiter = RateLimiter::from_ref(&app);
    let client = match (&revoker, &form.client_id) {
        (Revoker::Holder, None) => return Err(anonymous(&limiter, context.client_ip)),
        (Revoker::Holder, Some(id)) => Some(id.parse::<ClientId>().ok()),
        (Revoker::Backend(_), _) => None,
    };
    let found = session_of(&gate, &sessions, form.token.reveal()).await?;
    let (session, actor) = match (revoker, found, client) {
        (Revoker::Backend(backend), found, _) => (found, backend.require(Scope::Verify)?),
        (Revoker::Holder, Some(id), Some(Some(client))) => {
            held(&sessions, id, client).await.map_err(store_problem)?
        }
        // Nothing genuine was presented.
        (Revoker::Holder, _, _) => {
            limiter.check(context.client_ip)?;
            (None, Actor::System)
        }
    };
    if let Some(session) = session {
        let devices: Arc<Devices> = Arc::from_ref(&app);
        let journal = devices.ledger.journal(actor);
        let cause = EndingCause::TokenRevoked;
        devices.log_out(journal, session, cause).await?;
    }
    let mut response = StatusCode::OK.into_response();
    if let Some(Some(client)) = client {
        response.extensions_mut().insert(CallOf(client));
    }
    Ok(response)
}

/// The session, if it is the client's, and its user (RFC 7009 section 2.1).
async fn held(
    sessions: &Sessions,
    id: SessionId,
    client: ClientId,
) -> Result<(Option<SessionId>, Actor), StoreError> {
    let session = sessions.ledger.store.read().await?.find_session(id).await?;
    let own = session.filter(|session: &Session| session.client_id == client);
    Ok(match own {
        Some(session) => (Some(session.id), Actor::User(session.user_id)),
        None => (None, Actor::System),
    })
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
