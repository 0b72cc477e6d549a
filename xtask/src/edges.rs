//! Which crate of the workspace may depend on which.
//!
//! To add a crate: a row here and a line in `docs/ARCHITECTURE.md` that says what it owns. To add
//! an edge: an ADR first, because an edge is easier to add than to take away.

use crate::metadata::{self, Kind, Package};
use anyhow::bail;
use std::fmt;

/// A crate, and the crates its normal and build dependencies may name.
struct Row {
    name: &'static str,
    may_use: &'static [&'static str],
}

const API_TYPES: &str = "countersign-api-types";
const ATTESTATION: &str = "countersign-attestation";
const BARRIER: &str = "countersign-barrier";
const CLI: &str = "countersign-cli";
const CLIENT: &str = "countersign-client";
const CLUSTER: &str = "countersign-cluster";
const CORE: &str = "countersign-core";
const SERVER: &str = "countersign-server";
const STORAGE: &str = "countersign-storage";
const TEST_AUTHORITY: &str = "countersign-test-authority";
const TEST_SUPPORT: &str = "countersign-test-support";
const VERIFIER: &str = "countersign-verifier";
const XTASK: &str = "xtask";

const TABLE: &[Row] = &[
    row(CORE, &[]),
    row(ATTESTATION, &[CORE]),
    row(BARRIER, &[]),
    row(STORAGE, &[CORE, BARRIER]),
    row(CLUSTER, &[CORE, BARRIER]),
    row(API_TYPES, &[CORE]),
    row(
        SERVER,
        &[CORE, ATTESTATION, BARRIER, STORAGE, CLUSTER, API_TYPES],
    ),
    row(CLIENT, &[CORE, ATTESTATION, API_TYPES]),
    row(VERIFIER, &[CORE, ATTESTATION, BARRIER, CLUSTER, API_TYPES]),
    row(
        CLI,
        &[
            SERVER,
            CLIENT,
            VERIFIER,
            CORE,
            ATTESTATION,
            STORAGE,
            API_TYPES,
        ],
    ),
    row(
        TEST_SUPPORT,
        &[
            SERVER,
            STORAGE,
            CLIENT,
            CORE,
            ATTESTATION,
            API_TYPES,
            TEST_AUTHORITY,
        ],
    ),
    row(TEST_AUTHORITY, &[CORE, ATTESTATION]),
    row(XTASK, &[]),
];

const fn row(name: &'static str, may_use: &'static [&'static str]) -> Row {
    Row { name, may_use }
}

/// What is wrong with the workspace's graph.
#[derive(Debug, PartialEq, Eq)]
enum Fault {
    /// A crate depends on one it may not know.
    WrongEdge {
        from: String,
        to: String,
        kind: Option<Kind>,
        may_use: &'static [&'static str],
    },
    /// The workspace has a crate without a row.
    Unknown(String),
    /// The table has a row without a crate.
    Stale(&'static str),
}

/// Fails on an edge or a crate that the table does not have.
pub(crate) fn run() -> anyhow::Result<()> {
    let packages = metadata::load()?.packages;
    let faults = check(&packages);
    for fault in &faults {
        println!("{fault}");
    }
    if !faults.is_empty() {
        bail!("{} faults in the dependency graph", faults.len());
    }
    println!("{} crates, every edge is in the table", packages.len());
    Ok(())
}

fn check(packages: &[Package]) -> Vec<Fault> {
    let exists = |name: &str| packages.iter().any(|package| package.name == name);
    let stale = TABLE.iter().filter(|row| !exists(row.name));
    let mut faults: Vec<Fault> = stale.map(|row| Fault::Stale(row.name)).collect();
    for package in packages {
        match TABLE.iter().find(|row| row.name == package.name) {
            Some(row) => faults.extend(wrong_edges(package, row, exists)),
            None => faults.push(Fault::Unknown(package.name.clone())),
        }
    }
    faults
}

fn wrong_edges(
    package: &Package,
    row: &Row,
    is_of_workspace: impl Fn(&str) -> bool,
) -> impl Iterator<Item = Fault> {
    package
        .dependencies
        .iter()
        .filter(move |dependency| is_of_workspace(&dependency.name))
        .filter(|dependency| {
            let is_test_edge = dependency.kind == Some(Kind::Dev) && is_for_tests(&dependency.name);
            !is_test_edge && !row.may_use.contains(&dependency.name.as_str())
        })
        .map(|dependency| Fault::WrongEdge {
            from: package.name.clone(),
            to: dependency.name.clone(),
            kind: dependency.kind,
            may_use: row.may_use,
        })
}

/// Whether the crate is a dev-dependency of any other.
fn is_for_tests(name: &str) -> bool {
    [TEST_SUPPORT, TEST_AUTHORITY].contains(&name)
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WrongEdge {
                from,
                to,
                kind,
                may_use,
            } => {
                let table = match kind {
                    None => "dependencies",
                    Some(Kind::Build) => "build-dependencies",
                    Some(Kind::Dev) => "dev-dependencies",
                };
                write!(f, "wrong edge: {from} -> {to} in [{table}]. ")?;
                write!(f, "Rule: {from} may use {}", list(may_use))?;
                match kind {
                    Some(Kind::Dev) => {
                        write!(f, ", and {TEST_SUPPORT} or {TEST_AUTHORITY} in its tests")
                    }
                    _ if is_for_tests(to) => write!(f, "; {to} is for dev-dependencies"),
                    _ => Ok(()),
                }
            }
            Self::Unknown(name) => write!(
                f,
                "unknown crate: {name}. Rule: a crate owns an outside protocol, a fuzz target or a shared \
                 boundary and has a row in xtask/src/edges.rs; otherwise it is a module"
            ),
            Self::Stale(name) => write!(
                f,
                "stale row: {name} is in xtask/src/edges.rs but not in the workspace"
            ),
        }
    }
}

fn list(names: &[&str]) -> String {
    if names.is_empty() {
        "no crate of the workspace".to_owned()
    } else {
        names.join(", ")
    }
}

#[cfg(test)]
mod tests;
