//! Every fuzz target in `fuzz/`, built by cargo-fuzz on the nightly toolchain and then started here.
//!
//! A target's limit is what its process gets of a core, not what passes by the clock: a run at idle
//! priority on a busy machine does as much as any other, and only takes longer. So a target runs in
//! rounds, until Linux has counted enough. Each target's result is written as soon as there is one,
//! beside those that other targets have already, and says at which commit it was.

mod libfuzzer;

use super::{Finding, record::Record};
use crate::command;
use anyhow::{Context, bail};
use libfuzzer::Programs;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What one target did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct TargetRun {
    target: String,
    /// The commit that was checked out.
    commit: String,
    /// What its process had of a core, in tenths.
    cpu_seconds: f64,
    /// Inputs tried; `null` when a crash kept libFuzzer from saying so.
    executions: Option<u64>,
    peak_rss_mb: Option<u64>,
    /// By the clock; on a busy machine most of it is waiting for a core.
    slowest_input_seconds: Option<u64>,
    /// Inputs that crashed it, hung it or made it use too much memory, from the repository's root.
    crashes: Vec<String>,
}

/// Runs the named targets, or all, for so many CPU seconds each.
///
/// # Errors
/// cargo-fuzz is missing, there is no such target, or one did not build or report.
pub(super) fn run(record: &Record, names: &[String], seconds: u64) -> anyhow::Result<Finding> {
    let listed = command::output(&["cargo", "+nightly", "fuzz", "list"])
        .context("fuzzing needs a nightly toolchain and `cargo install cargo-fuzz --locked`")?;
    let targets = choose(listed.split_whitespace().collect(), names)?;
    // All before the first run, so that a change of the tree in the meantime reaches none of them.
    let programs = Programs::build(&targets)?;
    let mut runs = Vec::new();
    for target in targets {
        let run = programs.run(target, record.commit(), seconds)?;
        runs = merged(of_record(record.earlier()), run);
        record.write(&result(&runs))?;
    }
    Ok(Finding {
        is_success: runs.iter().all(|run| run.crashes.is_empty()),
        result: result(&runs),
    })
}

fn choose<'a>(listed: Vec<&'a str>, names: &[String]) -> anyhow::Result<Vec<&'a str>> {
    if let Some(unknown) = names.iter().find(|name| !listed.contains(&name.as_str())) {
        bail!(
            "no fuzz target is named {unknown}; there are {}",
            listed.join(", ")
        );
    }
    let is_chosen = |target: &&str| names.is_empty() || names.iter().any(|name| name == target);
    let chosen: Vec<_> = listed.into_iter().filter(is_chosen).collect();
    if chosen.is_empty() {
        bail!("there is no target in fuzz/");
    }
    Ok(chosen)
}

fn result(runs: &[TargetRun]) -> Value {
    json!({ "limits": libfuzzer::limits(), "targets": runs })
}

/// What a record says of its targets; nothing, if it is written in another way.
fn of_record(result: Option<Value>) -> Vec<TargetRun> {
    result
        .and_then(|mut result| serde_json::from_value(result["targets"].take()).ok())
        .unwrap_or_default()
}

/// One run among those of other targets, by their names.
fn merged(mut runs: Vec<TargetRun>, run: TargetRun) -> Vec<TargetRun> {
    runs.retain(|other| other.target != run.target);
    runs.push(run);
    runs.sort_by(|one, other| one.target.cmp(&other.target));
    runs
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn run(target: &str, executions: u64) -> TargetRun {
        TargetRun {
            target: target.to_owned(),
            commit: "27d6666".to_owned(),
            cpu_seconds: 600.5,
            executions: Some(executions),
            peak_rss_mb: Some(402),
            slowest_input_seconds: Some(0),
            crashes: Vec::new(),
        }
    }

    #[test]
    fn a_targets_run_takes_the_place_of_its_earlier_one_and_leaves_the_others() {
        let runs = merged(vec![run("a", 1), run("c", 1)], run("b", 1));
        assert_eq!(runs, [run("a", 1), run("b", 1), run("c", 1)]);
        let runs = merged(runs, run("b", 2));
        assert_eq!(runs, [run("a", 1), run("b", 2), run("c", 1)]);
    }

    #[test]
    fn a_record_is_read_as_it_was_written() {
        let runs = vec![run("a", 1), run("b", 2)];
        assert_eq!(of_record(Some(result(&runs))), runs);
        for other in [
            None,
            Some(json!({})),
            Some(json!({"targets": [{"seconds": 1}]})),
        ] {
            assert_eq!(of_record(other), []);
        }
    }

    #[test]
    fn a_target_that_is_not_there_is_no_success() {
        let listed = || vec!["a", "b"];
        let names = |names: &[&str]| {
            names
                .iter()
                .map(|&name| name.to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(choose(listed(), &[]).unwrap(), ["a", "b"]);
        assert_eq!(choose(listed(), &names(&["b"])).unwrap(), ["b"]);
        assert!(choose(listed(), &names(&["b", "c"])).is_err());
        assert!(choose(Vec::new(), &[]).is_err());
    }

    /// What a run finds is named after its hash, and is not kept.
    #[test]
    fn every_target_has_a_few_small_seeds() {
        let fuzz = crate::root().join("fuzz");
        let manifest = fs::read_to_string(fuzz.join("Cargo.toml")).unwrap();
        for source in fs::read_dir(fuzz.join("fuzz_targets")).unwrap() {
            let source = source.unwrap().path();
            let target = source.file_stem().unwrap().to_str().unwrap();
            let row = format!("name = \"{target}\"\n");
            assert!(manifest.contains(&row), "{target} is not built");
            let corpus = fs::read_dir(fuzz.join("corpus").join(target)).expect(target);
            let sizes: Vec<u64> = corpus
                .map(Result::unwrap)
                .filter(|file| !is_hash(file.file_name().to_str().unwrap()))
                .map(|file| file.metadata().unwrap().len())
                .collect();
            assert!((1..40).contains(&sizes.len()), "seeds of {target}");
            assert!(sizes.iter().all(|size| *size < 8192), "seeds of {target}");
        }
    }

    fn is_hash(name: &str) -> bool {
        name.len() == 40 && name.bytes().all(|byte| byte.is_ascii_hexdigit())
    }
}
