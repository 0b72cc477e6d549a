//! [`Store`]: reads, writes, and the life of the connections behind them.

use crate::{
    Backend, CommitObserver, DurabilityWarning, Engine, ReadConn, SchemaState, StoreConfig,
    StoreError, Tx, durability,
    job::{Job, Write},
    migrate,
    postgres::PostgresEngine,
    sqlite::SqliteEngine,
};
use countersign_barrier::Position;
use futures_util::future::BoxFuture;
use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};
use tokio::sync::{Semaphore, oneshot};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// A database with this program's schema. Clones share everything.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    engine: AnyEngine,
    /// One permit for each write that may wait or run.
    accepted: Arc<Semaphore>,
    most_accepted: usize,
    closing: CancellationToken,
    tasks: TaskTracker,
    counters: Arc<Counters>,
}

pub(crate) enum AnyEngine {
    Sqlite(SqliteEngine),
    Postgres(PostgresEngine),
}

/// How much a store has done since it was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Totals {
    /// Transactions committed. On SQLite several writes share one.
    pub commits: u64,
    /// Writes that were committed.
    pub writes: u64,
    /// Runs repeated because a write lost against another.
    pub reruns: u64,
    /// Writes that were accepted and are not answered yet, also when nobody waits for them any more.
    pub pending: usize,
}

/// The running numbers behind [`Totals`].
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) commits: AtomicU64,
    pub(crate) writes: AtomicU64,
    pub(crate) reruns: AtomicU64,
}

impl Counters {
    pub(crate) fn committed(&self, writes: usize) {
        self.commits.fetch_add(1, Ordering::Relaxed);
        self.writes.fetch_add(writes as u64, Ordering::Relaxed);
    }

    pub(crate) fn rerun(&self) {
        self.reruns.fetch_add(1, Ordering::Relaxed);
    }
}

impl Store {
    /// Connects to the database; makes an SQLite file that does not exist.
    ///
    /// The schema is not touched: see [`Store::schema`] and [`Store::migrate`].
    ///
    /// # Errors
    /// [`StoreError::Configuration`], [`StoreError::Unavailable`], and
    /// [`StoreError::SchemaTooNew`] for a database that a newer program migrated.
    pub async fn open(
        config: StoreConfig,
        observer: Arc<dyn CommitObserver>,
    ) -> Result<Self, StoreError> {
        let counters = Arc::new(Counters::default());
        let closing = CancellationToken::new();
        let tasks = TaskTracker::new();
        let engine = match &config.backend {
            Backend::Sqlite { path } => {
                let (engine, writer) =
                    SqliteEngine::open(path, &config, observer, counters.clone(), closing.clone())
                        .await?;
                tasks.spawn(writer.run());
                AnyEngine::Sqlite(engine)
            }
            Backend::Postgres { url, direct_url } => {
                let direct_url = direct_url.as_ref().unwrap_or(url);
                AnyEngine::Postgres(
                    PostgresEngine::open(url, direct_url, &config, observer, counters.clone())
                        .await?,
                )
            }
        };
        let store = Self(Arc::new(Inner {
            engine,
            accepted: Arc::new(Semaphore::new(config.waiting_writes as usize)),
            most_accepted: config.waiting_writes as usize,
            closing,
            tasks,
            counters,
        }));
        store.schema().await?;
        Ok(store)
    }

    /// Which database is below.
    pub fn engine(&self) -> Engine {
        match &self.0.engine {
            AnyEngine::Sqlite(_) => Engine::Sqlite,
            AnyEngine::Postgres(_) => Engine::Postgres,
        }
    }

    /// Runs a write in a transaction and answers after its commit and after the observer was told.
    ///
    /// The closure gets the transaction and `input`; its `Err` rolls everything it wrote back. It may
    /// be run several times, so it must do nothing but use the transaction, and it must not wait for
    /// anything else. It ends with the first statement that fails: going on is
    /// [`StoreError::Swallowed`].
    ///
    /// # Errors
    /// The closure's own, or a [`StoreError`] as its error type.
    ///
    /// # Cancel safety
    /// Once polled, the write runs to its end even if this future is dropped.
    pub async fn write<F, I, T, E>(&self, input: I, closure: F) -> Result<T, E>
    where
        F: for<'a> Fn(&'a mut Tx, &'a I) -> BoxFuture<'a, Result<T, E>> + Send + Sync + 'static,
        I: Send + Sync + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let written = self.write_placed(input, closure).await;
        written.map(|(result, _)| result)
    }

    /// As [`write`](Self::write), with the position of the last feed entry that it wrote, if any.
    ///
    /// # Errors
    /// As for [`write`](Self::write).
    ///
    /// # Cancel safety
    /// As for [`write`](Self::write).
    pub async fn write_placed<F, I, T, E>(
        &self,
        input: I,
        closure: F,
    ) -> Result<(T, Option<Position>), E>
    where
        F: for<'a> Fn(&'a mut Tx, &'a I) -> BoxFuture<'a, Result<T, E>> + Send + Sync + 'static,
        I: Send + Sync + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        if self.0.closing.is_cancelled() {
            return Err(StoreError::Closed.into());
        }
        let permit = self.0.accepted.clone().try_acquire_owned();
        let permit = permit.map_err(|_| StoreError::Overloaded)?;
        let (caller, answer) = oneshot::channel();
        self.submit(Box::new(Write {
            closure,
            input,
            result: None,
            caller,
            _permit: permit,
        }));
        // Without an answer the runtime is going down in the middle of the write.
        let lost = (Err(StoreError::OutcomeUnknown.into()), None);
        let (result, position) = answer.await.unwrap_or(lost);
        result.map(|value| (value, position))
    }

    /// Takes a connection to read with. Each statement sees what was committed before it.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when none is free in time or the database is away.
    pub async fn read(&self) -> Result<ReadConn, StoreError> {
        match &self.0.engine {
            AnyEngine::Sqlite(engine) => engine.read().await,
            AnyEngine::Postgres(engine) => engine.read().await,
        }
        .map(ReadConn::new)
    }

    /// Compares the database's schema with this program's.
    ///
    /// # Errors
    /// [`StoreError::SchemaTooNew`]; what [`Store::read`] gives.
    pub async fn schema(&self) -> Result<SchemaState, StoreError> {
        migrate::state(&mut *self.read().await?).await
    }

    /// Brings the schema up to this program's; leaves one of a newer program that it can go on with.
    /// Concurrent calls, also of other processes, wait for
    /// each other.
    ///
    /// # Errors
    /// [`StoreError::SchemaTooNew`], [`StoreError::Migration`], [`StoreError::Unavailable`].
    pub async fn migrate(&self) -> Result<(), StoreError> {
        if let SchemaState::Ahead { .. } = self.schema().await? {
            return Ok(());
        }
        match &self.0.engine {
            AnyEngine::Sqlite(engine) => engine.migrate().await,
            AnyEngine::Postgres(engine) => engine.migrate().await,
        }
    }

    /// Looks for settings under which an acknowledged write could be lost. Empty: none.
    ///
    /// # Errors
    /// What [`Store::read`] and [`Store::write`] give.
    pub async fn durability(&self) -> Result<Vec<DurabilityWarning>, StoreError> {
        durability::check(self).await
    }

    /// How much was done since the store was opened.
    pub fn totals(&self) -> Totals {
        let counters = &self.0.counters;
        Totals {
            commits: counters.commits.load(Ordering::Relaxed),
            writes: counters.writes.load(Ordering::Relaxed),
            reruns: counters.reruns.load(Ordering::Relaxed),
            pending: self.0.most_accepted - self.0.accepted.available_permits(),
        }
    }

    /// Refuses new writes, finishes the accepted ones, and closes every connection.
    pub async fn close(&self) {
        self.0.closing.cancel();
        // A write that slips in after this finds the channel or the pool closed.
        self.0.tasks.close();
        self.0.tasks.wait().await;
        match &self.0.engine {
            AnyEngine::Sqlite(engine) => engine.close().await,
            AnyEngine::Postgres(engine) => engine.close().await,
        }
    }

    pub(crate) fn engine_below(&self) -> &AnyEngine {
        &self.0.engine
    }

    fn submit(&self, job: Box<dyn Job>) {
        match &self.0.engine {
            AnyEngine::Sqlite(engine) => engine.submit(job),
            AnyEngine::Postgres(engine) => drop(self.0.tasks.spawn(engine.clone().run(job))),
        }
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store")
            .field("engine", &self.engine())
            .field("totals", &self.totals())
            .finish_non_exhaustive()
    }
}
