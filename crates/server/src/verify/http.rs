//! `POST /v1/verify`.

use super::{Admitted, Gate, Judged, Refused, Request};
use crate::{
    caller::Backend,
    http::{JsonBytes, Problem},
    router::AppState,
};
use axum::{body::Body, extract::State, response::Response};
use countersign_api_types::{
    ErrorCode, Text,
    challenge::challenge,
    verify::{self, Allowed, No, Scheme, VerifyRequest, VerifyResponse, Yes},
};
use countersign_core::{api_key::Scope, client::NoncePolicy, decision::Refusal};
use http::{
    HeaderMap,
    header::{CONTENT_TYPE, HeaderValue},
};
use std::{borrow::Cow, sync::Arc};
use utoipa_axum::{router::OpenApiRouter, routes};

const JSON: HeaderValue = HeaderValue::from_static("application/json");

pub(crate) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(verify))
}

/// Judges a request that the backend received: which device is it, and may it go on?
#[utoipa::path(
    post, path = "/v1/verify", operation_id = "verify", tag = "verify",
    security(("api_key" = [])), request_body = VerifyRequest<'_>,
    responses((status = 200, description = "Judged; `allowed` says how.", body = VerifyResponse<'_>)),
)]
pub(super) async fn verify(
    State(gate): State<Arc<Gate>>,
    backend: Backend,
    body: JsonBytes,
) -> Result<Response, Problem> {
    backend.require(Scope::Verify)?;
    let request: VerifyRequest<'_> = body.parse()?;
    let scheme = request.scheme();
    let judged = gate
        .judge(&Request {
            token: request.token.reveal(),
            scheme: Some(scheme),
            proof: request
                .proof
                .as_ref()
                .map(countersign_api_types::SecretText::reveal),
            method: request.method.as_deref().unwrap_or_default(),
            url: request.url.as_deref().unwrap_or_default(),
            demands: request.demands(),
        })
        .await
        .map_err(|error| Problem::new(ErrorCode::Unavailable).caused_by(error))?;
    let answer = match &judged {
        Judged::Admitted(admitted) => allowed(&gate, admitted),
        Judged::Refused(refused) => refusal(&gate, refused, scheme),
    };
    let body = Body::from(answer.to_json().map_err(Problem::internal)?);
    let mut response = Response::new(body);
    // Room for what every answer carries, and for what hyper adds.
    let mut headers = HeaderMap::with_capacity(8);
    headers.insert(CONTENT_TYPE, JSON);
    *response.headers_mut() = headers;
    Ok(response)
}

fn allowed<'a>(gate: &Gate, admitted: &'a Admitted) -> VerifyResponse<'a> {
    let snapshot = &admitted.live.snapshot;
    let kind = &*snapshot.kind;
    let nonce = (kind.nonce_policy == NoncePolicy::Always && snapshot.jkt.is_some())
        .then(|| Text::from(gate.issue_nonce()));
    VerifyResponse::Allowed(Allowed {
        allowed: Yes,
        session_id: snapshot.session_id,
        user_id: snapshot.user_id.as_str().into(),
        client_id: kind.client_id,
        device_id: snapshot.device_id,
        app_id: snapshot.app_id,
        trust: snapshot.trust_at(admitted.now),
        compliance: snapshot.compliance_at(admitted.now),
        platform: kind.platform,
        app_version: kind.app_version.as_deref().map(Text::from),
        amr: Cow::Borrowed(&kind.amr),
        key_bound: snapshot.jkt.is_some(),
        expires_at: admitted.token_expires_at,
        dpop_nonce: nonce,
    })
}

fn refusal<'a>(gate: &Gate, refused: &Refused, scheme: Scheme) -> VerifyResponse<'a> {
    let needs_nonce = matches!(
        refused.refusal,
        Refusal::UseDpopNonce | Refusal::ProofExpired
    );
    VerifyResponse::Refused(verify::Refused {
        allowed: No,
        code: refused.refusal,
        status: ErrorCode::from(refused.refusal).status(),
        www_authenticate: challenge(refused.refusal, scheme).map(Text::from),
        dpop_nonce: needs_nonce.then(|| Text::from(gate.issue_nonce())),
        session_id: refused.session,
        device_id: refused.live.as_ref().map(|live| live.snapshot.device_id),
    })
}
