//! Google's list of Android certificates that were taken back.

use crate::output::{self, Format, Output};
use anyhow::Context as _;
use countersign_core::Timestamp;
use countersign_server::App;
use serde_json::json;
use std::{fs, path::PathBuf};

#[derive(Debug, Clone, clap::Args)]
#[command(after_help = "\
For machines that cannot reach Google. Fetch https://android.googleapis.com/attestation/status elsewhere, and
bring the file and the time. Running servers take it over within a minute.

Example:
  countersign admin import-status-list status.json --as-of 2026-11-22T12:00:00Z")]
pub(crate) struct ImportStatusListArgs {
    /// The list as it came.
    file: PathBuf,
    /// When it was fetched.
    #[arg(long, value_name = "TIME")]
    as_of: Timestamp,
    #[command(flatten)]
    output: Output,
}

pub(super) async fn import(app: &App, args: ImportStatusListArgs) -> anyhow::Result<()> {
    let file = args.file.display().to_string();
    let json = fs::read(&args.file).with_context(|| format!("cannot read {file}"))?;
    let count = app.enrollments.import_status_list(json, args.as_of).await?;
    match args.output.output {
        Format::Table => {
            let row = [count.to_string(), args.as_of.to_string()];
            output::table(["CERTIFICATES", "AS OF"], &[row])?;
            Ok(())
        }
        Format::Json => output::json(&json!({ "certificates": count, "as_of": args.as_of })),
    }
}
