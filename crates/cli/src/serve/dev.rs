//! `serve --dev`: a server that is ready to be tried out.

use super::{ServeArgs, announce, first_session::FirstSession, start, stop};
use crate::{
    config::{self, Config, FirstStart, LogFormat, Place},
    logging, output,
    signals::Signals,
};
use anyhow::Context as _;
use countersign_api_types::client::CreateClient;
use countersign_core::{
    ClientId, Rng, SystemRng, Timestamp,
    activity::Actor,
    api_key::Scope,
    client::{Origin, ProofOfPossession},
    device::Platform,
    token::PlainToken,
};
use countersign_server::{App, NewApiKey, Server};
use std::{path::PathBuf, sync::Arc, time::Duration};

/// Of the Client and the API keys that are made here.
const NAME: &str = "dev";
const WEB_APP: &str = "http://localhost:3000";
/// An API key that was printed on a terminal shall not stay good for ever.
const KEY_LIFETIME: Duration = Duration::from_hours(30 * 24);

pub(super) async fn run(place: &Place, args: ServeArgs) -> anyhow::Result<()> {
    let (data_dir, _temporary) = data_dir(place)?;
    // Only a file that is named: what lies about must not put test data into a real database.
    let config = Some(place.config.clone().unwrap_or_default());
    let place = Place {
        config,
        ..place.clone()
    };
    let loaded = config::load(&place, args.settings(defaults()), data_dir)?;
    logging::start(&loaded.config.log)?;
    let mut signals = Signals::listen().context("cannot listen for signals")?;
    let rng: Arc<dyn Rng> = Arc::new(SystemRng);
    let config = loaded.server_config(FirstStart::Allowed, &rng)?;
    let Some(server) = start(config, &mut signals).await? else {
        return Ok(());
    };
    announce(&loaded, server.addresses())?;
    let first = prepare(&server, &*rng).await?;
    output::text(&first.to_string())?;
    signals.next().await;
    stop(server, &mut signals).await;
    Ok(())
}

fn data_dir(place: &Place) -> anyhow::Result<(PathBuf, Option<tempfile::TempDir>)> {
    if let Some(given) = &place.data_dir {
        return Ok((given.clone(), None));
    }
    let folder = tempfile::tempdir().context("cannot make a temporary folder")?;
    Ok((folder.path().to_owned(), Some(folder)))
}

fn defaults() -> Config {
    let mut config = Config::default();
    config.server.internal_listen = config.server.public_listen;
    config.server.metrics_listen = None;
    config.log.format = LogFormat::Text;
    config
}

async fn prepare(server: &Server, rng: &dyn Rng) -> anyhow::Result<FirstSession> {
    let (app, addresses) = (server.app(), server.addresses());
    let public_url = format!("http://{}", addresses.public);
    let client_id = client(app, &public_url).await?;
    let api_key = api_key(app).await?;
    let mut installation = [0; 16];
    rng.fill(&mut installation);
    Ok(FirstSession {
        public_url,
        internal_url: format!("http://{}", addresses.internal),
        client_id,
        api_key,
        installation_id: uuid::Builder::from_random_bytes(installation).into_uuid(),
    })
}

/// The Client of an earlier start in the same data directory, or a new one.
async fn client(app: &App, public_url: &str) -> anyhow::Result<ClientId> {
    let origins: Vec<Origin> = [WEB_APP, public_url]
        .iter()
        .filter_map(|origin| origin.parse().ok())
        .collect();
    let (clients, _) = app.clients.list(100, 0).await?;
    if let Some(found) = clients
        .iter()
        .find(|found| found.name == NAME && found.origins == origins)
    {
        return Ok(found.id);
    }
    let request = CreateClient {
        name: NAME.to_owned(),
        platform: Platform::Web,
        audience: WEB_APP.to_owned(),
        // curl makes no proofs.
        proof_of_possession: Some(ProofOfPossession::Optional),
        nonce_policy: None,
        origins,
        issuers: Vec::new(),
        admission: None,
        limits: None,
        trust: None,
        attestation: None,
        preset: None,
        lifetimes: None,
    };
    Ok(app.clients.create(request, Actor::Operator).await?.id)
}

async fn api_key(app: &App) -> anyhow::Result<PlainToken> {
    let expires_at: Timestamp = app.now().plus(KEY_LIFETIME);
    let new = NewApiKey {
        name: NAME.to_owned(),
        scopes: Scope::ALL.to_vec(),
        expires_at: Some(expires_at),
    };
    Ok(app.api_keys.create(new, Actor::Operator).await?.1)
}
