//! The tests that a rule file brings along.

use super::{
    super::{
        evaluate::{Device, ResultKind},
        file::{Expectation, TestText},
    },
    RuleId, RuleSet,
    compile::{LONGEST_NAME, unrepeated},
    fault::{FaultCause, Faults, key},
};
use crate::{ClientId, Timestamp, text};
use std::collections::BTreeMap;

/// When tests are run: late enough that no report of theirs is from before the epoch.
const NOW: Timestamp = Timestamp::from_secs(4_000_000_000);

pub(super) fn run(tests: &[TestText], rules: &RuleSet, faults: &mut Faults) {
    let names = tests.iter().map(|test| test.name.as_str());
    unrepeated(names, |index| format!("/test/{index}/name"), faults);
    for (index, test) in tests.iter().enumerate() {
        let at = format!("/test/{index}");
        if let Err(error) = text::check(&test.name, LONGEST_NAME) {
            faults.note(format!("{at}/name"), error);
        }
        if test.posture.is_none() && test.platform.is_none() {
            faults.note(at.as_str(), FaultCause::NoPlatform);
        }
        check(test, rules, &at, faults);
    }
}

/// Judges the test's device and notes what is other than expected.
fn check(test: &TestText, rules: &RuleSet, at: &str, faults: &mut Faults) {
    let posture = test.posture.as_ref().map(|posture| posture.at(NOW));
    let client_id = test
        .client
        .unwrap_or(ClientId::from_uuid(uuid::Uuid::nil()));
    let device = Device {
        management: test.management,
        groups: &test.group,
        ..Device::reporting(posture.as_ref(), test.platform, client_id)
    };
    let mut results = BTreeMap::new();
    let outcome = rules.judge(&device, NOW, |rule, result| {
        results.insert(rule.id(), result.kind());
    });
    match &test.expect {
        Expectation::Verdict(expected) if *expected != outcome.verdict => {
            let cause = FaultCause::Verdict {
                test: test.name.clone(),
                expected: *expected,
                got: outcome.verdict,
                worst: outcome.worst.map(|rule| rule.id().clone()),
            };
            faults.note(format!("{at}/expect"), cause);
        }
        Expectation::Verdict(_) => {}
        Expectation::Results(expected) => {
            for (rule, expected) in expected {
                if let Err(cause) = result(test, rule, *expected, rules, &results) {
                    faults.note(format!("{at}/expect/{}", key(rule)), cause);
                }
            }
        }
    }
}

/// Whether a rule says what is expected of it; it is not about a device of another platform.
fn result(
    test: &TestText,
    name: &str,
    expected: ResultKind,
    rules: &RuleSet,
    results: &BTreeMap<&RuleId, ResultKind>,
) -> Result<(), FaultCause> {
    let rule = name.parse().ok().filter(|rule| rules.has_rule(rule));
    let rule: RuleId = rule.ok_or_else(|| FaultCause::NoSuchRule(name.to_owned()))?;
    let got = results.get(&rule).copied();
    let got = got.unwrap_or(ResultKind::NotApplicable);
    if got == expected {
        return Ok(());
    }
    let test = test.name.clone();
    Err(FaultCause::Result {
        test,
        rule,
        expected,
        got,
    })
}
