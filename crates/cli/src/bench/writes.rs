//! `bench writes`: logins and refreshes beside bare commits.

use super::{
    callers::{NewDevices, OneSession, all_at_once},
    inside::Inside,
    scratch::{Scratch, ScratchArgs},
    sessions,
    stopwatch::thousands,
};
use crate::{
    output::{self, Format, Output},
    play,
};
use countersign_api_types::client::ClientItem;
use countersign_core::{SystemClock, SystemRng};
use countersign_server::{Server, ServerConfig, telemetry::Metrics};
use serde::Serialize;
use std::sync::Arc;

#[derive(Debug, Clone, clap::Args)]
#[command(after_help = "\
The database must be empty and is full of test data afterwards. Calls go through the routes in this
process, without sockets.

Examples:
  countersign bench writes --folder /var/tmp
  countersign bench writes --store postgres://postgres@localhost/scratch --output json")]
pub(crate) struct WritesArgs {
    #[command(flatten)]
    scratch: ScratchArgs,
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
    let args = args.scratch;
    let scratch = Scratch::new(&args)?;
    let bare = scratch.bare(&args).await?;
    let Scratch {
        config,
        engine,
        folder: _folder,
    } = scratch;
    let (logins, refreshes) = served(config, &args).await?;
    let report = Report {
        bench: "writes",
        version: env!("CARGO_PKG_VERSION"),
        engine,
        callers: args.callers,
        seconds: args.seconds,
        bare_commits: bare.commits,
        bare_writes: bare.writes,
        logins,
        refreshes,
    };
    print(args.output, &report)
}

async fn served(config: ServerConfig, args: &ScratchArgs) -> anyhow::Result<(f64, f64)> {
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

async fn logins_and_refreshes(server: &Server, args: &ScratchArgs) -> anyhow::Result<(f64, f64)> {
    let inside = Inside::of(server.app(), &play::full_api_key(server, "bench").await?);
    let client: ClientItem = inside
        .post("/v1/clients", &sessions::client_request()?)
        .await?;
    let client_id = client.client_id;
    let new_devices = (0..args.callers).map(|number| NewDevices {
        inside: inside.clone(),
        client_id,
        number,
        logins: 0,
    });
    let logins = all_at_once(new_devices, args.length()).await?;
    let mut begun = Vec::new();
    for number in 0..args.callers {
        begun.push(OneSession::begin(&inside, client_id, number).await?);
    }
    Ok((logins, all_at_once(begun.into_iter(), args.length()).await?))
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
