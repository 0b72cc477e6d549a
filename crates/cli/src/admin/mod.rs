//! `countersign admin`: what an operator does with a shell on the machine, straight on the store.
//!
//! A running server notices through the feed, within 250 ms; a list that was imported, within a
//! minute. Every change is recorded as the
//! operator's.

mod api_keys;
mod clients;
mod nodes;
mod status_list;
mod users;

pub(crate) use nodes::NodesArgs;

use crate::config::{FirstStart, Loaded};
use anyhow::bail;
use api_keys::{CreateApiKeyArgs, RevokeApiKeyArgs};
use clients::{ClientArgs, CreateClientArgs};
use countersign_core::{Rng, SystemClock, SystemRng};
use countersign_server::{App, telemetry::Metrics};
use countersign_storage::{SchemaState, Store};
use status_list::ImportStatusListArgs;
use std::sync::Arc;
use users::UserArgs;

/// A running server notices within 250 ms.
#[derive(Debug, Clone, clap::Subcommand)]
pub(crate) enum AdminCommand {
    /// Registers a client application.
    CreateClient(CreateClientArgs),
    /// Lists client applications.
    #[command(after_help = "Example:\n  countersign admin list-clients --output json")]
    ListClients(PageArgs),
    /// Refuses everything of a client and ends its sessions.
    DisableClient(ClientArgs),
    /// Accepts logins of a client again; ended sessions stay ended.
    EnableClient(ClientArgs),
    /// Makes an API key and prints its secret, this once.
    CreateApiKey(CreateApiKeyArgs),
    /// Lists API keys, without their secrets.
    #[command(after_help = "Example:\n  countersign admin list-api-keys")]
    ListApiKeys(PageArgs),
    /// Revokes an API key.
    RevokeApiKey(RevokeApiKeyArgs),
    /// Disables a user and ends all their sessions; also one that was never seen.
    DisableUser(UserArgs),
    /// Lets a user log in again; ended sessions stay ended.
    EnableUser(UserArgs),
    /// Takes over Google's list of Android certificates that were taken back, from a file.
    ImportStatusList(ImportStatusListArgs),
}

/// Which part of a list.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(crate) struct PageArgs {
    /// At most this many.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1000))]
    limit: u32,
    /// Leaves out the first ones.
    #[arg(long, default_value_t = 0)]
    offset: u32,
    #[command(flatten)]
    output: crate::output::Output,
}

/// Runs one command.
pub(crate) async fn run(loaded: &Loaded, command: AdminCommand) -> anyhow::Result<()> {
    let app = open(loaded).await?;
    let result = dispatch(&app, command).await;
    app.store().close().await;
    result
}

/// Runs `countersign nodes`.
pub(crate) async fn show_nodes(loaded: &Loaded, args: NodesArgs) -> anyhow::Result<()> {
    let app = open(loaded).await?;
    let shown = nodes::show(&app, args).await;
    app.store().close().await;
    shown
}

async fn dispatch(app: &App, command: AdminCommand) -> anyhow::Result<()> {
    match command {
        AdminCommand::CreateClient(args) => clients::create(app, args).await,
        AdminCommand::ListClients(page) => clients::list(app, page).await,
        AdminCommand::DisableClient(args) => clients::set_disabled(app, args, true).await,
        AdminCommand::EnableClient(args) => clients::set_disabled(app, args, false).await,
        AdminCommand::CreateApiKey(args) => api_keys::create(app, args).await,
        AdminCommand::ListApiKeys(page) => api_keys::list(app, page).await,
        AdminCommand::RevokeApiKey(args) => api_keys::revoke(app, args).await,
        AdminCommand::DisableUser(args) => users::disable(app, args).await,
        AdminCommand::EnableUser(args) => users::enable(app, args).await,
        AdminCommand::ImportStatusList(args) => status_list::import(app, args).await,
    }
}

async fn open(loaded: &Loaded) -> anyhow::Result<App> {
    let rng: Arc<dyn Rng> = Arc::new(SystemRng);
    let config = loaded.server_config(FirstStart::Allowed, &rng)?;
    refuse_to_migrate(loaded, &rng).await?;
    Ok(App::open(config, Arc::new(SystemClock), rng, &Metrics::new()).await?)
}

/// Opening the service migrates, which must not happen under a running server of an older version.
async fn refuse_to_migrate(loaded: &Loaded, rng: &Arc<dyn Rng>) -> anyhow::Result<()> {
    let store = Store::open(loaded.store_config(rng)?, Arc::new(crate::migrate::Deaf)).await?;
    let schema = store.schema().await;
    store.close().await;
    match schema? {
        SchemaState::Behind { found, known } if found > 0 => {
            bail!(
                "the schema is at {found} and this program's at {known}: run `countersign migrate`"
            )
        }
        SchemaState::Behind { .. } | SchemaState::Current | SchemaState::Ahead { .. } => Ok(()),
    }
}
