//! Long runs whose result is kept: `campaigns/NAME.json`, committed beside the code it speaks of.
//!
//! What is deterministic and short is a test. A campaign is for what takes hours, needs luck, or
//! measures. To add one: a row in `registry.rs`. Its program is an example, a test or a binary of the
//! workspace that reads how long or how often from its environment, so that the same test stays short
//! in `scripts/test`, and that ends with one line `{"result": …}` on standard output. A result with
//! `"goals_met": false` is recorded all the same, and the campaign has failed. `bench/` has the
//! measurements.

mod cargo_run;
mod fuzz;
mod record;
mod registry;

use anyhow::{Context, bail};
use cargo_run::CargoRun;
use record::Record;
use registry::CAMPAIGNS;
use serde_json::Value;

/// What the command line says.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Which campaign; none lists them.
    name: Option<String>,
    /// Of `fuzz`: only these targets; the others keep what the record says of them, if it is of the
    /// same commit.
    #[arg(value_name = "TARGET")]
    targets: Vec<String>,
    /// How long each part runs, where the campaign has parts that run by time [default: 60; CPU
    /// seconds of `fuzz`, 600].
    #[arg(long, value_name = "N")]
    seconds: Option<u64>,
    /// Sets a variable for the campaign's program, over what the registry says; may be repeated.
    #[arg(long = "env", value_name = "NAME=VALUE", value_parser = setting)]
    settings: Vec<(String, String)>,
}

/// Of each part of a campaign.
const SECONDS: u64 = 60;

/// Of a core for each fuzz target.
const FUZZ_SECONDS: u64 = 600;

/// A long run that can be asked for by name.
#[derive(Debug)]
struct Campaign {
    /// On the command line and in the file's name.
    name: &'static str,
    /// One line: what it shows.
    about: &'static str,
    /// What it runs.
    work: Work,
}

#[derive(Debug)]
enum Work {
    /// The targets in `fuzz/`, for the asked number of CPU seconds each.
    Fuzz,
    /// A program of the repository that reports its own result.
    Cargo(CargoRun),
}

/// What a campaign found.
#[derive(Debug)]
struct Finding {
    /// What goes into the record.
    result: Value,
    /// Whether the campaign showed what it is there to show.
    is_success: bool,
}

/// Runs the named campaign and writes its record, or lists all.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    let Some(name) = &options.name else {
        for campaign in CAMPAIGNS {
            println!("{:<20} {}", campaign.name, campaign.about);
        }
        return Ok(());
    };
    let campaign = CAMPAIGNS
        .iter()
        .find(|campaign| campaign.name == name)
        .with_context(|| {
            format!("no campaign is named {name}; `cargo xtask campaign` lists them")
        })?;
    let record = Record::start(campaign.name)?;
    let finding = match &campaign.work {
        Work::Fuzz => {
            let seconds = options.seconds.unwrap_or(FUZZ_SECONDS);
            fuzz::run(&record, &options.targets, seconds)?
        }
        Work::Cargo(_) if !options.targets.is_empty() => bail!("only fuzz has targets"),
        Work::Cargo(cargo_run) => {
            cargo_run.run(options.seconds.unwrap_or(SECONDS), &options.settings)?
        }
    };
    let path = record.write(&finding.result)?;
    println!("wrote {path}");
    if !finding.is_success {
        bail!("the campaign {name} failed; its record says how");
    }
    Ok(())
}

fn setting(text: &str) -> Result<(String, String), &'static str> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("a setting reads NAME=VALUE"),
    }
}
