//! Whether devices are as their operator wants them.
//!
//! A [`file::RuleFile`] is what an operator writes. [`file::RuleFile::validate`] makes a
//! [`rules::RuleSet`] of it, which judges what a device reports, its [`posture::Posture`].
//! [`evaluate`] is the one place that judges; [`standing`] follows what it says over time.
//!
//! To add a check: a variant of [`file::CheckText`] and of `rules::Check`, its compilation in
//! `rules/compile.rs`, its judgement in `evaluate/check.rs`.

pub mod evaluate;
pub mod file;
pub mod posture;
pub mod rules;
pub mod standing;
pub mod version;

/// The rules that a service starts with, as the text of a rule file.
pub const DEFAULT_RULES: &str = include_str!("compliance/default_rules.toml");
