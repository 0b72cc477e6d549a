//! What one verification costs, counted and not timed.

use crate::{command, root};
use anyhow::{Context, Result, bail};
use std::{ffi::OsString, process::Command};

/// Requests of the two runs; what they have in common falls out of the difference. So many that the
/// start, where gathering entropy takes 460 to 472 million instructions, moves the result by less
/// than one percent.
const FEW: u64 = 1_000;
const MANY: u64 = 65_000;

const BUILD: [&str; 8] = [
    "cargo",
    "build",
    "--locked",
    "--release",
    "-p",
    "countersign-server",
    "--example",
    "verify_load",
];

/// How much a verification may cost.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// The most user instructions per verification, HTTP and JSON included.
    #[arg(long, default_value_t = 26_000)]
    max: u64,
}

/// Counts the user instructions of one `/v1/verify` under callgrind; fails above the limit.
pub(crate) fn run(options: &Options) -> Result<()> {
    let built = command::command(&BUILD)?.status()?;
    if !built.success() {
        bail!("the example does not build");
    }
    let per_request = (count(MANY)?.saturating_sub(count(FEW)?)) / (MANY - FEW);
    println!(
        "{{\"result\": {{\"instructions_per_verification\": {per_request}, \"limit\": {}}}}}",
        options.max
    );
    if per_request > options.max {
        bail!(
            "{per_request} instructions per verification, at most {} are allowed",
            options.max
        );
    }
    Ok(())
}

/// Instructions of the example's main thread, which is the whole server; its caller has another.
fn count(requests: u64) -> Result<u64> {
    let target =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), Into::into);
    let folder = tempfile::tempdir()?;
    let counted = folder.path().join("counted");
    let mut into = OsString::from("--callgrind-out-file=");
    into.push(&counted);
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--separate-threads=yes"])
        .arg(into)
        .arg(target.join("release/examples/verify_load"))
        .arg(requests.to_string())
        .output()
        .context("valgrind cannot be run")?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("the example failed under valgrind: {said}");
    }
    let counted = std::fs::read_to_string(folder.path().join("counted-01"))?;
    let total = counted
        .lines()
        .find_map(|line| line.strip_prefix("totals: "));
    Ok(total.context("valgrind names no total")?.trim().parse()?)
}
