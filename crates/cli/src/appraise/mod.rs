//! `countersign appraise`: judges one piece of evidence from a file, without a service.
//!
//! What is read here is turned into what the judges of `attestation` expect, and what they say is
//! printed; no rule about evidence stands here. This is the one place that takes anchors from a
//! file, because nobody is let in by what it says (`docs/adr/0008-a-file-may-name-roots.md`).
//!
//! To add a kind of evidence: a variant of [`Kind`], a module with its members and its judge, and its
//! section in `docs/APPRAISE.md`.

mod android;
mod app_attest;
mod dbsc;
mod dpop;
mod encoding;
mod input;
mod jwk;
mod key_assertion;
mod play_integrity;
mod report;
mod subject;
mod surroundings;
mod webauthn;

use crate::output::Output;
use countersign_core::Clock;
use input::{Input, Kind, Unreadable};
use report::Report;
use std::{path::PathBuf, process::ExitCode};

#[derive(Debug, Clone, clap::Args)]
#[command(after_help = AFTER_HELP)]
pub(crate) struct AppraiseArgs {
    /// The evidence and what is expected of it; `-` for standard input.
    #[arg(value_name = "FILE.json")]
    file: PathBuf,
    #[command(flatten)]
    output: Output,
}

const AFTER_HELP: &str = "\
Reads no configuration, asks nobody and changes nothing. The file says of which kind the evidence is:
  app_attest_attestation, app_attest_assertion, android_key, play_integrity,
  webauthn_registration, webauthn_assertion, key_assertion, dpop, dbsc
Its members are described in docs/APPRAISE.md. Roots that the file names stand in place of the platform's, and the
result says so.

Exit codes: 0 accepted, 1 refused, 2 the file cannot be read.

Examples:
  countersign appraise evidence.json
  countersign appraise --output json - < evidence.json";

/// Judges a file and prints what came of it.
pub(crate) fn run(args: &AppraiseArgs, clock: &dyn Clock) -> anyhow::Result<ExitCode> {
    let input = Input::read(&args.file)?;
    let report = judge(&input, clock)?;
    report.print(args.output)?;
    Ok(if report.is_accepted() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn judge(input: &Input, clock: &dyn Clock) -> Result<Report, Unreadable> {
    match input.kind()? {
        Kind::AppAttestAttestation => app_attest::appraise_attestation(input, clock),
        Kind::AppAttestAssertion => app_attest::appraise_assertion(input),
        Kind::AndroidKey => android::appraise(input, clock),
        Kind::PlayIntegrity => play_integrity::appraise(input, clock),
        Kind::WebauthnRegistration => webauthn::appraise_registration(input, clock),
        Kind::WebauthnAssertion => webauthn::appraise_assertion(input),
        Kind::KeyAssertion => key_assertion::appraise(input),
        Kind::Dpop => dpop::appraise(input, clock),
        Kind::Dbsc => dbsc::appraise(input),
    }
}
