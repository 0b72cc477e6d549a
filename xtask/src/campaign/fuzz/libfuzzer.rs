//! One target under libFuzzer, in rounds.

use super::TargetRun;
use crate::command::{self, Stream};
use anyhow::{Context, bail};
use serde_json::{Value, json};
use std::{collections::BTreeSet, fs, io, path::PathBuf, time::Duration};

/// An input that takes longer hangs. By the clock, which goes on while a fuzzer at idle priority
/// waits for a core: on a busy machine it may get a hundredth of one. What is fuzzed takes
/// milliseconds.
const MOST_SECONDS: u64 = 120;

/// More memory is a runaway.
const MOST_MB: u64 = 512;

/// Longer inputs are not tried; no seed is longer.
const MOST_BYTES: u64 = 8192;

/// A round by the clock: so long may a fuzzer go on alone when this program is killed.
const ROUND: Duration = Duration::from_mins(2);

/// A rest shorter than this is not worth the start of another round.
const REST: Duration = Duration::from_secs(1);

/// What a fuzzer is not to do.
pub(super) fn limits() -> Value {
    json!({
        "seconds_an_input": MOST_SECONDS, "memory_mb": MOST_MB, "bytes_an_input": MOST_BYTES,
    })
}

/// Targets that are built.
#[derive(Debug)]
pub(super) struct Programs(PathBuf);

impl Programs {
    /// Builds one target, or all.
    ///
    /// # Errors
    /// One does not compile, or nobody says where programs are.
    pub(super) fn build(targets: &[&str]) -> anyhow::Result<Self> {
        let mut words = vec!["cargo", "+nightly", "fuzz", "build"];
        if let [only] = targets {
            words.push(only);
        }
        let status = command::watch(command::command(&words)?, Stream::Stderr, |_| {})?;
        if !status.success() {
            bail!("`{}` failed: {status}", command::join(&words));
        }
        let words = "cargo +nightly metadata --format-version 1 --no-deps --manifest-path \
                     fuzz/Cargo.toml";
        let words: Vec<_> = words.split_whitespace().collect();
        let metadata: Value = serde_json::from_str(&command::output(&words)?)?;
        let folder = metadata["target_directory"].as_str();
        let version = command::output(&["rustc", "+nightly", "-vV"])?;
        let host = version.lines().find_map(|line| line.strip_prefix("host: "));
        let (folder, host) = folder
            .zip(host)
            .context("cargo and rustc do not say where")?;
        Ok(Self([folder, host, "release"].iter().collect()))
    }

    /// Runs a target until it had so many seconds of a core, or crashed.
    ///
    /// # Errors
    /// It failed without leaving an input, or did not report.
    pub(super) fn run(
        &self,
        target: &str,
        commit: &str,
        seconds: u64,
    ) -> anyhow::Result<TargetRun> {
        let before = artifacts(target)?;
        let limit = Duration::from_secs(seconds);
        let mut spent = Duration::ZERO;
        let mut all = Stats::none();
        let crashes = loop {
            let round = limit.saturating_sub(spent).clamp(REST, ROUND);
            let (stats, cpu) = self.round(target, round)?;
            spent += cpu;
            all = all.and(&stats);
            let crashes: Vec<_> = artifacts(target)?.difference(&before).cloned().collect();
            if !stats.is_success && crashes.is_empty() {
                bail!("{target} failed without a crash");
            }
            if crashes.is_empty() && stats.executions.is_none() {
                bail!("{target}: libFuzzer printed no final statistics");
            }
            if !crashes.is_empty() || limit.saturating_sub(spent) < REST {
                break crashes;
            }
        };
        Ok(TargetRun {
            target: target.to_owned(),
            commit: commit.to_owned(),
            cpu_seconds: (spent.as_secs_f64() * 10.0).round() / 10.0,
            executions: all.executions,
            peak_rss_mb: all.peak_rss_mb,
            slowest_input_seconds: all.slowest_input_seconds,
            crashes,
        })
    }

    /// One start of the fuzzer, and what it had of a core.
    fn round(&self, target: &str, length: Duration) -> anyhow::Result<(Stats, Duration)> {
        let artifacts = format!("fuzz/artifacts/{target}/");
        fs::create_dir_all(crate::root().join(&artifacts))?;
        let words = [
            self.0.join(target).display().to_string(),
            format!("fuzz/corpus/{target}"),
            format!("-artifact_prefix={artifacts}"),
            format!("-max_total_time={}", length.as_secs()),
            format!("-timeout={MOST_SECONDS}"),
            // It would leave inputs that are no failures.
            format!("-report_slow_units={MOST_SECONDS}"),
            format!("-rss_limit_mb={MOST_MB}"),
            format!("-max_len={MOST_BYTES}"),
            "-print_final_stats=1".to_owned(),
        ];
        let mut command = command::command(&words)?;
        // The first as cargo-fuzz sets it. Freed memory that is held back to find its use would be
        // most of what is counted.
        command.env(
            "ASAN_OPTIONS",
            "detect_odr_violation=0:quarantine_size_mb=32",
        );
        let before = cpu_of_children()?;
        let mut told = Stats::default();
        let status = command::watch(command, Stream::Stderr, |line| told.read(line))?;
        told.is_success = status.success();
        Ok((told, cpu_of_children()?.saturating_sub(before)))
    }
}

/// What libFuzzer prints at its end under `-print_final_stats=1`.
#[derive(Debug, Default, PartialEq, Eq)]
struct Stats {
    is_success: bool,
    executions: Option<u64>,
    peak_rss_mb: Option<u64>,
    slowest_input_seconds: Option<u64>,
}

impl Stats {
    /// Of no round.
    const fn none() -> Self {
        Self {
            is_success: true,
            executions: Some(0),
            peak_rss_mb: Some(0),
            slowest_input_seconds: Some(0),
        }
    }

    fn read(&mut self, line: &str) {
        let Some((name, value)) = line.rsplit_once(':') else {
            return;
        };
        let value = value.trim().parse().ok();
        match name {
            "stat::number_of_executed_units" => self.executions = value,
            "stat::peak_rss_mb" => self.peak_rss_mb = value,
            "stat::slowest_unit_time_sec" => self.slowest_input_seconds = value,
            _ => {}
        }
    }

    /// Those of several rounds together; what one did not say is not known of all.
    fn and(&self, round: &Self) -> Self {
        let most = |one: Option<u64>, other: Option<u64>| Some(one?.max(other?));
        Self {
            is_success: self.is_success && round.is_success,
            executions: self
                .executions
                .zip(round.executions)
                .map(|(one, other)| one + other),
            peak_rss_mb: most(self.peak_rss_mb, round.peak_rss_mb),
            slowest_input_seconds: most(self.slowest_input_seconds, round.slowest_input_seconds),
        }
    }
}

/// What the processes that this one started and saw end had of a core.
fn cpu_of_children() -> anyhow::Result<Duration> {
    let stat = fs::read_to_string("/proc/self/stat").context("only Linux tells CPU times so")?;
    cpu_in(&stat).context("/proc/self/stat is written in another way")
}

/// `cutime` and `cstime` of `proc_pid_stat(5)`, counted in hundredths on every Linux.
fn cpu_in(stat: &str) -> Option<Duration> {
    // The second field is a program's name, which may hold anything.
    let (_, fields) = stat.rsplit_once(')')?;
    let mut times = fields.split_whitespace().skip(13);
    let mut hundredths = || times.next()?.parse::<u64>().ok();
    Some(Duration::from_millis((hundredths()? + hundredths()?) * 10))
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

    const TOLD: Stats = Stats {
        is_success: false,
        executions: Some(1_503_221),
        peak_rss_mb: Some(402),
        slowest_input_seconds: Some(3),
    };

    #[test]
    fn final_statistics_are_read_among_other_lines() {
        let mut stats = Stats::default();
        for line in [
            "#1048576 pulse  cov: 31 ft: 31 corp: 9/33b lim: 4096 exec/s: 524288 rss: 400Mb",
            "stat::number_of_executed_units: 1503221",
            "stat::average_exec_per_sec:     751610",
            "stat::new_units_added:          8",
            "stat::slowest_unit_time_sec:    3",
            "stat::peak_rss_mb:              402",
        ] {
            stats.read(line);
        }
        assert_eq!(stats, TOLD);
    }

    #[test]
    fn rounds_add_up_and_what_one_does_not_say_is_unknown() {
        let round = Stats {
            is_success: true,
            executions: Some(9),
            peak_rss_mb: Some(500),
            slowest_input_seconds: Some(1),
        };
        let both = Stats {
            executions: Some(1_503_230),
            peak_rss_mb: Some(500),
            ..TOLD
        };
        assert_eq!(Stats::none().and(&TOLD).and(&round), both);
        let silent = Stats::none().and(&Stats::default()).and(&round);
        assert_eq!(silent, Stats::default());
    }

    #[test]
    fn cpu_time_is_that_of_children_which_ended() {
        let stat = "7 (a) b) S 1 7 7 0 -1 4194560 100 200 0 0 11 12 130 45 20 0 1 0 5 6 7\n";
        assert_eq!(cpu_in(stat), Some(Duration::from_millis(1750)));
        assert_eq!(cpu_in("7 (a) S 1"), None);
        let before = cpu_of_children().expect("Linux");
        let script = "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done";
        command::output(&["sh", "-c", script]).expect("it runs");
        assert!(cpu_of_children().expect("Linux") > before);
    }
}
