//! A Redis of a test's own, on a socket in a folder of its own.

use countersign_server::RedisUrl;
use redis::{Cmd, FromRedisValue, aio::MultiplexedConnection};
use std::{
    process::{Child, Command, Stdio},
    time::Duration,
};
use tempfile::TempDir;
use tokio::time::interval;

/// How often a Redis that starts is asked whether it answers, and how many times.
const ASKED_EVERY: Duration = Duration::from_millis(20);
const MOST_ASKED: usize = 500;

/// A Redis that ends with the test.
#[derive(Debug)]
pub struct TestRedis {
    process: Child,
    folder: TempDir,
}

impl TestRedis {
    /// Starts an empty one.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let redis = Self {
            process: run(&folder),
            folder,
        };
        redis.connection().await;
        redis
    }

    /// Ends it without a goodbye and starts an empty one in its place.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn restart(&mut self) {
        self.kill();
        self.process = run(&self.folder);
        self.connection().await;
    }

    /// Ends it without a goodbye.
    pub fn kill(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }

    /// Where it listens.
    ///
    /// # Panics
    /// Never: the text is a URL.
    pub fn url(&self) -> RedisUrl {
        RedisUrl::parse(&self.text()).expect("a URL")
    }

    /// Asks it something.
    ///
    /// # Panics
    /// When it does not answer.
    pub async fn ask<T: FromRedisValue>(&self, command: &Cmd) -> T {
        let answer = command.query_async(&mut self.connection().await).await;
        answer.expect("an answer")
    }

    /// The names of what is in it, waiting until there are at least so many.
    ///
    /// # Panics
    /// When there are not so many in time.
    pub async fn names(&self, at_least: usize) -> Vec<String> {
        let mut ticks = interval(ASKED_EVERY);
        for _ in 0..MOST_ASKED {
            ticks.tick().await;
            let mut names: Vec<String> = self.ask(redis::cmd("KEYS").arg("*")).await;
            if names.len() >= at_least {
                names.sort_unstable();
                return names;
            }
        }
        panic!("fewer than {at_least} names in Redis");
    }

    async fn connection(&self) -> MultiplexedConnection {
        let client = redis::Client::open(self.text()).expect("a client");
        let mut ticks = interval(ASKED_EVERY);
        for _ in 0..MOST_ASKED {
            ticks.tick().await;
            if let Ok(mut connection) = client.get_multiplexed_async_connection().await
                && redis::cmd("PING").exec_async(&mut connection).await.is_ok()
            {
                return connection;
            }
        }
        panic!("Redis does not answer");
    }

    fn text(&self) -> String {
        format!("redis+unix://{}/socket", self.folder.path().display())
    }
}

impl Drop for TestRedis {
    fn drop(&mut self) {
        self.kill();
    }
}

fn run(folder: &TempDir) -> Child {
    let socket = folder.path().join("socket");
    let mut tied = Command::new("setpriv");
    tied.args(["--pdeathsig", "KILL", "--", "redis-server", "--port", "0"])
        .args(["--save", "", "--appendonly", "no", "--unixsocket"])
        .arg(socket)
        .arg("--dir")
        .arg(folder.path())
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    tied.spawn()
        .expect("setpriv of util-linux, and redis-server")
}
