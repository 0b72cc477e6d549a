//! `POST /v1/sessions` of the fake.

use super::{DEVICE_SECRET, Fakery, Shared};
use axum::{Json, extract::State, response::Response};
use countersign_attestation::dpop::{self, Expected, HtuUrl, Window};
use countersign_client::api_types::{
    ErrorCode, Secret,
    session::{RegisterSession, RegisteredSession, RelayedProof, SessionEvent, TokenType},
};
use countersign_core::{AppId, DeviceId, SessionId, Thumbprint, Timestamp, trust::TrustLevel};
use std::{sync::Arc, time::Duration};

pub(super) const ACCESS_SECONDS: u64 = 300;

pub(super) async fn register(
    State(shared): State<Arc<Shared>>,
    Json(body): Json<serde_json::Value>,
) -> Response {
    let request: RegisterSession = serde_json::from_value(body.clone()).unwrap();
    shared.state().registrations.push(body);
    if request.event == SessionEvent::Refresh {
        shared.refresh_permits.acquire().await.unwrap().forget();
    }
    let outcome = judge(&shared, &request);
    let mut state = shared.state();
    if request.event == SessionEvent::Refresh && state.answers_to_lose > 0 && outcome.is_ok() {
        state.answers_to_lose -= 1;
        drop(state);
        // The connection's task dies, and with it the connection. No panic hook is run.
        std::panic::resume_unwind(Box::new("the answer is lost"));
    }
    match outcome {
        Ok(refresh) => {
            let answer = registered(&shared, &mut state, &request, refresh);
            drop(state);
            shared.dated(Json(answer))
        }
        Err(code) => {
            drop(state);
            shared.refuse(code)
        }
    }
}

/// The number of the refresh token to hand out.
fn judge(shared: &Shared, request: &RegisterSession) -> Result<u32, ErrorCode> {
    let mut state = shared.state();
    let is_refresh = request.event == SessionEvent::Refresh;
    let key = state.jkt.filter(|_| is_refresh);
    let jkt = match &request.proof {
        Some(proof) => Some(check(shared, &mut state, proof, key)?),
        None if key.is_some() => return Err(ErrorCode::ProofRequired),
        None => None,
    };
    if let Some(code) = state.refuses_with {
        return Err(code);
    }
    if !is_refresh {
        state.jkt = jkt;
        state.previous = None;
        state.current += 1;
        return Ok(state.current);
    }
    let token = request.refresh_token.as_ref().unwrap().reveal();
    if token == refresh_token(state.current) {
        state.previous = Some(state.current);
        state.current += 1;
        state.rotations += 1;
    } else if state
        .previous
        .is_none_or(|previous| token != refresh_token(previous))
    {
        return Err(ErrorCode::RefreshSuperseded);
    }
    Ok(state.current)
}

fn check(
    shared: &Shared,
    state: &mut Fakery,
    proof: &RelayedProof,
    key: Option<Thumbprint>,
) -> Result<Thumbprint, ErrorCode> {
    assert!(
        proof.htu.starts_with("https://app.example/"),
        "{}",
        proof.htu
    );
    let url = HtuUrl::parse(&proof.htu).unwrap();
    let asked = Asked {
        method: &proof.htm,
        url: &url,
        access_token: None,
        key,
    };
    check_proof(shared, state, &proof.jwt, &asked)
}

/// What a proof must be for.
pub(super) struct Asked<'a> {
    pub(super) method: &'a str,
    pub(super) url: &'a HtuUrl,
    pub(super) access_token: Option<&'a str>,
    pub(super) key: Option<Thumbprint>,
}

pub(super) fn check_proof(
    shared: &Shared,
    state: &mut Fakery,
    jwt: &str,
    asked: &Asked<'_>,
) -> Result<Thumbprint, ErrorCode> {
    let expected = Expected {
        method: asked.method,
        url: asked.url,
        access_token: asked.access_token,
        key: asked.key.as_ref(),
        nonces: Some(&shared.nonces),
        nonces_since: Timestamp::from_micros(i64::MIN),
        now: shared.now(),
        window: Window::default(),
    };
    let proof = dpop::verify(jwt, &expected).map_err(|error| ErrorCode::from(error.refusal()))?;
    let lacks_nonce = state.wants_nonces && proof.nonce_issued_at.is_none();
    if state.refuses_nonces || lacks_nonce {
        return Err(ErrorCode::UseDpopNonce);
    }
    if state.used_proofs.insert(proof.replay_key) {
        Ok(proof.jkt)
    } else {
        Err(ErrorCode::ProofReplayed)
    }
}

fn registered(
    shared: &Shared,
    state: &mut Fakery,
    request: &RegisterSession,
    refresh: u32,
) -> RegisteredSession {
    state.access_tokens += 1;
    let now = shared.now();
    let is_keyed = state.jkt.is_some();
    let secret = |text: String| Some(Secret::from(text));
    RegisteredSession {
        session_id: SessionId::generate(now, &shared.rng),
        user_id: request.user_id.clone(),
        device_id: DeviceId::generate(now, &shared.rng),
        app_id: AppId::generate(now, &shared.rng),
        installation_id: state
            .installation_id
            .unwrap_or(request.device.installation_id),
        is_new_device: false,
        is_recognised: false,
        trust: TrustLevel::Unknown,
        token_type: if is_keyed {
            TokenType::DPoP
        } else {
            TokenType::Bearer
        },
        access_token: secret(access_token(state.access_tokens)),
        expires_in: Some(ACCESS_SECONDS),
        refresh_token: secret(refresh_token(refresh)),
        session_expires_at: now.plus(Duration::from_hours(1)),
        idle_expires_at: now.plus(Duration::from_hours(1)),
        device_secret: secret(DEVICE_SECRET.to_owned()).filter(|_| !is_keyed),
        evicted: Vec::new(),
        dpop_nonce: state.wants_nonces.then(|| shared.nonces.issue(now)),
    }
}

pub(super) fn access_token(number: u32) -> String {
    format!("canaryAccessToken{number}")
}

fn refresh_token(number: u32) -> String {
    format!("csrt_canaryRefreshToken{number}")
}
