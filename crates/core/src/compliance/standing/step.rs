//! From where a device stood to where it stands.

use super::{
    super::{
        evaluate::{Evaluation, RuleEvaluation, RuleResult, Verdict},
        posture::UnknownReason,
        rules::{Effect, Rule, RuleSet},
    },
    RuleStanding, Standing, Status, StatusChange,
};
use crate::Timestamp;
use std::{cmp::Reverse, time::Duration};

/// How much a rule weighs against the others: the greatest decides.
type Weight = (u8, Reverse<Timestamp>, Effect);

/// What the rules looked at so far come to.
struct Sum<'r> {
    status: Status,
    worst: Option<(&'r Rule, Weight)>,
    next_change: Option<Timestamp>,
    now: Timestamp,
}

impl Standing {
    /// Where a device stands after an evaluation by `rules`, and whether that makes it something else.
    ///
    /// The same evaluation again changes nothing. `rules` must be those that evaluated.
    pub fn after(
        previous: Option<&Self>,
        evaluation: &Evaluation<'_>,
        rules: &RuleSet,
    ) -> (Self, Option<StatusChange>) {
        let now = evaluation.evaluated_at;
        let mut sum = Sum::new(now);
        let mut standings = Vec::new();
        for rule in &evaluation.rules {
            let standing = remembered(previous, rule, now);
            if rule.rule.effect().decides() && rule.result != RuleResult::NotApplicable {
                sum.add(rule, &standing, evaluation, rules);
            }
            standings.push(standing);
        }
        let is_unlisted = evaluation.rules.is_empty();
        standings.extend(not_evaluated(previous, evaluation, rules));
        standings.retain(|rule| rule.failing_since.is_some() || rule.unknown_since.is_some());

        let unlisted_since = unlisted_since(previous, evaluation);
        if let Some(since) = unlisted_since.filter(|_| is_unlisted) {
            sum.add_unlisted(since, evaluation, rules);
        }
        let standing = Self {
            version: evaluation.version,
            status: sum.status,
            worst: sum.worst.map(|(rule, _)| rule.id().clone()),
            holds_corporate: holds_corporate(previous, sum.status, rules),
            rules: standings,
            unlisted_since,
            evaluated_at: now,
            next_change: sum.next_change,
        };
        let was = previous.map_or(Status::Unknown, |previous| previous.status);
        let change = StatusChange {
            previous: was,
            current: standing.status,
        };
        let is_other = was.kind() != standing.status.kind();
        (standing, is_other.then_some(change))
    }
}

impl<'r> Sum<'r> {
    const fn new(now: Timestamp) -> Self {
        Self {
            status: Status::Compliant,
            worst: None,
            next_change: None,
            now,
        }
    }

    fn add(
        &mut self,
        evaluated: &RuleEvaluation<'r>,
        standing: &RuleStanding,
        evaluation: &Evaluation<'_>,
        rules: &RuleSet,
    ) {
        let rule = evaluated.rule;
        let new_until = evaluation.first_seen_at.plus(rules.new_device_grace);
        let end_of = |since: Timestamp, grace: Duration| {
            let end = since.plus(grace).max(new_until);
            rule.no_grace_after.map_or(end, |floor| end.min(floor))
        };
        let status = if let Some(since) = standing.failing_since {
            // Whoever failed and then fell silent has not mended anything.
            self.until(end_of(since, rule.grace), |until| Status::InGrace { until })
        } else if let Some(since) = standing.unknown_since {
            match rules.unknown_grace {
                Some(grace) => self.until(end_of(since, grace), |_| Status::Unknown),
                None => Status::Unknown,
            }
        } else {
            self.expect_change(evaluated.stale_at);
            return;
        };
        let weight = weight(status, rule.effect());
        if self.worst.is_none_or(|(_, worst)| weight > worst) {
            (self.status, self.worst) = (status, Some((rule, weight)));
        }
    }

    fn add_unlisted(&mut self, since: Timestamp, evaluation: &Evaluation<'_>, rules: &RuleSet) {
        let new_until = evaluation.first_seen_at.plus(rules.new_device_grace);
        self.status = match rules.unknown_grace {
            Some(grace) => self.until(since.plus(grace).max(new_until), |_| Status::Unknown),
            None => Status::Unknown,
        };
    }

    /// What holds until then; afterwards the device does not comply.
    fn until(&mut self, end: Timestamp, before: impl Fn(Timestamp) -> Status) -> Status {
        if self.now >= end {
            return Status::NonCompliant;
        }
        self.expect_change(Some(end));
        before(end)
    }

    fn expect_change(&mut self, at: Option<Timestamp>) {
        let at = at.filter(|at| *at > self.now);
        self.next_change = [at, self.next_change].into_iter().flatten().min();
    }
}

/// What is to be remembered of a rule that has been evaluated.
fn remembered(
    previous: Option<&Standing>,
    evaluated: &RuleEvaluation<'_>,
    now: Timestamp,
) -> RuleStanding {
    let id = evaluated.rule.id();
    let kept = previous.and_then(|previous| previous.rule(id));
    let failing_since = kept.and_then(|kept| kept.failing_since);
    let unknown_since = kept.and_then(|kept| kept.unknown_since);
    let (failing_since, unknown_since) = match evaluated.result {
        RuleResult::Pass => (None, None),
        RuleResult::Fail => (failing_since.or(Some(now)), None),
        RuleResult::Unknown(reason) => {
            let since = unknown_since.unwrap_or_else(|| {
                let stale_at = evaluated
                    .stale_at
                    .filter(|_| reason == UnknownReason::Stale);
                became_stale(previous, stale_at, now)
            });
            (failing_since, Some(since))
        }
        // Whoever leaves the reach of a rule and comes back has not met it in between.
        RuleResult::NotApplicable => (failing_since, unknown_since),
    };
    RuleStanding {
        rule: id.clone(),
        failing_since,
        unknown_since,
    }
}

/// Since when a report has been too old: a step that is taken late does not lengthen the grace. A rule
/// that has become stricter does not shorten it either: nothing begins before the last step.
fn became_stale(
    previous: Option<&Standing>,
    stale_at: Option<Timestamp>,
    now: Timestamp,
) -> Timestamp {
    match (previous, stale_at) {
        (Some(previous), Some(stale_at)) => stale_at.max(previous.evaluated_at).min(now),
        _ => now,
    }
}

/// What stays remembered of rules about another system than the device reports now.
fn not_evaluated<'a>(
    previous: Option<&'a Standing>,
    evaluation: &'a Evaluation<'_>,
    rules: &'a RuleSet,
) -> impl Iterator<Item = RuleStanding> + 'a {
    let is_evaluated = |kept: &RuleStanding| {
        evaluation
            .rules
            .iter()
            .any(|rule| *rule.rule.id() == kept.rule)
    };
    let kept = previous.into_iter().flat_map(|previous| &previous.rules);
    kept.filter(move |kept| !is_evaluated(kept) && rules.has_rule(&kept.rule))
        .cloned()
}

/// Since when the device's system has been one that no rule is about; another that is unknown too does
/// not end this.
fn unlisted_since(previous: Option<&Standing>, evaluation: &Evaluation<'_>) -> Option<Timestamp> {
    if evaluation.outcome.verdict != Verdict::Unknown {
        return None;
    }
    let kept = previous.and_then(|previous| previous.unlisted_since);
    let begun = evaluation
        .rules
        .is_empty()
        .then_some(evaluation.evaluated_at);
    kept.or(begun)
}

fn holds_corporate(previous: Option<&Standing>, status: Status, rules: &RuleSet) -> bool {
    match status {
        Status::Compliant | Status::InGrace { .. } => true,
        Status::NonCompliant => false,
        Status::Unknown => {
            let has_held = previous.is_some_and(|previous| previous.holds_corporate);
            has_held && rules.unknown_grace.is_some()
        }
    }
}

/// Not to comply weighs more than to be unknown, that more than any grace, and a grace that ends
/// earlier more than a later one.
const fn weight(status: Status, effect: Effect) -> Weight {
    let no_end = Reverse(Timestamp::from_micros(i64::MIN));
    match status {
        Status::Compliant => (0, no_end, effect),
        Status::InGrace { until } => (1, Reverse(until), effect),
        Status::Unknown => (2, no_end, effect),
        Status::NonCompliant => (3, no_end, effect),
    }
}
