//! `countersign bench`: what this machine does, each number beside what it is compared with.
//!
//! Owns what cannot be measured from outside. Rates are medians of interleaved rounds, because one
//! machine is never equally fast twice.

mod barrier;
mod beside;
mod callers;
mod enrollments;
mod inside;
mod questions;
mod scratch;
mod sessions;
mod stopwatch;
mod target;
mod verify;
mod writes;

pub(crate) use stopwatch::Stopwatch;

/// What to measure.
#[derive(Debug, Clone, clap::Subcommand)]
pub(crate) enum BenchCommand {
    /// Judgements per second on one core, beside the bare signature check.
    Verify(verify::VerifyArgs),
    /// Logins and refreshes per second, beside the bare commits of the same database.
    Writes(writes::WritesArgs),
    /// Enrollments of new keys per second, beside the same.
    Enrollments(enrollments::EnrollmentsArgs),
    /// Endings that wait for every node, beside bare commits.
    Barrier(barrier::BarrierArgs),
    /// The same question answered by a verifier's memory, by Redis and by the store.
    Beside(beside::BesideArgs),
    /// Runs a server and a bare one beside it, for a load generator to compare.
    ServeTarget(target::TargetArgs),
}

/// Measures.
pub(crate) async fn run(command: BenchCommand) -> anyhow::Result<()> {
    match command {
        BenchCommand::Verify(args) => verify::run(args).await,
        BenchCommand::Writes(args) => writes::run(args).await,
        BenchCommand::Enrollments(args) => enrollments::run(args).await,
        BenchCommand::Barrier(args) => barrier::run(args).await,
        BenchCommand::Beside(args) => beside::run(args).await,
        BenchCommand::ServeTarget(args) => target::run(args).await,
    }
}
