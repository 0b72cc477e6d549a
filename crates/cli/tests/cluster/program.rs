//! Processes: nodes, sidecars and a backend, which may be stopped and killed.

use crate::backend;
use countersign_core::api_key::Scope;
use countersign_test_support::variable;
use serde_json::Value;
use std::{ffi::OsStr, net::SocketAddr, path::Path, process::Stdio};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader, Lines},
    process::{Child, ChildStdout, Command},
};

const PROGRAM: &str = env!("CARGO_BIN_EXE_countersign");

/// `COUNTERSIGN_TEST_LOG=warn` shows what processes say.
const LOG: &str = "COUNTERSIGN_TEST_LOG";

/// 32 bytes as base64; the same at every start, as the database needs it.
const KEY: &str = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=";

/// A running process that said where it listens; ends with this.
#[derive(Debug)]
pub(crate) struct Program {
    child: Child,
    /// Whoever says something to nobody ends.
    _stdout: Lines<BufReader<ChildStdout>>,
    pub(crate) address: SocketAddr,
}

/// What a node is started with, beside free ports.
#[derive(Debug, Clone, Default)]
pub(crate) struct NodeSettings {
    /// The address of its PostgreSQL.
    pub(crate) database: String,
    /// The address of its Redis, if it has one.
    pub(crate) redis: Option<String>,
    /// More variables, for what is put around it.
    pub(crate) variables: Vec<(String, String)>,
}

impl Program {
    /// `countersign serve`; answers its internal address.
    pub(crate) async fn node(settings: &NodeSettings) -> Self {
        let mut command = clean(as_child(PROGRAM));
        command
            .args(["serve", "--log-format=text"])
            .arg("--log-level")
            .arg(variable(LOG).unwrap_or_else(|| "off".to_owned()))
            .args([
                "--public-listen=127.0.0.1:0",
                "--internal-listen=127.0.0.1:0",
            ])
            .args([
                "--metrics-listen=127.0.0.1:0",
                "--public-url=https://auth.example",
            ])
            .env("COUNTERSIGN_STORE__URL", &settings.database)
            .env("COUNTERSIGN_KEY_ENCRYPTION_KEY", KEY)
            .envs(settings.variables.iter().cloned());
        if let Some(redis) = &settings.redis {
            command.env("COUNTERSIGN_REDIS__URL", redis);
        }
        Self::spawn(command, "internal=http://").await
    }

    /// `countersign sidecar`, following what listens on a port of this machine.
    pub(crate) async fn sidecar(port: u16, api_key_file: &Path) -> Self {
        let mut command = clean(as_child(PROGRAM));
        command
            .args(["sidecar", "--listen=127.0.0.1:0"])
            .arg(format!("--service=http://127.0.0.1:{port}"))
            .arg("--api-key-file")
            .arg(api_key_file);
        Self::spawn(command, "sidecar=http://").await
    }

    /// An app's backend with a verifier in its process.
    pub(crate) async fn backend(port: u16, api_key_file: &Path) -> Self {
        let program = std::env::current_exe().expect("this program");
        let mut command = clean(as_child(program));
        command
            .args(["--exact", "backend::answers_when_started_by_another_test"])
            .args(["--nocapture", "--ignored"])
            .env(backend::SERVICE, format!("http://127.0.0.1:{port}"))
            .env(backend::API_KEY_FILE, api_key_file);
        Self::spawn(command, "backend=http://").await
    }

    async fn spawn(mut command: Command, told: &str) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(match variable(LOG) {
                Some(_) => Stdio::inherit(),
                None => Stdio::null(),
            })
            .kill_on_drop(true)
            .spawn()
            .expect("the program");
        let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        let address = loop {
            let line = lines.next_line().await.expect("text");
            let line = line.expect("the program says where it listens");
            let mut words = line.split_whitespace();
            if let Some(address) = words.find_map(|word| word.strip_prefix(told)) {
                break address.parse().expect("an address");
            }
        };
        Self {
            child,
            _stdout: lines,
            address,
        }
    }

    /// `kill -9`, and waits until the kernel has cleaned up.
    pub(crate) async fn kill(&mut self) {
        self.child.kill().await.expect("it was running");
    }

    /// Sends a signal, like `STOP`.
    pub(crate) async fn signal(&self, name: &str) {
        let pid = self.child.id().expect("it is running").to_string();
        let mut command = Command::new("kill");
        let sent = command.args(["-s", name, &pid]).status().await;
        assert!(sent.expect("kill").success());
    }
}

/// Makes the tables by `countersign migrate`.
pub(crate) async fn migrate(database: &str) {
    let mut command = clean(Command::new(PROGRAM));
    command
        .arg("migrate")
        .env("COUNTERSIGN_STORE__URL", database);
    let done = command.output().await.expect("the program");
    assert!(done.status.success(), "{done:?}");
}

/// What `countersign doctor` says of a database.
pub(crate) async fn doctor(database: &str) -> String {
    let mut command = clean(Command::new(PROGRAM));
    command
        .args(["doctor", "--output", "json"])
        .env("COUNTERSIGN_STORE__URL", database)
        .env("COUNTERSIGN_KEY_ENCRYPTION_KEY", KEY);
    let told = command.output().await.expect("the program");
    String::from_utf8(told.stdout).expect("text")
}

/// Makes an API key by `countersign admin`.
pub(crate) async fn make_key(database: &str, scopes: &[Scope]) -> String {
    let scopes: Vec<&str> = scopes.iter().map(|scope| scope.as_str()).collect();
    let made = clean(Command::new(PROGRAM))
        .args(["admin", "create-api-key", "--name", "test"])
        .args(["--output", "json", "--scope", &scopes.join(",")])
        .env("COUNTERSIGN_STORE__URL", database)
        .env("COUNTERSIGN_KEY_ENCRYPTION_KEY", KEY)
        .output()
        .await;
    let made = made.expect("the program").stdout;
    let made: Value = serde_json::from_slice(&made).expect("JSON");
    made["secret"].as_str().expect("a secret").to_owned()
}

/// Whatever becomes of this process, the kernel ends that one.
fn as_child(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL"]).arg(program);
    command
}

/// Away from the configuration of whoever runs the tests.
fn clean(mut command: Command) -> Command {
    command
        .env_clear()
        .envs(variable("PATH").map(|path| ("PATH", path)))
        .env("COUNTERSIGN_DATA_DIR", std::env::temp_dir())
        .current_dir(std::env::temp_dir());
    command
}
