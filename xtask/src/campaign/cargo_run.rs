//! A campaign that is a program of the repository and reports its own result.

use super::Finding;
use crate::command::{self, Stream};
use anyhow::{Context, bail};
use serde_json::Value;

/// The variable that carries `--seconds` to the program.
const SECONDS: &str = "COUNTERSIGN_CAMPAIGN_SECONDS";

/// A program, and how to start it.
#[derive(Debug)]
pub(super) struct CargoRun {
    /// Which program.
    pub(super) program: Program,
    /// Whether it is built for speed.
    pub(super) is_release: bool,
    /// Whether `scripts/test` starts a database and a Redis around it.
    pub(super) needs_services: bool,
    /// Its arguments, for an example or a binary.
    pub(super) arguments: &'static [&'static str],
    /// Variables it is started with.
    pub(super) settings: &'static [(&'static str, &'static str)],
}

/// Where a program comes from.
#[derive(Debug)]
#[cfg_attr(
    not(test),
    expect(dead_code, reason = "no campaign of this kind is registered yet")
)]
pub(super) enum Program {
    /// `examples/NAME.rs` of a package.
    Example {
        package: &'static str,
        name: &'static str,
    },
    /// A package's binary.
    Binary {
        package: &'static str,
        name: &'static str,
    },
    /// One test function of `tests/FILE.rs` of a package.
    Test {
        package: &'static str,
        file: &'static str,
        function: &'static str,
    },
    /// A script, by its path from the root: for what measures more than this repository's code.
    Script { path: &'static str },
}

impl CargoRun {
    /// Runs the program to its end and takes its last result line.
    ///
    /// # Errors
    /// It failed, or ended without a result: then nothing is recorded.
    pub(super) fn run(&self, seconds: u64, more: &[(String, String)]) -> anyhow::Result<Finding> {
        let words = self.words();
        let mut command = command::command(&words)?;
        command
            .env(SECONDS, seconds.to_string())
            .envs(self.settings.iter().copied())
            .envs(more.iter().map(|(name, value)| (name, value)));
        let mut result = None;
        let status = command::watch(command, Stream::Stdout, |line| {
            result = result_of(line).or(result.take());
        })?;
        let line = command::join(&words);
        if !status.success() {
            bail!("`{line}` failed: {status}");
        }
        let result = result.with_context(|| format!("`{line}` wrote no line {{\"result\": …}}"))?;
        // A measurement that missed its goal is recorded, and has failed.
        let is_success = result.get("goals_met") != Some(&Value::Bool(false));
        Ok(Finding { result, is_success })
    }

    fn words(&self) -> Vec<&'static str> {
        let mut words = Vec::new();
        if self.needs_services {
            words.extend(["scripts/test", "--only-services", "--"]);
        }
        let (verb, kind, package, target) = match self.program {
            Program::Script { path } => {
                words.push(path);
                words.extend(self.arguments);
                return words;
            }
            Program::Example { package, name } => ("run", "--example", package, name),
            Program::Binary { package, name } => ("run", "--bin", package, name),
            Program::Test { package, file, .. } => ("test", "--test", package, file),
        };
        words.extend(["cargo", verb, "--locked"]);
        if self.is_release {
            words.push("--release");
        }
        words.extend(["--package", package, kind, target, "--"]);
        if let Program::Test { function, .. } = self.program {
            words.extend(["--exact", function, "--nocapture"]);
        }
        words.extend(self.arguments);
        words
    }
}

/// The value in a line that ends with `{"result": …}`.
///
/// The test runner writes `test NAME ... ` before the first thing a test prints, on the same line.
fn result_of(line: &str) -> Option<Value> {
    let start = line.find(r#"{"result":"#)?;
    let mut object: Value = serde_json::from_str(&line[start..]).ok()?;
    Some(object.get_mut("result")?.take())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const TEST: CargoRun = CargoRun {
        program: Program::Test {
            package: "countersign-storage",
            file: "races",
            function: "i4_revoke_beats_refresh",
        },
        is_release: false,
        needs_services: true,
        arguments: &[],
        settings: &[("ROUNDS", "1000")],
    };

    #[test]
    fn a_test_runs_alone_with_its_services_around_it() {
        assert_eq!(
            command::join(&TEST.words()),
            "scripts/test --only-services -- cargo test --locked --package countersign-storage \
             --test races -- --exact i4_revoke_beats_refresh --nocapture"
        );
    }

    #[test]
    fn an_example_gets_its_arguments() {
        let example = CargoRun {
            program: Program::Example {
                package: "countersign-client",
                name: "thief",
            },
            is_release: true,
            needs_services: false,
            arguments: &["--tries", "10000"],
            settings: &[],
        };
        assert_eq!(
            command::join(&example.words()),
            "cargo run --locked --release --package countersign-client --example thief -- --tries 10000"
        );
        let binary = CargoRun {
            program: Program::Binary {
                package: "countersign-cli",
                name: "countersign",
            },
            arguments: &["bench"],
            ..example
        };
        assert_eq!(
            command::join(&binary.words()),
            "cargo run --locked --release --package countersign-cli --bin countersign -- bench"
        );
    }

    #[test]
    fn a_script_is_started_as_it_is() {
        let script = CargoRun {
            program: Program::Script { path: "bench/run" },
            arguments: &["http"],
            ..TEST
        };
        assert_eq!(
            command::join(&script.words()),
            "scripts/test --only-services -- bench/run http"
        );
    }

    #[test]
    fn the_result_is_found_behind_the_test_runners_words() {
        let line = r#"test i4 ... {"result": {"races": 1000, "wrong": 0}}"#;
        assert_eq!(result_of(line), Some(json!({"races": 1000, "wrong": 0})));
        for other in ["", "test i4 ... ok", r#"{"result": "#, r#"{"results": 1}"#] {
            assert_eq!(result_of(other), None, "{other}");
        }
    }
}
