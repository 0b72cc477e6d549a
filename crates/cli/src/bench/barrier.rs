//! `bench barrier`: what an ending that waits for every node costs beside a bare commit.

use super::{
    callers::{Caller, RowWriter, all_at_once},
    inside::Inside,
    sessions,
    stopwatch::{Stopwatch, percentile, thousands},
};
use crate::{
    config,
    output::{self, Format, Output},
    play,
};
use anyhow::Context as _;
use countersign_api_types::{Secret, session::RegisteredSession};
use countersign_core::{ClientId, SystemClock, SystemRng};
use countersign_server::{KeyEncryptionKey, RedisUrl, Server, telemetry::Metrics};
use countersign_verifier::{LeasedConfig, Verifier};
use serde::Serialize;
use serde_json::{Value, json};
use std::{
    collections::VecDeque,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{task::JoinSet, time::interval};

#[derive(Debug, Clone, clap::Args)]
#[command(after_help = "\
The database must be empty and is full of test data afterwards. The nodes are in this process, each
with connections, leases and listeners of its own.

Examples:
  countersign bench barrier --store postgres://postgres@localhost/scratch
  countersign bench barrier --store postgres://… --redis redis://localhost --output json")]
pub(crate) struct BarrierArgs {
    /// An empty PostgreSQL database.
    #[arg(
        long,
        value_name = "URL",
        env = "COUNTERSIGN_BENCH_STORE",
        hide_env_values = true
    )]
    store: String,
    /// A Redis that the nodes wake each other over [default: the database's notifications].
    #[arg(long, value_name = "URL")]
    redis: Option<String>,
    /// Nodes.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=9))]
    nodes: u32,
    /// Verifiers that answer from memory, each following a node.
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u32).range(0..=9))]
    verifiers: u32,
    /// Endings one after another, each beside a bare commit.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    endings: u32,
    /// Callers that end at the same time.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    callers: u32,
    /// Endings by all of them.
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    together: u32,
    #[command(flatten)]
    output: Output,
}

/// What was measured: milliseconds, and per second.
#[derive(Debug, Serialize)]
struct Report {
    bench: &'static str,
    version: &'static str,
    nodes: u32,
    verifiers: u32,
    wake_up: &'static str,
    endings: u32,
    /// One row, one caller.
    commit: Percentiles,
    /// One ending, one caller, answered when nobody can accept the session any more.
    ending: Percentiles,
    /// What the percentiles differ by.
    ending_minus_commit: Percentiles,
    callers: u32,
    endings_per_second: f64,
    /// Writes of one row by as many callers: what sharing commits makes of the disk.
    bare_writes_per_second: f64,
}

#[derive(Debug, Clone, Copy, Serialize)]
struct Percentiles {
    p50: f64,
    p99: f64,
}

impl Percentiles {
    fn of(times: &[f64]) -> Self {
        Self {
            p50: percentile(times, 50),
            p99: percentile(times, 99),
        }
    }
}

/// Nodes and verifiers, and what they are asked with.
struct Fleet {
    servers: Vec<Server>,
    verifiers: Vec<Verifier>,
    inside: Vec<Inside>,
    client_id: ClientId,
}

pub(super) async fn run(args: BarrierArgs) -> anyhow::Result<()> {
    let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
    let fleet = Fleet::start(&args, folder.path()).await?;
    let measured = measure(&fleet, &args).await;
    fleet.stop().await;
    print(args.output, &measured?)
}

impl Fleet {
    async fn start(args: &BarrierArgs, folder: &Path) -> anyhow::Result<Self> {
        let key = play::temporary(folder).key_encryption_key;
        let mut servers = Vec::new();
        for _ in 0..args.nodes {
            let mut config = play::temporary(folder);
            config.store.backend = config::backend_of(&args.store, folder)?;
            config.key_encryption_key = KeyEncryptionKey(key.0.clone());
            config.cluster.redis = args.redis.as_deref().map(RedisUrl::parse).transpose()?;
            let (clock, rng) = (Arc::new(SystemClock), Arc::new(SystemRng));
            servers.push(Server::start(config, clock, rng, Metrics::new()).await?);
        }
        let first = servers.first().context("at least one node")?;
        let api_key = play::full_api_key(first, "bench").await?;
        let inside = servers
            .iter()
            .map(|server| Inside::of(server.app(), &api_key));
        let inside: Vec<_> = inside.collect();
        let client = inside[0]
            .post::<Value>("/v1/clients", &sessions::client_request()?)
            .await?;
        let followed = servers.iter().cycle().take(args.verifiers as usize);
        let verifiers = followed
            .map(|server| follow(server, &api_key))
            .collect::<anyhow::Result<Vec<_>>>()?;
        let mut ticks = interval(Duration::from_millis(10));
        while !verifiers.iter().all(Verifier::is_ready) {
            ticks.tick().await;
        }
        Ok(Self {
            client_id: serde_json::from_value(client["client_id"].clone())?,
            servers,
            verifiers,
            inside,
        })
    }

    /// Logs so many users in; answers where each is ended.
    async fn log_in(&self, prefix: &str, count: u32) -> anyhow::Result<Vec<String>> {
        let mut logins = JoinSet::new();
        let mut paths = Vec::new();
        for number in 0..count {
            let user = format!("{prefix}-{number}");
            let request = sessions::login_request(self.client_id, &user)?;
            let inside = self.inside[number as usize % self.inside.len()].clone();
            logins.spawn(async move {
                let session: RegisteredSession = inside.post("/v1/sessions", &request).await?;
                let device = session.device_id;
                anyhow::Ok(format!("/v1/users/{user}/devices/{device}/logout"))
            });
            if logins.len() >= 64
                && let Some(path) = logins.join_next().await
            {
                paths.push(path??);
            }
        }
        while let Some(path) = logins.join_next().await {
            paths.push(path??);
        }
        Ok(paths)
    }

    async fn stop(self) {
        drop(self.verifiers);
        for server in self.servers {
            server.shut_down().await;
        }
    }
}

fn follow(server: &Server, api_key: &Secret) -> anyhow::Result<Verifier> {
    Ok(Verifier::leased(LeasedConfig {
        service_url: format!("http://{}", server.addresses().internal),
        api_key: api_key.clone(),
        public_url: "https://api.example".to_owned(),
        ..LeasedConfig::default()
    })?)
}

async fn measure(fleet: &Fleet, args: &BarrierArgs) -> anyhow::Result<Report> {
    let (commit, ending) = one_by_one(fleet, args).await?;
    let store = fleet.servers[0].app().store();
    let writers = (0..args.callers).map(|number| RowWriter::new(store, format!("row {number}")));
    let bare_writes_per_second = all_at_once(writers, Duration::from_secs(3)).await?;
    let endings_per_second = together(fleet, args).await?;
    Ok(Report {
        bench: "barrier",
        version: env!("CARGO_PKG_VERSION"),
        nodes: args.nodes,
        verifiers: args.verifiers,
        wake_up: if args.redis.is_some() {
            "redis"
        } else {
            "notify"
        },
        endings: args.endings,
        commit,
        ending,
        ending_minus_commit: Percentiles {
            p50: ending.p50 - commit.p50,
            p99: ending.p99 - commit.p99,
        },
        callers: args.callers,
        endings_per_second,
        bare_writes_per_second,
    })
}

/// A bare commit and an ending by turns, so that both meet the same disk.
async fn one_by_one(
    fleet: &Fleet,
    args: &BarrierArgs,
) -> anyhow::Result<(Percentiles, Percentiles)> {
    let paths = fleet.log_in("alone", args.endings).await?;
    let mut writer = RowWriter::new(fleet.servers[0].app().store(), "alone".to_owned());
    let (mut commits, mut endings) = (Vec::new(), Vec::new());
    for (path, inside) in paths.iter().zip(fleet.inside.iter().cycle()) {
        let watch = Stopwatch::start();
        writer.call().await?;
        commits.push(watch.millis());
        let watch = Stopwatch::start();
        inside.post::<Value>(path, &json!({})).await?;
        endings.push(watch.millis());
    }
    Ok((Percentiles::of(&commits), Percentiles::of(&endings)))
}

/// All callers end what is left, each the next one.
async fn together(fleet: &Fleet, args: &BarrierArgs) -> anyhow::Result<f64> {
    let paths: VecDeque<String> = fleet.log_in("together", args.together).await?.into();
    let count = paths.len();
    let left = Arc::new(Mutex::new(paths));
    let watch = Stopwatch::start();
    let mut callers = JoinSet::new();
    for number in 0..args.callers as usize {
        let inside = fleet.inside[number % fleet.inside.len()].clone();
        let left = Arc::clone(&left);
        callers.spawn(async move {
            let next = || {
                left.lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .pop_front()
            };
            while let Some(path) = next() {
                inside.post::<Value>(&path, &json!({})).await?;
            }
            anyhow::Ok(())
        });
    }
    while let Some(finished) = callers.join_next().await {
        finished??;
    }
    Ok(watch.rate(count))
}

fn print(output: Output, report: &Report) -> anyhow::Result<()> {
    if output.output == Format::Json {
        return output::json(report);
    }
    let both = |name: &str, times: Percentiles| {
        [
            name.to_owned(),
            format!("{:.2} / {:.2}", times.p50, times.p99),
        ]
    };
    let rate = |name: String, rate: f64| [name, thousands(rate)];
    let callers = report.callers;
    output::table(
        ["ENDINGS", "P50 / P99 MS, PER SECOND"],
        &[
            both("commit of one row", report.commit),
            both("ending", report.ending),
            both("difference", report.ending_minus_commit),
            rate(
                format!("endings, {callers} callers"),
                report.endings_per_second,
            ),
            rate(
                format!("writes of one row, {callers} callers"),
                report.bare_writes_per_second,
            ),
        ],
    )?;
    Ok(())
}
