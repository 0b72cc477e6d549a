//! PostgreSQL servers of a test's own: a primary, a standby that it waits for, and what comes after.

use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use std::{
    ffi::OsStr,
    fs,
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};
use tempfile::TempDir;
use tokio::{
    process::{Child, Command},
    time::sleep,
};

/// A running server in a folder of its own; ends with this.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
    folder: TempDir,
}

/// The longest that a server takes for anything.
const TRIES: usize = 600;
const STARTS: usize = 20;
const PAUSE: Duration = Duration::from_millis(50);

impl Server {
    /// A new one with an empty database `countersign`.
    pub(crate) async fn new() -> Self {
        let folder = folder().await;
        let made = program("initdb", folder.path())
            .args(["--username=postgres", "--auth=trust", "--encoding=UTF8"])
            .args(["--locale=C", "--no-sync", "--pgdata"])
            .arg(folder.path().join("data"))
            .output()
            .await;
        succeeded(made);
        let server = Self::start(folder).await;
        server.run("CREATE DATABASE countersign").await;
        server
    }

    /// A copy that follows.
    pub(crate) async fn standby(&self) -> Self {
        let folder = folder().await;
        let primary = format!(
            "host=127.0.0.1 port={} user=postgres application_name=standby",
            self.address.port()
        );
        let copied = program("pg_basebackup", folder.path())
            .args(["--write-recovery-conf", "--no-sync", "--checkpoint=fast"])
            .args(["--dbname", &primary, "--pgdata"])
            .arg(folder.path().join("data"))
            .output()
            .await;
        succeeded(copied);
        Self::start(folder).await
    }

    /// Commits wait for the standby from now on.
    pub(crate) async fn wait_for_standby(&self) {
        self.set("synchronous_standby_names", "standby").await;
        let state = "SELECT COUNT(*) FROM pg_stat_replication WHERE sync_state = 'sync'";
        self.until(state, 1).await;
    }

    pub(crate) async fn until_it_has_a_standby(&self) {
        let followers = "SELECT COUNT(*) FROM pg_stat_replication WHERE state = 'streaming'";
        self.until(followers, 1).await;
    }

    /// Takes writes from now on, and waits for nobody.
    pub(crate) async fn promote(&self) {
        self.run("SELECT pg_promote()").await;
        self.wait_for_nobody().await;
    }

    pub(crate) async fn wait_for_nobody(&self) {
        self.set("synchronous_standby_names", "").await;
    }

    /// `kill -9` of every process, so that none of them finishes what it was at.
    pub(crate) async fn kill(&mut self) {
        let id = self.child.id().expect("it is running").to_string();
        kill("STOP", &[&id]).await;
        let children = fs::read_to_string(format!("/proc/{id}/task/{id}/children"));
        let children = children.expect("the list of its children");
        kill("KILL", &children.split_whitespace().collect::<Vec<_>>()).await;
        self.child.kill().await.expect("it was running");
    }

    /// Starts again what was killed, on the folder that it left.
    pub(crate) async fn restarted(self) -> Self {
        Self::start(self.folder).await
    }

    /// The address of its database, as a superuser.
    pub(crate) fn url(&self) -> String {
        format!("postgres://postgres@{}/countersign", self.address)
    }

    pub(crate) async fn set(&self, name: &str, value: &str) {
        self.run(&format!("ALTER SYSTEM SET {name} = '{value}'"))
            .await;
        self.run("SELECT pg_reload_conf()").await;
    }

    async fn until(&self, sql: &str, wanted: i64) {
        let mut connection = self.connect("postgres").await;
        for _ in 0..TRIES {
            let found = sqlx::query_scalar(AssertSqlSafe(sql.to_owned()));
            let found: i64 = found.fetch_one(&mut connection).await.expect("a number");
            if found == wanted {
                return;
            }
            sleep(PAUSE).await;
        }
        panic!("not in time: {sql}");
    }

    async fn run(&self, sql: &str) {
        let mut connection = self.connect("postgres").await;
        let done = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
        done.execute(&mut connection).await.expect("the statement");
    }

    pub(crate) async fn connect(&self, database: &str) -> PgConnection {
        let url = format!("postgres://postgres@{}/{database}", self.address);
        PgConnection::connect(&url).await.expect("the server")
    }

    /// Somebody may have taken the port, or not let go of the folder yet: then it ends at once.
    async fn start(folder: TempDir) -> Self {
        for _ in 0..STARTS {
            let port = free_port();
            let mut child = spawn(folder.path(), port);
            let address = SocketAddr::from(([127, 0, 0, 1], port));
            if answers(&mut child, address).await {
                return Self {
                    child,
                    address,
                    folder,
                };
            }
            sleep(PAUSE).await;
        }
        panic!("PostgreSQL does not start");
    }
}

fn spawn(folder: &Path, port: u16) -> Child {
    program("postgres", folder)
        .arg("-D")
        .arg(folder.join("data"))
        .args(["-p", &port.to_string(), "-c", "listen_addresses=127.0.0.1"])
        .arg("-c")
        .arg(format!("unix_socket_directories={}", folder.display()))
        .args(["-c", "max_connections=300", "-c", "logging_collector=off"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .expect("PostgreSQL")
}

/// Asks until the server answers or has ended.
async fn answers(child: &mut Child, address: SocketAddr) -> bool {
    let url = format!("postgres://postgres@{address}/postgres");
    for _ in 0..TRIES {
        if PgConnection::connect(&url).await.is_ok() {
            return true;
        }
        if child.try_wait().expect("a child").is_some() {
            return false;
        }
        sleep(PAUSE).await;
    }
    false
}

/// One of PostgreSQL's programs, as the user that it runs as: not root.
fn program(name: &str, folder: &Path) -> Command {
    let mut command = Command::new("setpriv");
    // An immediate shutdown, should this process be gone.
    command.args(["--pdeathsig", "QUIT"]);
    if is_root() {
        command.args(["--reuid=postgres", "--regid=postgres", "--init-groups"]);
    }
    command.arg(programs().join(name)).current_dir(folder);
    command
}

async fn folder() -> TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    if is_root() {
        let mut command = Command::new("chown");
        succeeded(command.arg("postgres:").arg(folder.path()).output().await);
    }
    folder
}

/// Where the newest PostgreSQL server's programs are.
fn programs() -> PathBuf {
    let versions = fs::read_dir("/usr/lib/postgresql").expect("PostgreSQL's programs");
    let folders = versions.flatten().map(|version| version.path().join("bin"));
    let mut folders: Vec<PathBuf> = folders.filter(|it| it.join("initdb").exists()).collect();
    folders.sort();
    folders.pop().expect("PostgreSQL's programs")
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

/// Nobody else takes it between this and the start, or the start fails.
fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    listener.local_addr().expect("an address").port()
}

async fn kill(signal: &str, ids: &[impl AsRef<OsStr>]) {
    let mut command = Command::new("kill");
    // One of them may have ended by itself.
    let sent = command.args(["-s", signal]).args(ids).status().await;
    sent.expect("kill");
}

fn succeeded(output: std::io::Result<std::process::Output>) {
    let output = output.expect("the program");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
}
