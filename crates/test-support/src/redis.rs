//! A Redis of a test's own.

use countersign_server::RedisUrl;
pub use redis::{Cmd, cmd};
use redis::{FromRedisValue, aio::MultiplexedConnection};
use std::{
    net::TcpListener,
    process::{Child, Command, Stdio},
    sync::{Mutex, PoisonError},
    time::Duration,
};
use tokio::time::interval;

/// How often a Redis that starts is asked whether it answers, and how many times.
const ASKED_EVERY: Duration = Duration::from_millis(20);
const MOST_ASKED: usize = 500;

/// How often another port is tried, should somebody have taken the one that was free.
const STARTS: usize = 5;

/// A Redis that ends with the test.
#[derive(Debug)]
pub struct TestRedis {
    process: Mutex<Child>,
    port: u16,
}

impl TestRedis {
    /// Starts an empty one.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn start() -> Self {
        for _ in 0..STARTS {
            let free = TcpListener::bind(("127.0.0.1", 0)).expect("a port");
            let port = free.local_addr().expect("an address").port();
            drop(free);
            let redis = Self {
                process: Mutex::new(run(port)),
                port,
            };
            if redis.answers().await {
                return redis;
            }
        }
        panic!("Redis does not start");
    }

    /// Ends it without a goodbye and starts an empty one in its place.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn restart(&self) {
        self.kill();
        *self.process.lock().unwrap_or_else(PoisonError::into_inner) = run(self.port);
        assert!(self.answers().await, "Redis does not start again");
    }

    /// Ends it without a goodbye.
    pub fn kill(&self) {
        let mut process = self.process.lock().unwrap_or_else(PoisonError::into_inner);
        // It may have ended by itself.
        let _ = process.kill();
        let _ = process.wait();
    }

    /// Where it listens.
    ///
    /// # Panics
    /// Never: the text is a URL.
    pub fn url(&self) -> RedisUrl {
        RedisUrl::parse(&self.text()).expect("a URL")
    }

    /// The same as text.
    pub fn text(&self) -> String {
        format!("redis://127.0.0.1:{}/0", self.port)
    }

    /// Asks it something.
    ///
    /// # Panics
    /// When it does not answer.
    pub async fn ask<T: FromRedisValue>(&self, command: &Cmd) -> T {
        let mut connection = self.connection().await.expect("a connection");
        let answer = command.query_async(&mut connection).await;
        answer.expect("an answer")
    }

    /// The names of the texts in it, waiting until there are at least so many.
    ///
    /// # Panics
    /// When there are not so many in time.
    pub async fn names(&self, at_least: usize) -> Vec<String> {
        let mut ticks = interval(ASKED_EVERY);
        for _ in 0..MOST_ASKED {
            ticks.tick().await;
            let mut names: Vec<String> = self.ask(cmd("KEYS").arg("*")).await;
            if names.len() >= at_least {
                names.sort_unstable();
                return names;
            }
        }
        panic!("fewer than {at_least} names in Redis");
    }

    /// Asks until it answers or has ended.
    async fn answers(&self) -> bool {
        let mut ticks = interval(ASKED_EVERY);
        for _ in 0..MOST_ASKED {
            ticks.tick().await;
            if let Ok(mut connection) = self.connection().await
                && cmd("PING").exec_async(&mut connection).await.is_ok()
            {
                return true;
            }
            let mut process = self.process.lock().unwrap_or_else(PoisonError::into_inner);
            if !matches!(process.try_wait(), Ok(None)) {
                return false;
            }
        }
        false
    }

    async fn connection(&self) -> redis::RedisResult<MultiplexedConnection> {
        let client = redis::Client::open(self.text())?;
        client.get_multiplexed_async_connection().await
    }
}

impl Drop for TestRedis {
    fn drop(&mut self) {
        self.kill();
    }
}

fn run(port: u16) -> Child {
    let mut tied = Command::new("setpriv");
    tied.args(["--pdeathsig", "KILL", "--", "redis-server"])
        .args(["--bind", "127.0.0.1", "--port", &port.to_string()])
        .args(["--save", "", "--appendonly", "no"])
        .stdin(Stdio::null())
        .stdout(Stdio::null());
    tied.spawn()
        .expect("setpriv of util-linux, and redis-server")
}
