//! What `cargo metadata` says of the workspace's own packages.

use crate::command;
use anyhow::Context;
use serde::Deserialize;

/// The workspace's packages, without those of the registry.
#[derive(Debug, Deserialize)]
pub(crate) struct Metadata {
    pub(crate) packages: Vec<Package>,
}

/// One package of the workspace.
#[derive(Debug, Deserialize)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) dependencies: Vec<Dependency>,
    #[serde(default)]
    pub(crate) targets: Vec<Target>,
}

/// One line of a manifest's dependency tables, under the package's real name.
#[derive(Debug, Deserialize)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    pub(crate) kind: Option<Kind>,
}

/// Which table a dependency stands in; cargo writes `null` for the normal one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    Dev,
    Build,
}

/// Something a package builds.
#[derive(Debug, Deserialize)]
pub(crate) struct Target {
    pub(crate) name: String,
    pub(crate) kind: Vec<String>,
}

impl Package {
    /// Whether the package builds a binary of that name.
    pub(crate) fn has_binary(&self, name: &str) -> bool {
        self.targets
            .iter()
            .any(|target| target.name == name && target.kind.iter().any(|kind| kind == "bin"))
    }
}

/// Asks cargo.
///
/// # Errors
/// Cargo failed, or answered something else than format version 1.
pub(crate) fn load() -> anyhow::Result<Metadata> {
    let json = command::output(&["cargo", "metadata", "--format-version", "1", "--no-deps"])?;
    serde_json::from_str(&json).context("cannot read what cargo metadata wrote")
}
