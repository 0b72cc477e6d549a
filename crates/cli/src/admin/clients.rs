//! Client applications.

use super::PageArgs;
use crate::{
    config::Misconfigured,
    output::{self, Format, Output},
};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use countersign_api_types::{
    FieldError, Validate as _,
    client::{ClientItem, CreateClient, UpdateClient},
    limit::DeviceLimitsItem,
    page::OffsetPage,
    trusted_issuer::TrustedIssuerItem,
};
use countersign_core::{
    ClientId,
    activity::{Action, Actor},
    client::{NoncePolicy, Origin, ProofOfPossession},
    device::Platform,
    lifetime::Preset,
    limit::Overflow,
};
use countersign_server::{App, ClientChange, Ending};

#[derive(Debug, Clone, clap::Args)]
#[command(after_help = "\
Examples:
  countersign admin create-client --name 'My app' --platform ios --audience https://api.example \\
    --origin https://app.example
  countersign admin create-client --name 'My site' --platform web --audience https://api.example \\
    --origin https://www.example --issuer https://login.example=my-site --preset aal2")]
pub(crate) struct CreateClientArgs {
    /// What people call it.
    #[arg(long)]
    name: String,
    /// What its devices are.
    #[arg(long, value_parser = platforms())]
    platform: Platform,
    /// `aud` of its access tokens.
    #[arg(long)]
    audience: String,
    /// An origin whose URLs a proof may name, and that browsers may call from; may be repeated.
    #[arg(long = "origin", value_name = "ORIGIN")]
    origins: Vec<Origin>,
    /// An OpenID Connect issuer and what the app is called there: its ID tokens log users in. May
    /// be repeated; the API sets the rest.
    #[arg(long = "issuer", value_name = "ISSUER=AUDIENCE", value_parser = issuer)]
    issuers: Vec<TrustedIssuerItem>,
    /// Whether its devices must have a key.
    #[arg(long, value_parser = proofs_of_possession(), default_value = "required")]
    proof_of_possession: ProofOfPossession,
    /// When its devices must put a server nonce into their proofs.
    #[arg(long, value_parser = nonce_policies(), default_value = "when_needed")]
    nonce_policy: NoncePolicy,
    /// How long its sessions live (NIST SP 800-63B).
    #[arg(long, value_parser = presets(), default_value = "aal1")]
    preset: Preset,
    /// The most devices of one user; as many as they like without it. The API sets the rest.
    #[arg(long, value_name = "COUNT")]
    max_devices: Option<u64>,
    /// What a login means on one more.
    #[arg(long, value_parser = overflows(), default_value = "reject", requires = "max_devices")]
    overflow: Overflow,
    #[command(flatten)]
    output: Output,
}

#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Example:\n  countersign admin disable-client cli_01jd3x0000000000000000000"
)]
pub(crate) struct ClientArgs {
    client_id: ClientId,
    #[command(flatten)]
    output: Output,
}

pub(super) async fn create(app: &App, args: CreateClientArgs) -> anyhow::Result<()> {
    let request = CreateClient {
        name: args.name,
        platform: args.platform,
        audience: args.audience,
        proof_of_possession: Some(args.proof_of_possession),
        nonce_policy: Some(args.nonce_policy),
        origins: args.origins,
        issuers: args.issuers,
        admission: None,
        limits: args.max_devices.map(|max| DeviceLimitsItem {
            max: Some(max),
            overflow: args.overflow,
            ..DeviceLimitsItem::default()
        }),
        trust: None,
        attestation: None,
        preset: Some(args.preset),
        lifetimes: None,
    };
    refuse(&request.validate())?;
    let client = app.clients.create(request, Actor::Operator).await?;
    print(args.output, client.into())
}

pub(super) async fn list(app: &App, page: PageArgs) -> anyhow::Result<()> {
    let (clients, total) = app
        .clients
        .list(page.limit.into(), page.offset.into())
        .await?;
    let data: Vec<ClientItem> = clients.into_iter().map(Into::into).collect();
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

pub(super) async fn set_disabled(
    app: &App,
    args: ClientArgs,
    disabled: bool,
) -> anyhow::Result<()> {
    let update = UpdateClient {
        disabled: Some(disabled),
        ..UpdateClient::default()
    };
    let change = ClientChange {
        id: args.client_id,
        based_on: None,
        update,
    };
    let (client, receipt) = app.clients.update(change, Actor::Operator).await?;
    let ending = Ending {
        client_id: Some(client.id),
        ..Ending::by(Action::ClientUpdated)
    };
    let client = ClientItem {
        receipt: Some(app.receipt(&ending, receipt)),
        ..client.into()
    };
    print(args.output, client)
}

/// What the API would refuse is wrong usage here.
pub(super) fn refuse(errors: &[FieldError]) -> Result<(), Misconfigured> {
    let problem = |error: &FieldError| {
        format!(
            "--{} {}",
            error.pointer.trim_start_matches('/').replace('_', "-"),
            error.detail
        )
    };
    Misconfigured::unless_empty(errors.iter().map(problem).collect())
}

fn print(output: Output, client: ClientItem) -> anyhow::Result<()> {
    match output.output {
        Format::Table => table(&[client]),
        Format::Json => output::json(&client),
    }
}

fn table(clients: &[ClientItem]) -> anyhow::Result<()> {
    let rows: Vec<[String; 6]> = clients.iter().map(row).collect();
    output::table(
        ["CLIENT", "NAME", "PLATFORM", "PROOF", "ORIGINS", "DISABLED"],
        &rows,
    )?;
    Ok(())
}

fn row(client: &ClientItem) -> [String; 6] {
    let origins: Vec<&str> = client.origins.iter().map(Origin::as_str).collect();
    [
        client.client_id.to_string(),
        client.name.clone(),
        client.platform.to_string(),
        client.proof_of_possession.to_string(),
        origins.join(","),
        client
            .disabled_at
            .map_or_else(|| "no".to_owned(), |at| at.to_string()),
    ]
}

fn issuer(text: &str) -> Result<TrustedIssuerItem, &'static str> {
    const EXPECTED: &str = "give the issuer's URL, an equals sign and the audience";
    let (issuer, audience) = text.split_once('=').ok_or(EXPECTED)?;
    Ok(TrustedIssuerItem {
        issuer: issuer.parse().map_err(|_| EXPECTED)?,
        audiences: vec![audience.to_owned()],
        algorithms: None,
        jwks_uri: None,
        nonce: None,
        user_prefix: None,
    })
}

fn platforms() -> impl TypedValueParser<Value = Platform> {
    PossibleValuesParser::new(Platform::ALL.iter().map(|value| value.as_str()))
        .try_map(|text| text.parse::<Platform>())
}

fn proofs_of_possession() -> impl TypedValueParser<Value = ProofOfPossession> {
    PossibleValuesParser::new(ProofOfPossession::ALL.iter().map(|value| value.as_str()))
        .try_map(|text| text.parse::<ProofOfPossession>())
}

fn nonce_policies() -> impl TypedValueParser<Value = NoncePolicy> {
    PossibleValuesParser::new(NoncePolicy::ALL.iter().map(|value| value.as_str()))
        .try_map(|text| text.parse::<NoncePolicy>())
}

fn overflows() -> impl TypedValueParser<Value = Overflow> {
    PossibleValuesParser::new(Overflow::ALL.iter().map(|value| value.as_str()))
        .try_map(|text| text.parse::<Overflow>())
}

fn presets() -> impl TypedValueParser<Value = Preset> {
    PossibleValuesParser::new(["aal1", "aal2", "aal3"])
        .try_map(|text| serde_json::from_value::<Preset>(serde_json::Value::String(text)))
}
