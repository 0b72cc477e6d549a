//! `countersign migrate`.

use crate::{
    config::{FirstStart, Loaded},
    output,
};
use countersign_core::{Rng, SystemRng, feed::FeedEntry};
use countersign_storage::{Backend, CommitObserver, SchemaState, Store};
use std::{process::ExitCode, sync::Arc};

#[derive(Debug, Clone, Copy, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct MigrateArgs {
    /// Changes nothing; exit code 1 when migrations are missing.
    #[arg(long)]
    check: bool,
}

const AFTER_HELP: &str = "\
`serve` migrates by itself; this is for those who want to do it before. On PostgreSQL it goes by
store.direct_url. There is no way back: make a backup first.

Examples:
  countersign migrate --check
  countersign --config /etc/countersign.toml migrate";

pub(crate) async fn run(loaded: &Loaded, args: MigrateArgs) -> anyhow::Result<ExitCode> {
    let rng: Arc<dyn Rng> = Arc::new(SystemRng);
    if let Backend::Sqlite { path } = loaded.backend()? {
        if args.check && !path.exists() {
            output::text(&format!("there is no database at {} yet\n", path.display()))?;
            return Ok(ExitCode::FAILURE);
        }
        // The key comes before the database, whose absence is what allows to make one.
        loaded.server_config(FirstStart::Allowed, &rng)?;
    }
    let store = Store::open(loaded.store_config(&rng)?, Arc::new(Deaf)).await?;
    let result = migrate(&store, args).await;
    store.close().await;
    result
}

async fn migrate(store: &Store, args: MigrateArgs) -> anyhow::Result<ExitCode> {
    let (text, code) = match store.schema().await? {
        SchemaState::Current => ("the schema is current\n".to_owned(), ExitCode::SUCCESS),
        SchemaState::Ahead { found, known } => (
            format!("the schema is at {found}, which this program's {known} can go on with\n"),
            ExitCode::SUCCESS,
        ),
        SchemaState::Behind { found, known } if args.check => (
            format!("the schema is at {found}, this program's at {known}\n"),
            ExitCode::FAILURE,
        ),
        SchemaState::Behind { found, known } => {
            store.migrate().await?;
            (
                format!("migrated from {found} to {known}\n"),
                ExitCode::SUCCESS,
            )
        }
    };
    output::text(&text)?;
    Ok(code)
}

/// Keeps nothing in memory, so has nothing to forget.
#[derive(Debug)]
pub(crate) struct Deaf;

impl CommitObserver for Deaf {
    fn committed(&self, _: &[FeedEntry]) {}
    fn outcome_unknown(&self, _: &[FeedEntry]) {}
}
