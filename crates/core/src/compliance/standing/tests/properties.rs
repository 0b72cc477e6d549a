//! What holds of any device over time.

use super::*;
use crate::compliance::evaluate::{ResultKind, Verdict};
use proptest::prelude::*;

/// What happens to a device: hours pass, then it reports, or not.
#[derive(Debug, Clone)]
struct News {
    hours: u32,
    report: Option<(&'static str, &'static str, Option<bool>, OsFamily)>,
}

fn news() -> impl Strategy<Value = Vec<News>> {
    let report = (
        proptest::sample::select(&["15.0", "17.0", "x"][..]),
        proptest::sample::select(&["1.0", "2.0", ""][..]),
        proptest::option::weighted(0.8, any::<bool>()),
        prop_oneof![
            8 => Just(OsFamily::Ios),
            1 => Just(OsFamily::Macos),
            1 => Just(OsFamily::Other),
        ],
    );
    let one = (0u32..300, proptest::option::of(report))
        .prop_map(|(hours, report)| News { hours, report });
    proptest::collection::vec(one, 1..12)
}

fn any_rules() -> impl Strategy<Value = String> {
    let header = proptest::sample::select(
        &[
            "unknown_grace = \"1d\"",
            "",
            "unknown_grace = \"0d\"",
            "unknown_grace = \"2d\"\nnew_device_grace = \"20d\"",
        ][..],
    );
    let floor = proptest::sample::select(&["", "no_grace_after = \"2027-01-20\""][..]);
    let unlisted = proptest::sample::select(&["unknown", "compliant"][..]);
    (header, floor, unlisted).prop_map(|(header, floor, unlisted)| {
        let rules = RULES.replace("unknown_grace = \"1d\"", header);
        let rules = rules.replace("grace = \"7d\"", &format!("grace = \"7d\"\n{floor}"));
        format!("unlisted_platform = \"{unlisted}\"\n{rules}")
    })
}

/// Follows a device through its news and calls after each step.
fn follow(
    rules: &str,
    news: &[News],
    mut then: impl FnMut(&Followed, Timestamp) -> Result<(), TestCaseError>,
) -> Result<(), TestCaseError> {
    let mut device = Followed::under(rules);
    device.first_seen_at = NOW;
    let mut now = NOW;
    for news in news {
        now = now.plus(Duration::from_hours(u64::from(news.hours)));
        if let Some((version, app, screen_lock, family)) = news.report {
            device.posture = Some(Posture {
                os_version: Some(version.to_owned()),
                app_version: Some(app.to_owned()),
                screen_lock,
                ..Posture::empty(family, now)
            });
        }
        device.step(now);
        then(&device, now)?;
    }
    Ok(())
}

proptest! {
    #[test]
    fn nothing_changes_before_the_next_change(rules in any_rules(), news in news(), part in 0.0f64..1.0) {
        follow(&rules, &news, |device, now| {
            let kept = device.kept();
            let Some(next) = kept.next_change else {
                let (later, change) = device.peek(now.plus(DAY * 9999));
                prop_assert_eq!(later.status, kept.status);
                prop_assert_eq!((change, later.next_change), (None, None));
                return Ok(());
            };
            prop_assert!(next > now);
            let between = now.plus(next.since(now).mul_f64(part)).min(next.minus(MICRO));
            for before in [between, next.minus(MICRO)] {
                let (early, change) = device.peek(before);
                prop_assert_eq!((early.status, change), (kept.status, None));
                prop_assert_eq!(early.next_change, Some(next));
                prop_assert_eq!(early.holds_corporate, kept.holds_corporate);
            }
            let (then, _) = device.peek(next);
            let has_moved = then.next_change.is_none_or(|later| later > next);
            prop_assert!(then.status != kept.status || has_moved);
            Ok(())
        })?;
    }

    #[test]
    fn the_same_again_changes_nothing(rules in any_rules(), news in news()) {
        follow(&rules, &news, |device, now| {
            let (again, change) = device.peek(now);
            prop_assert_eq!(&again, device.kept());
            prop_assert_eq!(change, None);
            Ok(())
        })?;
    }

    #[test]
    fn a_step_in_between_makes_no_difference(rules in any_rules(), news in news(), hours in 0u64..500, part in 0.0f64..1.0) {
        follow(&rules, &news, |device, now| {
            let later = now.plus(Duration::from_hours(hours));
            let (once, _) = device.peek(later);
            let between = now.plus(later.since(now).mul_f64(part));
            let (standing, _) = device.peek(between);
            let twice = Followed {
                rules: device.rules.clone(),
                posture: device.posture.clone(),
                groups: Vec::new(),
                standing: Some(standing),
                changes: Vec::new(),
                first_seen_at: device.first_seen_at,
            };
            let (twice, _) = twice.peek(later);
            prop_assert_eq!(twice, once);
            Ok(())
        })?;
    }

    #[test]
    fn only_devices_that_meet_every_deciding_rule_are_compliant(rules in any_rules(), news in news()) {
        follow(&rules, &news, |device, now| {
            let kept = device.kept();
            let evaluation = device.evaluate(now);
            let is_met = |kind| matches!(kind, ResultKind::Pass | ResultKind::NotApplicable);
            let mut deciding = evaluation.rules.iter().filter(|rule| rule.rule.effect().decides());
            let is_good = deciding.all(|rule| is_met(rule.result.kind()))
                && evaluation.outcome.verdict == Verdict::Compliant;
            prop_assert_eq!(kept.status == Status::Compliant, is_good);
            prop_assert!(kept.holds_corporate || !is_good);
            prop_assert!(!kept.holds_corporate || kept.status != Status::NonCompliant);
            Ok(())
        })?;
    }

    #[test]
    fn what_was_not_held_is_not_gained_by_being_unknown(rules in any_rules(), news in news()) {
        let mut has_held = false;
        follow(&rules, &news, |device, _| {
            let kept = device.kept();
            let is_unknown = kept.status == Status::Unknown;
            prop_assert!(!is_unknown || has_held || !kept.holds_corporate);
            has_held = kept.holds_corporate;
            Ok(())
        })?;
    }
}
