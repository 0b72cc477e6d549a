//! The proxies: installed once, started from the document.

use crate::document::{Ports, block};
use countersign_test_support::installed_from_pypi;
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};
use tempfile::TempDir;

/// Which proxy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Nginx,
    Caddy,
    Traefik,
    Envoy,
}

impl Kind {
    /// What the document says that a client hears then.
    pub(crate) fn status_without_service(self) -> u16 {
        match self {
            Self::Nginx | Self::Traefik => 500,
            Self::Caddy => 502,
            Self::Envoy => 503,
        }
    }
}

/// A running proxy. It ends with the value, and with the test whatever happens to it.
#[derive(Debug)]
pub(crate) struct Proxy {
    process: Child,
    folder: TempDir,
}

impl Proxy {
    /// Starts it; it may still not come up, when somebody else took the port.
    pub(crate) fn start(kind: Kind, ports: Ports) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let command = match kind {
            Kind::Nginx => nginx(folder.path(), ports),
            Kind::Caddy => caddy(folder.path(), ports),
            Kind::Traefik => traefik(folder.path(), ports),
            Kind::Envoy => envoy(folder.path(), ports),
        };
        let log = fs::File::create(folder.path().join("log")).expect("a log file");
        let errors = log.try_clone().expect("the same file");
        let mut tied = Command::new("setpriv");
        tied.args(["--pdeathsig", "KILL", "--"])
            .arg(command.get_program())
            .args(command.get_args())
            .current_dir(folder.path())
            .env("HOME", folder.path())
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(errors);
        Self {
            process: tied.spawn().expect("setpriv of util-linux"),
            folder,
        }
    }

    /// Whether it has ended by itself.
    pub(crate) fn has_ended(&mut self) -> bool {
        !matches!(self.process.try_wait(), Ok(None))
    }

    /// What it wrote.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn nginx(folder: &Path, ports: Ports) -> Command {
    let places = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|name| format!("{name}_temp_path {name};"))
        .join("\n");
    let servers = block("nginx.conf", ports);
    let text = format!(
        "daemon off; master_process off; pid nginx.pid; error_log stderr;\nevents {{}}\n\
         http {{\naccess_log off;\n{places}\n{servers}\n}}\n"
    );
    let program = ["/usr/sbin/nginx", "nginx"];
    let program = program.into_iter().find(|path| Path::new(path).exists());
    let mut command = Command::new(program.unwrap_or("nginx"));
    command.arg("-p").arg(folder).args(["-e", "stderr", "-c"]);
    command.arg(written(folder, "nginx.conf", &text));
    command
}

fn caddy(folder: &Path, ports: Ports) -> Command {
    // Only what keeps it to itself; the site is the document's.
    let alone = "{\n\tadmin off\n\tpersist_config off\n\tauto_https off\n}\n";
    let text = format!("{alone}{}", block("Caddyfile", ports));
    let mut command = Command::new(wheel("caddy"));
    command.args(["run", "--adapter", "caddyfile", "--config"]);
    command.arg(written(folder, "Caddyfile", &text));
    command
}

fn traefik(folder: &Path, ports: Ports) -> Command {
    let dynamic = written(
        folder,
        "countersign.yaml",
        &block("countersign.yaml", ports),
    );
    let dynamic = dynamic.to_str().expect("a path in UTF-8");
    let text = block("traefik.yaml", ports).replace("/etc/traefik/countersign.yaml", dynamic);
    assert!(
        text.contains(dynamic),
        "the document has another place for it"
    );
    let alone = "global: {checkNewVersion: false, sendAnonymousUsage: false}\n";
    let mut command = Command::new(wheel("traefik"));
    command.arg("--configFile");
    command.arg(written(folder, "traefik.yaml", &format!("{text}{alone}")));
    command
}

fn envoy(folder: &Path, ports: Ports) -> Command {
    let mut command = Command::new(wheel("envoy"));
    command.args([
        "--disable-hot-restart",
        "--concurrency",
        "1",
        "-l",
        "warn",
        "-c",
    ]);
    command.arg(written(folder, "envoy.yaml", &block("envoy.yaml", ports)));
    command
}

fn written(folder: &Path, name: &str, text: &str) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, text).expect("a file in the temporary folder");
    path
}

/// A proxy that comes as a wheel.
fn wheel(program: &str) -> PathBuf {
    let files = [("requirements.txt", include_str!("requirements.txt"))];
    let folder = installed_from_pypi(env!("CARGO_TARGET_TMPDIR"), "proxies", &files);
    folder.join("venv/bin").join(program)
}
