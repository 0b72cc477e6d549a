//! `countersign sidecar`: answers `/v1/verify` beside an app, from memory.

mod http;
mod listen;

use crate::{
    config::{Config, Misconfigured},
    logging, output,
    signals::Signals,
};
use anyhow::Context as _;
use countersign_api_types::Secret;
use countersign_verifier::{ConfigError, LeasedConfig, Verifier};
use listen::Address;
use std::{
    fs,
    path::{Path, PathBuf},
};
use tokio_util::sync::CancellationToken;

#[derive(Debug, Clone, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct SidecarArgs {
    /// The internal address of one node: `http://…`, `https://…` or `unix:/…`.
    #[arg(long, value_name = "URL")]
    service: String,
    /// A file with an API key that has the scope `feed:read`, and nothing else.
    #[arg(long, value_name = "FILE")]
    api_key_file: PathBuf,
    /// Where the app asks: a loopback address with a port, or `unix:` and a path.
    #[arg(long, value_name = "ADDRESS")]
    listen: Address,
}

const AFTER_HELP: &str = "\
It follows one node and answers as that node would, for as long as the node's lease lasts: whoever can reach
it may ask, so it listens on this machine only. Point a middleware's service URL at it.

Examples:
  countersign sidecar --service http://10.0.0.5:8081 --api-key-file key --listen 127.0.0.1:8083
  countersign sidecar --service http://10.0.0.5:8081 --api-key-file key --listen unix:/run/countersign.sock";

/// Answers until a signal comes.
pub(crate) async fn run(args: SidecarArgs) -> anyhow::Result<()> {
    logging::start(&Config::default().log)?;
    let mut signals = Signals::listen().context("cannot listen for signals")?;
    let verifier = Verifier::leased(LeasedConfig {
        service_url: args.service,
        api_key: read_key(&args.api_key_file)?,
        // Each question names the URL of its own request.
        public_url: "http://localhost".to_owned(),
        ..LeasedConfig::default()
    });
    let verifier = verifier.map_err(|error| match error {
        ConfigError::ServiceUrl | ConfigError::ApiKey => {
            Misconfigured::new(error.to_string()).into()
        }
        error => anyhow::Error::from(error),
    })?;
    let stop = CancellationToken::new();
    let (address, mut serving) =
        listen::serve(&args.listen, http::router(verifier), stop.clone()).await?;
    output::text(&format!("listening sidecar={address}\n"))?;
    tokio::select! {
        ended = &mut serving => ended?,
        () = signals.next() => {
            stop.cancel();
            tokio::select! {
                ended = &mut serving => ended?,
                () = signals.next() => tracing::warn!("stopped at once by a second signal"),
            }
        }
    }
    Ok(())
}

/// The API key in a file.
pub(crate) fn read_key(path: &Path) -> Result<Secret, Misconfigured> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Secret::from(text.trim_end().to_owned())),
        Err(error) => {
            let problem = format!("--api-key-file: cannot read {}: {error}", path.display());
            Err(Misconfigured::new(problem))
        }
    }
}
