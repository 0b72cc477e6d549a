//! Countersign, on ports of its own and by the system's clock.

use crate::wire;
use countersign_core::{SystemClock, SystemRng, activity::Actor, api_key::Scope};
use countersign_server::{
    Cluster, GoogleApi, KeyEncryptionKey, Listeners, Memory, NewApiKey, Retention, Server,
    ServerConfig, http::TrustedProxies, telemetry::Metrics,
};
use countersign_storage::Engine;
use countersign_test_support::TestDatabase;
use serde_json::Value;
use std::{net::SocketAddr, sync::Arc};
use zeroize::Zeroizing;

/// A running server that trusts proxies on this machine.
#[derive(Debug)]
pub(crate) struct Service {
    server: Server,
    api_key: String,
    _database: TestDatabase,
}

/// An answer of the API.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Value,
}

impl Service {
    pub(crate) async fn start(origins: Vec<String>) -> Self {
        let database = TestDatabase::create(Engine::Sqlite).await;
        let config = config(&database, origins);
        let (clock, rng) = (Arc::new(SystemClock), Arc::new(SystemRng));
        let started = Server::start(config, clock, rng, Metrics::new()).await;
        let server = started.expect("the server starts");
        let key = NewApiKey {
            name: "backend".to_owned(),
            scopes: Scope::ALL.to_vec(),
            expires_at: None,
        };
        let made = server.app().api_keys.create(key, Actor::Operator).await;
        let (_, secret) = made.expect("an API key");
        Self {
            server,
            api_key: secret.reveal().to_owned(),
            _database: database,
        }
    }

    pub(crate) fn internal(&self) -> SocketAddr {
        self.server.addresses().internal
    }

    /// Calls the internal listener with the API key.
    pub(crate) fn post(&self, path: &str, body: &Value) -> Answer {
        let body = body.to_string();
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: internal\r\nAuthorization: Bearer {}\r\nConnection: close\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.api_key,
            body.len()
        );
        call(self.internal(), &request)
    }

    /// Reads from the public listener.
    pub(crate) fn get(&self, path: &str) -> Answer {
        let request = format!("GET {path} HTTP/1.1\r\nHost: public\r\nConnection: close\r\n\r\n");
        call(self.server.addresses().public, &request)
    }

    pub(crate) async fn stop(self) {
        self.server.shut_down().await;
    }
}

fn call(address: SocketAddr, request: &str) -> Answer {
    let heard = wire::exchange(address, request).expect("a connection");
    let status = heard.statuses().first().copied();
    Answer {
        status: status.expect("an answer"),
        body: serde_json::from_str(heard.body()).unwrap_or(Value::Null),
    }
}

fn config(database: &TestDatabase, origins: Vec<String>) -> ServerConfig {
    let any_port = SocketAddr::from(([127, 0, 0, 1], 0));
    ServerConfig {
        public_url: "https://auth.example".to_owned(),
        listeners: Listeners {
            public: any_port,
            internal: any_port,
            metrics: None,
        },
        store: database.config(Arc::new(SystemRng)),
        key_encryption_key: KeyEncryptionKey(Zeroizing::new([7; 32])),
        trusted_proxies: TrustedProxies::new(vec!["127.0.0.1".parse().expect("a network")]),
        forward_auth_origins: origins,
        geoip: None,
        anchors: countersign_server::Anchors::shipped(),
        android_status_url: None,
        google: GoogleApi::default(),
        cluster: Cluster::default(),
        memory: Memory::default(),
        retention: Retention::default(),
    }
}
