//! `POST /oauth/introspect`.

use crate::{
    caller::Backend,
    http::{Form, Json, Problem},
    router::AppState,
    session::Sessions,
    signing::Issuer,
    verify::{Admitted, Gate, Judged},
};
use axum::extract::State;
use countersign_api_types::{
    ErrorCode,
    oauth::{Confirmation, Introspection, TokenForm},
    session::TokenType,
};
use countersign_core::api_key::Scope;
use http::header::{CACHE_CONTROL, HeaderName};
use std::sync::Arc;
use utoipa_axum::{router::OpenApiRouter, routes};

const NO_STORE: [(HeaderName, &str); 1] = [(CACHE_CONTROL, "no-store")];

pub(crate) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(introspect))
}

/// Says whether a token is active, and whose it is. Proofs and demands are not part of the
/// question: `/v1/verify` judges those.
#[utoipa::path(
    post, path = "/oauth/introspect", operation_id = "introspect", tag = "oauth",
    security(("api_key" = []), ("api_key_basic" = [])),
    request_body(content = TokenForm, content_type = "application/x-www-form-urlencoded"),
    responses((status = 200, description = "Active or not (RFC 7662 section 2.2).", body = Introspection)),
)]
async fn introspect(
    State(gate): State<Arc<Gate>>,
    State(issuer): State<Arc<Issuer>>,
    State(sessions): State<Arc<Sessions>>,
    backend: Backend,
    Form(form): Form<TokenForm>,
) -> Result<([(HeaderName, &'static str); 1], Json<Introspection>), Problem> {
    backend.require(Scope::Verify)?;
    let token = form.token.reveal();
    let judged = gate
        .inspect(token)
        .await
        .map_err(|error| Problem::new(ErrorCode::Unavailable).caused_by(error))?;
    let answer = match judged {
        Judged::Admitted(admitted) => access_token(&issuer, token, &admitted),
        Judged::Refused(_) => refresh_token(&gate, &sessions, &issuer, token).await?,
    };
    Ok((NO_STORE, Json(answer)))
}

fn access_token(issuer: &Issuer, token: &str, admitted: &Admitted) -> Introspection {
    // The claims of an adopted token are the backend's own business.
    let claims = issuer.check(token, admitted.now).ok();
    let is_keyed = admitted.live.snapshot.jkt.is_some();
    Introspection {
        token_type: Some(if is_keyed {
            TokenType::DPoP
        } else {
            TokenType::Bearer
        }),
        exp: Some(admitted.token_expires_at.as_secs()),
        iat: claims.as_ref().map(|claims| claims.issued_at.as_secs()),
        jti: claims.as_ref().map(|claims| claims.jti.clone()),
        aud: claims.map(|claims| claims.aud),
        ..session(issuer, admitted)
    }
}

/// A refresh token is active while it, or the answer that replaced it, may still be presented.
async fn refresh_token(
    gate: &Gate,
    sessions: &Sessions,
    issuer: &Issuer,
    token: &str,
) -> Result<Introspection, Problem> {
    let found = sessions
        .find_refreshable(token)
        .await
        .map_err(crate::error::store_problem)?;
    let Some(id) = found else {
        return Ok(Introspection::inactive());
    };
    let judged = gate
        .inspect_session(id)
        .await
        .map_err(|error| Problem::new(ErrorCode::Unavailable).caused_by(error))?;
    Ok(match judged {
        Judged::Admitted(admitted) => Introspection {
            exp: Some(admitted.live.snapshot.absolute_expiry.as_secs()),
            ..session(issuer, &admitted)
        },
        Judged::Refused(_) => Introspection::inactive(),
    })
}

fn session(issuer: &Issuer, admitted: &Admitted) -> Introspection {
    let snapshot = &admitted.live.snapshot;
    Introspection {
        active: true,
        client_id: Some(snapshot.kind.client_id),
        sub: Some(snapshot.user_id.clone()),
        iss: Some(issuer.url.clone()),
        sid: Some(snapshot.session_id),
        cnf: snapshot.jkt.map(|jkt| Confirmation { jkt }),
        amr: snapshot.kind.amr.to_vec(),
        device_id: Some(snapshot.device_id),
        app_id: Some(snapshot.app_id),
        platform: Some(snapshot.kind.platform),
        trust: Some(snapshot.trust_at(admitted.now)),
        ..Introspection::default()
    }
}
