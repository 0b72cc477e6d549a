//! From what an operator wrote to rules, or to everything that is wrong with it.

mod check;

use super::{
    super::{
        file::{RuleFile, RuleText, ScopeText, Span},
        version::{OsFamily, PatchLevel},
    },
    Rollout, Rule, RuleFault, RuleId, RuleSet, RuleSetVersion, Scope,
    fault::{FaultCause, Faults},
};
use crate::{Timestamp, text};
use std::{collections::HashSet, hash::Hash, ops::RangeInclusive, time::Duration};

/// How many rules a file may have.
pub const MOST_RULES: usize = 200;

/// How many tests a file may have.
pub const MOST_TESTS: usize = 200;

/// No grace and no age of a report is longer.
pub const LONGEST_SPAN: Duration = Duration::from_hours(365 * 24);

/// A report is never asked for more often.
pub const SHORTEST_FRESHNESS: Duration = Duration::from_mins(1);

/// How many entries a list in a rule may have.
const MOST_ENTRIES: usize = 100;

const LONGEST_MESSAGE: usize = 500;
pub(super) const LONGEST_NAME: usize = 100;
const LONGEST_LABEL: usize = 64;

impl RuleFile {
    /// Checks everything, runs the file's tests, and makes rules of it that cannot be wrong any more.
    /// `version` is the SHA-256 of the file's text.
    ///
    /// # Errors
    /// Everything that is wrong. Tests are run only where nothing else is.
    pub fn validate(&self, version: RuleSetVersion) -> Result<RuleSet, Vec<RuleFault>> {
        let mut faults = Faults::default();
        let graces = Duration::ZERO..=LONGEST_SPAN;
        let new_device_grace = self.new_device_grace.unwrap_or_default();
        in_range(new_device_grace, &graces, "/new_device_grace", &mut faults);
        let unknown_grace = self.unknown_grace.map(Span::duration);
        let checked = self.unknown_grace.unwrap_or_default();
        in_range(checked, &graces, "/unknown_grace", &mut faults);
        at_most(&self.rules, MOST_RULES, "/rule", &mut faults);
        at_most(&self.tests, MOST_TESTS, "/test", &mut faults);

        let mut by_family: [Vec<Rule>; OsFamily::ALL.len()] = Default::default();
        for (index, rule) in self.rules.iter().take(MOST_RULES).enumerate() {
            for (family, rule) in compiled(rule, &format!("/rule/{index}"), &mut faults) {
                by_family[family as usize].push(rule);
            }
        }
        let ids = self.rules.iter().map(|rule| rule.id.as_str());
        unrepeated(ids, |index| format!("/rule/{index}/id"), &mut faults);
        let rules = RuleSet {
            version,
            unlisted_platform: self.unlisted_platform,
            new_device_grace: new_device_grace.duration(),
            unknown_grace,
            falls_to: self.falls_to,
            by_family,
        };
        let tests = &self.tests[..self.tests.len().min(MOST_TESTS)];
        if faults.is_empty() {
            super::examples::run(tests, &rules, &mut faults);
        }
        faults.into_result(rules)
    }
}

/// A rule, once for each of its families. What cannot be compiled is left out and noted.
fn compiled(rule: &RuleText, at: &str, faults: &mut Faults) -> Vec<(OsFamily, Rule)> {
    let id: RuleId = match rule.id.parse() {
        Ok(id) => id,
        Err(error) => {
            faults.note(format!("{at}/id"), FaultCause::RuleId(error));
            return Vec::new();
        }
    };
    let platforms = rule.platform.as_slice();
    listed(platforms, &format!("{at}/platform"), faults);
    let names = platforms.iter().map(|family| family.as_str());
    unrepeated(names, |_| format!("{at}/platform"), faults);
    check_spans(rule, at, faults);
    if !(1..=100).contains(&rule.rollout_percent) {
        faults.note(format!("{at}/rollout_percent"), FaultCause::Percentage);
    }
    if let Some(Err(error)) = rule
        .message
        .as_ref()
        .map(|m| text::check(m, LONGEST_MESSAGE))
    {
        faults.note(format!("{at}/message"), error);
    }
    let no_grace_after = no_grace_after(rule, at, faults);
    let scope = scope(&rule.applies_to, &format!("{at}/applies_to"), faults);
    let mut rules = Vec::new();
    for family in platforms {
        let at = format!("{at}/check");
        let Some((check, required)) = check::compiled(&rule.check, *family, &at, faults) else {
            continue;
        };
        let rule = Rule {
            id: id.clone(),
            check,
            scope: scope.clone(),
            rollout: Rollout::new(&id, rule.rollout_percent),
            min_source: rule.min_source,
            fresh_within: rule.fresh_within.map(Span::duration),
            effect: rule.effect,
            grace: rule.grace.unwrap_or_default().duration(),
            no_grace_after,
            required: required.into(),
            message: rule.message.as_deref().map(Into::into),
        };
        rules.push((*family, rule));
    }
    rules
}

fn check_spans(rule: &RuleText, at: &str, faults: &mut Faults) {
    let grace = rule.grace.unwrap_or_default();
    let graces = Duration::ZERO..=LONGEST_SPAN;
    in_range(grace, &graces, &format!("{at}/grace"), faults);
    if let Some(fresh_within) = rule.fresh_within {
        let ages = SHORTEST_FRESHNESS..=LONGEST_SPAN;
        in_range(fresh_within, &ages, &format!("{at}/fresh_within"), faults);
    }
}

fn no_grace_after(rule: &RuleText, at: &str, faults: &mut Faults) -> Option<Timestamp> {
    let text = rule.no_grace_after.as_deref()?;
    let Some(day) = PatchLevel::parse(text) else {
        let cause = FaultCause::Date(text.to_owned());
        faults.note(format!("{at}/no_grace_after"), cause);
        return None;
    };
    let epoch = jiff::civil::date(1970, 1, 1);
    Some(Timestamp::from_secs(
        day.date().duration_since(epoch).as_secs(),
    ))
}

fn scope(scope: &ScopeText, at: &str, faults: &mut Faults) -> Scope {
    if let Some(groups) = &scope.group {
        let at = format!("{at}/group");
        listed(groups, &at, faults);
        unrepeated(groups.iter().map(String::as_str), |_| at.clone(), faults);
        for label in groups {
            if let Err(error) = text::check(label, LONGEST_LABEL) {
                faults.note(at.as_str(), error);
            }
        }
    }
    if let Some(clients) = &scope.client {
        let at = format!("{at}/client");
        listed(clients, &at, faults);
        let texts: Vec<String> = clients.iter().map(ToString::to_string).collect();
        unrepeated(texts.iter().map(String::as_str), |_| at.clone(), faults);
    }
    Scope {
        management: scope.management,
        groups: scope.group.as_deref().map(Into::into),
        clients: scope.client.as_deref().map(Into::into),
    }
}

fn in_range(span: Span, range: &RangeInclusive<Duration>, at: &str, faults: &mut Faults) {
    if !range.contains(&span.duration()) {
        let (least, most) = (*range.start(), *range.end());
        faults.note(at, FaultCause::Duration { least, most });
    }
}

fn at_most<T>(entries: &[T], most: usize, at: &str, faults: &mut Faults) {
    if entries.len() > most {
        faults.note(at, FaultCause::TooMany { most });
    }
}

fn listed<T>(entries: &[T], at: &str, faults: &mut Faults) {
    if entries.is_empty() {
        faults.note(at, FaultCause::Empty);
    }
    at_most(entries, MOST_ENTRIES, at, faults);
}

pub(super) fn unrepeated<'a, T: AsRef<str> + Eq + Hash + 'a>(
    entries: impl Iterator<Item = T>,
    at: impl Fn(usize) -> String,
    faults: &mut Faults,
) {
    let mut seen = HashSet::new();
    for (index, entry) in entries.enumerate() {
        let text = entry.as_ref().to_owned();
        if !seen.insert(entry) {
            faults.note(at(index), FaultCause::Repeated(text));
        }
    }
}
