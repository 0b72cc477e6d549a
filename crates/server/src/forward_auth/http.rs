//! `/auth/…`: one endpoint for each family of proxies.

use super::{
    Family, ForwardAuth, ForwardAuthError, Passed, Rule,
    description::{
        EnvoyCall, EnvoyPath, ForwardedCall, Going, NginxCall, NotJudged, Refused, Unauthenticated,
    },
    held::{ENVOY_PREFIX, only},
    identity,
    service::Presented,
};
use crate::{
    caller::{DPOP, access_token, single},
    http::{Path, Problem, RequestContext},
    router::AppState,
};
use ::http::request::Parts;
use axum::{
    extract::State,
    response::{IntoResponse, Response},
    routing::any,
};
use countersign_api_types::{forward_auth::RulePath, verify::Scheme};
use countersign_core::decision::Refusal;
use std::sync::Arc;
use utoipa_axum::{router::OpenApiRouter, routes};

/// Says at Envoy's endpoint what the URL says at the others: its URL ends with the client's path.
const RULE: &str = "x-countersign-rule";

pub(crate) fn routes() -> OpenApiRouter<AppState> {
    // The description of a path knows no wildcard.
    OpenApiRouter::with_openapi(super::description::of_envoy())
        .routes(routes!(judge_for_nginx))
        .routes(routes!(judge_for_caddy))
        .routes(routes!(judge_for_traefik))
        .route(&format!("{ENVOY_PREFIX}/"), any(judge_for_envoy))
        .route(&format!("{ENVOY_PREFIX}/{{*path}}"), any(judge_for_envoy))
}

/// Asked by nginx's `auth_request`: may the request it holds back go on?
#[utoipa::path(
    get, path = "/auth/nginx/{rule}", operation_id = "judge_for_nginx", tag = "forward-auth",
    params(RulePath, NginxCall), security(("access_token" = [], "dpop_proof" = [])),
    responses((status = 200, response = inline(Going)), (status = 401, response = inline(Unauthenticated)),
        (status = 403, response = inline(Refused))),
)]
async fn judge_for_nginx(
    State(auth): State<Arc<ForwardAuth>>,
    path: Result<Path<RulePath>, Problem>,
    context: RequestContext,
    call: Parts,
) -> Response {
    answer(&auth, Family::Nginx, Some(&rule_in(path)), context, &call).await
}

/// Asked by Caddy's `forward_auth`: may the request it holds back go on?
#[utoipa::path(
    get, path = "/auth/caddy/{rule}", operation_id = "judge_for_caddy", tag = "forward-auth",
    params(RulePath, ForwardedCall), security(("access_token" = [], "dpop_proof" = [])),
    responses((status = 200, response = inline(Going)), (status = 401, response = inline(Unauthenticated)),
        (status = 403, response = inline(Refused)), (status = 503, response = inline(NotJudged))),
)]
async fn judge_for_caddy(
    State(auth): State<Arc<ForwardAuth>>,
    path: Result<Path<RulePath>, Problem>,
    context: RequestContext,
    call: Parts,
) -> Response {
    answer(&auth, Family::Caddy, Some(&rule_in(path)), context, &call).await
}

/// Asked by Traefik's `forwardAuth`: may the request it holds back go on?
#[utoipa::path(
    get, path = "/auth/traefik/{rule}", operation_id = "judge_for_traefik", tag = "forward-auth",
    params(RulePath, ForwardedCall), security(("access_token" = [], "dpop_proof" = [])),
    responses((status = 200, response = inline(Going)), (status = 401, response = inline(Unauthenticated)),
        (status = 403, response = inline(Refused)), (status = 503, response = inline(NotJudged))),
)]
async fn judge_for_traefik(
    State(auth): State<Arc<ForwardAuth>>,
    path: Result<Path<RulePath>, Problem>,
    context: RequestContext,
    call: Parts,
) -> Response {
    answer(&auth, Family::Traefik, Some(&rule_in(path)), context, &call).await
}

/// Asked by Envoy's `ext_authz` with the held request's own method and path: may it go on?
#[utoipa::path(
    method(get, head, post, put, patch, delete, options, trace),
    path = "/auth/envoy/{path}", operation_id = "judge_for_envoy", tag = "forward-auth",
    params(EnvoyPath, EnvoyCall), security(("access_token" = [], "dpop_proof" = [])),
    responses((status = 200, response = inline(Going)), (status = 401, response = inline(Unauthenticated)),
        (status = 403, response = inline(Refused)), (status = 503, response = inline(NotJudged))),
)]
pub(super) async fn judge_for_envoy(
    State(auth): State<Arc<ForwardAuth>>,
    context: RequestContext,
    call: Parts,
) -> Response {
    answer(&auth, Family::Envoy, None, context, &call).await
}

/// What is not text is no rule, and refuses like one that is not understood.
fn rule_in(path: Result<Path<RulePath>, Problem>) -> String {
    path.map(|Path(path)| path.rule).unwrap_or_default()
}

async fn answer(
    auth: &ForwardAuth,
    family: Family,
    rule: Option<&str>,
    context: RequestContext,
    call: &Parts,
) -> Response {
    match ask(auth, family, rule, context, call).await {
        Ok(passed) => identity::headers(&passed).into_response(),
        Err(error) => error.answer(family, &auth.gate),
    }
}

/// `rule` is what the URL says, where it does.
async fn ask(
    auth: &ForwardAuth,
    family: Family,
    rule: Option<&str>,
    context: RequestContext,
    call: &Parts,
) -> Result<Passed, ForwardAuthError> {
    auth.admit(context.peer.map(|peer| peer.ip()))?;
    let rule = match rule {
        Some(rule) => rule,
        None => only(call, RULE)?,
    };
    let rule: Rule = rule.parse().map_err(|_| ForwardAuthError::InvalidRule)?;
    let held = family.held(call)?;
    let token = access_token(&call.headers);
    let scheme = token.map_or(Scheme::DPoP, |(scheme, _)| scheme);
    let proof = single(&call.headers, &DPOP)
        .map_err(|_| ForwardAuthError::Refused(Refusal::ProofInvalid, scheme))?;
    auth.judge(&held, rule, Presented { token, proof }).await
}
