//! An empty database to write into, and what it does without a service.

use super::callers::{RowWriter, all_at_once};
use crate::{config, migrate::Deaf, output::Output, play};
use anyhow::{Context as _, bail};
use countersign_server::ServerConfig;
use countersign_storage::{Backend, SchemaState, Store};
use std::{path::PathBuf, sync::Arc, time::Duration};
use tempfile::TempDir;

#[derive(Debug, Clone, clap::Args)]
pub(super) struct ScratchArgs {
    /// An empty database [default: SQLite in a temporary folder].
    #[arg(
        long,
        value_name = "URL",
        env = "COUNTERSIGN_BENCH_STORE",
        hide_env_values = true
    )]
    store: Option<String>,
    /// Where the temporary folder is made: on the disk to measure, not in memory.
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
    /// Callers at the same time.
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..=4096))]
    pub(super) callers: u32,
    /// Seconds for each measurement.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=3600))]
    pub(super) seconds: u32,
    #[command(flatten)]
    pub(super) output: Output,
}

/// What the database does without a service, per second.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bare {
    /// One row a commit, one caller: what the disk lets the engine do.
    pub(super) commits: f64,
    /// One row a write, all callers: what sharing commits makes of it.
    pub(super) writes: f64,
}

/// The database of a server that is yet to be started.
#[derive(Debug)]
pub(super) struct Scratch {
    pub(super) config: ServerConfig,
    pub(super) engine: &'static str,
    /// It is there as long as this is.
    pub(super) folder: TempDir,
}

impl ScratchArgs {
    pub(super) fn length(&self) -> Duration {
        Duration::from_secs(self.seconds.into())
    }
}

impl Scratch {
    pub(super) fn new(args: &ScratchArgs) -> anyhow::Result<Self> {
        let folder = match &args.folder {
            Some(parent) => tempfile::tempdir_in(parent),
            None => tempfile::tempdir(),
        };
        let folder = folder.context("cannot make a temporary folder")?;
        let mut config = play::temporary(folder.path());
        if let Some(url) = &args.store {
            config.store.backend = config::backend_of(url, folder.path())?;
        }
        Ok(Self {
            engine: match config.store.backend {
                Backend::Sqlite { .. } => "sqlite",
                Backend::Postgres { .. } => "postgres",
            },
            config,
            folder,
        })
    }

    /// Writes rows: first alone, so that each is a commit, then by all callers.
    pub(super) async fn bare(&self, args: &ScratchArgs) -> anyhow::Result<Bare> {
        let store = Store::open(self.config.store.clone(), Arc::new(Deaf)).await?;
        if !matches!(store.schema().await?, SchemaState::Behind { found: 0, .. }) {
            bail!("the database is not empty");
        }
        store.migrate().await?;
        let alone = [RowWriter::new(&store, "alone".to_owned())];
        let commits = all_at_once(alone.into_iter(), args.length()).await?;
        let together =
            (0..args.callers).map(|number| RowWriter::new(&store, format!("together {number}")));
        let writes = all_at_once(together, args.length()).await?;
        store.close().await;
        Ok(Bare { commits, writes })
    }
}
