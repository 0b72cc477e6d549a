//! `POST /oauth/token`.

use super::{
    door::{Call, DirectDoor},
    error::{TokenError, in_oauth},
};
use crate::{
    caller::{DPOP, Several, single},
    cors::CallOf,
    http::{Json, OAuthForm, Problem, RateLimiter, RequestContext},
    router::AppState,
};
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use countersign_api_types::{
    session::TokenType,
    token::{OAuthError, TokenAnswer, TokenRequest},
};
use countersign_core::decision::Refusal;
use http::{
    HeaderMap, HeaderName, HeaderValue,
    header::{CACHE_CONTROL, PRAGMA, USER_AGENT},
};
use std::{net::IpAddr, sync::Arc};
use utoipa_axum::{router::OpenApiRouter, routes};

/// RFC 9449 section 8.
const DPOP_NONCE: HeaderName = HeaderName::from_static("dpop-nonce");

/// The longest user agent that is kept, as of a relayed login.
const MAX_USER_AGENT: usize = 4096;

pub(crate) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(issue_token))
}

/// Logs a user in by an ID token of an issuer that the client trusts, or rotates a session's
/// tokens; by the device itself.
///
/// With the `DPoP` header, which the client demands unless its `proof_of_possession` is
/// `optional`. An ID token logs one device key in; presented again by the same key, whose answer
/// may have been lost, it logs in again.
#[utoipa::path(
    post, path = "/oauth/token", operation_id = "issue_token", tag = "oauth",
    params(("DPoP" = Option<String>, Header, description = "A proof for this method and URL, without `ath` (RFC 9449 section 5).")),
    request_body(content = TokenRequest, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "A session began or went on.", body = TokenAnswer,
            headers(("DPoP-Nonce" = Option<String>, description = "For the device's next proof."))),
        (status = 400, description = "Refused (RFC 6749 section 5.2).", body = OAuthError,
            headers(("DPoP-Nonce" = Option<String>, description = "With `use_dpop_nonce`: repeat with it."))),
        (status = 401, description = "`invalid_client`.", body = OAuthError,
            headers(("WWW-Authenticate" = String, description = "What to come back with (RFC 9110 section 11.6.1)."))),
        (status = 429, description = "Too many refused calls from this address.", body = OAuthError,
            headers(("Retry-After" = u64, description = "Seconds."))),
        (status = 500, description = "`server_error`: something failed here.", body = OAuthError),
        (status = 503, description = "`temporarily_unavailable`: the issuer or the store can't be reached.", body = OAuthError,
            headers(("Retry-After" = Option<u64>, description = "Seconds; with `unavailable`."))),
        (status = 507, description = "`server_error`: the store has no room left.", body = OAuthError),
    ),
)]
async fn issue_token(
    State(door): State<Arc<DirectDoor>>,
    State(limiter): State<RateLimiter>,
    context: RequestContext,
    headers: HeaderMap,
    OAuthForm(request): OAuthForm<TokenRequest>,
) -> Response {
    let mut client = request
        .client_id
        .as_ref()
        .and_then(|text| text.parse().ok());
    let call = call(request, &headers, context.client_ip);
    let mut response = match door.grant(&call).await {
        Ok(answer) => granted(&door, answer),
        Err(error) => {
            if error.is_of_nobody() {
                client = None;
            }
            refused(&door, &limiter, context.client_ip, error).into_response()
        }
    };
    if let Some(client) = client {
        response.extensions_mut().insert(CallOf(client));
    }
    response
}

fn call(request: TokenRequest, headers: &HeaderMap, client_ip: Option<IpAddr>) -> Call {
    let proof = single(headers, &DPOP);
    let user_agent = headers
        .get(USER_AGENT)
        .and_then(|value| value.to_str().ok());
    Call {
        request,
        proof: proof
            .map(|proof| proof.map(str::to_owned))
            .map_err(|Several| Refusal::ProofInvalid),
        client_ip,
        user_agent: user_agent
            .filter(|agent| (1..=MAX_USER_AGENT).contains(&agent.len()))
            .map(str::to_owned),
    }
}

fn granted(door: &DirectDoor, answer: TokenAnswer) -> Response {
    let is_keyed = answer.session.token_type == TokenType::DPoP;
    let body: Json<TokenAnswer> = Json(answer);
    // RFC 6749 section 5.1 wants both.
    let headers = [(CACHE_CONTROL, "no-store"), (PRAGMA, "no-cache")];
    let mut response = (headers, body).into_response();
    if is_keyed && let Ok(nonce) = nonce(door) {
        response.headers_mut().insert(DPOP_NONCE, nonce);
    }
    response
}

fn refused(
    door: &DirectDoor,
    limiter: &RateLimiter,
    address: Option<IpAddr>,
    error: TokenError,
) -> Problem {
    if error.is_guess()
        && let Err(wait) = limiter.check(address)
    {
        return in_oauth(wait.into());
    }
    let asks = error.asks_for_nonce();
    let problem = Problem::from(error);
    match nonce(door) {
        Ok(nonce) if asks => problem.with_dpop_nonce(nonce),
        _ => problem,
    }
}

fn nonce(door: &DirectDoor) -> Result<HeaderValue, http::header::InvalidHeaderValue> {
    let now = door.sessions.ledger.clock.now();
    door.sessions.nonces.issue(now).try_into()
}
