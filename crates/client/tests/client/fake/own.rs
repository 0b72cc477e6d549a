//! The public listener of the fake: three pages of devices, and logout.

use super::{
    Shared,
    sessions::{self, Asked},
};
use axum::{
    Json,
    extract::State,
    http::{HeaderMap, Method, Uri},
    response::Response,
};
use countersign_attestation::dpop::HtuUrl;
use countersign_client::api_types::{
    ErrorCode,
    device::{DeviceItem, DeviceLimit, Ended, OwnDevices},
};
use countersign_core::{
    AppId, ClientId, DeviceId,
    device::{DeviceState, Encryption, Platform},
    trust::TrustLevel,
};
use std::sync::Arc;

/// Two devices, then none, then one: a page may be empty before the end.
const PAGES: [usize; 3] = [2, 0, 1];

pub(super) async fn list(
    State(shared): State<Arc<Shared>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    if let Err(code) = authenticate(&shared, &method, &uri, &headers) {
        return shared.refuse(code);
    }
    let query = uri.query().unwrap_or_default();
    let cursor = query
        .split('&')
        .find_map(|pair| pair.strip_prefix("cursor="));
    let page = cursor.map_or(0, |cursor| cursor.parse().unwrap());
    let next = page + 1;
    shared.dated(Json(OwnDevices {
        frozen_at: None,
        data: std::iter::repeat_with(|| device(&shared))
            .take(PAGES[page])
            .collect(),
        next_cursor: (next < PAGES.len()).then(|| next.to_string()),
        has_more: next < PAGES.len(),
        active_sessions: 1,
        limit: DeviceLimit { used: 3, max: None },
    }))
}

pub(super) async fn log_out(
    State(shared): State<Arc<Shared>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    match authenticate(&shared, &method, &uri, &headers) {
        Ok(()) => shared.dated(Json(Ended {
            ended: 1,
            receipt: None,
        })),
        Err(code) => shared.refuse(code),
    }
}

fn authenticate(
    shared: &Shared,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
) -> Result<(), ErrorCode> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let mut state = shared.state();
    state.calls.push(format!("{method} {uri}"));
    let authorization = text("authorization").unwrap_or_default();
    let (scheme, token) = authorization.split_once(' ').unwrap_or_default();
    let number: u32 = match token.strip_prefix(sessions::access_token(0).trim_end_matches('0')) {
        Some(number) => number.parse().unwrap(),
        None => return Err(ErrorCode::TokenInvalid),
    };
    if number < state.oldest_access_token {
        return Err(ErrorCode::TokenExpired);
    }
    let Some(jkt) = state.jkt else {
        let is_bearer = scheme == "Bearer" && text("dpop").is_none();
        return if is_bearer {
            Ok(())
        } else {
            Err(ErrorCode::SchemeMismatch)
        };
    };
    if scheme != "DPoP" {
        return Err(ErrorCode::SchemeMismatch);
    }
    let proof = text("dpop").ok_or(ErrorCode::ProofRequired)?;
    let host = text("host").unwrap();
    let url = HtuUrl::parse(&format!("http://{host}{uri}")).unwrap();
    let asked = Asked {
        method: method.as_str(),
        url: &url,
        access_token: Some(token),
        key: Some(jkt),
    };
    sessions::check_proof(shared, &mut state, proof, &asked)?;
    Ok(())
}

fn device(shared: &Shared) -> DeviceItem {
    let now = shared.now();
    DeviceItem {
        device_id: DeviceId::generate(now, &shared.rng),
        app_id: AppId::generate(now, &shared.rng),
        client_id: ClientId::generate(now, &shared.rng),
        name: None,
        platform: Platform::Ios,
        model: None,
        os_version: None,
        app_version: None,
        encryption: Encryption::Unknown,
        trust: TrustLevel::Unknown,
        is_recognised: false,
        is_current: false,
        key_bound: true,
        state: DeviceState::Active,
        active_sessions: 1,
        created_at: now,
        last_seen_at: now,
        last_seen: None,
        ended: None,
    }
}
