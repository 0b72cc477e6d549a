//! `countersign demo`: a server on a fresh temporary database, and the demo played against it.

use crate::{
    config::{Config, LogFormat},
    demo::{self, DemoOptions, DemoTarget, Look, MIN_DEVICES, Narrator, nodes::NodesOptions},
    logging, output, serve,
    signals::Signals,
};
use anyhow::Context as _;
use clap::builder::RangedU64ValueParser;
use countersign_api_types::Secret;
use countersign_core::{Rng as _, SystemClock, SystemRng, activity::Actor, api_key::Scope};
use countersign_server::{
    Cluster, GoogleApi, KeyEncryptionKey, Listeners, NewApiKey, Server, ServerConfig,
    http::TrustedProxies,
};
use countersign_storage::{Backend, StoreConfig};
use std::{io, net::SocketAddr, path::Path, sync::Arc};
use zeroize::Zeroizing;

#[derive(Debug, Clone, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct DemoArgs {
    /// How many devices take part.
    #[arg(long, value_name = "N", default_value_t = MIN_DEVICES, value_parser = counts())]
    devices: usize,
    /// Plays with so many nodes instead, each a process of its own, and a sidecar.
    #[arg(long, value_name = "N", value_parser = RangedU64ValueParser::<usize>::new().range(2..=9))]
    #[arg(conflicts_with_all = ["devices", "keep"])]
    nodes: Option<usize>,
    /// An empty PostgreSQL database for the nodes; they share a SQLite file without it.
    #[arg(long, value_name = "URL", requires = "nodes")]
    database: Option<String>,
    /// Leaves the server running afterwards, until control-C.
    #[arg(long)]
    keep: bool,
}

const AFTER_HELP: &str = "\
Everything is real but the people: keys, proofs, HTTP. The database is temporary.

Examples:
  countersign demo
  countersign demo --devices 200
  countersign demo --nodes 3
  countersign demo --nodes 3 --database postgres://demo@127.0.0.1/demo
  countersign demo --keep";

fn counts() -> RangedU64ValueParser<usize> {
    RangedU64ValueParser::new().range(MIN_DEVICES as u64..=100_000)
}

/// Plays the demo.
pub(crate) async fn run(args: DemoArgs) -> anyhow::Result<()> {
    let mut log = Config::default().log;
    (log.level, log.format) = ("warn".to_owned(), LogFormat::Text);
    logging::start(&log)?;
    let mut signals = Signals::listen().context("cannot listen for signals")?;
    let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
    if let Some(count) = args.nodes {
        let nodes = NodesOptions {
            nodes: count,
            database: args.database,
            folder: folder.path().to_owned(),
        };
        return tokio::select! {
            played = play_nodes(nodes) => played,
            () = signals.next() => Ok(()),
        };
    }
    let Some(server) = serve::start(temporary(folder.path()), &mut signals).await? else {
        return Ok(());
    };
    let played = tokio::select! {
        played = play(&server, args.devices) => played,
        () = signals.next() => Ok(()),
    };
    if args.keep && played.is_ok() {
        keep(&server, folder.path())?;
        signals.next().await;
    }
    serve::stop(server, &mut signals).await;
    played
}

/// A server with a database and a key of its own, on free ports.
pub(crate) fn temporary(folder: &Path) -> ServerConfig {
    let mut key = Zeroizing::new([0; 32]);
    SystemRng.fill(key.as_mut());
    let free = SocketAddr::from(([127, 0, 0, 1], 0));
    let backend = Backend::Sqlite {
        path: folder.join("countersign.db"),
    };
    ServerConfig {
        public_url: format!("http://{free}"),
        listeners: Listeners {
            public: free,
            internal: free,
            metrics: None,
        },
        store: StoreConfig::new(backend, Arc::new(SystemRng)),
        key_encryption_key: KeyEncryptionKey(key),
        trusted_proxies: TrustedProxies::default(),
        forward_auth_origins: Vec::new(),
        geoip: None,
        anchors: countersign_server::Anchors::shipped(),
        android_status_url: None,
        google: GoogleApi::default(),
        cluster: Cluster::default(),
        memory: (&Config::default().memory).into(),
        retention: (&Config::default().retention).into(),
    }
}

/// An API key with every scope.
pub(crate) async fn full_api_key(server: &Server, name: &str) -> anyhow::Result<Secret> {
    let new = NewApiKey {
        name: name.to_owned(),
        scopes: Scope::ALL.to_vec(),
        expires_at: None,
    };
    let (_, secret) = server.app().api_keys.create(new, Actor::Operator).await?;
    Ok(Secret::from(&secret))
}

async fn play(server: &Server, devices: usize) -> anyhow::Result<()> {
    let addresses = server.addresses();
    let url = |address: SocketAddr| format!("http://{address}").parse();
    let target = DemoTarget {
        public_url: url(addresses.public)?,
        internal_url: url(addresses.internal)?,
        api_key: full_api_key(server, "demo").await?,
    };
    // Not locked: the lock must not be held across the waits.
    let mut out = io::stdout();
    demo::run(options(devices), target, &mut narrator(&mut out)).await?;
    Ok(())
}

async fn play_nodes(nodes: NodesOptions) -> anyhow::Result<()> {
    let mut out = io::stdout();
    demo::nodes::run(nodes, options(MIN_DEVICES), &mut narrator(&mut out)).await?;
    Ok(())
}

fn options(devices: usize) -> DemoOptions {
    DemoOptions {
        devices,
        clock: Arc::new(SystemClock),
        rng: Arc::new(SystemRng),
    }
}

fn narrator(out: &mut io::Stdout) -> Narrator<'_> {
    let no_color = !output::is_colour_wanted();
    Narrator::new(out, Look::of_this_process(no_color))
}

fn keep(server: &Server, folder: &Path) -> io::Result<()> {
    let addresses = server.addresses();
    output::text(&format!(
        "\nStill running until control-C: public http://{}, internal http://{}, database {}\n",
        addresses.public,
        addresses.internal,
        folder.join("countersign.db").display()
    ))
}
