//! Running the binary.

use serde_json::Value;
use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    path::Path,
    process::{Child, ChildStderr, ChildStdout, Command, Output, Stdio},
};

/// A command with a data directory, away from the configuration of whoever runs the tests.
pub(crate) fn countersign(data_dir: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_countersign"));
    command
        .current_dir(data_dir)
        .arg("--data-dir")
        .arg(data_dir)
        .args(args);
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("COUNTERSIGN_") {
            command.env_remove(name);
        }
    }
    command
}

/// Runs a command to its end.
pub(crate) fn run(data_dir: &Path, args: &[&str]) -> Finished {
    Finished::of(countersign(data_dir, args))
}

/// A command that has ended.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Finished {
    pub(crate) fn of(mut command: Command) -> Self {
        let Output {
            status,
            stdout,
            stderr,
        } = command.output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Self {
            code: status.code(),
            stdout: text(stdout),
            stderr: text(stderr),
        }
    }

    /// What it printed, if it succeeded.
    #[track_caller]
    pub(crate) fn succeeded(self) -> String {
        assert_eq!(self.code, Some(0), "{self:?}");
        self.stdout
    }

    #[track_caller]
    pub(crate) fn json(self) -> Value {
        serde_json::from_str(&self.succeeded()).unwrap()
    }

    /// Fails unless it ended with the code and said so.
    #[track_caller]
    pub(crate) fn failed(&self, code: i32, told: &[&str]) {
        assert_eq!(self.code, Some(code), "{self:?}");
        for told in told {
            assert!(self.stderr.contains(told), "{told:?} is not in {self:?}");
        }
    }
}

/// A server under test; killed when dropped.
#[derive(Debug)]
pub(crate) struct Running {
    child: Child,
    pub(crate) stdout: BufReader<ChildStdout>,
    pub(crate) stderr: BufReader<ChildStderr>,
    pub(crate) addresses: Addresses,
}

#[derive(Debug, Default)]
pub(crate) struct Addresses {
    pub(crate) public: String,
    pub(crate) internal: String,
    pub(crate) metrics: String,
}

const FREE: [&str; 3] = [
    "--public-listen=127.0.0.1:0",
    "--internal-listen=127.0.0.1:0",
    "--metrics-listen=127.0.0.1:0",
];

/// `serve` on free ports, with text logs.
pub(crate) fn serve(data_dir: &Path, args: &[&str]) -> Running {
    let mut command = countersign(data_dir, &["serve", "--log-format=text"]);
    command.args(FREE).args(args);
    Running::listening(command)
}

/// `serve` on free ports, to be started with more settings.
pub(crate) fn serve_command(data_dir: &Path, args: &[&str]) -> Command {
    let mut command = countersign(data_dir, &["serve"]);
    command.args(FREE).args(args);
    command
}

impl Running {
    /// Starts a process whose output is read.
    pub(crate) fn start(mut command: Command) -> Self {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let stderr = BufReader::new(child.stderr.take().unwrap());
        Self {
            child,
            stdout,
            stderr,
            addresses: Addresses::default(),
        }
    }

    /// Starts it and reads where it listens.
    pub(crate) fn listening(command: Command) -> Self {
        let mut running = Self::start(command);
        let mut line = String::new();
        running.stdout.read_line(&mut line).unwrap();
        if !line.starts_with("listening ") {
            let mut told = String::new();
            running.stderr.read_to_string(&mut told).unwrap();
            panic!("it does not listen: {line}{told}");
        }
        for word in line.split_whitespace() {
            match word.split_once('=') {
                Some(("public", url)) => url.clone_into(&mut running.addresses.public),
                Some(("internal", url)) => url.clone_into(&mut running.addresses.internal),
                Some(("metrics", url)) => url.clone_into(&mut running.addresses.metrics),
                _ => {}
            }
        }
        running
    }

    /// Sends a signal, like `TERM`.
    pub(crate) fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill")
            .args(["-s", name, &pid])
            .status()
            .unwrap();
        assert!(sent.success());
    }

    /// Waits for the end; answers the exit code.
    pub(crate) fn wait(&mut self) -> Option<i32> {
        self.child.wait().unwrap().code()
    }

    /// Ends it in order.
    #[track_caller]
    pub(crate) fn stop(mut self) {
        self.signal("TERM");
        assert_eq!(self.wait(), Some(0));
    }

    /// Reads lines of standard error up to the one wanted.
    pub(crate) fn read_log_until(&mut self, is_wanted: impl Fn(&str) -> bool) -> String {
        let mut line = String::new();
        loop {
            line.clear();
            assert_ne!(
                self.stderr.read_line(&mut line).unwrap(),
                0,
                "the log ended"
            );
            if is_wanted(&line) {
                return line;
            }
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Most often it has ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// A GET by hand; answers head and body.
pub(crate) fn get(url: &str, path: &str) -> String {
    let address = address(url);
    let mut stream = TcpStream::connect(address).unwrap();
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

pub(crate) fn address(url: &str) -> SocketAddr {
    url.strip_prefix("http://").unwrap().parse().unwrap()
}
