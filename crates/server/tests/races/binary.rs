//! The program that operators run, in the place of this one's own service.

use crate::{child::text, link::Link};
use countersign_core::api_key::Scope;
use countersign_storage::Backend;
use countersign_test_support::variable;
use serde_json::Value;
use std::{
    path::{Path, PathBuf},
    process::Stdio,
    sync::OnceLock,
};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
};

/// 32 bytes as base64; the same at every start, as the database needs it.
const KEY: &str = "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=";

/// Where `countersign` is, if a campaign wants it; built first.
pub(crate) fn wanted() -> Option<&'static Path> {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    variable("COUNTERSIGN_REAL_BINARY").map(|_| BUILT.get_or_init(build).as_path())
}

fn build() -> PathBuf {
    let cargo = variable("CARGO").expect("cargo says where it is");
    let status = std::process::Command::new(cargo)
        .args(["build", "--locked", "--package", "countersign-cli"])
        .status();
    assert!(status.expect("cargo").success());
    let tests = std::env::current_exe().expect("this program");
    let folder = tests.ancestors().nth(2).expect("the folder of binaries");
    folder.join("countersign")
}

/// Starts `countersign serve` on a database, with an API key made by `countersign admin`.
pub(crate) async fn start(program: &Path, backend: &Backend) -> (Child, Link) {
    let api_key = make_key(program, backend).await;
    // Whatever becomes of this process, the kernel ends that one.
    let mut command = command(Command::new("setpriv"), backend);
    let mut child = command
        .args(["--pdeathsig", "KILL"])
        .arg(program)
        .args(["serve", "--log-format=text", "--log-level=error"])
        .args([
            "--public-listen=127.0.0.1:0",
            "--internal-listen=127.0.0.1:0",
        ])
        .args([
            "--metrics-listen=127.0.0.1:0",
            "--public-url=https://auth.example",
        ])
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("the program");
    let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    let told = lines.next_line().await.expect("text");
    let told = told.expect("the program says where it listens");
    let mut words = told.split_whitespace();
    let address = words.find_map(|word| word.strip_prefix("internal=http://"));
    let address = address.expect("an internal listener").parse();
    let link = Link::Tcp {
        address: address.expect("an address"),
        api_key,
    };
    (child, link)
}

async fn make_key(program: &Path, backend: &Backend) -> String {
    let scopes: Vec<&str> = Scope::ALL.iter().map(|scope| scope.as_str()).collect();
    let made = command(Command::new(program), backend)
        .args(["admin", "create-api-key", "--name", "test"])
        .args(["--output", "json", "--scope", &scopes.join(",")])
        .output()
        .await;
    let made = made.expect("the program").stdout;
    let made: Value = serde_json::from_slice(&made).expect("JSON");
    made["secret"].as_str().expect("a secret").to_owned()
}

/// Away from the configuration of whoever runs the tests.
fn command(mut command: Command, backend: &Backend) -> Command {
    let url = match backend {
        Backend::Sqlite { path } => format!("sqlite:{}", path.display()),
        Backend::Postgres { .. } => text(backend).display().to_string(),
    };
    command
        .env_clear()
        .envs(variable("PATH").map(|path| ("PATH", path)))
        .env("COUNTERSIGN_DATA_DIR", std::env::temp_dir())
        .env("COUNTERSIGN_STORE__URL", url)
        .env("COUNTERSIGN_KEY_ENCRYPTION_KEY", KEY);
    command
}
