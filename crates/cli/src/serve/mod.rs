//! `countersign serve`: the server as a process.

mod dev;
mod first_session;

use crate::{
    config::{self, Config, FirstStart, Loaded, LogFormat, Place, Settings},
    data_dir, logging, output,
    signals::Signals,
};
use anyhow::Context as _;
use countersign_core::{Rng, SystemClock, SystemRng};
use countersign_server::{Addresses, Server, ServerConfig, telemetry::Metrics};
use std::{net::SocketAddr, process, sync::Arc};

#[derive(Debug, Clone, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct ServeArgs {
    /// For trying it out: one port, a temporary database, and everything needed for a first session.
    ///
    /// Reads no ./countersign.toml. With --data-dir the database stays.
    #[arg(long)]
    pub(crate) dev: bool,
    /// Where devices and users reach the server, as in `server.public_url`.
    #[arg(long, value_name = "URL")]
    pub(crate) public_url: Option<String>,
    /// Address of the public listener; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) public_listen: Option<SocketAddr>,
    /// Address of the internal listener.
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) internal_listen: Option<SocketAddr>,
    /// Address of the metrics listener.
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) metrics_listen: Option<SocketAddr>,
    /// A level, or a filter like `info,countersign_server=debug`.
    #[arg(long, value_name = "FILTER")]
    pub(crate) log_level: Option<String>,
    /// How log lines look.
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub(crate) log_format: Option<LogFormat>,
}

const AFTER_HELP: &str = "\
SIGINT or SIGTERM ends it when the requests under way are answered; a second one ends it at once.
Logs go to standard error. In text mode a line `listening public=… internal=… metrics=…` goes to
standard output; in JSON it is a log line.

Examples:
  countersign serve
  countersign serve --dev
  countersign --config /etc/countersign.toml serve --log-format json";

/// Serves until a signal comes.
pub(crate) async fn run(place: &Place, args: ServeArgs) -> anyhow::Result<()> {
    if args.dev {
        return dev::run(place, args).await;
    }
    let loaded = config::load(
        place,
        args.settings(Config::default()),
        data_dir::find(place)?,
    )?;
    logging::start(&loaded.config.log)?;
    let mut signals = Signals::listen().context("cannot listen for signals")?;
    let rng: Arc<dyn Rng> = Arc::new(SystemRng);
    let config = loaded.server_config(FirstStart::Allowed, &rng)?;
    let Some(server) = start(config, &mut signals).await? else {
        return Ok(());
    };
    announce(&loaded, server.addresses())?;
    signals.next().await;
    stop(server, &mut signals).await;
    Ok(())
}

/// Starts the server; `None` when a signal came before it was up.
pub(crate) async fn start(
    config: ServerConfig,
    signals: &mut Signals,
) -> anyhow::Result<Option<Server>> {
    let starting = Server::start(
        config,
        Arc::new(SystemClock),
        Arc::new(SystemRng),
        Metrics::new(),
    );
    let server = tokio::select! {
        server = starting => server?,
        () = signals.next() => return Ok(None),
    };
    for warning in server.app().store().durability().await? {
        tracing::warn!(%warning, "an acknowledged change could be lost");
    }
    Ok(Some(server))
}

/// Lets requests finish; a second signal doesn't.
pub(crate) async fn stop(server: Server, signals: &mut Signals) {
    tracing::info!("stopping");
    tokio::select! {
        () = server.shut_down() => tracing::info!("stopped"),
        () = signals.next() => {
            tracing::warn!("stopped at once by a second signal");
            process::exit(1);
        }
    }
}

fn announce(loaded: &Loaded, addresses: Addresses) -> anyhow::Result<()> {
    let Addresses {
        public,
        internal,
        metrics,
    } = addresses;
    let url = |address: SocketAddr| format!("http://{address}");
    if logging::format(&loaded.config.log) == LogFormat::Json {
        tracing::info!(
            public = url(public),
            internal = url(internal),
            metrics = metrics.map(url),
            "listening"
        );
        return Ok(());
    }
    let metrics = metrics
        .map(|address| format!(" metrics={}", url(address)))
        .unwrap_or_default();
    output::text(&format!(
        "listening public={} internal={}{metrics}\n",
        url(public),
        url(internal)
    ))?;
    Ok(())
}

impl ServeArgs {
    fn settings(self, defaults: Config) -> Settings {
        let format = self.log_format.and_then(|format| {
            clap::ValueEnum::to_possible_value(&format).map(|value| value.get_name().to_owned())
        });
        Settings {
            defaults,
            flags: Vec::new(),
        }
        .with("server.public_url", self.public_url)
        .with("server.public_listen", self.public_listen)
        .with("server.internal_listen", self.internal_listen)
        .with("server.metrics_listen", self.metrics_listen)
        .with("log.level", self.log_level)
        .with("log.format", format)
    }
}
