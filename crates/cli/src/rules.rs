//! `countersign rules`: checks a file of compliance rules as a service would, without one.

use crate::{
    input,
    output::{self, Format, Output, plain},
};
use countersign_core::compliance::{
    DEFAULT_RULES,
    rules::{Rule, RuleId, RuleSet, RuleSetVersion},
    version::OsFamily,
};
use countersign_server::compliance::{self, Fault, MAX_RULES_BYTES, Position, RulesError};
use serde::Serialize;
use std::{
    collections::BTreeSet,
    fmt::Write as _,
    path::{Path, PathBuf},
    process::ExitCode,
};

#[derive(Debug, Clone, clap::Subcommand)]
pub(crate) enum RulesCommand {
    /// Reads a rule file, runs its tests and says what is wrong with it.
    Check(CheckArgs),
    /// Prints the rules that a service starts with.
    #[command(after_help = "Example:\n  countersign rules default > rules.toml")]
    Default,
}

#[derive(Debug, Clone, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct CheckArgs {
    /// The rules; `-` for standard input.
    #[arg(value_name = "FILE.toml")]
    file: PathBuf,
    #[command(flatten)]
    output: Output,
}

const AFTER_HELP: &str = "\
Reads no configuration, asks nobody and changes nothing. A rule file is described in docs/COMPLIANCE.md.

Exit codes: 0 the rules are good, 1 something in them is wrong, 2 the file cannot be read.

Examples:
  countersign rules check rules.toml
  countersign rules default | countersign rules check --output json -";

/// What came of a check.
#[derive(Debug, Serialize)]
struct Report {
    outcome: Outcome,
    /// The rules' version, which is the SHA-256 of the text.
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<RuleSetVersion>,
    /// How many rules there are.
    #[serde(skip_serializing_if = "Option::is_none")]
    rules: Option<usize>,
    faults: Vec<Fault>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Outcome {
    Accepted,
    Refused,
}

pub(crate) fn run(command: &RulesCommand) -> anyhow::Result<ExitCode> {
    match command {
        RulesCommand::Check(args) => check(args),
        RulesCommand::Default => {
            output::text(DEFAULT_RULES)?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn check(args: &CheckArgs) -> anyhow::Result<ExitCode> {
    let text = input::read_text(&args.file, MAX_RULES_BYTES as u64)?;
    let report = Report::of(compliance::read(&text));
    match args.output.output {
        Format::Json => output::json(&report)?,
        Format::Table => output::text(&report.text(&args.file)?)?,
    }
    Ok(match report.outcome {
        Outcome::Accepted => ExitCode::SUCCESS,
        Outcome::Refused => ExitCode::FAILURE,
    })
}

impl Report {
    fn of(read: Result<RuleSet, RulesError>) -> Self {
        match read {
            Ok(rules) => Self {
                outcome: Outcome::Accepted,
                version: Some(rules.version()),
                rules: Some(count(&rules)),
                faults: Vec::new(),
            },
            Err(error) => Self {
                outcome: Outcome::Refused,
                version: None,
                rules: None,
                faults: error.into_faults(),
            },
        }
    }

    /// A line for each fault, which begins with its place as editors know it.
    fn text(&self, file: &Path) -> anyhow::Result<String> {
        let mut text = String::new();
        if let (Some(version), Some(rules)) = (self.version, self.rules) {
            let rules = match rules {
                1 => "1 rule".to_owned(),
                many => format!("{many} rules"),
            };
            writeln!(text, "accepted: {rules}, version {version}")?;
        }
        let name = input::name(file);
        for fault in &self.faults {
            let Fault {
                position,
                at,
                detail,
            } = fault;
            write!(text, "{name}:")?;
            if let Some(Position { line, column }) = position {
                write!(text, "{line}:{column}:")?;
            }
            let at = if at.is_empty() {
                String::new()
            } else {
                format!("{at}: ")
            };
            writeln!(text, " {}", plain(&format!("{at}{detail}")))?;
        }
        if !self.faults.is_empty() {
            text.push_str("REFUSED\n");
        }
        Ok(text)
    }
}

/// A rule for several systems counts once.
fn count(rules: &RuleSet) -> usize {
    let all = OsFamily::ALL.iter().flat_map(|family| rules.rules(*family));
    let ids: BTreeSet<&RuleId> = all.map(Rule::id).collect();
    ids.len()
}
