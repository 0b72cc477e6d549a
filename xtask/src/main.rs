//! Checks and long runs of this repository that cargo itself has no command for.
#![expect(
    clippy::print_stdout,
    reason = "a command-line tool answers on standard output"
)]

mod campaign;
mod command;
mod dependencies;
mod edges;
mod instructions;
mod metadata;

use clap::Parser;
use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

/// Checks and long runs of this repository.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
enum Task {
    /// Fails on a dependency between two crates of the workspace that the table does not allow.
    Edges,
    /// Counts the crates that the `countersign` binary is built from; fails above the limit.
    Dependencies,
    /// Counts the instructions of one verification under callgrind; fails above the limit.
    Instructions(instructions::Options),
    /// Runs a long test and writes what it found to `campaigns/NAME.json`; without a name, lists them.
    Campaign(campaign::Options),
}

fn main() -> ExitCode {
    let outcome = match Task::parse() {
        Task::Edges => edges::run(),
        Task::Dependencies => dependencies::run(),
        Task::Instructions(options) => instructions::run(&options),
        Task::Campaign(options) => campaign::run(&options),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The repository's root, wherever the command was started.
///
/// Cargo says at run time where the package is. What was compiled in may be the path of another
/// clone that shares the target folder.
fn root() -> PathBuf {
    let here = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
    here.parent()
        .map_or_else(|| here.clone(), Path::to_path_buf)
}
