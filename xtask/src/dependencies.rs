//! How many crates the shipped binary is built from.

use crate::{command, metadata};
use anyhow::{Context, bail};
use std::collections::BTreeSet;

const BINARY: &str = "countersign";

/// The most outside crates, versions counted apart; each costs compile time and trust.
const LIMIT: usize = 350;

/// Counts the binary's normal dependencies on this platform and fails above [`LIMIT`].
pub(crate) fn run() -> anyhow::Result<()> {
    let packages = metadata::load()?.packages;
    let package = packages
        .iter()
        .find(|package| package.has_binary(BINARY))
        .with_context(|| format!("no package of the workspace has a binary named {BINARY}"))?;
    let tree = command::output(&[
        "cargo",
        "tree",
        "--locked",
        "--package",
        &package.name,
        "--edges",
        "normal",
        "--prefix",
        "none",
        "--format",
        "{p}",
    ])?;
    let count = outside_crates(&tree).len();
    println!("{BINARY} is built from {count} outside crates (limit {LIMIT})");
    if count > LIMIT {
        bail!(
            "{count} outside crates are more than {LIMIT}: a dependency must be worth its compile time"
        );
    }
    Ok(())
}

/// The distinct `name version` pairs in a `cargo tree` listing, without the workspace's own.
fn outside_crates(tree: &str) -> BTreeSet<&str> {
    tree.lines()
        .map(|line| line.trim_end_matches(" (*)"))
        .map(|line| line.trim_end_matches(" (proc-macro)"))
        .filter(|line| !line.is_empty() && !line.ends_with(')'))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeated_lines_count_once_versions_apart_and_own_crates_not_at_all() {
        let tree = "countersign-cli v0.1.0 (/src/crates/cli)\n\
                    toml v0.8.23\n\
                    toml v1.2.1\n\
                    serde_derive v1.0.0 (proc-macro)\n\
                    toml v0.8.23 (*)\n\
                    serde_derive v1.0.0 (proc-macro) (*)\n\
                    countersign-core v0.1.0 (/src/crates/core) (*)\n\n";
        let expected = ["serde_derive v1.0.0", "toml v0.8.23", "toml v1.2.1"];
        assert_eq!(outside_crates(tree), BTreeSet::from(expected));
    }
}
