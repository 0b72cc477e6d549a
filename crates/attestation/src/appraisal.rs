//! What came of looking at one piece of evidence.
//!
//! Evidence is judged when it is presented, and may be judged again later from where it is stored,
//! under another policy or with newer knowledge. So there are two times: `presented_at`, by which
//! validity periods and freshness are judged, and `now`, by which is judged what was taken back.

use countersign_core::Timestamp;
use std::time::Duration;

/// A piece of evidence, appraised: every check that was made, and where they led.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appraisal<V, E> {
    /// In the order in which they were made. Only the last one can have failed.
    pub checks: Vec<Check>,
    /// What the evidence shows, or why it is refused.
    pub outcome: Result<V, E>,
}

/// One check of an appraisal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Check {
    /// What was looked at, in snake case; part of the documented format of appraisals.
    pub name: &'static str,
    /// Whether it held.
    pub passed: bool,
}

/// The checks of an appraisal that is under way.
#[derive(Debug, Default)]
pub struct Checks(Vec<Check>);

/// The clocks of two of our own nodes may differ by this.
pub(crate) const CLOCK_DIFFERENCE: Duration = Duration::from_mins(5);

impl Checks {
    /// Notes whether evidence was presented before it is judged.
    pub(crate) fn ensure_presented<E>(
        &mut self,
        presented_at: Timestamp,
        now: Timestamp,
        otherwise: E,
    ) -> Result<(), E> {
        let is_past = presented_at <= now.plus(CLOCK_DIFFERENCE);
        self.ensure("presented_at", is_past, otherwise)
    }

    /// Notes what a check came to, and hands it on.
    ///
    /// # Errors
    /// The check's own.
    pub fn note<T, E>(&mut self, name: &'static str, result: Result<T, E>) -> Result<T, E> {
        self.0.push(Check {
            name,
            passed: result.is_ok(),
        });
        result
    }

    /// Notes whether something holds.
    ///
    /// # Errors
    /// `otherwise`, if it does not.
    pub fn ensure<E>(&mut self, name: &'static str, holds: bool, otherwise: E) -> Result<(), E> {
        self.note(name, if holds { Ok(()) } else { Err(otherwise) })
    }

    /// Ends the appraisal.
    pub fn end<V, E>(self, outcome: Result<V, E>) -> Appraisal<V, E> {
        Appraisal {
            checks: self.0,
            outcome,
        }
    }
}

impl From<Vec<Check>> for Checks {
    /// Goes on after the checks of another judge.
    fn from(checks: Vec<Check>) -> Self {
        Self(checks)
    }
}
