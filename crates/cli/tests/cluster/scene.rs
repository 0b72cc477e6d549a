//! Three nodes on one database, two sidecars and a backend that follow one each: six processes.

use crate::{
    history::{Event, Journal, check},
    line::{Line, Place},
    program::{NodeSettings, Program, make_key},
    wire::Wire,
};
use countersign_core::{Clock, Rng, SystemClock, SystemRng, api_key::Scope};
use countersign_test_support::TestApp;
use http::Request;
use serde_json::{Value, json};
use std::{
    fs,
    net::SocketAddr,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tempfile::TempDir;
use url::Url;

/// What a process is in the scene.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Node,
    Sidecar,
    Backend,
}

/// The cast, in this order everywhere: a name, a role, and whom it follows.
pub(crate) const CAST: [(&str, Role, Option<usize>); 6] = [
    ("node-1", Role::Node, None),
    ("node-2", Role::Node, None),
    ("node-3", Role::Node, None),
    ("sidecar-1", Role::Sidecar, Some(0)),
    ("sidecar-2", Role::Sidecar, Some(1)),
    ("backend", Role::Backend, Some(2)),
];
pub(crate) const NODES: usize = 3;

/// What the scene is set with.
#[derive(Debug, Clone)]
pub(crate) struct Setting {
    /// The PostgreSQL that all share, with the schema in place.
    pub(crate) database: String,
    /// The Redis that all share, if they have one.
    pub(crate) redis: Option<String>,
    /// Variables of the first node only.
    pub(crate) first_node: Vec<(String, String)>,
    /// Whether the first node's wall clock is not to be trusted.
    pub(crate) has_false_clock: bool,
}

impl Setting {
    pub(crate) const fn on(database: String) -> Self {
        Self {
            database,
            redis: None,
            first_node: Vec::new(),
            has_false_clock: false,
        }
    }
}

/// The processes, and the wires between them.
#[derive(Debug)]
pub(crate) struct Scene {
    pub(crate) stage: Arc<Stage>,
    pub(crate) programs: Vec<Program>,
    /// From each process to what it needs: a node to the database, the others to their node.
    pub(crate) wires: Vec<Wire>,
    /// From each node to the Redis, if there is one.
    pub(crate) redis_wires: Vec<Wire>,
    setting: Setting,
    folder: TempDir,
}

/// What callers know.
#[derive(Debug)]
pub(crate) struct Stage {
    pub(crate) places: Vec<Place>,
    pub(crate) journal: Journal,
    pub(crate) client: String,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) rng: Arc<dyn Rng>,
    pub(crate) has_false_clock: bool,
    api_key: String,
    logins: AtomicUsize,
}

impl Scene {
    pub(crate) async fn set(setting: Setting) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let api_key = make_key(&setting.database, Scope::ALL).await;
        let feed_key = make_key(&setting.database, &[Scope::FeedRead]).await;
        fs::write(folder.path().join("key"), feed_key).expect("a file");
        let mut scene = Self {
            stage: Arc::new(Stage::new(api_key)),
            programs: Vec::new(),
            wires: Vec::new(),
            redis_wires: Vec::new(),
            setting,
            folder,
        };
        for (number, (_, _, follows)) in CAST.iter().enumerate() {
            let target = match follows {
                None => socket(&scene.setting.database),
                Some(node) => scene.programs[*node].address,
            };
            scene.wires.push(Wire::to(target).await);
            if let (None, Some(redis)) = (follows, &scene.setting.redis) {
                scene.redis_wires.push(Wire::to(socket(redis)).await);
            }
            let program = scene.start(number).await;
            scene.programs.push(program);
        }
        scene.open().await;
        scene
    }

    /// Tells callers where everybody is, and makes the client that they log in with.
    async fn open(&mut self) {
        let places = self.programs.iter().map(|it| Place::new(it.address));
        let mut stage = Stage {
            places: places.collect(),
            has_false_clock: self.setting.has_false_clock,
            ..Stage::new(self.stage.api_key.clone())
        };
        let body = json!({
            "name": "App", "platform": "ios", "audience": "https://api.example",
            "proof_of_possession": "optional", "origins": [TestApp::APP_ORIGIN],
            "lifetimes": { "access_seconds": 3600 },
        });
        let request = stage.request("POST", "/v1/clients", &body);
        let made = stage.line(0).send(request, Duration::from_secs(30)).await;
        let made = made.expect("an answer");
        assert_eq!(made.status, 201, "{}", made.body);
        stage.client = made.text("client_id").expect("a client");
        self.stage = Arc::new(stage);
    }

    async fn start(&self, number: usize) -> Program {
        let port = self.wires[number].port;
        match CAST[number].1 {
            Role::Node => {
                let redis = self.setting.redis.as_ref();
                let settings = NodeSettings {
                    database: through(&self.setting.database, port),
                    redis: redis.map(|url| through(url, self.redis_wires[number].port)),
                    variables: match number {
                        0 => self.setting.first_node.clone(),
                        _ => Vec::new(),
                    },
                };
                Program::node(&settings).await
            }
            Role::Sidecar => Program::sidecar(port, &self.key_file()).await,
            Role::Backend => Program::backend(port, &self.key_file()).await,
        }
    }

    /// Starts a process again that was killed.
    pub(crate) async fn restart(&mut self, number: usize) {
        let program = self.start(number).await;
        for (wire, (_, _, follows)) in self.wires.iter().zip(CAST) {
            if follows == Some(number) {
                wire.lead_to(program.address);
            }
        }
        self.stage.places[number].set(program.address);
        self.programs[number] = program;
    }

    pub(crate) fn database(&self) -> &str {
        &self.setting.database
    }

    fn key_file(&self) -> PathBuf {
        self.folder.path().join("key")
    }
}

impl Stage {
    fn new(api_key: String) -> Self {
        Self {
            places: Vec::new(),
            journal: Journal::new(),
            client: String::new(),
            clock: Arc::new(SystemClock),
            rng: Arc::new(SystemRng),
            has_false_clock: false,
            api_key,
            logins: AtomicUsize::new(0),
        }
    }

    /// A connection of one caller to a process.
    pub(crate) fn line(&self, number: usize) -> Line {
        Line::new(&self.places[number])
    }

    /// A call with the API key.
    pub(crate) fn request(&self, method: &str, path: &str, body: &Value) -> Request<String> {
        let text = match body {
            Value::Null => String::new(),
            body => body.to_string(),
        };
        self.request_as(method, path, "application/json", text)
    }

    pub(crate) fn request_as(
        &self,
        method: &str,
        path: &str,
        kind: &str,
        body: String,
    ) -> Request<String> {
        Request::builder()
            .method(method)
            .uri(path)
            .header("host", "localhost")
            .header("authorization", format!("Bearer {}", self.api_key))
            .header("content-type", kind)
            .body(body)
            .expect("a request")
    }

    pub(crate) fn next_login(&self) -> usize {
        self.logins.fetch_add(1, Ordering::Relaxed)
    }

    /// Holds the history against the rule; answers what there is to report.
    ///
    /// # Panics
    /// When it is broken, with everything that happened to the first session that shows it.
    pub(crate) fn judge(&self) -> Value {
        let history = self.journal.read();
        let counts = check(&history).unwrap_or_else(|violations| {
            let first = violations[0].login;
            let of_it = history.iter().filter(|event| match event {
                Event::Ending { login, .. } | Event::Call { login, .. } => *login == first,
            });
            let told: Vec<String> = of_it.map(|event| format!("{event:?}")).collect();
            panic!(
                "{} accepted after an ending: {violations:?}\n{}",
                violations.len(),
                told.join("\n")
            )
        });
        json!({
            "endings": counts.endings, "failed_endings": counts.failed_endings,
            "calls": counts.calls, "accepted_before": counts.accepted_before,
            "accepted_after": 0, "refused_after": counts.refused_after,
            "unjudged_after": counts.unjudged_after,
            "longest_ending_ms": millis(counts.longest_ending),
        })
    }
}

pub(crate) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).expect("not for ever")
}

/// Where a URL leads, which names an address of this machine.
pub(crate) fn socket(url: &str) -> SocketAddr {
    let url: Url = url.parse().expect("a URL");
    let host = url.host_str().expect("a host").parse().expect("an address");
    SocketAddr::new(host, url.port().expect("a port"))
}

/// The same through another port of this machine.
fn through(url: &str, port: u16) -> String {
    let mut url: Url = url.parse().expect("a URL");
    url.set_host(Some("127.0.0.1")).expect("a host");
    url.set_port(Some(port)).expect("a port");
    url.into()
}
