//! Which database the store uses, and how much of it.

use countersign_core::Rng;
use std::{fmt, path::PathBuf, sync::Arc, time::Duration};

/// How a [`Store`](crate::Store) is opened.
#[derive(Debug, Clone)]
pub struct StoreConfig {
    /// The database.
    pub backend: Backend,
    /// Connections that only read.
    pub readers: u32,
    /// Connections that write, on PostgreSQL; SQLite has one.
    pub writers: u32,
    /// Writes accepted at the same time, waiting or running; more are refused.
    pub waiting_writes: u32,
    /// How long to wait for a free connection, or for SQLite's lock.
    pub acquire_limit: Duration,
    /// How long one statement that reads may take on PostgreSQL; then its connection is given up.
    pub read_limit: Duration,
    /// How long one run of a write may take on PostgreSQL.
    pub write_limit: Duration,
    /// Where the jitter between re-runs comes from.
    pub rng: Arc<dyn Rng>,
}

impl StoreConfig {
    /// The usual sizes for a database.
    pub fn new(backend: Backend, rng: Arc<dyn Rng>) -> Self {
        Self {
            backend,
            readers: 8,
            writers: 16,
            waiting_writes: 4096,
            acquire_limit: Duration::from_secs(5),
            read_limit: Duration::from_secs(10),
            write_limit: Duration::from_secs(30),
            rng,
        }
    }
}

/// Where the data is.
#[derive(Clone)]
pub enum Backend {
    /// One file, made when it does not exist, with `-wal` and `-shm` beside it.
    Sqlite {
        /// The file.
        path: PathBuf,
    },
    /// A PostgreSQL database.
    Postgres {
        /// `postgres://user:password@host:port/database?sslmode=…`; may be a pooler in
        /// transaction mode.
        url: String,
        /// The server itself, for migrations; `url` when absent.
        direct_url: Option<String>,
    },
}

impl fmt::Debug for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite { path } => f.debug_struct("Sqlite").field("path", path).finish(),
            // An address carries the password.
            Self::Postgres { .. } => f.debug_struct("Postgres").finish_non_exhaustive(),
        }
    }
}
