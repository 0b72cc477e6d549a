//! The whole service in process: real routes, a real database, a clock that tests move.

use crate::{Answer, Call, Platforms, SeededRng, TestDatabase, TestDevice};
use axum::Router;
use countersign_core::{ManualClock, Rng, Timestamp, activity::Actor, api_key::Scope};
use countersign_server::{
    Anchors, App, AppState, Cluster, GoogleApi, Job, KeyEncryptionKey, Listeners, Memory,
    NewApiKey, RedisUrl, Retention, ServerConfig,
    http::{Shell, ShellSettings, TrustedProxies},
    telemetry::Metrics,
};
use countersign_storage::Engine;
use serde_json::{Value, json};
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use zeroize::Zeroizing;

/// A service on a database of its own.
#[derive(Debug)]
pub struct TestApp {
    /// The use cases.
    pub app: Arc<App>,
    /// The time, which moves only when told to.
    pub clock: Arc<ManualClock>,
    /// Randomness from a fixed seed.
    pub rng: Arc<dyn Rng>,
    /// A key with every scope.
    pub api_key: String,
    /// The service's metrics.
    pub metrics: Metrics,
    public: Router,
    internal: Router,
    database: Arc<TestDatabase>,
    surroundings: Surroundings,
    tasks: TaskTracker,
    stop: CancellationToken,
}

/// What a service is started with beside its database.
#[derive(Debug, Clone)]
struct Surroundings {
    redis: Option<RedisUrl>,
    anchors: Anchors,
    status_url: Option<String>,
    google: GoogleApi,
}

impl TestApp {
    /// The public URL of the service.
    pub const PUBLIC_URL: &'static str = "https://auth.example";
    /// Where the app is reached behind a proxy.
    pub const API_ORIGIN: &'static str = "https://api.example";
    /// The address of that proxy, the only one that may ask for others.
    pub const PROXY: &'static str = "10.0.0.1";
    /// The origin of the app whose backend relays logins.
    pub const APP_ORIGIN: &'static str = "https://app.example";

    /// Starts a service on an empty database.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn start(engine: Engine) -> Self {
        let database = Arc::new(TestDatabase::create(engine).await);
        let clock = ManualClock::starting_at(Timestamp::from_secs(1_800_000_000));
        let surroundings = Surroundings {
            redis: None,
            anchors: Anchors::shipped(),
            status_url: None,
            google: GoogleApi::default(),
        };
        let started = Self::open(database, Arc::new(clock), 1, surroundings).await;
        started.outlive_early_proofs();
        started
    }

    /// The same database under a new process: memory is gone, the time and what is stored stay.
    /// For some seconds proofs need a nonce: [`outlive_early_proofs`](Self::outlive_early_proofs).
    ///
    /// # Panics
    /// When it does not start.
    #[must_use]
    pub async fn restart(self) -> Self {
        self.app.leave().await;
        self.app.store().close().await;
        self.beside_silently().await
    }

    /// The same database under a new process that uses this Redis.
    ///
    /// # Panics
    /// When it does not start.
    #[must_use]
    pub async fn with_redis(mut self, redis: RedisUrl) -> Self {
        self.surroundings.redis = Some(redis);
        let app = self.restart().await;
        app.outlive_early_proofs();
        app.app.take_part(&app.tasks, &app.stop);
        app
    }

    /// The same database under a new process that believes these platforms.
    ///
    /// # Panics
    /// When it does not start.
    #[must_use]
    pub async fn with_platforms(mut self, platforms: &Platforms) -> Self {
        self.surroundings.anchors = platforms.anchors();
        let app = self.restart().await;
        app.outlive_early_proofs();
        app
    }

    /// The same database under a new process that fetches Android's status list there.
    ///
    /// # Panics
    /// When it does not start.
    #[must_use]
    pub async fn with_status_url(mut self, url: &str) -> Self {
        self.surroundings.status_url = Some(url.to_owned());
        let app = self.restart().await;
        app.outlive_early_proofs();
        app
    }

    /// The same database under a new process that finds Google there.
    ///
    /// # Panics
    /// When it does not start.
    #[must_use]
    pub async fn with_google(mut self, api: GoogleApi) -> Self {
        self.surroundings.google = api;
        let app = self.restart().await;
        app.outlive_early_proofs();
        app
    }

    /// Another process on the same database and clock.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn beside(&self) -> Self {
        let other = self.beside_silently().await;
        // Alone, a process learns nothing from anybody and need not listen.
        for app in [self, &other] {
            app.app.take_part(&app.tasks, &app.stop);
        }
        other
    }

    /// Another process that reads the feed only when a request makes it.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn beside_silently(&self) -> Self {
        let mut seed = [0; 8];
        self.rng.fill(&mut seed);
        let (database, clock) = (Arc::clone(&self.database), Arc::clone(&self.clock));
        let surroundings = self.surroundings.clone();
        Self::open(database, clock, u64::from_le_bytes(seed), surroundings).await
    }

    /// Lets the time pass in which a proof could be older than the process, so that its reuse
    /// could go unnoticed and it needs a nonce.
    pub fn outlive_early_proofs(&self) {
        self.clock.advance(Duration::from_secs(10));
    }

    /// Moves the clock.
    pub fn advance_secs(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    /// Runs a periodic job once.
    ///
    /// # Panics
    /// When it fails.
    pub async fn run_job(&self, job: Job) {
        self.app.run_job(job).await.expect("the job");
    }

    async fn open(
        database: Arc<TestDatabase>,
        clock: Arc<ManualClock>,
        seed: u64,
        surroundings: Surroundings,
    ) -> Self {
        let rng: Arc<dyn Rng> = Arc::new(SeededRng::new(seed));
        let metrics = Metrics::new();
        let mut config = config(&database, Arc::clone(&rng));
        config.cluster.redis.clone_from(&surroundings.redis);
        config.anchors.clone_from(&surroundings.anchors);
        config
            .android_status_url
            .clone_from(&surroundings.status_url);
        config.google.clone_from(&surroundings.google);
        let app = App::open(config, Arc::clone(&clock) as _, Arc::clone(&rng), &metrics).await;
        let app = Arc::new(app.expect("the service opens"));
        let api_key = Self::make_key(&app).await;
        let shell = Shell::new(
            ShellSettings::default(),
            Arc::clone(&clock) as _,
            &*rng,
            metrics.clone(),
        );
        let state = AppState(Arc::clone(&app));
        Self {
            public: countersign_server::public(state.clone()).layer(shell.clone()),
            internal: countersign_server::internal(state).layer(shell),
            api_key,
            app,
            clock,
            rng,
            metrics,
            database,
            surroundings,
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
        }
    }

    async fn make_key(app: &App) -> String {
        let scopes = Scope::ALL.to_vec();
        let key = NewApiKey {
            name: "test".to_owned(),
            scopes,
            expires_at: None,
        };
        let (_, secret) = app
            .api_keys
            .create(key, Actor::Operator)
            .await
            .expect("an API key");
        secret.reveal().to_owned()
    }

    /// The database below.
    pub fn database(&self) -> &TestDatabase {
        &self.database
    }

    /// A call to the internal listener with the API key.
    pub fn internal(&self, method: &str, path: &str) -> Call<'_> {
        Call::new(&self.internal, method, path)
            .header("authorization", &format!("Bearer {}", self.api_key))
    }

    /// A call to the internal listener without credentials.
    pub fn internal_anonymous(&self, method: &str, path: &str) -> Call<'_> {
        Call::new(&self.internal, method, path)
    }

    /// A call to the public listener without credentials.
    pub fn public(&self, method: &str, path: &str) -> Call<'_> {
        Call::new(&self.public, method, path)
    }

    /// A call to the public listener by a device with its bound token.
    pub fn by_device(
        &self,
        device: &TestDevice,
        token: &str,
        method: &str,
        path: &str,
    ) -> Call<'_> {
        let bare = path.split('?').next().unwrap_or_default();
        let proof = device.proof(
            method,
            &format!("{}{bare}", Self::PUBLIC_URL),
            Some(token),
            None,
        );
        self.public(method, path)
            .header("authorization", &format!("DPoP {token}"))
            .header("dpop", &proof)
    }

    /// Registers a client; `changes` replaces members of the request body. Answers its id.
    ///
    /// # Panics
    /// When it is refused.
    pub async fn client(&self, changes: Value) -> String {
        let mut body = json!({
            "name": "App", "platform": "ios", "audience": "https://api.example",
            "origins": [Self::APP_ORIGIN],
        });
        merge(&mut body, changes);
        let answer = self
            .internal("POST", "/v1/clients")
            .json(&body)
            .send()
            .await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        answer.text("client_id")
    }

    /// Logs a user in on a device, as the app's backend would; `changes` replaces members.
    pub async fn login(
        &self,
        client: &str,
        user: &str,
        device: &TestDevice,
        changes: Value,
    ) -> Answer {
        let mut body = json!({
            "event": "login", "client_id": client, "user_id": user, "amr": ["pwd"],
            "device": device.report(), "proof": device.relayed_proof(),
        });
        merge(&mut body, changes);
        self.internal("POST", "/v1/sessions")
            .json(&body)
            .send()
            .await
    }

    /// Refreshes a session on a device; `changes` replaces members.
    pub async fn refresh(
        &self,
        client: &str,
        user: &str,
        device: &TestDevice,
        token: &str,
        changes: Value,
    ) -> Answer {
        let mut body = changes;
        body["event"] = json!("refresh");
        body["refresh_token"] = json!(token);
        self.login(client, user, device, body).await
    }

    /// Asks for a judgement of a request by the device with the token.
    pub async fn verify(&self, device: &TestDevice, token: &str) -> Answer {
        let url = "https://api.example/orders";
        let proof = device.proof("GET", url, Some(token), None);
        let body = json!({ "token": token, "proof": proof, "method": "GET", "url": url });
        self.internal("POST", "/v1/verify").json(&body).send().await
    }
}

pub(crate) fn config(database: &TestDatabase, rng: Arc<dyn Rng>) -> ServerConfig {
    let address = SocketAddr::from(([127, 0, 0, 1], 0));
    ServerConfig {
        public_url: TestApp::PUBLIC_URL.to_owned(),
        listeners: Listeners {
            public: address,
            internal: address,
            metrics: None,
        },
        store: database.config(rng),
        key_encryption_key: KeyEncryptionKey(Zeroizing::new([7; 32])),
        trusted_proxies: TrustedProxies::new(vec![TestApp::PROXY.parse().expect("a network")]),
        forward_auth_origins: vec![TestApp::API_ORIGIN.to_owned()],
        geoip: None,
        anchors: Anchors::shipped(),
        android_status_url: None,
        google: GoogleApi::default(),
        cluster: Cluster::default(),
        memory: Memory {
            sessions: 10_000,
            tokens: 10_000,
            proofs: 100_000,
        },
        retention: Retention::default(),
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// Replaces members; null removes one.
pub(crate) fn merge(into: &mut Value, changes: Value) {
    match (into, changes) {
        (Value::Object(into), Value::Object(changes)) => {
            for (name, change) in changes {
                if change.is_null() {
                    into.remove(&name);
                } else {
                    merge(into.entry(name).or_insert(Value::Null), change);
                }
            }
        }
        (into, changes) if !changes.is_null() => *into = changes,
        _ => {}
    }
}
