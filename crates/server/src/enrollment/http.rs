//! `/v1/enrollments`, and what devices assert later.

use super::{
    EnrollmentError, Enrollments,
    assert::{self, Asserting},
    enroll::{EnrolledDevice, Enrollment},
    rotate::Rotation,
};
use crate::{
    caller::{Backend, DPOP, single},
    cors::CallOf,
    http::{Json, Path, Problem, RateLimiter, RequestContext},
    router::AppState,
    session::{DeviceClaim, SessionError},
    signing::Issuer,
};
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use countersign_api_types::{
    FieldError,
    assertion::{Assert, Asserted},
    enrollment::{
        AskChallenge, Enroll, Enrolled, NewChallenge, Rotate, Unenroll, Unenrolled, Verdict,
    },
    session::SessionPath,
};
use countersign_attestation::ending_receipt::Ending;
use countersign_core::{ClientId, activity::Action, api_key::Scope, decision::Refusal};
use http::{
    HeaderMap, StatusCode,
    header::{CACHE_CONTROL, HeaderName},
};
use std::sync::Arc;
use utoipa_axum::{router::OpenApiRouter, routes};

const NO_STORE: [(HeaderName, &str); 1] = [(CACHE_CONTROL, "no-store")];

pub(crate) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(ask_challenge))
        .routes(routes!(enroll_device))
        .routes(routes!(rotate_key))
        .routes(routes!(unenroll_device))
}

/// What backends call.
pub(crate) fn backend_routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(assert_device))
}

/// Gives out a challenge for evidence of one device: it serves once, within five minutes.
#[utoipa::path(
    post, path = "/v1/enrollments/challenges", operation_id = "ask_challenge", tag = "enrollment",
    security(()), request_body = AskChallenge,
    responses((status = 201, description = "Given out.", body = NewChallenge)),
)]
async fn ask_challenge(
    State(enrollments): State<Arc<Enrollments>>,
    State(limiter): State<RateLimiter>,
    context: RequestContext,
    Json(body): Json<AskChallenge>,
) -> Result<Response, Problem> {
    limiter.check(context.client_ip)?;
    let given = enrollments.give_out(body.client_id, body.purpose).await;
    let answer = given.map(|given| {
        let challenge = NewChallenge {
            challenge: given.text,
            expires_at: given.kept.expires_at,
        };
        (
            StatusCode::CREATED,
            NO_STORE,
            Json::<NewChallenge>(challenge),
        )
            .into_response()
    });
    Ok(finish(&enrollments, body.client_id, answer))
}

/// Enrolls a device by its key, with or without evidence of its platform.
///
/// A key that is known is the device that it was; a new one is a new device, of which nobody is an
/// owner until a user logs in with it.
#[utoipa::path(
    post, path = "/v1/enrollments", operation_id = "enroll_device", tag = "enrollment",
    params(("DPoP" = String, Header, description = "A proof by the device's key for this method and URL, without `ath`.")),
    security(()), request_body = Enroll,
    responses((status = 201, description = "Enrolled.", body = Enrolled)),
)]
async fn enroll_device(
    State(enrollments): State<Arc<Enrollments>>,
    State(limiter): State<RateLimiter>,
    context: RequestContext,
    headers: HeaderMap,
    Json(body): Json<Enroll>,
) -> Result<Response, Problem> {
    let client_id = body.client_id;
    let enrollment = Enrollment {
        client_id,
        challenge: body.challenge,
        proof: proof(&enrollments, &headers)?,
        claim: DeviceClaim::new(&body.device, None),
        evidence: body.evidence,
    };
    let enrolled = enrollments.enroll(enrollment).await;
    count(&limiter, &context, enrolled.as_ref().err())?;
    let answer = enrolled.map(|enrolled| {
        (
            StatusCode::CREATED,
            NO_STORE,
            Json::<Enrolled>(enrolled.into()),
        )
            .into_response()
    });
    Ok(finish(&enrollments, client_id, answer))
}

/// Replaces a device's key: sessions go on with the new one, and the old one is dead.
#[utoipa::path(
    post, path = "/v1/enrollments/rotate", operation_id = "rotate_key", tag = "enrollment",
    params(("DPoP" = String, Header, description = "A proof by the new key for this method and URL, without `ath`.")),
    security(()), request_body = Rotate,
    responses((status = 200, description = "Replaced; nobody accepts the old key any more.", body = Enrolled)),
)]
async fn rotate_key(
    State(enrollments): State<Arc<Enrollments>>,
    State(limiter): State<RateLimiter>,
    context: RequestContext,
    headers: HeaderMap,
    Json(body): Json<Rotate>,
) -> Result<Response, Problem> {
    let client_id = body.client_id;
    let rotation = Rotation {
        client_id,
        challenge: body.challenge,
        proof: proof(&enrollments, &headers)?,
        previous_proof: body.previous_proof,
        evidence: body.evidence,
    };
    let rotated = enrollments.rotate(rotation).await;
    count(&limiter, &context, rotated.as_ref().err())?;
    let answer =
        rotated.map(|(rotated, _)| (NO_STORE, Json::<Enrolled>(rotated.into())).into_response());
    Ok(finish(&enrollments, client_id, answer))
}

/// Gives a device's key up: its sessions end, and nobody accepts the key any more.
///
/// The device keeps its record, without a key. Where its user comes back with a new one under the same
/// installation id, it goes on.
#[utoipa::path(
    post, path = "/v1/enrollments/unenroll", operation_id = "unenroll_device", tag = "enrollment",
    params(("DPoP" = String, Header, description = "A proof by the device's key for this method and URL, without `ath`.")),
    security(()), request_body = Unenroll,
    responses((status = 200, description = "Given up.", body = Unenrolled)),
)]
async fn unenroll_device(
    State(enrollments): State<Arc<Enrollments>>,
    State(issuer): State<Arc<Issuer>>,
    State(limiter): State<RateLimiter>,
    context: RequestContext,
    headers: HeaderMap,
    Json(body): Json<Unenroll>,
) -> Result<Response, Problem> {
    let proof = proof(&enrollments, &headers)?;
    let unenrolled = enrollments.unenroll(body.client_id, proof.as_deref()).await;
    count(&limiter, &context, unenrolled.as_ref().err())?;
    let answer = unenrolled.map(|(unenrolled, receipt)| {
        let device = unenrolled.device;
        let ending = Ending {
            client_id: Some(device.client_id),
            device_id: Some(device.id),
            sessions: &unenrolled.ended,
            ..Ending::by(Action::DeviceUnenrolled)
        };
        let body = Unenrolled {
            device_id: device.id,
            ended: unenrolled.ended.len() as u64,
            receipt: issuer.receipt(&ending, receipt),
        };
        (NO_STORE, Json::<Unenrolled>(body)).into_response()
    });
    Ok(finish(&enrollments, body.client_id, answer))
}

/// Judges what a session's device asserts for one action of the app, once: the step before money
/// moves or a secret is shown.
#[utoipa::path(
    post, path = "/v1/sessions/{session_id}/assertions", operation_id = "assert_device", tag = "sessions",
    params(SessionPath), security(("api_key" = [])), request_body = Assert,
    responses((status = 200, description = "Accepted; the same assertion is not accepted again.", body = Asserted)),
)]
async fn assert_device(
    State(enrollments): State<Arc<Enrollments>>,
    backend: Backend,
    Path(path): Path<SessionPath>,
    Json(body): Json<Assert>,
) -> Result<Json<Asserted>, Problem> {
    let actor = backend.require(Scope::Verify)?;
    let asserting = Asserting {
        journal: enrollments.sessions.ledger.journal(actor),
        session_id: path.session_id,
        challenge: body.challenge,
        action: body.action,
        assertion: body.assertion,
    };
    let asserted = enrollments.assert(asserting).await;
    let asserted = asserted.map_err(|error| refuse(&enrollments, error))?;
    Ok(Json(asserted.into()))
}

impl From<assert::Asserted> for Asserted {
    fn from(asserted: assert::Asserted) -> Self {
        let snapshot = asserted.snapshot;
        Self {
            session_id: snapshot.session_id,
            user_id: snapshot.user_id,
            device_id: snapshot.device_id,
            verdict: Verdict {
                level: asserted.level,
                shortfall: asserted.shortfall,
            },
            attested_at: asserted.attested_at,
            user_verified: asserted.user_verified,
        }
    }
}

impl From<EnrolledDevice> for Enrolled {
    fn from(enrolled: EnrolledDevice) -> Self {
        let device = enrolled.device;
        Self {
            device_id: device.id,
            app_id: device.app_id,
            installation_id: device.installation_id,
            state: enrolled.state,
            is_new_device: enrolled.is_new,
            verdict: Verdict {
                level: enrolled.level,
                shortfall: enrolled.shortfall,
            },
        }
    }
}

fn proof(enrollments: &Enrollments, headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Ok(proof) = single(headers, &DPOP) else {
        let error = SessionError::Proof(Refusal::ProofInvalid);
        return Err(refuse(enrollments, error.into()));
    };
    Ok(proof.map(str::to_owned))
}

/// Counts what only somebody sends who has nothing genuine.
fn count(
    limiter: &RateLimiter,
    context: &RequestContext,
    error: Option<&EnrollmentError>,
) -> Result<(), Problem> {
    if error.is_some_and(EnrollmentError::is_guess) {
        limiter.check(context.client_ip)?;
    }
    Ok(())
}

/// The answer, which the client's own pages may read.
fn finish(
    enrollments: &Enrollments,
    client: ClientId,
    answer: Result<Response, EnrollmentError>,
) -> Response {
    let mut response = answer.unwrap_or_else(|error| refuse(enrollments, error).into_response());
    response.extensions_mut().insert(CallOf(client));
    response
}

fn refuse(enrollments: &Enrollments, error: EnrollmentError) -> Problem {
    let problem = match &error {
        EnrollmentError::NotBase64(pointer) => {
            Problem::invalid(vec![FieldError::new(*pointer, "is not unpadded base64url")])
        }
        error => Problem::new(error.code()),
    };
    let refusal = match &error {
        EnrollmentError::Session(SessionError::Proof(refusal)) => Some(*refusal),
        EnrollmentError::ProofRequired => Some(Refusal::ProofRequired),
        EnrollmentError::PreviousKeyUnknown => Some(Refusal::KeyMismatch),
        _ => None,
    };
    let sessions = &enrollments.sessions;
    let nonce = || sessions.nonces.issue(sessions.ledger.clock.now());
    problem.for_proof(refusal, nonce).caused_by(error)
}
