//! PostgreSQL: pools to read and to write with, each write in a task of its own.

mod pooled;
mod suspicion;
mod write;

use crate::{CommitObserver, Conn, StoreConfig, StoreError, job::Job, migrate, store::Counters};
use countersign_core::Rng;
pub(crate) use pooled::{Pooled, too_late};
use sqlx::{
    ConnectOptions as _, PgPool,
    postgres::{PgConnectOptions, PgListener, PgPoolOptions},
};
use std::{sync::Arc, time::Duration};
use suspicion::Suspicion;

/// More than the crate has statements.
const STATEMENT_CACHE: usize = 256;

/// A connection that was idle for longer is tried before it is used.
const TRUSTED_IDLE: Duration = Duration::from_secs(30);

#[derive(Clone)]
pub(crate) struct PostgresEngine {
    readers: PgPool,
    writers: PgPool,
    suspicion: Arc<Suspicion>,
    direct: PgConnectOptions,
    observer: Arc<dyn CommitObserver>,
    counters: Arc<Counters>,
    rng: Arc<dyn Rng>,
    read_limit: Duration,
    write_limit: Duration,
}

impl PostgresEngine {
    pub(crate) async fn open(
        url: &str,
        direct_url: &str,
        config: &StoreConfig,
        observer: Arc<dyn CommitObserver>,
        counters: Arc<Counters>,
    ) -> Result<Self, StoreError> {
        let options = connect_options(url)?;
        let suspicion = Arc::new(Suspicion::of(config.readers + config.writers));
        let pool = |size: u32| {
            let suspicion = suspicion.clone();
            PgPoolOptions::new()
                .max_connections(size)
                .acquire_timeout(config.acquire_limit)
                .test_before_acquire(false)
                .before_acquire(move |connection, met| {
                    let doubted = met.idle_for > TRUSTED_IDLE || suspicion.is_raised();
                    Box::pin(async move {
                        if doubted {
                            sqlx::Connection::ping(connection).await?;
                        }
                        Ok(true)
                    })
                })
        };
        let readers = pool(config.readers)
            .connect_with(options.clone())
            .await
            .map_err(StoreError::of_statement)?;
        Ok(Self {
            readers,
            writers: pool(config.writers).connect_lazy_with(options),
            suspicion,
            direct: connect_options(direct_url)?,
            observer,
            counters,
            rng: config.rng.clone(),
            read_limit: config.read_limit,
            write_limit: config.write_limit,
        })
    }

    pub(crate) async fn read(&self) -> Result<Conn, StoreError> {
        self.acquire(&self.readers, self.read_limit).await
    }

    /// Runs a write to its end and answers it.
    pub(crate) async fn run(self, job: Box<dyn Job>) {
        write::run(&self, job).await;
    }

    pub(crate) async fn migrate(&self) -> Result<(), StoreError> {
        migrate::postgres(&self.direct).await
    }

    /// A connection of its own, that nothing else uses.
    pub(crate) async fn listen(&self) -> Result<PgListener, StoreError> {
        let pool = PgPoolOptions::new()
            .max_connections(1)
            .max_lifetime(None)
            .idle_timeout(None)
            .connect_lazy_with(self.direct.clone());
        let listening = async {
            let mut listener = PgListener::connect_with(&pool).await?;
            listener.listen("countersign").await?;
            Ok(listener)
        };
        listening.await.map_err(StoreError::of_statement)
    }

    pub(crate) async fn close(&self) {
        self.writers.close().await;
        self.readers.close().await;
    }

    async fn acquire_to_write(&self) -> Result<Conn, StoreError> {
        self.acquire(&self.writers, self.write_limit).await
    }

    /// Takes a connection on which each statement may take so long.
    async fn acquire(&self, pool: &PgPool, limit: Duration) -> Result<Conn, StoreError> {
        let connection = pool.acquire().await.map_err(StoreError::of_statement)?;
        let connection = Pooled::new(connection, self.suspicion.clone(), limit);
        Ok(Conn::postgres(connection))
    }
}

fn connect_options(url: &str) -> Result<PgConnectOptions, StoreError> {
    let options: PgConnectOptions = url.parse().map_err(StoreError::of_statement)?;
    Ok(options
        .application_name("countersign")
        .statement_cache_capacity(STATEMENT_CACHE)
        // Values travel in binary form, and PgBouncer refuses the parameter.
        .extra_float_digits(None)
        .disable_statement_logging())
}
