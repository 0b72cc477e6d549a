//! `countersign doctor`: looks for what would go wrong before it does. Changes nothing.

mod key;
mod network;
mod redis;
mod store;

use crate::{
    commands,
    config::{Loaded, Place},
    output::{self, Format, Output},
};
use countersign_server::GeoIp;
use serde::Serialize;
use std::process::ExitCode;

#[derive(Debug, Clone, Copy, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct DoctorArgs {
    #[command(flatten)]
    output: Output,
}

const AFTER_HELP: &str = "\
Exit code 1 when a check failed; warnings are no failure.

Examples:
  countersign doctor
  countersign --config /etc/countersign.toml doctor --output json";

/// How a check went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Status {
    Ok,
    Warn,
    Fail,
}

/// One check and what it found.
#[derive(Debug, Clone, Serialize)]
struct Finding {
    check: &'static str,
    status: Status,
    detail: String,
    /// What to do about it; empty when there is nothing to do.
    hint: String,
}

#[derive(Debug, Serialize)]
struct Report {
    status: Status,
    findings: Vec<Finding>,
}

impl Finding {
    fn ok(check: &'static str, detail: impl Into<String>) -> Self {
        Self {
            check,
            status: Status::Ok,
            detail: detail.into(),
            hint: String::new(),
        }
    }

    fn warn(check: &'static str, detail: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            check,
            status: Status::Warn,
            detail: detail.into(),
            hint: hint.into(),
        }
    }

    fn fail(check: &'static str, detail: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            check,
            status: Status::Fail,
            detail: detail.into(),
            hint: hint.into(),
        }
    }
}

/// Examines everything and prints what was found.
pub(crate) async fn run(place: &Place, args: DoctorArgs) -> anyhow::Result<ExitCode> {
    let findings = match commands::load(place) {
        Ok(loaded) => examine(&loaded).await,
        Err(error) => {
            let hint = "countersign config init prints every key with its default";
            vec![Finding::fail("configuration", error.to_string(), hint)]
        }
    };
    let worst = |status| findings.iter().any(|finding| finding.status == status);
    let status = match (worst(Status::Fail), worst(Status::Warn)) {
        (true, _) => Status::Fail,
        (false, true) => Status::Warn,
        (false, false) => Status::Ok,
    };
    print(args.output, &Report { status, findings })?;
    Ok(if status == Status::Fail {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

async fn examine(loaded: &Loaded) -> Vec<Finding> {
    let folder = loaded.data_dir.display();
    let mut findings = vec![Finding::ok(
        "configuration",
        format!("data directory {folder}"),
    )];
    findings.extend(store::examine(loaded).await);
    findings.push(redis::examine(loaded).await);
    findings.push(network::public_url(loaded));
    findings.extend(network::listeners(loaded).await);
    findings.push(network::trusted_proxies(loaded));
    findings.push(geoip(loaded));
    findings
}

fn geoip(loaded: &Loaded) -> Finding {
    const CHECK: &str = "geoip";
    let Some(path) = loaded.geoip() else {
        return Finding::ok(CHECK, "no database: places are not shown");
    };
    match GeoIp::open(&path) {
        Ok(_) => Finding::ok(CHECK, path.display().to_string()),
        Err(error) => {
            let detail = format!("{}: {:#}", path.display(), anyhow::Error::new(error));
            Finding::fail(CHECK, detail, "geoip.path must name a MaxMind .mmdb file")
        }
    }
}

fn print(output: Output, report: &Report) -> anyhow::Result<()> {
    if output.output == Format::Json {
        return output::json(report);
    }
    let text: String = report.findings.iter().map(paragraph).collect();
    output::text(&text)?;
    Ok(())
}

/// One line, and one more with what to do.
fn paragraph(finding: &Finding) -> String {
    let status = match finding.status {
        Status::Ok => "ok",
        Status::Warn => "warn",
        Status::Fail => "FAIL",
    };
    let Finding {
        check,
        detail,
        hint,
        ..
    } = finding;
    let line = format!("{status:<4}  {check:<15}  {}\n", detail.replace('\n', "; "));
    if hint.is_empty() {
        return line;
    }
    format!("{line}{:<23}to do: {hint}\n", "")
}
