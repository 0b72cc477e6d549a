//! SQLite: one writing connection in a task of its own, and a pool of reading ones.

mod writer;

use crate::{CommitObserver, Conn, StoreConfig, StoreError, job::Job, migrate, store::Counters};
use sqlx::{
    ConnectOptions as _, SqlitePool,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use std::{path::Path, sync::Arc};
use tokio::sync::mpsc::{self, error::TrySendError};
use tokio_util::sync::CancellationToken;
use writer::Writer;

/// How much of the file a reader maps, in bytes: a page that the kernel has in memory then costs
/// neither a call nor a copy.
const READER_MAP: &str = "8589934592";

/// More than the crate has statements.
const STATEMENT_CACHE: usize = 256;

pub(crate) struct SqliteEngine {
    jobs: mpsc::Sender<Box<dyn Job>>,
    readers: SqlitePool,
    options: SqliteConnectOptions,
}

impl SqliteEngine {
    /// Opens the file; the writer must be run for writes to happen.
    pub(crate) async fn open(
        path: &Path,
        config: &StoreConfig,
        observer: Arc<dyn CommitObserver>,
        counters: Arc<Counters>,
        closing: CancellationToken,
    ) -> Result<(Self, Writer), StoreError> {
        let common = SqliteConnectOptions::new()
            .filename(path)
            .foreign_keys(true)
            .busy_timeout(config.acquire_limit)
            .statement_cache_capacity(STATEMENT_CACHE)
            .disable_statement_logging();
        let options = common
            .clone()
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            // Without it fsync on macOS leaves the data in the drive's cache; elsewhere no effect.
            .pragma("fullfsync", "on")
            .pragma("checkpoint_fullfsync", "on");
        let (jobs, waiting) = mpsc::channel(config.waiting_writes as usize);
        let writer = Writer::open(options.clone(), waiting, observer, counters, closing).await?;
        let readers = SqlitePoolOptions::new()
            .max_connections(config.readers)
            .acquire_timeout(config.acquire_limit)
            .test_before_acquire(false)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_lazy_with(
                common
                    .pragma("query_only", "on")
                    .pragma("mmap_size", READER_MAP),
            );
        Ok((
            Self {
                jobs,
                readers,
                options,
            },
            writer,
        ))
    }

    /// Queues a write.
    pub(crate) fn submit(&self, job: Box<dyn Job>) {
        match self.jobs.try_send(job) {
            Ok(()) => {}
            // There are as many places as permits, so this does not happen.
            Err(TrySendError::Full(job)) => job.fail(StoreError::Overloaded),
            Err(TrySendError::Closed(job)) => job.fail(StoreError::Closed),
        }
    }

    pub(crate) async fn read(&self) -> Result<Conn, StoreError> {
        let connection = self
            .readers
            .acquire()
            .await
            .map_err(StoreError::of_statement)?;
        Ok(Conn::sqlite_reader(connection))
    }

    pub(crate) async fn migrate(&self) -> Result<(), StoreError> {
        migrate::sqlite(&self.options).await
    }

    pub(crate) async fn close(&self) {
        self.readers.close().await;
    }
}
