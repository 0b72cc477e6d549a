//! Every fuzz target in `fuzz/`, through cargo-fuzz on the nightly toolchain.

use super::Finding;
use crate::command::{self, Stream};
use anyhow::{Context, bail};
use serde::Serialize;
use std::{collections::BTreeSet, fs, io};

/// What one target did.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct TargetRun {
    target: String,
    seconds: u64,
    /// Inputs tried; `null` when a crash kept libFuzzer from saying so.
    executions: Option<u64>,
    peak_rss_mb: Option<u64>,
    /// Inputs that crashed it, hung it or made it use too much memory, from the repository's root.
    crashes: Vec<String>,
}

/// Runs every target for so many seconds.
///
/// # Errors
/// cargo-fuzz is missing, there is no target, or one did not build or report.
pub(super) fn run(seconds: u64) -> anyhow::Result<Finding> {
    let targets = command::output(&["cargo", "+nightly", "fuzz", "list"])
        .context("fuzzing needs a nightly toolchain and `cargo install cargo-fuzz --locked`")?;
    let targets: Vec<&str> = targets.split_whitespace().collect();
    if targets.is_empty() {
        bail!("there is no target in fuzz/");
    }
    let runs = targets
        .into_iter()
        .map(|target| run_target(target, seconds))
        .collect::<anyhow::Result<Vec<_>>>()?;
    Ok(Finding {
        is_success: runs.iter().all(|run| run.crashes.is_empty()),
        result: serde_json::json!({ "targets": runs }),
    })
}

fn run_target(target: &str, seconds: u64) -> anyhow::Result<TargetRun> {
    let before = artifacts(target)?;
    let limit = format!("-max_total_time={seconds}");
    let words = [
        "cargo",
        "+nightly",
        "fuzz",
        "run",
        target,
        "--",
        &limit,
        "-print_final_stats=1",
    ];
    let mut seen = Stats::default();
    let status = command::watch(command::command(&words)?, Stream::Stderr, |line| {
        seen.read(line);
    })?;
    let crashes: Vec<String> = artifacts(target)?.difference(&before).cloned().collect();
    if !status.success() && crashes.is_empty() {
        bail!(
            "`{}` failed without a crash: {status}",
            command::join(&words)
        );
    }
    if crashes.is_empty() && (seen.executions.is_none() || seen.peak_rss_mb.is_none()) {
        bail!("{target}: libFuzzer printed no final statistics");
    }
    Ok(TargetRun {
        target: target.to_owned(),
        seconds,
        executions: seen.executions,
        peak_rss_mb: seen.peak_rss_mb,
        crashes,
    })
}

/// What libFuzzer prints at its end under `-print_final_stats=1`.
#[derive(Debug, Default, PartialEq, Eq)]
struct Stats {
    executions: Option<u64>,
    peak_rss_mb: Option<u64>,
}

impl Stats {
    fn read(&mut self, line: &str) {
        let Some((name, value)) = line.rsplit_once(':') else {
            return;
        };
        let value = value.trim().parse().ok();
        match name {
            "stat::number_of_executed_units" => self.executions = value,
            "stat::peak_rss_mb" => self.peak_rss_mb = value,
            _ => {}
        }
    }
}

fn artifacts(target: &str) -> anyhow::Result<BTreeSet<String>> {
    let folder = format!("fuzz/artifacts/{target}");
    let entries = match fs::read_dir(crate::root().join(&folder)) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeSet::new()),
        Err(error) => return Err(error).context(folder),
    };
    entries
        .map(|entry| Ok(format!("{folder}/{}", entry?.file_name().display())))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn final_statistics_are_read_among_other_lines() {
        let mut stats = Stats::default();
        for line in [
            "#1048576 pulse  cov: 31 ft: 31 corp: 9/33b lim: 4096 exec/s: 524288 rss: 400Mb",
            "stat::number_of_executed_units: 1503221",
            "stat::average_exec_per_sec:     751610",
            "stat::new_units_added:          8",
            "stat::slowest_unit_time_sec:    0",
            "stat::peak_rss_mb:              402",
        ] {
            stats.read(line);
        }
        let expected = Stats {
            executions: Some(1_503_221),
            peak_rss_mb: Some(402),
        };
        assert_eq!(stats, expected);
    }
}
