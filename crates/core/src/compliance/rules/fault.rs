//! What is wrong with a rule file.

use super::{
    super::{
        evaluate::{ResultKind, Verdict},
        version::OsFamily,
    },
    InvalidRuleId, RuleId,
};
use crate::text::InvalidText;
use std::{fmt, time::Duration};

/// One thing that is wrong with a rule file, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{at}: {cause}")]
pub struct RuleFault {
    /// The place, as a JSON pointer (RFC 6901) into the file's content: `/rule/3/check`.
    pub at: String,
    /// What is wrong there.
    pub cause: FaultCause,
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FaultCause {
    /// There are too many of them.
    #[error("more than {most}")]
    TooMany {
        /// How many there may be.
        most: usize,
    },
    /// A list that needs an entry has none.
    #[error("needs at least one entry")]
    Empty,
    /// A value or name stands there that has stood before.
    #[error("{0:?} stands there twice")]
    Repeated(String),
    /// The name of a rule is not allowed.
    #[error(transparent)]
    RuleId(#[from] InvalidRuleId),
    /// A text is not allowed.
    #[error(transparent)]
    Text(#[from] InvalidText),
    /// A duration is too short or too long.
    #[error("must be {least:?} to {most:?}")]
    Duration {
        /// The shortest that is allowed.
        least: Duration,
        /// The longest.
        most: Duration,
    },
    /// A percentage is none.
    #[error("must be 1 to 100")]
    Percentage,
    /// A version cannot be read, so that nothing could be compared with it.
    #[error("{text:?} is no version of {family}")]
    Version {
        /// The family that it should be a version of.
        family: OsFamily,
        /// The text.
        text: String,
    },
    /// A text is not dotted numbers, or a build or revision not a number.
    #[error("{0:?} is not of numbers")]
    Numbers(String),
    /// A distribution's name is none.
    #[error("{0:?} is no ID of os-release(5)")]
    Distro(String),
    /// A date is none.
    #[error("{0:?} is no date as 2025-06-05")]
    Date(String),
    /// The check can never be met or failed on this family.
    #[error("cannot apply to {0}")]
    CannotApply(OsFamily),
    /// A check that is asked for by `true` says `false`.
    #[error("must be true")]
    NotTrue,
    /// What is unknown is called good.
    #[error("unknown is never good")]
    UnknownIsGood,
    /// A test names a rule that is not there.
    #[error("there is no rule {0:?}")]
    NoSuchRule(String),
    /// A test has neither a report nor a platform.
    #[error("needs a posture or a platform")]
    NoPlatform,
    /// A test's device is judged as a whole otherwise than expected.
    #[error("test {test:?} expects {expected}, got {got}{}", Worst(.worst.as_ref()))]
    Verdict {
        /// The test.
        test: String,
        /// What it expects.
        expected: Verdict,
        /// What the rules say.
        got: Verdict,
        /// The rule that decided.
        worst: Option<RuleId>,
    },
    /// A rule says something else of a test's device than expected.
    #[error("test {test:?} expects {expected} of {rule}, got {got}")]
    Result {
        /// The test.
        test: String,
        /// The rule.
        rule: RuleId,
        /// What it expects.
        expected: ResultKind,
        /// What the rule says.
        got: ResultKind,
    },
}

struct Worst<'a>(Option<&'a RuleId>);

impl fmt::Display for Worst<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(rule) => write!(f, " by {rule}"),
            None => Ok(()),
        }
    }
}

/// The faults found so far.
#[derive(Debug, Default)]
pub(super) struct Faults(Vec<RuleFault>);

impl Faults {
    pub(super) fn note(&mut self, at: impl Into<String>, cause: impl Into<FaultCause>) {
        let (at, cause) = (at.into(), cause.into());
        let fault = RuleFault { at, cause };
        // A rule for several platforms is compiled for each, and told of once.
        if !self.0.contains(&fault) {
            self.0.push(fault);
        }
    }

    pub(super) fn into_result<T>(self, value: T) -> Result<T, Vec<RuleFault>> {
        if self.0.is_empty() {
            Ok(value)
        } else {
            Err(self.0)
        }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// A key as one step of a JSON pointer (RFC 6901 section 3).
pub(super) fn key(text: &str) -> String {
    text.replace('~', "~0").replace('/', "~1")
}
