//! The one place that judges devices by rules, for requests, sweeps and plans alike.

mod check;
mod outcome;

pub use outcome::{Outcome, Verdict};

use super::{
    posture::{Posture, Reading, UnknownReason},
    rules::{Management, Rule, RuleSet, RuleSetVersion, UnlistedPlatform},
    version::OsFamily,
};
use crate::{ClientId, DeviceId, Timestamp, text::text_enum};
use std::time::Duration;

text_enum! {
    /// What a rule says of a device, without the reason.
    ResultKind {
        /// The device meets it.
        Pass = "pass",
        /// It does not.
        Fail = "fail",
        /// Nobody can say; this never counts as met.
        Unknown = "unknown",
        /// The rule is not about the device.
        NotApplicable = "not_applicable",
    }
}

/// What a rule says of a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RuleResult {
    /// The device meets it.
    Pass,
    /// It does not.
    Fail,
    /// Nobody can say.
    Unknown(UnknownReason),
    /// The rule is not about the device.
    NotApplicable,
}

/// The device that is judged.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// Its identity, which decides when a rollout reaches it.
    pub device_id: DeviceId,
    /// Its app.
    pub client_id: ClientId,
    /// What its system is taken for until it has reported one.
    pub family: Option<OsFamily>,
    /// What it reports.
    pub posture: Option<&'a Posture>,
    /// Its labels.
    pub groups: &'a [String],
    /// Whether an MDM manages it.
    pub management: Management,
    /// When it first came.
    pub first_seen_at: Timestamp,
}

/// What comes of a device's rules, one by one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evaluation<'r> {
    /// Which rules they are.
    pub version: RuleSetVersion,
    /// The system, where it is known.
    pub family: Option<OsFamily>,
    /// All rules about it, in the order of the file.
    pub rules: Vec<RuleEvaluation<'r>>,
    /// What they say together.
    pub outcome: Outcome<'r>,
    /// When the device first came.
    pub first_seen_at: Timestamp,
    /// When it was judged.
    pub evaluated_at: Timestamp,
}

/// What one rule says of a device, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleEvaluation<'r> {
    /// The rule; it knows what it requires.
    pub rule: &'r Rule,
    /// What it says.
    pub result: RuleResult,
    /// What the device has, as it was reported.
    pub observed: Option<String>,
    /// From when on the report is too old to say anything, or since when it has been.
    pub stale_at: Option<Timestamp>,
}

/// A device with its report read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Device<'a> {
    pub(super) family: Option<OsFamily>,
    pub(super) reading: Option<Reading<'a>>,
    pub(super) client_id: ClientId,
    pub(super) management: Management,
    pub(super) groups: &'a [String],
    /// The bits that rollouts go by; without them, every rollout has reached the device.
    pub(super) reached: Option<(u64, u64)>,
}

impl RuleSet {
    /// What the rules say together, without what each says; allocates nothing.
    pub fn outcome(&self, subject: &Subject<'_>, now: Timestamp) -> Outcome<'_> {
        self.judge(&Device::from(subject), now, |_, _| ())
    }

    /// What the rules say, one by one and together.
    pub fn evaluate(&self, subject: &Subject<'_>, now: Timestamp) -> Evaluation<'_> {
        let device = Device::from(subject);
        let mut rules = Vec::new();
        let outcome = self.judge(&device, now, |rule, result| {
            let posture = subject.posture;
            rules.push(RuleEvaluation {
                rule,
                result,
                observed: posture.and_then(|posture| rule.check.observed(posture)),
                stale_at: posture.and_then(|posture| rule.stale_at(posture)),
            });
        });
        Evaluation {
            version: self.version,
            family: device.family,
            rules,
            outcome,
            first_seen_at: subject.first_seen_at,
            evaluated_at: now,
        }
    }

    /// Judges by every rule about the device's system, and shows each result.
    pub(super) fn judge<'r>(
        &'r self,
        device: &Device<'_>,
        now: Timestamp,
        mut show: impl FnMut(&'r Rule, RuleResult),
    ) -> Outcome<'r> {
        let Some(family) = device.family else {
            return Outcome::of(Verdict::Unknown);
        };
        let rules = self.rules(family);
        if rules.is_empty() {
            return Outcome::of(match self.unlisted_platform {
                UnlistedPlatform::Unknown => Verdict::Unknown,
                UnlistedPlatform::Compliant => Verdict::Compliant,
            });
        }
        let mut outcome = Outcome::of(Verdict::Compliant);
        for rule in rules {
            let result = rule.judge(device, now);
            outcome.add(rule, result);
            show(rule, result);
        }
        outcome
    }
}

impl Rule {
    /// What this rule says of the device.
    fn judge(&self, device: &Device<'_>, now: Timestamp) -> RuleResult {
        if !self.is_about(device) {
            return RuleResult::NotApplicable;
        }
        let Some(reading) = &device.reading else {
            return RuleResult::Unknown(UnknownReason::NoPosture);
        };
        if reading.posture.source < self.min_source {
            return RuleResult::Unknown(UnknownReason::WeakSource);
        }
        if self.stale_at(reading.posture).is_some_and(|at| now >= at) {
            return RuleResult::Unknown(UnknownReason::Stale);
        }
        match self.check.is_met(reading) {
            Ok(true) => RuleResult::Pass,
            Ok(false) => RuleResult::Fail,
            Err(reason) => RuleResult::Unknown(reason),
        }
    }

    fn is_about(&self, device: &Device<'_>) -> bool {
        let scope = &self.scope;
        scope
            .management
            .is_none_or(|management| management == device.management)
            && scope
                .clients
                .as_ref()
                .is_none_or(|clients| clients.contains(&device.client_id))
            && scope
                .groups
                .as_ref()
                .is_none_or(|groups| device.groups.iter().any(|label| groups.contains(label)))
            && device
                .reached
                .is_none_or(|bits| self.rollout.has_reached(bits))
    }

    /// From when on this report is too old for the rule; at exactly its age it is not.
    fn stale_at(&self, posture: &Posture) -> Option<Timestamp> {
        let just_after = Duration::from_micros(1);
        let fresh_within = self.fresh_within?;
        Some(posture.received_at.plus(fresh_within).plus(just_after))
    }
}

impl RuleResult {
    /// The result without the reason.
    pub const fn kind(self) -> ResultKind {
        match self {
            Self::Pass => ResultKind::Pass,
            Self::Fail => ResultKind::Fail,
            Self::Unknown(_) => ResultKind::Unknown,
            Self::NotApplicable => ResultKind::NotApplicable,
        }
    }
}

impl<'a> Device<'a> {
    /// A device that reports this and of which nothing else is known.
    pub(super) fn reporting(
        posture: Option<&'a Posture>,
        family: Option<OsFamily>,
        client_id: ClientId,
    ) -> Self {
        Self {
            family: posture.map(|posture| posture.os_family).or(family),
            reading: posture.map(Reading::of),
            client_id,
            management: Management::Unmanaged,
            groups: &[],
            reached: None,
        }
    }
}

impl<'a> From<&Subject<'a>> for Device<'a> {
    fn from(subject: &Subject<'a>) -> Self {
        Self {
            management: subject.management,
            groups: subject.groups,
            reached: Some(subject.device_id.as_uuid().as_u64_pair()),
            ..Self::reporting(subject.posture, subject.family, subject.client_id)
        }
    }
}

#[cfg(test)]
mod tests;
