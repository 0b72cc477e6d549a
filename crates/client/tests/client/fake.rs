//! A server with one session that checks proofs, rotates refresh tokens (I7), and misbehaves on demand.

mod own;
mod sessions;

use crate::setting::{START, SeededRng};
use axum::{
    Json, Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, Method, Uri},
    response::{IntoResponse, Response},
    routing::{any, get, post},
};
use countersign_attestation::dpop::{NonceKey, NonceKeys};
use countersign_client::api_types::{ErrorCode, Problem};
use countersign_core::{Clock, ManualClock, Thumbprint, Timestamp};
use jiff::fmt::rfc2822::DateTimePrinter;
use std::{
    collections::HashSet,
    sync::{Arc, Mutex, MutexGuard},
};
use tokio::{net::TcpListener, sync::Semaphore, task::JoinSet};
use url::Url;

pub(crate) const API_KEY: &str = "csak_canaryApiKey";
pub(crate) const DEVICE_SECRET: &str = "csds_canaryDeviceSecret";

/// A running server; stops when dropped.
pub(crate) struct Fake {
    url: Url,
    shared: Arc<Shared>,
    _tasks: JoinSet<()>,
}

pub(crate) struct Shared {
    pub(crate) clock: ManualClock,
    /// A refresh takes one before it is answered.
    pub(crate) refresh_permits: Semaphore,
    rng: SeededRng,
    nonces: NonceKeys,
    state: Mutex<Fakery>,
}

/// What the server does and saw.
#[derive(Default)]
pub(crate) struct Fakery {
    /// Every proof needs a nonce.
    pub(crate) wants_nonces: bool,
    /// No nonce is ever good.
    pub(crate) refuses_nonces: bool,
    /// How many refreshes are handled without an answer.
    pub(crate) answers_to_lose: u32,
    /// What every further registration is refused with.
    pub(crate) refuses_with: Option<ErrorCode>,
    /// The installation id to answer with.
    pub(crate) installation_id: Option<uuid::Uuid>,
    /// Access tokens older than this are expired.
    pub(crate) oldest_access_token: u32,
    /// Bodies of registrations, in order.
    pub(crate) registrations: Vec<serde_json::Value>,
    /// Other calls: method and path with query.
    pub(crate) calls: Vec<String>,
    pub(crate) rotations: u32,
    jkt: Option<Thumbprint>,
    /// The numbers of the current refresh token and of the one that may be retried.
    current: u32,
    previous: Option<u32>,
    access_tokens: u32,
    used_proofs: HashSet<[u8; 32]>,
}

impl Fake {
    pub(crate) async fn start() -> Self {
        let shared = Arc::new(Shared {
            clock: ManualClock::starting_at(START),
            refresh_permits: Semaphore::new(1000),
            rng: SeededRng::new(2),
            nonces: NonceKeys::new(NonceKey::new(&[7; 32]), None),
            state: Mutex::default(),
        });
        let routes = Router::new()
            .route("/v1/sessions", post(sessions::register))
            .route("/v1/me/devices", get(own::list))
            .route("/v1/logout", post(own::log_out))
            .fallback(any(note))
            .with_state(Arc::clone(&shared));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let mut tasks = JoinSet::new();
        tasks.spawn(async move { axum::serve(listener, routes).await.unwrap() });
        Self {
            url: url.parse().unwrap(),
            shared,
            _tasks: tasks,
        }
    }

    pub(crate) fn url(&self) -> &Url {
        &self.url
    }

    pub(crate) fn shared(&self) -> &Shared {
        &self.shared
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, Fakery> {
        self.shared.state()
    }
}

impl Shared {
    pub(crate) fn state(&self) -> MutexGuard<'_, Fakery> {
        self.state.lock().unwrap()
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Dates every answer by the server's own clock.
    fn dated(&self, response: impl IntoResponse) -> Response {
        let now = jiff::Timestamp::from_microsecond(self.now().as_micros()).unwrap();
        let date = DateTimePrinter::new()
            .timestamp_to_rfc9110_string(&now)
            .unwrap();
        ([("date", date)], response).into_response()
    }

    /// Refuses; a nonce comes only with the demand for one.
    fn refuse(&self, code: ErrorCode) -> Response {
        let nonce = (code == ErrorCode::UseDpopNonce).then(|| self.nonces.issue(self.now()));
        let problem = Problem {
            dpop_nonce: nonce.clone(),
            ..Problem::new(code)
        };
        let status = axum::http::StatusCode::from_u16(code.status()).unwrap();
        let header = nonce.map(|nonce| [("dpop-nonce", nonce)]);
        self.dated((
            status,
            header.map(axum::response::AppendHeaders),
            Json(problem),
        ))
    }
}

/// Notes any other call, and answers with the `x-answer` that the path's last segment names.
async fn note(
    State(shared): State<Arc<Shared>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let key = headers
        .get("authorization")
        .and_then(|value| value.to_str().ok());
    let body = String::from_utf8_lossy(&body);
    let is_known = key == Some(&format!("Bearer {API_KEY}"));
    let version = headers
        .get("if-match")
        .and_then(|value| value.to_str().ok())
        .unwrap_or("-");
    shared
        .state()
        .calls
        .push(format!("{method} {uri} {version} {body}"));
    if !is_known {
        return shared.refuse(ErrorCode::Unauthenticated);
    }
    crate::service::answer(uri.path())
}
