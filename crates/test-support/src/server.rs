//! The whole service behind real listeners, for what calls it over HTTP.

use crate::{SeededRng, TestDatabase, app::config};
use countersign_core::{ManualClock, Rng, Timestamp, activity::Actor, api_key::Scope};
use countersign_server::{NewApiKey, Server, telemetry::Metrics};
use countersign_storage::Engine;
use std::{sync::Arc, time::Duration};

/// A server on free ports, on a database of its own; ends with the test's runtime.
#[derive(Debug)]
pub struct TestServer {
    /// The time, which moves only when told to.
    pub clock: Arc<ManualClock>,
    /// Randomness from a fixed seed.
    pub rng: Arc<dyn Rng>,
    /// A key with every scope.
    pub api_key: String,
    server: Server,
    _database: TestDatabase,
}

impl TestServer {
    /// Starts a server that has outlived early proofs.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn start(engine: Engine) -> Self {
        let database = TestDatabase::create(engine).await;
        let clock = Arc::new(ManualClock::starting_at(Timestamp::from_secs(
            1_800_000_000,
        )));
        let rng: Arc<dyn Rng> = Arc::new(SeededRng::new(1));
        let starting = Server::start(
            config(&database, Arc::clone(&rng)),
            Arc::clone(&clock) as _,
            Arc::clone(&rng),
            Metrics::new(),
        );
        let server = starting.await.expect("the server starts");
        clock.advance(Duration::from_secs(10));
        let key = NewApiKey {
            name: "test".to_owned(),
            scopes: Scope::ALL.to_vec(),
            expires_at: None,
        };
        let made = server.app().api_keys.create(key, Actor::Operator).await;
        let (_, secret) = made.expect("an API key");
        Self {
            clock,
            rng,
            api_key: secret.reveal().to_owned(),
            server,
            _database: database,
        }
    }

    /// The base URL of the internal listener.
    pub fn internal_url(&self) -> String {
        format!("http://{}", self.server.addresses().internal)
    }
}
