//! The one binary `countersign`, and the only place where the parts are put together: the wall clock,
//! the system's randomness, the configuration and the log are made here and passed down.
//!
//! To add a command: a module with its arguments, an `after_help` with examples, and one `run`; a
//! variant in `args`; a line in `commands`.

mod admin;
mod appraise;
mod args;
mod bench;
mod commands;
mod config;
mod data_dir;
pub mod demo;
mod doctor;
mod drill;
mod input;
mod key_file;
mod logging;
mod migrate;
mod output;
mod play;
mod rules;
mod serve;
mod sidecar;
mod signals;

pub use commands::main;
