//! What the operator configures: a TOML file, environment variables, flags, each above the one before.
//!
//! Owns reading, checking and printing it. Relative paths in it are inside the data directory.
//!
//! To add a key: a field with its default in its section, a line in `template.toml`, and a check in
//! the section's `validate` if not every value will do.

mod fault;
mod keys;
mod layers;
mod optional;
mod redact;
mod resolve;
mod sections;
mod store_url;
mod values;

pub(crate) use fault::Misconfigured;
pub(crate) use layers::{Loaded, Place, Settings, load};
pub(crate) use resolve::FirstStart;
pub(crate) use sections::{Config, LogFormat, LogSection};
pub(crate) use store_url::backend_of;

/// The configuration file that `config init` prints: every key with its default, commented out.
pub(crate) const TEMPLATE: &str = include_str!("template.toml");

#[cfg(test)]
mod tests;
