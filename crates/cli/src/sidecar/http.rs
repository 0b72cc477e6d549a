//! What a sidecar answers.

use axum::{
    Router,
    body::Body,
    extract::State,
    response::{IntoResponse as _, Response},
    routing::post,
};
use countersign_api_types::{ErrorCode, verify::VerifyRequest};
use countersign_server::http::{Check, Checks, JsonBytes, Problem, probes_router};
use countersign_verifier::Verifier;
use http::header::CONTENT_TYPE;

/// `/v1/verify`, and the probes.
pub(super) fn router(verifier: Verifier) -> Router {
    let asked = verifier.clone();
    let lease = Check::new("lease", move || {
        let is_ready = asked.is_ready();
        async move { is_ready.then_some(()).ok_or("no lease of a node") }
    });
    Router::new()
        .route("/v1/verify", post(verify))
        .with_state(verifier)
        .merge(probes_router(Checks::from_iter([lease])))
}

async fn verify(State(verifier): State<Verifier>, body: JsonBytes) -> Result<Response, Problem> {
    let question: VerifyRequest<'_> = body.parse()?;
    let answer = verifier.answer(&question).await;
    let answer = answer.map_err(|error| Problem::new(ErrorCode::Unavailable).caused_by(error))?;
    let json = answer.to_json().map_err(Problem::internal)?;
    Ok(([(CONTENT_TYPE, "application/json")], Body::from(json)).into_response())
}
