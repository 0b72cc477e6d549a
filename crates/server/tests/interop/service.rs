//! The server under test, and the app's backend in front of it.

use axum::body::Body;
use countersign_core::{SystemClock, SystemRng, activity::Actor, api_key::Scope};
use countersign_server::{
    Cluster, GoogleApi, KeyEncryptionKey, Listeners, Memory, NewApiKey, Retention, Server,
    ServerConfig, http::TrustedProxies, telemetry::Metrics,
};
use countersign_storage::Engine;
use countersign_test_support::{Answer, TestDatabase};
use http::Request;
use http_body_util::BodyExt;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use std::{net::SocketAddr, sync::Arc};
use tokio::net::TcpStream;
use zeroize::Zeroizing;

/// Where the device logs in: the app's backend, which relays.
pub(crate) const LOGIN_URL: &str = "https://app.example/login";

/// A server on an SQLite file, on ports of its own, by the system's clock.
#[derive(Debug)]
pub(crate) struct Service {
    server: Server,
    database: TestDatabase,
    public_url: String,
    api_key: String,
    key_id: String,
}

impl Service {
    pub(crate) async fn start() -> Self {
        let database = TestDatabase::create(Engine::Sqlite).await;
        let server = start(&database, "http://127.0.0.1:0").await;
        let public_url = format!("http://{}", server.addresses().public);
        let key = NewApiKey {
            name: "backend".to_owned(),
            scopes: Scope::ALL.to_vec(),
            expires_at: None,
        };
        let made = server.app().api_keys.create(key, Actor::Operator).await;
        let (key, secret) = made.expect("an API key");
        Self {
            server,
            database,
            public_url,
            api_key: secret.reveal().to_owned(),
            key_id: key.id.to_string(),
        }
    }

    /// A new process on the same database. It listens elsewhere, so only the backend finds it.
    pub(crate) async fn restart(self) -> Self {
        self.server.shut_down().await;
        let server = start(&self.database, &self.public_url).await;
        Self { server, ..self }
    }

    /// The URL of a path on the public listener.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.public_url)
    }

    /// The URL of a path on the internal listener, and an API key with its id.
    pub(crate) fn inside(&self, path: &str) -> (String, &str, &str) {
        let internal = self.server.addresses().internal;
        let url = format!("http://{internal}{path}");
        (url, &self.key_id, &self.api_key)
    }

    /// Registers a client; answers its id.
    pub(crate) async fn client(&self, nonce_policy: &str) -> String {
        self.client_of(nonce_policy, json!([])).await
    }

    /// Registers a client that trusts issuers; answers its id.
    pub(crate) async fn client_of(&self, nonce_policy: &str, issuers: Value) -> String {
        let body = json!({
            "name": "App", "platform": "desktop", "audience": "https://api.example",
            "origins": ["https://app.example"], "nonce_policy": nonce_policy, "issuers": issuers,
            // Devices here try more bad proofs than one may.
            "admission": { "bad_proofs": { "limit": 0 } },
        });
        let answer = self.backend("/v1/clients", &body).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        answer.text("client_id")
    }

    /// Relays a login; `proof` was made for a `POST` to [`LOGIN_URL`].
    pub(crate) async fn login(&self, client: &str, user: &str, proof: &str) -> Answer {
        self.relay(client, user, proof, json!({ "event": "login" }))
            .await
    }

    /// Relays a refresh.
    pub(crate) async fn refresh(
        &self,
        client: &str,
        user: &str,
        proof: &str,
        token: &str,
    ) -> Answer {
        let event = json!({ "event": "refresh", "refresh_token": token });
        self.relay(client, user, proof, event).await
    }

    async fn relay(&self, client: &str, user: &str, proof: &str, mut body: Value) -> Answer {
        body["client_id"] = client.into();
        body["user_id"] = user.into();
        // A device is found by its key first, so one id is enough for all of them.
        body["device"] = json!({ "installation_id": "6ba7b810-9dad-41d1-80b4-00c04fd430c8" });
        body["proof"] = json!({ "jwt": proof, "htm": "POST", "htu": LOGIN_URL });
        self.backend("/v1/sessions", &body).await
    }

    /// Asks for a judgement.
    pub(crate) async fn verify(&self, body: &Value) -> Answer {
        let answer = self.backend("/v1/verify", body).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer
    }

    async fn backend(&self, path: &str, body: &Value) -> Answer {
        let request = Request::post(path)
            .header("authorization", format!("Bearer {}", self.api_key))
            .header("content-type", "application/json")
            .body(Body::from(body.to_string()));
        let internal = self.server.addresses().internal;
        send(internal, request.expect("a request")).await
    }

    /// A `GET` to the public listener with these headers, in this order.
    pub(crate) async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        let start = Request::get(path);
        let request = headers.iter().fold(start, |request, (name, value)| {
            request.header(*name, *value)
        });
        let request = request.body(Body::empty()).expect("a request");
        send(self.server.addresses().public, request).await
    }

    pub(crate) async fn stop(self) {
        self.server.shut_down().await;
    }
}

async fn start(database: &TestDatabase, public_url: &str) -> Server {
    let any_port = SocketAddr::from(([127, 0, 0, 1], 0));
    let config = ServerConfig {
        public_url: public_url.to_owned(),
        listeners: Listeners {
            public: any_port,
            internal: any_port,
            metrics: None,
        },
        store: database.config(Arc::new(SystemRng)),
        key_encryption_key: KeyEncryptionKey(Zeroizing::new([7; 32])),
        trusted_proxies: TrustedProxies::default(),
        forward_auth_origins: Vec::new(),
        geoip: None,
        anchors: countersign_server::Anchors::shipped(),
        android_status_url: None,
        google: GoogleApi::default(),
        cluster: Cluster::default(),
        memory: Memory::default(),
        retention: Retention::default(),
    };
    let (clock, rng) = (Arc::new(SystemClock), Arc::new(SystemRng));
    let started = Server::start(config, clock, rng, Metrics::new()).await;
    started.expect("the server starts")
}

/// One request on a connection of its own.
async fn send(address: SocketAddr, mut request: Request<Body>) -> Answer {
    let host = address.to_string().parse().expect("a header value");
    request.headers_mut().insert("host", host);
    let stream = TcpStream::connect(address).await.expect("a connection");
    let handshake = http1::handshake(TokioIo::new(stream)).await;
    let (mut sender, connection) = handshake.expect("an HTTP connection");
    let exchange = async move {
        let response = sender.send_request(request).await.expect("an answer");
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.expect("a body").to_bytes();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: serde_json::from_slice(&bytes).unwrap_or(Value::Null),
            raw: String::from_utf8_lossy(&bytes).into_owned(),
        }
    };
    // The connection ends when the sender is gone.
    let (answer, ended) = tokio::join!(exchange, connection);
    ended.expect("an orderly end of the connection");
    answer
}
