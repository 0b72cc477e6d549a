//! `bench writes`: logins and refreshes beside bare commits.

use super::{
    callers::{NewDevices, OneSession, RowWriter, all_at_once},
    inside::Inside,
    sessions,
    stopwatch::thousands,
};
use crate::{
    config,
    migrate::Deaf,
    output::{self, Format, Output},
    play,
};
use anyhow::{Context as _, bail};
use countersign_api_types::client::ClientItem;
use countersign_core::{SystemClock, SystemRng};
use countersign_server::{Server, ServerConfig, telemetry::Metrics};
use countersign_storage::{Backend, SchemaState, Store, StoreConfig};
use serde::Serialize;
use std::{path::PathBuf, sync::Arc, time::Duration};

#[derive(Debug, Clone, clap::Args)]
#[command(after_help = "\
The database must be empty and is full of test data afterwards. Calls go through the routes in this
process, without sockets.

Examples:
  countersign bench writes --folder /var/tmp
  countersign bench writes --store postgres://postgres@localhost/scratch --output json")]
pub(crate) struct WritesArgs {
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
    callers: u32,
    /// Seconds for each of the four measurements.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=3600))]
    seconds: u32,
    #[command(flatten)]
    output: Output,
}

/// What was measured, per second.
#[derive(Debug, Serialize)]
struct Report {
    bench: &'static str,
    version: &'static str,
    engine: &'static str,
    callers: u32,
    seconds: u32,
    /// One row a commit, one caller: what the disk lets the engine do.
    bare_commits: f64,
    /// One row a write, all callers: what sharing commits makes of it.
    bare_writes: f64,
    logins: f64,
    refreshes: f64,
}

pub(super) async fn run(args: WritesArgs) -> anyhow::Result<()> {
    let folder = match &args.folder {
        Some(parent) => tempfile::tempdir_in(parent),
        None => tempfile::tempdir(),
    };
    let folder = folder.context("cannot make a temporary folder")?;
    let mut config = play::temporary(folder.path());
    if let Some(url) = &args.store {
        config.store.backend = config::backend_of(url, folder.path())?;
    }
    let engine = match config.store.backend {
        Backend::Sqlite { .. } => "sqlite",
        Backend::Postgres { .. } => "postgres",
    };
    let (bare_commits, bare_writes) = bare(&config.store, &args).await?;
    let (logins, refreshes) = served(config, &args).await?;
    let report = Report {
        bench: "writes",
        version: env!("CARGO_PKG_VERSION"),
        engine,
        callers: args.callers,
        seconds: args.seconds,
        bare_commits,
        bare_writes,
        logins,
        refreshes,
    };
    print(args.output, &report)
}

/// One-row writes: first alone, so that each is a commit, then by all callers.
async fn bare(config: &StoreConfig, args: &WritesArgs) -> anyhow::Result<(f64, f64)> {
    let store = Store::open(config.clone(), Arc::new(Deaf)).await?;
    if !matches!(store.schema().await?, SchemaState::Behind { found: 0, .. }) {
        bail!("the database is not empty");
    }
    store.migrate().await?;
    let length = Duration::from_secs(args.seconds.into());
    let alone = [RowWriter::new(&store, "alone".to_owned())];
    let alone = all_at_once(alone.into_iter(), length).await?;
    let together =
        (0..args.callers).map(|number| RowWriter::new(&store, format!("together {number}")));
    let together = all_at_once(together, length).await?;
    store.close().await;
    Ok((alone, together))
}

async fn served(config: ServerConfig, args: &WritesArgs) -> anyhow::Result<(f64, f64)> {
    let server = Server::start(
        config,
        Arc::new(SystemClock),
        Arc::new(SystemRng),
        Metrics::new(),
    )
    .await?;
    let measured = logins_and_refreshes(&server, args).await;
    server.shut_down().await;
    measured
}

async fn logins_and_refreshes(server: &Server, args: &WritesArgs) -> anyhow::Result<(f64, f64)> {
    let inside = Inside::of(server.app(), &play::full_api_key(server, "bench").await?);
    let client: ClientItem = inside
        .post("/v1/clients", &sessions::client_request()?)
        .await?;
    let client_id = client.client_id;
    let length = Duration::from_secs(args.seconds.into());
    let new_devices = (0..args.callers).map(|number| NewDevices {
        inside: inside.clone(),
        client_id,
        number,
        logins: 0,
    });
    let logins = all_at_once(new_devices, length).await?;
    let mut begun = Vec::new();
    for number in 0..args.callers {
        begun.push(OneSession::begin(&inside, client_id, number).await?);
    }
    Ok((logins, all_at_once(begun.into_iter(), length).await?))
}

fn print(output: Output, report: &Report) -> anyhow::Result<()> {
    if output.output == Format::Json {
        return output::json(report);
    }
    let row = |name: String, rate: f64| [name, thousands(rate)];
    output::table(
        [report.engine, "PER SECOND"],
        &[
            row(
                "commits of one row, 1 caller".to_owned(),
                report.bare_commits,
            ),
            row(
                format!("writes of one row, {} callers", report.callers),
                report.bare_writes,
            ),
            row(format!("logins, {} callers", report.callers), report.logins),
            row(
                format!("refreshes, {} callers", report.callers),
                report.refreshes,
            ),
        ],
    )?;
    Ok(())
}
