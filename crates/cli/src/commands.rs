//! From the command line to an exit code.

use crate::{
    admin, appraise,
    args::{Args, Command, ConfigCommand},
    bench,
    config::{self, Loaded, Misconfigured, Place, Settings},
    data_dir, doctor, drill,
    input::Unreadable,
    migrate, output, play, rules, serve, sidecar,
};
use anyhow::Context as _;
use clap::Parser as _;
use countersign_core::SystemClock;
use std::{
    io::{self, Write as _},
    process::ExitCode,
};

const FAILED: u8 = 1;
/// Also clap's own.
const MISUSED: u8 = 2;

/// Runs the process: 0 done, 1 failed, 2 wrong usage, configuration or input.
pub fn main() -> ExitCode {
    let args = Args::parse();
    match runtime().and_then(|runtime| runtime.block_on(run(args))) {
        Ok(code) => code,
        Err(error) => {
            // Whoever reads standard error has gone, too, if this fails.
            drop(writeln!(io::stderr(), "error: {error:#}"));
            ExitCode::from(if error.is::<Misconfigured>() || error.is::<Unreadable>() {
                MISUSED
            } else {
                FAILED
            })
        }
    }
}

fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    runtime.context("cannot start threads")
}

async fn run(Args { place, command }: Args) -> anyhow::Result<ExitCode> {
    match command {
        Command::Serve(args) => serve::run(&place, args).await?,
        Command::Sidecar(args) => sidecar::run(args).await?,
        Command::Drill(args) => return drill::run(args).await,
        Command::Demo(args) => play::run(args).await?,
        Command::Migrate(args) => return migrate::run(&load(&place)?, args).await,
        Command::Doctor(args) => return doctor::run(&place, args).await,
        Command::Appraise(args) => return appraise::run(&args, &SystemClock),
        Command::Rules(command) => return rules::run(&command),
        Command::Admin(command) => admin::run(&load(&place)?, command).await?,
        Command::Nodes(args) => admin::show_nodes(&load(&place)?, args).await?,
        Command::Config(command) => configuration(&place, command)?,
        Command::Bench(command) => bench::run(command).await?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The configuration without flags of a command's own.
pub(crate) fn load(place: &Place) -> Result<Loaded, Misconfigured> {
    config::load(place, Settings::default(), data_dir::find(place)?)
}

fn configuration(place: &Place, command: ConfigCommand) -> anyhow::Result<()> {
    match command {
        ConfigCommand::Init => output::text(config::TEMPLATE)?,
        ConfigCommand::Check => {
            let loaded = load(place)?;
            loaded.backend()?;
            output::text("the configuration is good\n")?;
        }
        ConfigCommand::Print => {
            let loaded = load(place)?;
            let text = toml::to_string(&loaded.config.redacted())?;
            output::text(&format!(
                "# data directory: {}\n\n{text}",
                loaded.data_dir.display()
            ))?;
        }
    }
    Ok(())
}
