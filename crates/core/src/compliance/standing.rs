//! Where a device stands over time: since when it falls short, and when that has consequences.
//!
//! What is remembered hangs on the names of rules, so that it outlives a new version of the file.

mod step;

use super::rules::{RuleId, RuleSetVersion};
use crate::{Timestamp, snapshot::Compliance, text::text_enum};
use serde::{Deserialize, Serialize};

text_enum! {
    /// A [`Status`] without its time.
    StatusKind {
        /// As [`Status::Compliant`].
        Compliant = "compliant",
        /// As [`Status::InGrace`].
        InGrace = "in_grace",
        /// As [`Status::NonCompliant`].
        NonCompliant = "non_compliant",
        /// As [`Status::Unknown`].
        Unknown = "unknown",
    }
}

/// What a device is, with grace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "snake_case", deny_unknown_fields)]
pub enum Status {
    /// It meets every rule that decides.
    Compliant,
    /// It fails some, and has time to mend that.
    InGrace {
        /// When the first grace ends.
        until: Timestamp,
    },
    /// It fails one without grace, or has been unknown for too long.
    NonCompliant,
    /// Nobody can say.
    Unknown,
}

/// Where a device stands, to be kept until the next step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// The rules that it was judged by.
    pub version: RuleSetVersion,
    /// What it is.
    pub status: Status,
    /// The rule that decided; [`None`] for a compliant device, and where no rule is about its system.
    pub worst: Option<RuleId>,
    /// Whether a device that is corporate stays so. One that is unknown may keep this for as long as
    /// the file's `unknown_grace`, and never gains it.
    pub holds_corporate: bool,
    /// The rules that it does not meet, in the order of the file, then those that it did not meet when
    /// they were last about it.
    pub rules: Vec<RuleStanding>,
    /// Since when no rule has been about its system, while that makes it unknown.
    pub unlisted_since: Option<Timestamp>,
    /// When it was judged.
    pub evaluated_at: Timestamp,
    /// When the clock alone may change where it stands; before that, only news does.
    pub next_change: Option<Timestamp>,
}

/// Since when a device has not met one rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleStanding {
    /// The rule.
    pub rule: RuleId,
    /// The first failure since it was last met. Being unknown in between does not end this.
    pub failing_since: Option<Timestamp>,
    /// Since when nobody can say.
    pub unknown_since: Option<Timestamp>,
}

/// A device has become something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StatusChange {
    /// What it was; a device that was never judged was unknown.
    pub previous: Status,
    /// What it is.
    pub current: Status,
}

impl Status {
    /// The status without its time.
    pub const fn kind(self) -> StatusKind {
        match self {
            Self::Compliant => StatusKind::Compliant,
            Self::InGrace { .. } => StatusKind::InGrace,
            Self::NonCompliant => StatusKind::NonCompliant,
            Self::Unknown => StatusKind::Unknown,
        }
    }

    /// What requests are told: a device in its grace counts as compliant.
    pub const fn compliance(self) -> Compliance {
        match self {
            Self::Compliant | Self::InGrace { .. } => Compliance::Compliant,
            Self::NonCompliant => Compliance::NonCompliant,
            Self::Unknown => Compliance::Unevaluated,
        }
    }
}

impl Standing {
    /// What the device is under these rules; [`None`] while it has not been judged by them.
    pub fn status_under(&self, version: RuleSetVersion) -> Option<Status> {
        (self.version == version).then_some(self.status)
    }

    /// What is remembered of a rule.
    pub fn rule(&self, id: &RuleId) -> Option<&RuleStanding> {
        self.rules.iter().find(|standing| standing.rule == *id)
    }
}

#[cfg(test)]
mod tests;
