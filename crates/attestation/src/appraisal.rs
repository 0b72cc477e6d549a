//! What came of looking at one piece of evidence.

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

impl Checks {
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
