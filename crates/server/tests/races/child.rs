//! The service as a process of its own, which may be killed.
//!
//! This test program starts itself again with the one test below, which then serves; or, where a
//! campaign wants it, `countersign serve`.

use crate::{binary, link::Link};
use countersign_core::{SystemClock, SystemRng, activity::Actor, api_key::Scope};
use countersign_server::{
    Cluster, GoogleApi, KeyEncryptionKey, Listeners, Memory, NewApiKey, Retention, Server,
    ServerConfig, http::TrustedProxies, telemetry::Metrics,
};
use countersign_storage::{Backend, StoreConfig};
use countersign_test_support::variable;
use serde_json::{Value, json};
use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Stdio,
    sync::Arc,
};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, stdin},
    process::{Child, ChildStdin, Command},
};
use zeroize::Zeroizing;

/// Where the child keeps its state: an SQLite file or a PostgreSQL address.
const DATABASE: &str = "COUNTERSIGN_CHILD_DATABASE";

/// A file that takes up room until the child is told to remove it.
const BALLAST: &str = "COUNTERSIGN_CHILD_BALLAST";
const BALLAST_BYTES: usize = 6 * 1024 * 1024;

/// A running child.
pub(crate) struct Process {
    child: Child,
    stdin: Option<ChildStdin>,
    pub(crate) link: Link,
}

impl Process {
    /// Starts a child on a database and waits until it serves.
    pub(crate) async fn start(backend: &Backend) -> Self {
        if let Some(program) = binary::wanted() {
            let (child, link) = binary::start(program, backend).await;
            let stdin = None;
            return Self { child, stdin, link };
        }
        let program = std::env::current_exe().expect("this program");
        Self::spawn(Command::new(program).env(DATABASE, text(backend))).await
    }

    /// Starts a child on a new SQLite file, on a disk of its own of so many bytes.
    pub(crate) async fn start_on_small_disk(folder: &Path, bytes: usize) -> Self {
        let program = std::env::current_exe().expect("this program");
        let mount = format!("mount -t tmpfs -o size={bytes} tmpfs \"$0\" && exec \"$@\"");
        let mut command = Command::new("unshare");
        command
            .args(["--map-root-user", "--mount", "--", "sh", "-c", &mount])
            .arg(folder)
            .arg(program)
            .env(DATABASE, folder.join("store.db"))
            .env(BALLAST, folder.join("ballast"));
        Self::spawn(&mut command).await
    }

    async fn spawn(command: &mut Command) -> Self {
        let mut child = command
            .args(["--exact", "child::serves_when_started_by_another_test"])
            .args(["--nocapture", "--ignored"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the child");
        let stdin = child.stdin.take();
        let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let told = loop {
            let line = lines.next_line().await.expect("text");
            let line = line.expect("the child says where it listens");
            if let Some(start) = line.find("{\"address\"") {
                break serde_json::from_str::<Value>(&line[start..]).expect("JSON");
            }
        };
        let member = |name: &str| told[name].as_str().expect("text").to_owned();
        let link = Link::Tcp {
            address: member("address").parse().expect("an address"),
            api_key: member("api_key"),
        };
        Self { child, stdin, link }
    }

    /// `kill -9`, and waits until the kernel has cleaned up.
    pub(crate) async fn kill(mut self) {
        self.child.kill().await.expect("it was running");
    }

    /// Has the ballast removed.
    pub(crate) async fn make_room(&mut self) {
        let stdin = self.stdin.as_mut().expect("a pipe");
        stdin.write_all(b"room\n").await.expect("a pipe");
    }
}

pub(crate) fn text(backend: &Backend) -> PathBuf {
    match backend {
        Backend::Sqlite { path } => path.clone(),
        Backend::Postgres { url, .. } => url.into(),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "no test, but the service that the tests of crashes start"]
async fn serves_when_started_by_another_test() {
    let Some(database) = variable(DATABASE) else {
        return;
    };
    let ballast = variable(BALLAST);
    if let Some(ballast) = &ballast {
        std::fs::write(ballast, vec![1; BALLAST_BYTES]).expect("the ballast");
    }
    let (clock, rng) = (Arc::new(SystemClock), Arc::new(SystemRng));
    let server = Server::start(config(&database), clock, rng, Metrics::new());
    let server = server.await.expect("the server");
    let key = NewApiKey {
        name: "test".to_owned(),
        scopes: Scope::ALL.to_vec(),
        expires_at: None,
    };
    let made = server.app().api_keys.create(key, Actor::Operator).await;
    let (_, secret) = made.expect("an API key");
    tell(server.addresses().internal, secret.reveal());
    // Ends with the test that started it, whatever becomes of that.
    let mut lines = BufReader::new(stdin()).lines();
    while let Ok(Some(_)) = lines.next_line().await {
        if let Some(ballast) = &ballast {
            std::fs::remove_file(ballast).expect("the ballast");
        }
    }
    server.shut_down().await;
}

#[expect(clippy::print_stdout, reason = "the other process reads it")]
fn tell(address: SocketAddr, api_key: &str) {
    println!("{}", json!({ "address": address, "api_key": api_key }));
}

fn config(database: &str) -> ServerConfig {
    let backend = if database.starts_with("postgres") {
        Backend::Postgres {
            url: database.to_owned(),
            direct_url: None,
        }
    } else {
        Backend::Sqlite {
            path: database.into(),
        }
    };
    let address = SocketAddr::from(([127, 0, 0, 1], 0));
    ServerConfig {
        // Tokens name it, so it stays the same from one start to the next.
        public_url: "https://auth.example".to_owned(),
        listeners: Listeners {
            public: address,
            internal: address,
            metrics: None,
        },
        store: StoreConfig::new(backend, Arc::new(SystemRng)),
        key_encryption_key: KeyEncryptionKey(Zeroizing::new([7; 32])),
        trusted_proxies: TrustedProxies::default(),
        forward_auth_origins: Vec::new(),
        geoip: None,
        anchors: countersign_server::Anchors::shipped(),
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
