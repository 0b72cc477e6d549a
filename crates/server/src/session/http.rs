//! `POST /v1/sessions` and `PUT /v1/sessions/{session_id}/tokens`.

use super::{
    Adopted, AdoptedPair, Adoption, DeviceClaim, Grant, Login, PushAddress, Refresh, SessionError,
    Sessions, Started, UsedProof, facts,
};
use crate::{
    caller::Backend,
    geo::GeoIp,
    http::{Json, Path, Problem},
    router::AppState,
};
use axum::extract::State;
use countersign_api_types::{
    FieldError, Problem as ProblemBody, Secret,
    challenge::challenge,
    session::{
        AdoptedTokens, RegisterSession, RegisteredSession, SessionEvent, SessionPath,
        TokensReplaced,
    },
    verify::Scheme,
};
use countersign_core::{
    activity::Actor, api_key::Scope, client::Client, decision::Refusal, device::Origin,
};
use http::{
    StatusCode,
    header::{CACHE_CONTROL, HeaderName},
};
use std::sync::Arc;
use utoipa_axum::{router::OpenApiRouter, routes};

const NO_STORE: [(HeaderName, &str); 1] = [(CACHE_CONTROL, "no-store")];

pub(crate) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(register_session))
        .routes(routes!(replace_tokens))
}

/// Registers a signup, login or refresh that the app's backend let through, and with it the
/// device that it came from.
#[utoipa::path(
    post, path = "/v1/sessions", operation_id = "register_session", tag = "sessions",
    security(("api_key" = [])), request_body = RegisterSession,
    responses(
        (status = 201, description = "A session began.", body = RegisteredSession),
        (status = 200, description = "A session went on.", body = RegisteredSession),
        (status = 409, description = "A token belongs to another session.", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
async fn register_session(
    State(sessions): State<Arc<Sessions>>,
    State(geo): State<Arc<GeoIp>>,
    backend: Backend,
    Json(body): Json<RegisterSession>,
) -> Result<
    (
        StatusCode,
        [(HeaderName, &'static str); 1],
        Json<RegisteredSession>,
    ),
    Problem,
> {
    let actor = backend.require(Scope::SessionsWrite)?;
    let scheme = if body.proof.is_some() {
        Scheme::DPoP
    } else {
        Scheme::Bearer
    };
    let status = status_of(body.event);
    let started = run(&sessions, &geo, actor, body).await;
    let started = started.map_err(|error| refuse(&sessions, error, scheme))?;
    let answer = sessions.answer(&started).map_err(Problem::internal)?;
    Ok((status, NO_STORE, Json(answer)))
}

/// Takes the backend's rotated tokens for a live session.
#[utoipa::path(
    put, path = "/v1/sessions/{session_id}/tokens", operation_id = "replace_tokens", tag = "sessions",
    params(SessionPath), security(("api_key" = [])), request_body = AdoptedTokens,
    responses(
        (status = 200, description = "Taken; repeating it changes nothing.", body = TokensReplaced),
        (status = 409, description = "A token belongs to another session, or the session's tokens are Countersign's.", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
async fn replace_tokens(
    State(sessions): State<Arc<Sessions>>,
    backend: Backend,
    Path(path): Path<SessionPath>,
    Json(body): Json<AdoptedTokens>,
) -> Result<Json<TokensReplaced>, Problem> {
    let journal = sessions
        .ledger
        .journal(backend.require(Scope::SessionsWrite)?);
    let adoption = Adoption {
        journal,
        session_id: path.session_id,
        pair: pair(&body),
    };
    let session = sessions
        .replace_tokens(adoption)
        .await
        .map_err(|error| refuse(&sessions, error, Scheme::Bearer))?;
    Ok(Json(TokensReplaced {
        session_id: session.id,
        session_expires_at: session.absolute_expiry(),
        idle_expires_at: session.idle_expiry(),
    }))
}

const fn status_of(event: SessionEvent) -> StatusCode {
    match event {
        SessionEvent::Login | SessionEvent::Signup => StatusCode::CREATED,
        SessionEvent::Refresh => StatusCode::OK,
    }
}

async fn run(
    sessions: &Sessions,
    geo: &GeoIp,
    actor: Actor,
    body: RegisterSession,
) -> Result<Started, SessionError> {
    let client = sessions.find_client(body.client_id).await?;
    let proof = match proof(sessions, &client, &body) {
        Ok(proof) => proof,
        Err(error) => {
            let journal = sessions.ledger.journal(actor);
            let token = body.refresh_token.as_ref().map(Secret::reveal);
            sessions.record_refusal(&journal, token, &error).await;
            return Err(error);
        }
    };
    let origin = geo.locate(body.client_ip, body.user_agent.clone());
    match body.event {
        SessionEvent::Login | SessionEvent::Signup => {
            sessions
                .login(login(sessions, actor, body, proof, origin))
                .await
        }
        SessionEvent::Refresh => {
            sessions
                .refresh(refresh(sessions, actor, body, proof, origin)?)
                .await
        }
    }
}

fn proof(
    sessions: &Sessions,
    client: &Client,
    body: &RegisterSession,
) -> Result<Option<UsedProof>, SessionError> {
    let Some(proof) = &body.proof else {
        return Ok(None);
    };
    sessions
        .check_relayed_proof(client, &proof.jwt, &proof.htm, &proof.htu)
        .map(Some)
}

fn login(
    sessions: &Sessions,
    actor: Actor,
    body: RegisterSession,
    proof: Option<UsedProof>,
    origin: Origin,
) -> Login {
    Login {
        journal: sessions.ledger.journal(actor),
        client_id: body.client_id,
        device: DeviceClaim::new(&body.device, proof.as_ref()),
        origin,
        push: PushAddress::of(&body.device),
        user_id: body.user_id,
        amr: body.amr,
        roles: body.roles,
        proof,
        id_token: None,
        adopted: body.tokens.as_ref().map(pair),
        vault: Arc::clone(&sessions.vault),
    }
}

fn refresh(
    sessions: &Sessions,
    actor: Actor,
    body: RegisterSession,
    proof: Option<UsedProof>,
    origin: Origin,
) -> Result<Refresh, SessionError> {
    let grant = match (&body.refresh_token, &body.tokens) {
        (Some(text), _) => Grant::parse(text.reveal())?,
        (None, Some(tokens)) => Grant::Adopted {
            pair: pair(tokens),
            installation_id: body.device.installation_id,
        },
        (None, None) => return Err(SessionError::RefreshUnknown),
    };
    Ok(Refresh {
        journal: sessions.ledger.journal(actor),
        client_id: body.client_id,
        facts: facts(&body.device),
        user_id: Some(body.user_id),
        origin,
        proof,
        grant,
    })
}

fn pair(tokens: &AdoptedTokens) -> AdoptedPair {
    let adopted = |token: &countersign_api_types::session::AdoptedToken| Adopted {
        hash: token.sha256.into(),
        expires_at: token.expires_at,
    };
    AdoptedPair {
        access: adopted(&tokens.access),
        refresh: tokens.refresh.as_ref().map(adopted),
    }
}

/// The answer to the backend, with what it hands on to the device.
fn refuse(sessions: &Sessions, error: SessionError, scheme: Scheme) -> Problem {
    let problem = match &error {
        SessionError::ClientUnknown => Problem::invalid(vec![FieldError::new(
            "/client_id",
            "there is no such client",
        )]),
        SessionError::PushProviderRequired => Problem::invalid(vec![FieldError::new(
            "/device/push/provider",
            "is needed for this platform",
        )]),
        error => Problem::new(error.code()).with_ticket(error.ticket()),
    };
    let refusal = match &error {
        SessionError::Proof(refusal) => *refusal,
        SessionError::ProofRequired => Refusal::ProofRequired,
        SessionError::OriginNotListed => Refusal::ProofMismatch,
        SessionError::SessionEnded
        | SessionError::RefreshUnknown
        | SessionError::RefreshSuperseded
        | SessionError::RefreshReused => Refusal::SessionEnded,
        SessionError::SessionExpired => Refusal::SessionExpired,
        _ => return problem.caused_by(error),
    };
    let nonce = (scheme == Scheme::DPoP || refusal == Refusal::ProofRequired)
        .then(|| sessions.nonces.issue(sessions.ledger.clock.now()));
    match challenge(refusal, scheme) {
        Some(challenge) => problem.for_device(challenge, nonce).caused_by(error),
        None => problem.caused_by(error),
    }
}
