//! Google on a loopback port, as far as Play Integrity needs it: access tokens for a service
//! account, the decode API, and everything that goes wrong there.

use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der},
    rsa::KeySize,
    signature::{KeyPair, RSA_PKCS1_2048_8192_SHA256, RsaKeyPair, UnparsedPublicKey},
};
use axum::{
    Json, Router,
    extract::{Path, State},
    response::{IntoResponse, Response},
    routing::post,
};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use countersign_core::Timestamp;
use countersign_server::GoogleApi;
use http::{HeaderMap, StatusCode, header::AUTHORIZATION};
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    fmt,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use tokio::{net::TcpListener, task::JoinHandle};

/// Google, running. It ends with the value.
pub struct TestGoogle {
    shared: Arc<Shared>,
    serving: JoinHandle<()>,
}

/// What goes wrong at one of Google's services.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// It answers with this status.
    Status(u16),
    /// It never answers.
    Silent,
    /// Its answer is longer than anybody reads.
    Huge,
    /// Its answer is no JSON.
    Garbage,
    /// Its answer is JSON that says nothing.
    Empty,
}

struct Shared {
    url: String,
    account: RsaKeyPair,
    now: Mutex<Now>,
}

/// What Google knows, and what was asked of it.
#[derive(Default)]
struct Now {
    /// What it says of each standard token.
    verdicts: HashMap<String, (String, Value)>,
    access_tokens: Vec<String>,
    at_grants: Option<Trouble>,
    at_decoding: Option<Trouble>,
    grants: Vec<Value>,
    decodings: usize,
    made: usize,
}

impl TestGoogle {
    /// What the fake account is called.
    pub const ACCOUNT: &'static str = "countersign@example.iam.gserviceaccount.com";
    /// What its key is called.
    pub const KEY_ID: &'static str = "0123456789abcdef";

    /// Starts it, with one service account that may decode the tokens of every app.
    ///
    /// # Panics
    /// When no port can be had.
    #[expect(
        clippy::disallowed_methods,
        reason = "the task ends with the value, which the test holds"
    )]
    pub async fn start() -> Self {
        let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await;
        let listener = listener.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let shared = Arc::new(Shared {
            url,
            account: RsaKeyPair::generate(KeySize::Rsa2048).expect("a key"),
            now: Mutex::default(),
        });
        let router = Router::new()
            .route("/token", post(grant))
            .route("/v1/{asked}", post(decode))
            .with_state(Arc::clone(&shared));
        let serving = tokio::spawn(async move {
            // Until the test ends.
            let _ = serve(listener, router).await;
        });
        Self { shared, serving }
    }

    /// Where a service finds it, with a time limit that only silence reaches.
    pub fn api(&self) -> GoogleApi {
        GoogleApi {
            play_integrity_url: self.shared.url.clone(),
            token_url: self.shared.token_url(),
            timeout: Duration::from_secs(30),
        }
    }

    /// The account's key file.
    pub fn key_file(&self) -> Value {
        json!({
            "type": "service_account", "project_id": "example", "private_key_id": Self::KEY_ID,
            "private_key": pem(&self.shared.account), "client_email": Self::ACCOUNT,
            "client_id": "117", "auth_uri": "https://accounts.google.com/o/oauth2/auth",
            "token_uri": "https://oauth2.googleapis.com/token",
            "universe_domain": "googleapis.com",
        })
    }

    /// The token of a standard request by this app, of which Google says this.
    pub fn issue(&self, package: &str, payload: Value) -> String {
        let mut now = self.shared.now();
        now.made += 1;
        let token = format!("standard-{}", now.made);
        now.verdicts
            .insert(token.clone(), (package.to_owned(), payload));
        token
    }

    /// Lets something go wrong from now on where access tokens are had, or nothing any more.
    pub fn fail_grants(&self, trouble: Option<Trouble>) {
        self.shared.now().at_grants = trouble;
    }

    /// Lets something go wrong from now on where tokens are decoded, or nothing any more.
    pub fn fail_decoding(&self, trouble: Option<Trouble>) {
        self.shared.now().at_decoding = trouble;
    }

    /// Accepts no access token that it handed out before.
    pub fn revoke_access(&self) {
        self.shared.now().access_tokens.clear();
    }

    /// The claims of every assertion that got an access token.
    pub fn grants(&self) -> Vec<Value> {
        self.shared.now().grants.clone()
    }

    /// How often it was asked to decode a token.
    pub fn decodings(&self) -> usize {
        self.shared.now().decodings
    }

    /// The access tokens that it accepts.
    pub fn access_tokens(&self) -> Vec<String> {
        self.shared.now().access_tokens.clone()
    }
}

impl fmt::Debug for TestGoogle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestGoogle").finish_non_exhaustive()
    }
}

impl Drop for TestGoogle {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// Another key of the same kind, as a key file has it.
///
/// # Panics
/// When the library cannot make one.
pub fn private_key() -> String {
    pem(&RsaKeyPair::generate(KeySize::Rsa2048).expect("a key"))
}

fn pem(key: &RsaKeyPair) -> String {
    let der: Pkcs8V1Der<'_> = key.as_der().expect("PKCS #8");
    let text = STANDARD.encode(der.as_ref());
    let lines: Vec<_> = text
        .as_bytes()
        .chunks(64)
        .map(String::from_utf8_lossy)
        .collect();
    let begin = "-----BEGIN PRIVATE KEY-----";
    format!("{begin}\n{}\n-----END PRIVATE KEY-----\n", lines.join("\n"))
}

impl Shared {
    fn now(&self) -> MutexGuard<'_, Now> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn token_url(&self) -> String {
        format!("{}/token", self.url)
    }

    /// The claims of an assertion that the account signed, as Google wants it.
    fn claims(&self, body: &str) -> Option<Value> {
        let grant = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=";
        let assertion = body.strip_prefix(grant)?;
        let (input, signature) = assertion.rsplit_once('.')?;
        let signature = URL_SAFE_NO_PAD.decode(signature).ok()?;
        let key = self.account.public_key();
        let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key.as_ref());
        key.verify(input.as_bytes(), &signature).ok()?;
        let (header, claims) = input.split_once('.')?;
        let parse = |part| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok();
        let (header, claims): (Value, Value) = (parse(header)?, parse(claims)?);
        let lifetime = claims["exp"].as_i64()? - claims["iat"].as_i64()?;
        let is_good = header["alg"] == "RS256"
            && header["kid"] == TestGoogle::KEY_ID
            && claims["iss"] == TestGoogle::ACCOUNT
            && claims["aud"] == self.token_url()
            && claims["scope"] == "https://www.googleapis.com/auth/playintegrity"
            && (1..=3600).contains(&lifetime);
        is_good.then_some(claims)
    }
}

async fn grant(State(shared): State<Arc<Shared>>, body: String) -> Response {
    let trouble = shared.now().at_grants;
    if let Some(trouble) = trouble {
        return wrong(trouble).await;
    }
    let Some(claims) = shared.claims(&body) else {
        let body = json!({ "error": "invalid_grant" });
        return (StatusCode::BAD_REQUEST, Json(body)).into_response();
    };
    let mut now = shared.now();
    now.grants.push(claims);
    let token = format!("ya29.access-{}-canary", now.grants.len());
    now.access_tokens.push(token.clone());
    let answer = json!({ "access_token": token, "expires_in": 3599, "token_type": "Bearer" });
    Json(answer).into_response()
}

async fn decode(
    State(shared): State<Arc<Shared>>,
    Path(asked): Path<String>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Response {
    let trouble = {
        let mut now = shared.now();
        now.decodings += 1;
        now.at_decoding
    };
    if let Some(trouble) = trouble {
        return wrong(trouble).await;
    }
    let now = shared.now();
    let given = headers.get(AUTHORIZATION);
    let given = given.and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    if !given.is_some_and(|given| now.access_tokens.iter().any(|token| token == given)) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let Some(package) = asked.strip_suffix(":decodeIntegrityToken") else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let token = body["integrityToken"].as_str().unwrap_or_default();
    match now.verdicts.get(token) {
        Some((owner, payload)) if owner == package => {
            Json(json!({ "tokenPayloadExternal": payload })).into_response()
        }
        _ => {
            let error = json!({ "error": { "code": 400, "status": "INVALID_ARGUMENT" } });
            (StatusCode::BAD_REQUEST, Json(error)).into_response()
        }
    }
}

async fn wrong(trouble: Trouble) -> Response {
    match trouble {
        Trouble::Status(status) => StatusCode::from_u16(status)
            .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
            .into_response(),
        Trouble::Silent => std::future::pending().await,
        Trouble::Huge => "x".repeat(80 * 1024).into_response(),
        Trouble::Garbage => "<html>".into_response(),
        Trouble::Empty => Json(json!({})).into_response(),
    }
}

async fn serve(listener: TcpListener, router: Router) -> std::io::Result<()> {
    axum::serve(listener, router).await
}

/// What Google says of a good device of which this app asked now: `field` is `nonce` or
/// `requestHash`, and has this value.
pub fn verdict(package: &str, digest: &str, (field, value): (&str, &str), now: Timestamp) -> Value {
    let mut verdict = json!({
        "requestDetails": {
            "requestPackageName": package, "timestampMillis": (now.as_micros() / 1000).to_string(),
        },
        "appIntegrity": {
            "appRecognitionVerdict": "PLAY_RECOGNIZED", "packageName": package,
            "certificateSha256Digest": [digest], "versionCode": "42",
        },
        "deviceIntegrity": { "deviceRecognitionVerdict": ["MEETS_DEVICE_INTEGRITY"] },
        "accountDetails": { "appLicensingVerdict": "LICENSED" },
    });
    verdict["requestDetails"][field] = json!(value);
    verdict
}
