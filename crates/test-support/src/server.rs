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
    database: Arc<TestDatabase>,
}

impl TestServer {
    /// Starts a server that has outlived early proofs.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn start(engine: Engine) -> Self {
        let database = Arc::new(TestDatabase::create(engine).await);
        let clock = ManualClock::starting_at(Timestamp::from_secs(1_800_000_000));
        let started = Self::open(database, Arc::new(clock), 1).await;
        started.clock.advance(Duration::from_secs(10));
        started
    }

    /// Another process on the same database and clock.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn beside(&self) -> Self {
        let mut seed = [0; 8];
        self.rng.fill(&mut seed);
        let (database, clock) = (Arc::clone(&self.database), Arc::clone(&self.clock));
        Self::open(database, clock, u64::from_le_bytes(seed)).await
    }

    /// Ends the process as an operator does.
    pub async fn shut_down(self) {
        self.server.shut_down().await;
    }

    async fn open(database: Arc<TestDatabase>, clock: Arc<ManualClock>, seed: u64) -> Self {
        let rng: Arc<dyn Rng> = Arc::new(SeededRng::new(seed));
        let starting = Server::start(
            config(&database, Arc::clone(&rng)),
            Arc::clone(&clock) as _,
            Arc::clone(&rng),
            Metrics::new(),
        );
        let server = starting.await.expect("the server starts");
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
            database,
        }
    }

    /// The base URL of the internal listener.
    pub fn internal_url(&self) -> String {
        format!("http://{}", self.server.addresses().internal)
    }
}
