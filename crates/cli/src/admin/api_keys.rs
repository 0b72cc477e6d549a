//! API keys.

use super::{PageArgs, clients::refuse};
use crate::output::{self, Format, Output};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use countersign_api_types::{
    Secret, Validate as _,
    api_key::{ApiKeyItem, CreateApiKey, CreatedApiKey},
    page::OffsetPage,
};
use countersign_core::{ApiKeyId, activity::Actor, api_key::Scope};
use countersign_server::{App, NewApiKey};
use std::time::Duration;

#[derive(Debug, Clone, clap::Args)]
#[command(after_help = "\
Examples:
  countersign admin create-api-key --name backend --scope sessions:write,verify
  countersign admin create-api-key --name ci --scope clients:read --expires-in-days 30 --output json")]
pub(crate) struct CreateApiKeyArgs {
    /// What people call it.
    #[arg(long)]
    name: String,
    /// What it may do; several are separated by commas.
    #[arg(long = "scope", value_name = "SCOPE", value_delimiter = ',', required = true, value_parser = scopes())]
    scopes: Vec<Scope>,
    /// Stops by itself after this many days.
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=36_500))]
    expires_in_days: Option<u32>,
    #[command(flatten)]
    output: Output,
}

#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Example:\n  countersign admin revoke-api-key key_01jd3x0000000000000000000"
)]
pub(crate) struct RevokeApiKeyArgs {
    key_id: ApiKeyId,
}

const DAY: Duration = Duration::from_hours(24);

pub(super) async fn create(app: &App, args: CreateApiKeyArgs) -> anyhow::Result<()> {
    let expires_at = args.expires_in_days.map(|days| app.now().plus(DAY * days));
    let request = CreateApiKey {
        name: args.name,
        scopes: args.scopes,
        expires_at,
    };
    refuse(&request.validate())?;
    let new = NewApiKey {
        name: request.name,
        scopes: request.scopes,
        expires_at,
    };
    let (key, secret) = app.api_keys.create(new, Actor::Operator).await?;
    match args.output.output {
        Format::Table => {
            table(&[key.into()])?;
            output::text(&format!("\nsecret, shown this once: {}\n", secret.reveal()))?;
            Ok(())
        }
        Format::Json => output::json(&CreatedApiKey::new(key, Secret::from(&secret))),
    }
}

pub(super) async fn list(app: &App, page: PageArgs) -> anyhow::Result<()> {
    let (keys, total) = app
        .api_keys
        .list(page.limit.into(), page.offset.into())
        .await?;
    let data: Vec<ApiKeyItem> = keys.into_iter().map(Into::into).collect();
    match page.output.output {
        Format::Table => table(&data),
        Format::Json => output::json(&OffsetPage {
            data,
            total: total.unsigned_abs(),
            offset: page.offset,
            limit: page.limit,
        }),
    }
}

pub(super) async fn revoke(app: &App, args: RevokeApiKeyArgs) -> anyhow::Result<()> {
    app.api_keys.revoke(args.key_id, Actor::Operator).await?;
    output::text(&format!("{} is revoked\n", args.key_id))?;
    Ok(())
}

fn table(keys: &[ApiKeyItem]) -> anyhow::Result<()> {
    let rows: Vec<[String; 5]> = keys.iter().map(row).collect();
    output::table(["KEY", "NAME", "SCOPES", "EXPIRES", "REVOKED"], &rows)?;
    Ok(())
}

fn row(key: &ApiKeyItem) -> [String; 5] {
    let scopes: Vec<&str> = key.scopes.iter().map(|scope| scope.as_str()).collect();
    let or_no = |time: Option<countersign_core::Timestamp>| {
        time.map_or_else(|| "no".to_owned(), |time| time.to_string())
    };
    [
        key.key_id.to_string(),
        key.name.clone(),
        scopes.join(","),
        or_no(key.expires_at),
        or_no(key.revoked_at),
    ]
}

fn scopes() -> impl TypedValueParser<Value = Scope> {
    PossibleValuesParser::new(Scope::ALL.iter().map(|value| value.as_str()))
        .try_map(|text| text.parse::<Scope>())
}
