//! `bench beside`: one question per request, answered from a verifier's memory, or as other systems
//! do it: by a Redis or by the database, each time.

use super::{
    sessions::{self, Keyed},
    stopwatch::{Rate, Stopwatch, median, thousands},
    verify::{METHOD, Ready, SETTLED, URL, proofs_of},
};
use crate::{
    config,
    output::{self, Format, Output},
    play,
};
use anyhow::{Context as _, bail};
use countersign_api_types::{
    Secret,
    verify::{Scheme, VerifyRequest, VerifyResponse},
};
use countersign_core::{Clock, ManualClock, SessionId, SystemClock, SystemRng};
use countersign_server::{Server, telemetry::Metrics};
use countersign_storage::Store;
use countersign_verifier::{LeasedConfig, Verifier};
use redis::aio::MultiplexedConnection;
use serde::Serialize;
use std::{sync::Arc, time::Duration};
use tokio::{task::JoinSet, time::interval};

#[derive(Debug, Clone, clap::Args)]
#[command(after_help = "\
The database must be empty and is full of test data afterwards; the Redis gets some hundred keys.

Examples:
  countersign bench beside --store postgres://postgres@localhost/scratch --redis redis://localhost")]
pub(crate) struct BesideArgs {
    /// An empty database.
    #[arg(
        long,
        value_name = "URL",
        env = "COUNTERSIGN_BENCH_STORE",
        hide_env_values = true
    )]
    store: String,
    /// A Redis.
    #[arg(long, value_name = "URL")]
    redis: String,
    /// Sessions of each kind.
    #[arg(long, default_value_t = 500, value_parser = clap::value_parser!(u32).range(1..))]
    sessions: u32,
    /// Rounds, of which the median counts.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// Judgements without a proof in a round; a twentieth of it of the other kinds.
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u32).range(2_000..=2_000_000))]
    calls: u32,
    /// Questions at the same time to Redis and to the store, which memory does not need.
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    at_once: u32,
    #[command(flatten)]
    output: Output,
}

/// What was measured, as medians of the rounds, per second.
#[derive(Debug, Serialize)]
struct Report {
    bench: &'static str,
    version: &'static str,
    sessions: u32,
    at_once: u32,
    rounds: Vec<Round>,
    /// Of one core.
    memory_without_proof: f64,
    memory_with_proof: f64,
    /// Of the whole machine.
    redis_per_request: f64,
    store_per_request: f64,
    /// Medians of the rounds' ratios, by the clock.
    memory_to_redis: f64,
    memory_to_store: f64,
}

#[derive(Debug, Serialize)]
struct Round {
    memory_without_proof: Rate,
    memory_with_proof: Rate,
    redis_per_request: f64,
    store_per_request: f64,
}

/// Who is asked.
struct Scene {
    verifier: Verifier,
    store: Store,
    redis: MultiplexedConnection,
    keyless: Vec<Secret>,
    keyed: Vec<Keyed>,
    ids: Vec<SessionId>,
}

pub(super) async fn run(args: BesideArgs) -> anyhow::Result<()> {
    let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
    let clock = Arc::new(ManualClock::starting_at(SystemClock.now()));
    let mut config = play::temporary(folder.path());
    config.store.backend = config::backend_of(&args.store, folder.path())?;
    let shared: Arc<dyn Clock> = Arc::clone(&clock) as _;
    let server = Server::start(config, shared, Arc::new(SystemRng), Metrics::new()).await?;
    let measured = measure(&server, &clock, &args).await;
    server.shut_down().await;
    print(args.output, &measured?)
}

async fn measure(
    server: &Server,
    clock: &Arc<ManualClock>,
    args: &BesideArgs,
) -> anyhow::Result<Report> {
    let scene = Scene::set(server, clock, args).await?;
    let others = args.calls / 20;
    // Once without counting, so that every session and token is in memory.
    without_proof(&scene, args.sessions).await?;
    with_proof(&scene, &proofs_of(&scene.keyed, scene.keyed.len())?).await?;
    let mut rounds = Vec::new();
    for _ in 0..args.rounds {
        let ready = proofs_of(&scene.keyed, others as usize)?;
        rounds.push(Round {
            memory_without_proof: without_proof(&scene, args.calls).await?,
            memory_with_proof: with_proof(&scene, &ready).await?,
            redis_per_request: by_redis(&scene, args).await?,
            store_per_request: by_store(&scene, args).await?,
        });
    }
    Ok(Report::of(rounds, args))
}

impl Scene {
    async fn set(
        server: &Server,
        clock: &Arc<ManualClock>,
        args: &BesideArgs,
    ) -> anyhow::Result<Self> {
        let shared: Arc<dyn Clock> = Arc::clone(clock) as _;
        let api_key = play::full_api_key(server, "bench").await?;
        let service = sessions::service(server, &api_key)?;
        let client = sessions::client(&service).await?.client_id;
        let verifier = Verifier::leased(LeasedConfig {
            service_url: format!("http://{}", server.addresses().internal),
            api_key,
            public_url: "https://api.example".to_owned(),
            clock: Arc::clone(&shared),
            ..LeasedConfig::default()
        })?;
        let mut ticks = interval(Duration::from_millis(10));
        while !verifier.is_ready() {
            ticks.tick().await;
        }
        let mut redis = redis::Client::open(args.redis.as_str())?
            .get_multiplexed_async_connection()
            .await?;
        let (mut keyless, mut keyed, mut ids) = (Vec::new(), Vec::new(), Vec::new());
        for number in 0..args.sessions {
            let user = format!("user-{number}");
            keyless.push(sessions::keyless(&service, client, &user).await?);
            keyed.push(sessions::keyed(&service, client, &user, &shared).await?);
        }
        clock.advance(SETTLED);
        for token in &keyless {
            let VerifyResponse::Allowed(allowed) = ask(&verifier, token.reveal(), None).await?
            else {
                bail!("a good request was refused");
            };
            ids.push(allowed.session_id);
            let snapshot = serde_json::to_vec(&allowed)?;
            let name = format!("bench:{}", allowed.session_id);
            redis::Cmd::set(name, snapshot)
                .exec_async(&mut redis)
                .await?;
        }
        Ok(Self {
            verifier,
            store: server.app().store().clone(),
            redis,
            keyless,
            keyed,
            ids,
        })
    }
}

impl Report {
    fn of(rounds: Vec<Round>, args: &BesideArgs) -> Self {
        let of = |number: fn(&Round) -> f64| median(rounds.iter().map(number));
        Self {
            bench: "beside",
            version: env!("CARGO_PKG_VERSION"),
            sessions: args.sessions,
            at_once: args.at_once,
            memory_without_proof: of(|round| round.memory_without_proof.core),
            memory_with_proof: of(|round| round.memory_with_proof.core),
            redis_per_request: of(|round| round.redis_per_request),
            store_per_request: of(|round| round.store_per_request),
            memory_to_redis: of(|round| {
                round.memory_without_proof.elapsed / round.redis_per_request
            }),
            memory_to_store: of(|round| {
                round.memory_without_proof.elapsed / round.store_per_request
            }),
            rounds,
        }
    }
}

async fn ask(
    verifier: &Verifier,
    token: &str,
    proof: Option<&str>,
) -> anyhow::Result<VerifyResponse<'static>> {
    let question = VerifyRequest {
        token: token.into(),
        scheme: Some(if proof.is_some() {
            Scheme::DPoP
        } else {
            Scheme::Bearer
        }),
        proof: proof.map(Into::into),
        method: proof.map(|_| METHOD.into()),
        url: proof.map(|_| URL.into()),
        min_trust: None,
        require_compliant: false,
        require_key: false,
        strict: false,
        client_ip: None,
    };
    Ok(verifier.answer(&question).await?)
}

async fn without_proof(scene: &Scene, calls: u32) -> anyhow::Result<Rate> {
    let calls = calls as usize;
    let watch = Stopwatch::start();
    for token in scene.keyless.iter().cycle().take(calls) {
        yes(&ask(&scene.verifier, token.reveal(), None).await?)?;
    }
    Ok(watch.rates(calls))
}

async fn with_proof(scene: &Scene, ready: &[Ready<'_>]) -> anyhow::Result<Rate> {
    let watch = Stopwatch::start();
    for Ready { token, proof } in ready {
        yes(&ask(&scene.verifier, token, Some(proof)).await?)?;
    }
    Ok(watch.rates(ready.len()))
}

fn yes(answer: &VerifyResponse<'_>) -> anyhow::Result<()> {
    match answer {
        VerifyResponse::Allowed(_) => Ok(()),
        VerifyResponse::Refused(refused) => bail!("a good request was refused: {}", refused.code),
    }
}

/// What a system with a shared cache does for each request: fetch the session, read it.
async fn by_redis(scene: &Scene, args: &BesideArgs) -> anyhow::Result<f64> {
    at_once(scene, args, |scene, id| {
        let mut redis = scene.redis.clone();
        async move {
            let found: Option<Vec<u8>> = redis::Cmd::get(format!("bench:{id}"))
                .query_async(&mut redis)
                .await?;
            let found = found.context("the session is in Redis")?;
            yes(&serde_json::from_slice(&found)?)
        }
    })
    .await
}

/// What a system without a cache does for each request: load the session.
async fn by_store(scene: &Scene, args: &BesideArgs) -> anyhow::Result<f64> {
    at_once(scene, args, |scene, id| {
        let store = scene.store.clone();
        async move {
            let loaded = store.read().await?.load_snapshot(id).await?;
            loaded.context("the session is in the store").map(drop)
        }
    })
    .await
}

async fn at_once<F>(
    scene: &Scene,
    args: &BesideArgs,
    ask: impl Fn(&Scene, SessionId) -> F,
) -> anyhow::Result<f64>
where
    F: Future<Output = anyhow::Result<()>> + Send + 'static,
{
    let calls = args.calls as usize / 20;
    let watch = Stopwatch::start();
    let mut asked = JoinSet::new();
    for id in scene.ids.iter().cycle().take(calls) {
        if asked.len() >= args.at_once as usize
            && let Some(answered) = asked.join_next().await
        {
            answered??;
        }
        asked.spawn(ask(scene, *id));
    }
    while let Some(answered) = asked.join_next().await {
        answered??;
    }
    Ok(watch.rate(calls))
}

fn print(output: Output, report: &Report) -> anyhow::Result<()> {
    if output.output == Format::Json {
        return output::json(report);
    }
    let row = |name: &str, rate: f64| [name.to_owned(), thousands(rate)];
    output::table(
        ["ANSWERED", "PER SECOND"],
        &[
            row("from memory, one core", report.memory_without_proof),
            row(
                "from memory with a proof, one core",
                report.memory_with_proof,
            ),
            row("by Redis each time", report.redis_per_request),
            row("by the store each time", report.store_per_request),
            row("memory / Redis", report.memory_to_redis),
            row("memory / store", report.memory_to_store),
        ],
    )?;
    Ok(())
}
