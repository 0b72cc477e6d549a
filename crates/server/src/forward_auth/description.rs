//! How the endpoints look in `OpenAPI`: what each family sends, and what it gets.

use countersign_api_types::Problem;
use utoipa::{
    IntoParams, OpenApi, ToResponse,
    openapi::path::{Operation, PathItem},
};

/// What nginx sends: all of it by its configuration.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "read as headers")]
pub(super) struct NginxCall {
    /// The held request's method.
    #[param(rename = "X-Original-Method", example = "GET")]
    method: String,
    /// The scheme that its client used.
    #[param(rename = "X-Original-Proto", example = "https")]
    scheme: String,
    /// The host that its client called, with its port.
    #[param(rename = "X-Original-Host", example = "api.example")]
    host: String,
    /// Its path and query as they came.
    #[param(rename = "X-Original-URI", example = "/orders?page=2")]
    target: String,
}

/// What Caddy and Traefik send by themselves.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "read as headers")]
pub(super) struct ForwardedCall {
    /// The held request's method.
    #[param(rename = "X-Forwarded-Method", example = "GET")]
    method: String,
    /// The scheme that its client used.
    #[param(rename = "X-Forwarded-Proto", example = "https")]
    scheme: String,
    /// The host that its client called, with its port.
    #[param(rename = "X-Forwarded-Host", example = "api.example")]
    host: String,
    /// Its path and query as they came.
    #[param(rename = "X-Forwarded-Uri", example = "/orders?page=2")]
    target: String,
}

/// What Envoy adds to the held request's own method, host, path and query.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "read as headers")]
pub(super) struct EnvoyCall {
    /// What is asked of the request, as in the path of the others; Envoy's configuration sets it.
    #[param(rename = "X-Countersign-Rule", example = "key,trusted,assertion")]
    rule: String,
    /// The scheme that its client used.
    #[param(rename = "X-Forwarded-Proto", example = "https")]
    scheme: String,
}

/// The held request's own path.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "the URL is read as it came")]
pub(super) struct EnvoyPath {
    /// The held request's path, of any number of segments.
    #[param(example = "orders")]
    path: String,
}

/// A request that may go on.
#[derive(Debug, ToResponse)]
#[response(
    description = "It may go on. Every header is there; those of which nothing is known are empty.",
    headers(
        ("X-Device-Id" = String, description = "The device."),
        ("X-Device-Session" = String, description = "The session."),
        ("X-Device-User" = String, description = "The app's own id of the user; what is not visible ASCII, and `%`, is percent-encoded."),
        ("X-Device-Tenant" = String, description = "The client application."),
        ("X-Device-Trust" = String, description = "How far the device is trusted for the user."),
        ("X-Device-Compliant" = String, description = "`true`, `false`, or empty while no rule was evaluated."),
        ("X-Device-Assertion" = String, description = "A signed assertion, if the rule asks for one."),
        ("DPoP-Nonce" = String, description = "For the device's next proof, if its client always wants one."),
    )
)]
pub(super) struct Going;

/// A request whose credentials are not good enough.
#[derive(Debug, ToResponse)]
#[response(
    description = "It may not go on: its credentials are missing or not accepted.",
    content_type = "application/problem+json",
    headers(
        ("WWW-Authenticate" = String, description = "What to come back with (RFC 9110 section 11.6.1)."),
        ("DPoP-Nonce" = String, description = "With `use_dpop_nonce` and `proof_expired`: repeat with it (RFC 9449 section 9)."),
        ("X-Device-Refusal" = String, description = "The `code` of the problem."),
    )
)]
#[expect(dead_code, reason = "answered as a problem")]
pub(super) struct Unauthenticated(Problem);

/// A request that may not go on, whoever makes it.
#[derive(Debug, ToResponse)]
#[response(
    description = "It may not go on, the proxy is not trusted, or what it says of the request is not accepted. To nginx also: no judgement was possible.",
    content_type = "application/problem+json",
    headers(("X-Device-Refusal" = String, description = "The `code` of the problem."))
)]
#[expect(dead_code, reason = "answered as a problem")]
pub(super) struct Refused(Problem);

/// No judgement was possible.
#[derive(Debug, ToResponse)]
#[response(
    description = "No judgement was possible.",
    content_type = "application/problem+json",
    headers(
        ("Retry-After" = i64, description = "Seconds; with `unavailable`."),
        ("X-Device-Refusal" = String, description = "The `code` of the problem."),
    )
)]
#[expect(dead_code, reason = "answered as a problem")]
pub(super) struct NotJudged(Problem);

#[derive(OpenApi)]
#[openapi(paths(super::http::judge_for_envoy))]
struct Envoy;

/// Envoy's endpoint: every method under an operation id of its own.
pub(super) fn of_envoy() -> utoipa::openapi::OpenApi {
    let mut document = Envoy::openapi();
    for item in document.paths.paths.values_mut() {
        for (method, operation) in operations(item) {
            operation.operation_id = Some(format!("judge_{method}_for_envoy"));
        }
    }
    document
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = (&'static str, &mut Operation)> {
    let all = [
        ("get", &mut item.get),
        ("head", &mut item.head),
        ("post", &mut item.post),
        ("put", &mut item.put),
        ("patch", &mut item.patch),
        ("delete", &mut item.delete),
        ("options", &mut item.options),
        ("trace", &mut item.trace),
    ];
    all.into_iter()
        .filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
}
