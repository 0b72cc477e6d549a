//! What the rounds came to: in metrics, in the log, and in the exit code.

use super::{
    probe::Probe,
    round::{By, Round},
};
use countersign_server::telemetry::{Metric, Metrics};
use std::fmt;

/// Counts rounds.
#[derive(Debug)]
pub(super) struct Account {
    metrics: Metrics,
    passed: u64,
    failed: u64,
    violations: u64,
}

impl Account {
    /// Nothing has happened, which the metrics show too.
    pub(super) fn new(metrics: Metrics, probes: &[Probe]) -> Self {
        for outcome in ["passed", "violated", "failed"] {
            let labels = [("outcome", outcome)];
            metrics.counter(Metric::DrillRounds, &labels).increment(0);
        }
        for probe in probes {
            let labels = [("probe", probe.name.as_str())];
            metrics
                .counter(Metric::DrillViolations, &labels)
                .increment(0);
        }
        Self {
            metrics,
            passed: 0,
            failed: 0,
            violations: 0,
        }
    }

    /// Takes a round in, and raises the alarm where something was accepted that had ended.
    pub(super) fn take(&mut self, probes: &[Probe], round: &Round) {
        let seconds = self
            .metrics
            .histogram(Metric::DrillEndingSeconds, &[("by", round.by.as_str())]);
        seconds.record(round.ending.as_secs_f64());
        let (mut accepted, mut unclear) = (0, false);
        for (probe, cut_off) in probes.iter().zip(&round.cut_offs) {
            let labels = [("probe", probe.name.as_str())];
            self.metrics
                .histogram(Metric::DrillTimeToCutOff, &labels)
                .record(cut_off.after.as_secs_f64());
            if cut_off.accepted > 0 {
                accepted += u64::from(cut_off.accepted);
                let violations = self.metrics.counter(Metric::DrillViolations, &labels);
                violations.increment(u64::from(cut_off.accepted));
                let after = cut_off.after.as_secs_f64();
                let (probe, calls) = (&probe.name, cut_off.accepted);
                tracing::error!(probe, calls, seconds = after, "accepted what had ended");
            }
            if let Some(said) = &cut_off.unclear {
                unclear = true;
                tracing::warn!(probe = probe.name, said, "did not refuse what had ended");
            }
        }
        self.violations += accepted;
        match (accepted, unclear) {
            (1.., _) => self.count("violated"),
            (0, true) => self.fail(),
            (0, false) => {
                self.passed += 1;
                self.count("passed");
                let (ending, by) = (round.ending.as_secs_f64(), By::as_str(round.by));
                tracing::info!(by, seconds = ending, "ended, and refused everywhere");
            }
        }
    }

    /// A round could not be played.
    pub(super) fn fail(&mut self) {
        self.failed += 1;
        self.count("failed");
    }

    /// Whether nothing was wrong, and something was tried.
    pub(super) const fn is_good(&self) -> bool {
        self.passed > 0 && self.failed == 0 && self.violations == 0
    }

    fn count(&self, outcome: &str) {
        let labels = [("outcome", outcome)];
        self.metrics
            .counter(Metric::DrillRounds, &labels)
            .increment(1);
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            passed,
            failed,
            violations,
            ..
        } = self;
        write!(
            f,
            "{passed} rounds passed, {failed} failed, {violations} calls accepted after their session had ended"
        )
    }
}
