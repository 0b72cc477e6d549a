//! Log lines on standard error: JSON for machines, text for people.

use crate::{
    config::{LogFormat, LogSection},
    output,
};
use anyhow::Context as _;
use std::io::{self, IsTerminal as _};
use tracing_subscriber::{
    EnvFilter, filter::ParseError, layer::SubscriberExt as _, util::SubscriberInitExt as _,
};

/// Reads a level or a filter.
pub(crate) fn filter(text: &str) -> Result<EnvFilter, ParseError> {
    EnvFilter::builder().parse(text)
}

/// The format in force.
pub(crate) fn format(section: &LogSection) -> LogFormat {
    match section.format {
        LogFormat::Auto if io::stderr().is_terminal() => LogFormat::Text,
        LogFormat::Auto => LogFormat::Json,
        named => named,
    }
}

/// Sends every log line of the process to standard error; once per process.
pub(crate) fn start(section: &LogSection) -> anyhow::Result<()> {
    let registry = tracing_subscriber::registry().with(filter(&section.level)?);
    let layer = tracing_subscriber::fmt::layer().with_writer(io::stderr);
    let started = match format(section) {
        LogFormat::Json => registry
            .with(layer.json().flatten_event(true).with_current_span(false))
            .try_init(),
        LogFormat::Auto | LogFormat::Text => registry
            .with(layer.with_ansi(output::is_colourful(&io::stderr())))
            .try_init(),
    };
    started.context("log lines cannot be written")
}
