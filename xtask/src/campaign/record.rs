//! The record of a campaign: what ran, on what, when, and what came of it.

use crate::command;
use anyhow::Context;
use jiff::Timestamp;
use serde::{Serialize, Serializer};
use serde_json::Value;
use std::{fs, num::NonZero, thread};

/// `campaigns/NAME.json`, in this order.
#[derive(Debug, Serialize)]
pub(super) struct Record {
    campaign: &'static str,
    /// The commit that was checked out.
    commit: String,
    /// Whether the tree differed from the commit, records aside.
    dirty: bool,
    /// What to type to repeat it.
    command: String,
    machine: Machine,
    #[serde(serialize_with = "to_the_second")]
    started_at: Timestamp,
}

/// What is written: a record and how it ended.
#[derive(Debug, Serialize)]
struct Ended<'a> {
    #[serde(flatten)]
    record: &'a Record,
    /// How long it took, in tenths.
    seconds: f64,
    result: &'a Value,
}

#[derive(Debug, Serialize)]
struct Machine {
    cpus: usize,
    /// As Linux tells it; `null` elsewhere.
    memory: Option<String>,
}

impl Record {
    /// Notes everything that is known before the run, so that a change during it does not count.
    pub(super) fn start(campaign: &'static str) -> anyhow::Result<Self> {
        let status = [
            "git",
            "status",
            "--porcelain",
            "--",
            ".",
            ":(exclude)campaigns",
        ];
        Ok(Self {
            campaign,
            commit: command::output(&["git", "rev-parse", "HEAD"])?
                .trim()
                .to_owned(),
            dirty: !command::output(&status)?.trim().is_empty(),
            command: typed(),
            machine: Machine::this(),
            started_at: now(),
        })
    }

    /// Writes the file with this result, over an earlier one; gives its path from the repository's
    /// root.
    pub(super) fn write(&self, result: &Value) -> anyhow::Result<String> {
        let path = self.path();
        let text = serde_json::to_string_pretty(&self.ended(result))? + "\n";
        fs::create_dir_all(crate::root().join("campaigns"))?;
        fs::write(crate::root().join(&path), text)
            .with_context(|| format!("cannot write {path}"))?;
        Ok(path)
    }

    /// The commit that was checked out.
    pub(super) fn commit(&self) -> &str {
        &self.commit
    }

    /// The result that stands in the file; one of a changed tree goes only with another one.
    pub(super) fn earlier(&self) -> Option<Value> {
        let text = fs::read_to_string(crate::root().join(self.path())).ok()?;
        self.of_like_tree(&text)
    }

    fn of_like_tree(&self, text: &str) -> Option<Value> {
        let mut earlier: Value = serde_json::from_str(text).ok()?;
        (earlier["dirty"] == self.dirty).then(|| earlier["result"].take())
    }

    fn ended<'a>(&'a self, result: &'a Value) -> Ended<'a> {
        let seconds = now().duration_since(self.started_at).as_secs_f64();
        Ended {
            record: self,
            seconds: (seconds * 10.0).round() / 10.0,
            result,
        }
    }

    fn path(&self) -> String {
        format!("campaigns/{}.json", self.campaign)
    }
}

impl Machine {
    fn this() -> Self {
        let meminfo = fs::read_to_string("/proc/meminfo").unwrap_or_default();
        Self {
            cpus: thread::available_parallelism().map_or(1, NonZero::get),
            memory: total_memory(&meminfo),
        }
    }
}

/// The line `MemTotal: N kB` of `/proc/meminfo` (proc(5)), in MiB.
fn total_memory(meminfo: &str) -> Option<String> {
    let line = meminfo
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kib: u64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(format!("{} MiB", kib / 1024))
}

fn to_the_second<S: Serializer>(time: &Timestamp, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("{time:.0}"))
}

fn typed() -> String {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    format!("cargo xtask {}", command::join(&arguments))
}

#[expect(
    clippy::disallowed_methods,
    reason = "a record says when the run really was"
)]
fn now() -> Timestamp {
    Timestamp::now()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn memory_is_read_from_the_kernels_text() {
        let meminfo = "MemTotal:       24683552 kB\nMemFree:         4683552 kB\n";
        assert_eq!(total_memory(meminfo).as_deref(), Some("24105 MiB"));
        assert_eq!(total_memory(""), None);
    }

    #[test]
    fn a_record_has_the_agreed_fields() {
        let record = Record::start("fuzz").expect("a git work tree");
        let json = serde_json::to_value(record.ended(&Value::Null)).expect("it serialises");
        let fields: Vec<_> = json
            .as_object()
            .expect("an object")
            .keys()
            .cloned()
            .collect();
        let expected = [
            "campaign",
            "command",
            "commit",
            "dirty",
            "machine",
            "result",
            "seconds",
            "started_at",
        ];
        let mut sorted = fields.clone();
        sorted.sort();
        assert_eq!(sorted, expected);
        assert_eq!(record.commit.len(), 40);
    }

    #[test]
    fn an_earlier_result_of_a_changed_tree_does_not_count_for_a_commit() {
        let record = Record::start("fuzz").expect("a git work tree");
        let written = |dirty: bool| {
            json!({"commit": "0", "dirty": dirty, "result": {"targets": [1]}}).to_string()
        };
        let same = record.of_like_tree(&written(record.dirty));
        assert_eq!(same, Some(json!({"targets": [1]})));
        for other in [written(!record.dirty), "{}".to_owned(), String::new()] {
            assert_eq!(record.of_like_tree(&other), None, "{other}");
        }
    }
}
