//! Redis, where there is one: what nodes leave for each other, and a wake-up.
//!
//! Nothing here is needed. A Redis that is gone, slow, empty, full of lies or an hour behind costs
//! loads from the store and a quarter of a second of waiting, never an answer: what is read is
//! authenticated, and says as of when it was read.

mod left;

use aws_lc_rs::hmac;
use countersign_barrier::Extent;
use countersign_cluster::Recalled;
use countersign_core::{SessionId, snapshot::Loaded};
use futures_util::StreamExt as _;
use left::Left;
use redis::{
    Client, Cmd, FromRedisValue, Pipeline, RedisError, RedisResult,
    aio::{ConnectionManager, ConnectionManagerConfig, PubSubStream},
};
use std::{
    fmt,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::{OnceCell, mpsc},
    time::{Instant, timeout},
};
use tokio_util::sync::CancellationToken;
use zeroize::Zeroizing;

/// How long a request waits for Redis before it asks the store.
const PATIENCE: Duration = Duration::from_millis(50);

/// How long Redis is left alone after it failed.
const REST: Duration = Duration::from_secs(1);

/// How long to wait for a connection.
const CONNECT: Duration = Duration::from_secs(1);

/// A channel that was silent for so long is opened anew: nobody would tell a dead one.
const SILENCE: Duration = Duration::from_secs(30);

/// Snapshots that wait to be left; more are not left.
const MOST_WAITING: usize = 1_024;

/// Snapshots left at once.
const BATCH: usize = 64;

/// How long what was left is kept, at most; changes are remembered for about as long.
const KEPT_FOR: Duration = Duration::from_hours(1);

/// A URL of Redis; it may hold a password and shows none.
#[derive(Clone)]
pub struct RedisUrl(Zeroizing<String>);

/// The text names no Redis.
#[derive(Debug, thiserror::Error)]
#[error("not a URL like redis://host:6379/0 or rediss://…")]
pub struct InvalidRedisUrl;

/// One Redis, and what this installation keeps in it.
pub(crate) struct Redis {
    client: Client,
    commands: OnceCell<ConnectionManager>,
    /// What this installation's names begin with.
    prefix: String,
    key: hmac::Key,
    /// No command before this moment.
    rests_until: Mutex<Option<Instant>>,
    is_failing: AtomicBool,
    waiting: mpsc::Sender<Left>,
    to_leave: Mutex<Option<mpsc::Receiver<Left>>>,
}

impl RedisUrl {
    /// Reads a URL.
    ///
    /// # Errors
    /// [`InvalidRedisUrl`] for anything but `redis://`, `rediss://` or a socket's `redis+unix://`.
    pub fn parse(text: &str) -> Result<Self, InvalidRedisUrl> {
        Client::open(text).map_err(|_| InvalidRedisUrl)?;
        Ok(Self(Zeroizing::new(text.to_owned())))
    }

    /// Asks whether it answers.
    ///
    /// # Errors
    /// What it said instead, or that it said nothing for a second.
    pub async fn ping(&self) -> Result<(), RedisError> {
        let asked = timeout(CONNECT, async {
            let client = Client::open(self.0.as_str())?;
            let mut redis = client.get_multiplexed_async_connection().await?;
            redis::cmd("PING").exec_async(&mut redis).await
        });
        asked.await.unwrap_or_else(|_| Err(too_slow()))
    }
}

impl fmt::Debug for RedisUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RedisUrl[redacted]")
    }
}

impl Redis {
    /// Connects to nothing yet. `secret` is the installation's.
    ///
    /// # Errors
    /// [`RedisError`] for a URL that is none.
    pub(crate) fn new(url: &RedisUrl, secret: &[u8; 32]) -> RedisResult<Self> {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
        let name = hmac::sign(&key, b"name");
        let name: String = name
            .as_ref()
            .iter()
            .take(6)
            .fold(String::new(), |name, byte| format!("{name}{byte:02x}"));
        let (waiting, to_leave) = mpsc::channel(MOST_WAITING);
        Ok(Self {
            client: Client::open(url.0.as_str())?,
            commands: OnceCell::new(),
            prefix: format!("countersign:{name}"),
            key,
            rests_until: Mutex::default(),
            is_failing: AtomicBool::new(false),
            waiting,
            to_leave: Mutex::new(Some(to_leave)),
        })
    }

    /// What some node left of the session.
    pub(crate) async fn recall(&self, session: SessionId) -> Option<Recalled> {
        let mut command = Cmd::get(self.name_of(session));
        let left: Option<Vec<u8>> = self
            .ask(async |redis| query(&mut command, redis).await)
            .await?;
        let recalled = left::open(&self.key, session, &left?);
        if recalled.is_none() {
            tracing::warn!(session.id = %session, "Redis holds what no node of this service left");
        }
        recalled
    }

    /// Leaves what was loaded, unless too much waits already.
    pub(crate) fn remember(&self, loaded: &Loaded, as_of: &Extent) {
        if let Some(left) = left::seal(&self.key, loaded, as_of) {
            // What is not left is loaded again.
            let _ = self.waiting.try_send(left);
        }
    }

    /// Leaves what waits, until told to stop.
    pub(crate) async fn leave_all(&self, stop: CancellationToken) {
        let receiver = self
            .to_leave
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let Some(mut receiver) = receiver else {
            return;
        };
        let mut batch = Vec::with_capacity(BATCH);
        while matches!(
            stop.run_until_cancelled(receiver.recv_many(&mut batch, BATCH))
                .await,
            Some(1..)
        ) {
            let mut pipeline = Pipeline::with_capacity(batch.len());
            for left in batch.drain(..) {
                let kept_for = u64::try_from(KEPT_FOR.as_millis()).unwrap_or(u64::MAX);
                pipeline
                    .pset_ex(self.name_of(left.session), left.bytes, kept_for)
                    .ignore();
            }
            let _: Option<()> = self
                .ask(async |redis| pipeline.query_async(redis).await)
                .await;
        }
    }

    /// Tells every node that listens; false when Redis did not take it.
    pub(crate) async fn publish(&self, text: &str) -> bool {
        let mut command = Cmd::publish(self.channel(), text);
        let told: Option<u64> = self
            .ask(async |redis| query(&mut command, redis).await)
            .await;
        told.is_some()
    }

    /// What nodes tell each other from now on.
    ///
    /// # Errors
    /// When Redis cannot be reached.
    pub(crate) async fn listen(&self) -> RedisResult<Heard> {
        let opened = timeout(CONNECT, async {
            let mut channel = self.client.get_async_pubsub().await?;
            channel.subscribe(self.channel()).await?;
            Ok::<_, RedisError>(channel.into_on_message())
        });
        Ok(Heard(opened.await.map_err(|_| too_slow())??))
    }

    fn name_of(&self, session: SessionId) -> String {
        format!("{}:{session}", self.prefix)
    }

    fn channel(&self) -> String {
        format!("{}:signals", self.prefix)
    }

    /// Asks Redis, if it does not rest; `None` when there is no answer in time.
    async fn ask<T>(
        &self,
        question: impl AsyncFnOnce(&mut ConnectionManager) -> RedisResult<T>,
    ) -> Option<T> {
        if self.rests() {
            return None;
        }
        let answered = timeout(PATIENCE, async {
            let mut redis = self.commands().await?;
            question(&mut redis).await
        });
        let answer = answered.await.unwrap_or_else(|_| Err(too_slow()));
        match answer {
            Ok(answer) => {
                if self.is_failing.swap(false, Ordering::Relaxed) {
                    tracing::info!("Redis answers again");
                }
                Some(answer)
            }
            Err(error) => {
                self.rest(&error);
                None
            }
        }
    }

    async fn commands(&self) -> RedisResult<ConnectionManager> {
        let connect = || async {
            let config = ConnectionManagerConfig::new()
                .set_connection_timeout(Some(CONNECT))
                .set_response_timeout(Some(CONNECT))
                .set_number_of_retries(1);
            ConnectionManager::new_lazy_with_config(self.client.clone(), config)
        };
        self.commands.get_or_try_init(connect).await.cloned()
    }

    fn rests(&self) -> bool {
        let until = self
            .rests_until
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        until.is_some_and(|until| Instant::now() < until)
    }

    fn rest(&self, error: &RedisError) {
        *self
            .rests_until
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Some(Instant::now() + REST);
        if !self.is_failing.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                error = error as &dyn std::error::Error,
                "Redis does not answer; the store does its work"
            );
        }
    }
}

impl fmt::Debug for Redis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redis").finish_non_exhaustive()
    }
}

/// What nodes say over Redis.
pub(crate) struct Heard(PubSubStream);

impl Heard {
    /// The next text; `None` when the channel broke or was silent for too long.
    pub(crate) async fn next(&mut self) -> Option<String> {
        let message = timeout(SILENCE, self.0.next()).await.ok()??;
        // Not text: nothing that a node said.
        Some(message.get_payload().unwrap_or_default())
    }
}

async fn query<T: FromRedisValue>(
    command: &mut Cmd,
    redis: &mut ConnectionManager,
) -> RedisResult<T> {
    command.query_async(redis).await
}

fn too_slow() -> RedisError {
    RedisError::from(std::io::Error::from(std::io::ErrorKind::TimedOut))
}
