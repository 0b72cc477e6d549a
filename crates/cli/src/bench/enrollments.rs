//! `bench enrollments`: devices that come with a key of their own, beside bare commits.

use super::{
    callers::{Caller, all_at_once},
    inside::Inside,
    scratch::{Scratch, ScratchArgs},
    sessions,
    stopwatch::thousands,
};
use crate::{
    output::{self, Format, Output},
    play,
};
use anyhow::Context as _;
use countersign_api_types::{
    client::ClientItem,
    enrollment::{AskChallenge, Enroll, Enrolled, NewChallenge},
};
use countersign_client::{Device, DeviceKey};
use countersign_core::{ClientId, SystemClock, SystemRng, attestation::Purpose, device::Facts};
use countersign_server::{Server, ServerConfig, telemetry::Metrics};
use serde::Serialize;
use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

#[derive(Debug, Clone, clap::Args)]
#[command(after_help = "\
The database must be empty and is full of test data afterwards. Calls go through the routes in this
process, without sockets. Each enrollment is a new key's, from an address of its own, and without
evidence: a challenge is asked for, and answered with a proof.

Examples:
  countersign bench enrollments --folder /var/tmp
  countersign bench enrollments --store postgres://postgres@localhost/scratch --output json")]
pub(crate) struct EnrollmentsArgs {
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
    /// Challenges that are given out, each a write.
    challenges: f64,
    /// Whole enrollments.
    enrollments: f64,
    /// The challenge is noted, taken and, after the evidence was judged, the device written.
    writes_an_enrollment: u32,
}

const WRITES: u32 = 3;

/// One of many that enroll at the same time.
#[derive(Debug, Clone)]
struct NewKeys {
    public: Inside,
    client_id: ClientId,
    /// What proofs are for.
    url: Arc<str>,
    addresses: Arc<AtomicU32>,
}

/// One of many that only ask for challenges.
#[derive(Debug)]
struct Asking(NewKeys);

pub(super) async fn run(args: EnrollmentsArgs) -> anyhow::Result<()> {
    let args = args.scratch;
    let scratch = Scratch::new(&args)?;
    let bare = scratch.bare(&args).await?;
    let Scratch {
        config,
        engine,
        folder: _folder,
    } = scratch;
    let (challenges, enrollments) = served(config, &args).await?;
    let report = Report {
        bench: "enrollments",
        version: env!("CARGO_PKG_VERSION"),
        engine,
        callers: args.callers,
        seconds: args.seconds,
        bare_commits: bare.commits,
        bare_writes: bare.writes,
        challenges,
        enrollments,
        writes_an_enrollment: WRITES,
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
    let measured = challenges_and_enrollments(&server, args).await;
    server.shut_down().await;
    measured
}

async fn challenges_and_enrollments(
    server: &Server,
    args: &ScratchArgs,
) -> anyhow::Result<(f64, f64)> {
    let inside = Inside::of(server.app(), &play::full_api_key(server, "bench").await?);
    let client: ClientItem = inside
        .post("/v1/clients", &sessions::client_request()?)
        .await?;
    let one = NewKeys {
        public: Inside::public(server.app()),
        client_id: client.client_id,
        url: format!("http://{}/v1/enrollments", server.addresses().public).into(),
        addresses: Arc::default(),
    };
    let all = || (0..args.callers).map(|_| one.clone());
    let challenges = all_at_once(all().map(Asking), args.length()).await?;
    Ok((challenges, all_at_once(all(), args.length()).await?))
}

impl NewKeys {
    /// An address that nobody has called from, so that nobody is throttled.
    fn address(&self) -> SocketAddr {
        const FIRST: u32 = Ipv4Addr::new(10, 0, 0, 0).to_bits();
        let number = self.addresses.fetch_add(1, Ordering::Relaxed);
        SocketAddr::from((Ipv4Addr::from_bits(FIRST.wrapping_add(number)), 1))
    }

    async fn ask(&self, from: SocketAddr) -> anyhow::Result<NewChallenge> {
        let ask = AskChallenge {
            client_id: self.client_id,
            purpose: Purpose::Enroll,
        };
        let path = "/v1/enrollments/challenges";
        self.public.post_as(from, None, path, &ask).await
    }
}

impl Caller for Asking {
    async fn call(&mut self) -> anyhow::Result<()> {
        let from = self.0.address();
        self.0.ask(from).await?;
        Ok(())
    }
}

impl Caller for NewKeys {
    async fn call(&mut self) -> anyhow::Result<()> {
        let (clock, rng) = (Arc::new(SystemClock), Arc::new(SystemRng));
        let key = Some(DeviceKey::generate()?);
        let device = Device::new(self.client_id, key, Facts::default(), clock, rng);
        let from = self.address();
        let challenge = self.ask(from).await?.challenge;
        let proof = device.proof("POST", &self.url, None)?;
        let proof = proof.context("a device with a key makes proofs")?;
        let enroll = Enroll {
            client_id: self.client_id,
            challenge,
            device: sessions::report(device.installation_id()),
            evidence: None,
        };
        let path = "/v1/enrollments";
        let _: Enrolled = self
            .public
            .post_as(from, Some(&proof), path, &enroll)
            .await?;
        Ok(())
    }
}

fn print(output: Output, report: &Report) -> anyhow::Result<()> {
    if output.output == Format::Json {
        return output::json(report);
    }
    let together = |what: &str| format!("{what}, {} callers", report.callers);
    let row = |name: String, rate: f64| [name, thousands(rate)];
    output::table(
        [report.engine, "PER SECOND"],
        &[
            row(
                "commits of one row, 1 caller".to_owned(),
                report.bare_commits,
            ),
            row(together("writes of one row"), report.bare_writes),
            row(together("challenges"), report.challenges),
            row(together("enrollments of three writes"), report.enrollments),
        ],
    )?;
    Ok(())
}
