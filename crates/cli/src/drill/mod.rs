//! `countersign drill`: ends a session of its own again and again, and sees that nobody accepts it.

mod account;
mod probe;
mod round;

use crate::{
    config::{Config, Misconfigured},
    logging, output,
    sidecar::read_key,
    signals::Signals,
};
use account::Account;
use anyhow::Context as _;
use countersign_api_types::{
    client::{ClientItem, CreateClient},
    page::OffsetQuery,
};
use countersign_client::{Device, DeviceKey, DirectRelay, Endpoint, ServiceClient, Url};
use countersign_core::{
    DeviceId, SystemClock, SystemRng,
    device::{Facts, Platform},
    user::ExternalUserId,
};
use countersign_server::{http::metrics_router, telemetry::Metrics};
pub(crate) use probe::{Probe, Seen};
use std::{
    net::SocketAddr,
    path::PathBuf,
    process::ExitCode,
    sync::{Arc, OnceLock},
    time::Duration,
};
use tokio::{
    net::TcpListener,
    time::{MissedTickBehavior, interval},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

#[derive(Debug, Clone, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct DrillArgs {
    /// The service's internal address, where sessions are registered and ended.
    #[arg(long, value_name = "URL")]
    service: Url,
    /// The service's public address, as its `server.public_url` names it.
    #[arg(long, value_name = "URL")]
    public: Url,
    /// A file with an API key; see below for its scopes.
    #[arg(long, value_name = "FILE")]
    api_key_file: PathBuf,
    /// What must refuse what has ended; may be repeated. A node or sidecar at its `/v1/verify`,
    /// anything else is called as the device calls its app: 2xx lets it in, 401 and 403 don't.
    #[arg(long = "probe", value_name = "URL", required = true)]
    probes: Vec<Url>,
    /// How often a round begins, like `10s` or `500ms`.
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = time)]
    every: Duration,
    /// Ends after so many rounds; fails unless nothing was wrong in any of them.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    rounds: Option<u64>,
    /// The same as `--rounds 1`.
    #[arg(long, conflicts_with = "rounds")]
    once: bool,
    /// Where Prometheus scrapes `/metrics`.
    #[arg(long, value_name = "ADDRESS")]
    metrics: Option<SocketAddr>,
    /// Whom it logs in as: a user of its own, with no other devices.
    #[arg(long, value_name = "USER", default_value = "countersign-drill")]
    user: ExternalUserId,
}

const AFTER_HELP: &str = "\
Each round logs a device of its own in, sees that every probe lets it in, ends the session, and asks all probes
at the same time until they refuse. A call that began after the ending returned and was let in is an alarm: an
error in the log, and countersign_drill_violations_total.

The API key has the scopes sessions:write, devices:write, verify and clients:read. The client is the one named
`countersign drill`; with clients:write it is made if there is none.

Examples:
  countersign drill --service http://10.0.0.5:8081 --public https://auth.example --api-key-file key \\
    --probe http://10.0.0.5:8081/v1/verify --probe http://127.0.0.1:8083/v1/verify \\
    --probe https://api.example/me --metrics 127.0.0.1:9091
  countersign drill --service http://10.0.0.5:8081 --public https://auth.example --api-key-file key \\
    --probe https://api.example/me --once";

/// What the drill's client is called.
const CLIENT: &str = "countersign drill";

/// The origin that its logins are made from.
const APP: &str = "https://drill.invalid";

/// What every round needs.
#[derive(Debug)]
struct Drill {
    service: ServiceClient,
    public: Endpoint,
    relay: DirectRelay,
    device: Arc<Device>,
    /// What the service calls the device, once it was seen there.
    device_id: OnceLock<DeviceId>,
    user: ExternalUserId,
    probes: Vec<Probe>,
}

/// Drills until a signal comes, or for as many rounds as it was told.
pub(crate) async fn run(args: DrillArgs) -> anyhow::Result<ExitCode> {
    logging::start(&Config::default().log)?;
    let mut signals = Signals::listen().context("cannot listen for signals")?;
    let drill = Drill::prepare(&args).await?;
    let metrics = Metrics::new();
    let mut account = Account::new(metrics.clone(), &drill.probes);
    let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
    if let Some(address) = args.metrics {
        expose(address, metrics, &tasks, &stop).await?;
    }
    let rounds = if args.once { Some(1) } else { args.rounds };
    tokio::select! {
        () = drill.play(args.every, rounds, &mut account) => {}
        () = signals.next() => {}
    }
    stop.cancel();
    drill.clean_up().await;
    output::text(&format!("{account}\n"))?;
    let is_good = rounds.is_none() || account.is_good();
    Ok(if is_good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

impl Drill {
    async fn prepare(args: &DrillArgs) -> anyhow::Result<Self> {
        let api_key = read_key(&args.api_key_file)?;
        let misused = |problem: String| Misconfigured::new(problem);
        let endpoint = |name: &str, url: &Url| {
            Endpoint::new(url.clone()).map_err(|error| misused(format!("{name}: {error}")))
        };
        let service = ServiceClient::new(endpoint("--service", &args.service)?, &api_key)?;
        let probes = args.probes.iter().map(|url| {
            Probe::new(url, &api_key).map_err(|error| misused(format!("--probe: {error}")))
        });
        let probes = probes.collect::<Result<_, _>>()?;
        let public = endpoint("--public", &args.public)?;
        let client = client(&service).await?;
        let app = client.origins.first().map_or(APP, |origin| origin.as_str());
        let facts = Facts {
            name: Some(CLIENT.to_owned()),
            ..Facts::default()
        };
        let (clock, rng) = (Arc::new(SystemClock), Arc::new(SystemRng));
        let key = Some(DeviceKey::generate()?);
        let device = Device::new(client.client_id, key, facts, clock, rng);
        Ok(Self {
            relay: DirectRelay::new(service.clone(), &app.parse()?)?,
            service,
            public,
            device: Arc::new(device),
            device_id: OnceLock::new(),
            user: args.user.clone(),
            probes,
        })
    }

    async fn play(&self, every: Duration, rounds: Option<u64>, account: &mut Account) {
        let mut ticks = interval(every);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut number = 0;
        while rounds.is_none_or(|rounds| number < rounds) {
            ticks.tick().await;
            match round::play(self, number).await {
                Ok(round) => account.take(&self.probes, &round),
                Err(error) => {
                    account.fail();
                    let error: &(dyn std::error::Error + 'static) = error.as_ref();
                    tracing::warn!(error, "a round could not be played");
                }
            }
            number += 1;
        }
    }

    /// Takes the device off the account, with whatever session a signal left it.
    async fn clean_up(&self) {
        if let Some(id) = self.device_id.get()
            && let Err(error) = self.service.remove_user_device(&self.user, *id).await
        {
            let error: &dyn std::error::Error = &error;
            tracing::warn!(error, device.id = %id, "the drill's device stays");
        }
    }
}

/// The drill's client, made if there is none.
async fn client(service: &ServiceClient) -> anyhow::Result<ClientItem> {
    let mut query = OffsetQuery {
        offset: 0,
        limit: Some(countersign_api_types::page::MAX_LIMIT),
    };
    loop {
        let page = service.clients(&query).await;
        let page = page.context("cannot list the clients")?;
        let count = u32::try_from(page.data.len()).unwrap_or(u32::MAX);
        query.offset = query.offset.saturating_add(count);
        let found = page.data.into_iter().find(|client| client.name == CLIENT);
        if let Some(client) = found {
            return Ok(client);
        }
        if count == 0 || u64::from(query.offset) >= page.total {
            break;
        }
    }
    let request = CreateClient {
        name: CLIENT.to_owned(),
        platform: Platform::Desktop,
        audience: APP.to_owned(),
        proof_of_possession: None,
        nonce_policy: None,
        origins: vec![APP.parse()?],
        issuers: Vec::new(),
        admission: None,
        limits: None,
        trust: None,
        attestation: None,
        preset: None,
        lifetimes: None,
    };
    let made = service.create_client(&request).await;
    made.with_context(|| format!("cannot make the client {CLIENT:?}"))
}

/// Serves `/metrics`.
async fn expose(
    address: SocketAddr,
    metrics: Metrics,
    tasks: &TaskTracker,
    stop: &CancellationToken,
) -> anyhow::Result<()> {
    let listener = TcpListener::bind(address).await;
    let listener = listener.with_context(|| format!("cannot listen on {address}"))?;
    output::text(&format!(
        "listening metrics=http://{}\n",
        listener.local_addr()?
    ))?;
    tasks.spawn(metrics.clone().run_upkeep(stop.clone()));
    let stopped = stop.clone().cancelled_owned();
    let serving = axum::serve(listener, metrics_router(metrics)).with_graceful_shutdown(stopped);
    tasks.spawn(serving.into_future());
    Ok(())
}

/// A number of seconds, milliseconds or minutes.
fn time(text: &str) -> Result<Duration, &'static str> {
    const EXPECTED: &str = "give a time like 10s, 500ms or 1m";
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let number = text.strip_suffix(unit).unwrap_or_default();
    let number: u64 = number.parse().map_err(|_| EXPECTED)?;
    let unit = match unit {
        "ms" => Duration::from_millis(1),
        "s" => Duration::from_secs(1),
        "m" => Duration::from_mins(1),
        _ => return Err(EXPECTED),
    };
    let factor = u32::try_from(number).map_err(|_| EXPECTED)?;
    unit.checked_mul(factor)
        .filter(|time| !time.is_zero())
        .ok_or(EXPECTED)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_with_their_unit() {
        assert_eq!(time("10s"), Ok(Duration::from_secs(10)));
        assert_eq!(time("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(time("1m"), Ok(Duration::from_mins(1)));
        for wrong in ["", "10", "s", "0s", "-1s", "1.5s", "1h", "99999999999s"] {
            assert!(time(wrong).is_err(), "{wrong}");
        }
    }
}
