//! What all rules together say.

use super::{
    super::rules::{Effect, Rule},
    RuleResult,
};
use crate::text::text_enum;

text_enum! {
    /// What all rules together say of a device at one moment, without any grace.
    Verdict {
        /// It meets every rule that decides.
        Compliant = "compliant",
        /// It fails at least one of them.
        NonCompliant = "non_compliant",
        /// It fails none of them, and nobody can say that it meets all.
        Unknown = "unknown",
    }
}

/// What comes of a device's rules, in short.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome<'r> {
    /// What they say together.
    pub verdict: Verdict,
    /// The rule that decided: of those that failed, else of those that are unknown, the first with
    /// the strongest effect. [`None`] also where no rule is about the platform.
    pub worst: Option<&'r Rule>,
    /// Whether a rule fails of which the user is to be warned only.
    pub has_warning: bool,
}

impl<'r> Outcome<'r> {
    pub(super) const fn of(verdict: Verdict) -> Self {
        Self {
            verdict,
            worst: None,
            has_warning: false,
        }
    }

    pub(super) fn add(&mut self, rule: &'r Rule, result: RuleResult) {
        let verdict = match result {
            RuleResult::Pass | RuleResult::NotApplicable => return,
            RuleResult::Fail => Verdict::NonCompliant,
            RuleResult::Unknown(_) => Verdict::Unknown,
        };
        self.has_warning |= result == RuleResult::Fail && rule.effect == Effect::Warn;
        if !rule.effect.decides() {
            return;
        }
        let weight = |verdict, effect: Option<Effect>| {
            (
                verdict != Verdict::Compliant,
                verdict == Verdict::NonCompliant,
                effect,
            )
        };
        let kept = weight(self.verdict, self.worst.map(|rule| rule.effect));
        if weight(verdict, Some(rule.effect)) > kept {
            (self.verdict, self.worst) = (verdict, Some(rule));
        }
    }
}
