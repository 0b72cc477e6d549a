//! This program again, in processes of its own.

use crate::demo::check::DemoError;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use countersign_client::{Url, api_types::Secret};
use countersign_core::{Rng, api_key::Scope};
use std::{
    env, fs,
    io::{self, BufRead as _, BufReader},
    path::PathBuf,
    process::{Child, Command, Stdio},
};
use zeroize::Zeroizing;

/// What the processes share.
pub(super) struct House {
    /// The data directory of all of them.
    folder: PathBuf,
    /// The database and the key of what is sealed in it, if it is not SQLite in that folder.
    database: Option<(String, Zeroizing<String>)>,
}

/// A process that listens; killed when dropped.
#[derive(Debug)]
pub(super) struct Process {
    child: Child,
    /// What it said that it listens on.
    announced: String,
}

const FREE: [&str; 3] = [
    "--public-listen=127.0.0.1:0",
    "--internal-listen=127.0.0.1:0",
    "--metrics-listen=127.0.0.1:0",
];

impl House {
    pub(super) fn new(folder: PathBuf, database: Option<String>, rng: &dyn Rng) -> Self {
        let database = database.map(|url| {
            let mut key = Zeroizing::new([0; 32]);
            rng.fill(key.as_mut());
            (url, Zeroizing::new(STANDARD.encode(*key)))
        });
        Self { folder, database }
    }

    /// Starts a node; `public_url` is what the first one has.
    pub(super) fn serve(&self, public_url: Option<&Url>) -> Result<Process, DemoError> {
        let mut command = self.command()?;
        command.args(["serve", "--log-level=error", "--log-format=text"]);
        command.args(FREE);
        if let Some(url) = public_url {
            command.arg(format!(
                "--public-url={}",
                url.as_str().trim_end_matches('/')
            ));
        }
        Process::start(command)
    }

    /// Starts a sidecar that follows the node at `service`.
    pub(super) fn sidecar(&self, service: &Url, api_key: &Secret) -> Result<Process, DemoError> {
        let path = self.folder.join("sidecar.key");
        fs::write(&path, api_key.reveal())?;
        let mut command = self.command()?;
        command.args(["sidecar", "--listen=127.0.0.1:0"]);
        command.arg(format!("--service={service}"));
        command.arg("--api-key-file").arg(path);
        command.stderr(Stdio::null());
        Process::start(command)
    }

    /// Makes an API key, as an operator does.
    pub(super) fn api_key(&self, name: &str, scopes: &[Scope]) -> Result<Secret, DemoError> {
        let scopes: Vec<_> = scopes.iter().map(|scope| scope.as_str()).collect();
        let mut command = self.command()?;
        command.args(["admin", "create-api-key", "--output=json"]);
        command.arg(format!("--name={name}"));
        command.arg(format!("--scope={}", scopes.join(",")));
        let made = command.stderr(Stdio::inherit()).output()?;
        let made: serde_json::Value = serde_json::from_slice(&made.stdout).unwrap_or_default();
        let secret = made["secret"].as_str().map(str::to_owned);
        secret
            .map(Secret::from)
            .ok_or(DemoError::Unusable("its own API key"))
    }

    /// Away from the configuration of whoever plays the demo.
    fn command(&self) -> io::Result<Command> {
        let mut command = Command::new(env::current_exe()?);
        command.current_dir(&self.folder).stdin(Stdio::null());
        for (name, _) in env::vars_os() {
            if name.to_string_lossy().starts_with("COUNTERSIGN_") {
                command.env_remove(name);
            }
        }
        if let Some((url, key)) = &self.database {
            command.env("COUNTERSIGN_STORE__URL", url);
            command.env("COUNTERSIGN_KEY_ENCRYPTION_KEY", key.as_str());
        }
        command.arg("--data-dir").arg(&self.folder);
        Ok(command)
    }
}

impl Process {
    /// Starts it and waits until it says where it listens.
    fn start(mut command: Command) -> Result<Self, DemoError> {
        let mut child = command.stdout(Stdio::piped()).spawn()?;
        let mut announced = String::new();
        let told = child.stdout.take();
        let mut process = Self {
            child,
            announced: String::new(),
        };
        if let Some(told) = told {
            BufReader::new(told).read_line(&mut announced)?;
        }
        if !announced.starts_with("listening ") {
            return Err(DemoError::Unusable("a process that does not listen"));
        }
        process.announced = announced;
        Ok(process)
    }

    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }

    /// The URL of one of its listeners.
    pub(super) fn url(&self, listener: &str) -> Result<Url, DemoError> {
        let mut words = self.announced.split_whitespace();
        words
            .find_map(|word| word.strip_prefix(listener)?.strip_prefix('='))
            .and_then(|url| url.parse().ok())
            .ok_or(DemoError::Unusable("what a process said of its listeners"))
    }

    /// Ends it without a word: it leaves nothing behind in order.
    pub(super) fn kill(&mut self) -> io::Result<()> {
        self.child.kill()?;
        self.child.wait().map(|_| ())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Most often it runs until here.
        drop(self.kill());
    }
}
