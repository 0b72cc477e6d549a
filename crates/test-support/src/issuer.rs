//! An OpenID Connect issuer on a loopback port: metadata, keys, and everything that goes wrong.

use crate::{IssuerKey, app::merge};
use axum::{
    Json, Router,
    extract::State,
    response::{IntoResponse, Response},
    routing::get,
};
use countersign_core::{Timestamp, trusted_issuer::IdTokenAlgorithm};
use http::{StatusCode, Uri, header::LOCATION};
use serde_json::{Value, json};
use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};
use tokio::{net::TcpListener, task::JoinHandle};

/// A running issuer. It ends with the value.
#[derive(Debug)]
pub struct TestIssuer {
    shared: Arc<Shared>,
    serving: JoinHandle<()>,
}

/// What goes wrong at the issuer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// It answers 503.
    Down,
    /// It never answers.
    Silent,
    /// Its answers are longer than anybody reads.
    Huge,
    /// It sends elsewhere, where the keys really are.
    Redirect,
    /// Its answers are no JSON.
    Garbage,
    /// Its metadata are another issuer's.
    OtherIssuer,
    /// Its key set holds no key that verifies ID tokens.
    NoKeys,
}

#[derive(Debug)]
struct Shared {
    url: String,
    now: Mutex<Now>,
    metadata_calls: AtomicUsize,
    key_calls: AtomicUsize,
    tokens: AtomicUsize,
}

#[derive(Debug)]
struct Now {
    key: Arc<IssuerKey>,
    failure: Option<Failure>,
    made: usize,
}

impl TestIssuer {
    /// Starts an issuer that signs with ES256.
    ///
    /// # Panics
    /// When no port can be had.
    pub async fn start() -> Self {
        Self::signing_with(IdTokenAlgorithm::Es256).await
    }

    /// Starts an issuer that signs with this algorithm.
    ///
    /// # Panics
    /// When no port can be had.
    #[expect(
        clippy::disallowed_methods,
        reason = "the task ends with the issuer, which the test holds"
    )]
    pub async fn signing_with(algorithm: IdTokenAlgorithm) -> Self {
        let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await;
        let listener = listener.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let shared = Arc::new(Shared {
            url,
            now: Mutex::new(Now {
                key: Arc::new(IssuerKey::generate("key-0", algorithm)),
                failure: None,
                made: 1,
            }),
            metadata_calls: AtomicUsize::new(0),
            key_calls: AtomicUsize::new(0),
            tokens: AtomicUsize::new(0),
        });
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(metadata))
            .route("/keys", get(keys))
            .with_state(Arc::clone(&shared));
        let serving = tokio::spawn(async move {
            // Until the test ends.
            let _ = serve(listener, router).await;
        });
        Self { shared, serving }
    }

    /// `iss`.
    pub fn url(&self) -> &str {
        &self.shared.url
    }

    /// Where its keys are.
    pub fn keys_url(&self) -> String {
        format!("{}/keys", self.shared.url)
    }

    /// The key that it signs with and publishes.
    pub fn key(&self) -> Arc<IssuerKey> {
        Arc::clone(&self.shared.now().key)
    }

    /// An ID token for the app called `app`; `changes` replaces claims, null removes one.
    pub fn token(&self, sub: &str, now: Timestamp, changes: Value) -> String {
        self.key().token(&self.claims(sub, now, changes))
    }

    /// What [`token`](Self::token) says.
    pub fn claims(&self, sub: &str, now: Timestamp, changes: Value) -> Value {
        let iat = now.as_secs();
        let jti = self.shared.tokens.fetch_add(1, Ordering::SeqCst);
        let mut claims = json!({
            "iss": self.url(), "sub": sub, "aud": "app", "iat": iat, "exp": iat + 300,
            "amr": ["pwd"], "jti": jti.to_string(),
        });
        merge(&mut claims, changes);
        claims
    }

    /// Signs with a new key from now on, and publishes no other.
    pub fn rotate(&self) {
        let mut now = self.shared.now();
        let kid = format!("key-{}", now.made);
        now.key = Arc::new(IssuerKey::generate(&kid, now.key.algorithm));
        now.made += 1;
    }

    /// Lets something go wrong from now on, or nothing any more.
    pub fn fail(&self, failure: Option<Failure>) {
        self.shared.now().failure = failure;
    }

    /// How often its metadata were asked for.
    pub fn metadata_calls(&self) -> usize {
        self.shared.metadata_calls.load(Ordering::SeqCst)
    }

    /// How often its keys were asked for.
    pub fn key_calls(&self) -> usize {
        self.shared.key_calls.load(Ordering::SeqCst)
    }
}

impl Drop for TestIssuer {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Shared {
    fn now(&self) -> MutexGuard<'_, Now> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn jwks(&self) -> Value {
        let jwk = self.now().key.jwk();
        // What verifies nothing must not stand in the way of what does.
        json!({ "keys": [{ "kty": "oct", "k": "c2VjcmV0", "kid": "shared" }, 42, jwk] })
    }
}

async fn metadata(State(shared): State<Arc<Shared>>, uri: Uri) -> Response {
    shared.metadata_calls.fetch_add(1, Ordering::SeqCst);
    let mut body = json!({ "issuer": shared.url, "jwks_uri": format!("{}/keys", shared.url) });
    let failure = shared.now().failure;
    if failure == Some(Failure::OtherIssuer) {
        body["issuer"] = json!("https://other.example");
    }
    answer(failure, &uri, body).await
}

async fn keys(State(shared): State<Arc<Shared>>, uri: Uri) -> Response {
    shared.key_calls.fetch_add(1, Ordering::SeqCst);
    let failure = shared.now().failure;
    answer(failure, &uri, shared.jwks()).await
}

async fn answer(failure: Option<Failure>, uri: &Uri, body: Value) -> Response {
    match failure {
        Some(Failure::Down) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        Some(Failure::Silent) => std::future::pending().await,
        Some(Failure::Huge) => {
            let mut body = body;
            body["padding"] = json!("x".repeat(300 * 1024));
            Json(body).into_response()
        }
        // Whoever follows finds what was asked for.
        Some(Failure::Redirect) if uri.query().is_none() => {
            let there = format!("{}?moved", uri.path());
            (StatusCode::TEMPORARY_REDIRECT, [(LOCATION, there)]).into_response()
        }
        Some(Failure::Garbage) => "<html>".into_response(),
        Some(Failure::NoKeys) if body["keys"].is_array() => {
            Json(json!({ "keys": [] })).into_response()
        }
        _ => Json(body).into_response(),
    }
}

async fn serve(listener: TcpListener, router: Router) -> std::io::Result<()> {
    axum::serve(listener, router).await
}
