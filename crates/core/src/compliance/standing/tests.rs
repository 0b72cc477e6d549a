mod followed;
mod properties;

use super::*;
use crate::compliance::{file::RuleFile, posture::Posture, rules::RuleSet, version::OsFamily};
use followed::Followed;
use std::time::Duration;

const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);
const DAY: Duration = Duration::from_hours(24);
const MICRO: Duration = Duration::from_micros(1);

/// A week of grace for the version, two days for the app, none for the lock; reports last ten days.
const RULES: &str = r#"
unknown_grace = "1d"
[[rule]]
id = "version"
platform = "ios"
check = { os_version = { at_least = "16.0" } }
effect = "downgrade"
grace = "7d"
fresh_within = "10d"
[[rule]]
id = "app"
platform = "ios"
check = { app_version = { at_least = "2.0" } }
effect = "downgrade"
grace = "2d"
[[rule]]
id = "lock"
platform = ["ios", "macos"]
check = { screen_lock = true }
effect = "block"
[[rule]]
id = "told"
platform = "ios"
check = { os_version = { at_least = "18.0" } }
effect = "report"
"#;

fn rule_set(text: &str) -> RuleSet {
    let file: RuleFile = toml::from_str(text).unwrap();
    let hash = crate::token::sha256(text.as_bytes());
    file.validate(RuleSetVersion::from_hash(hash)).unwrap()
}

fn day(number: u32) -> Timestamp {
    NOW.plus(DAY * number)
}

const OK: Option<bool> = Some(true);

#[test]
fn grace_runs_from_the_first_failure_and_survives_reports() {
    use StatusKind as S;
    let mut device = Followed::under(RULES);
    assert_eq!(device.report(day(0), "17.0", "2.0", OK), Status::Compliant);
    let in_grace = Status::InGrace { until: day(8) };
    assert_eq!(device.report(day(1), "15.0", "2.0", OK), in_grace);
    assert_eq!(device.report(day(4), "15.1", "2.0", OK), in_grace);
    assert_eq!(device.worst(), Some("version"));
    assert_eq!(device.kept().rules[0].failing_since, Some(day(1)));
    assert_eq!(device.kept().next_change, Some(day(8)));
    assert_eq!(device.step(day(8).minus(MICRO)), in_grace);
    assert_eq!(device.step(day(8)), Status::NonCompliant);
    assert_eq!(
        device.report(day(9), "15.2", "2.0", OK),
        Status::NonCompliant
    );
    assert_eq!(device.report(day(10), "16.0", "2.0", OK), Status::Compliant);
    let again = Status::InGrace { until: day(18) };
    assert_eq!(device.report(day(11), "15.0", "2.0", OK), again);
    let changes = [
        S::Compliant,
        S::InGrace,
        S::NonCompliant,
        S::Compliant,
        S::InGrace,
    ];
    assert_eq!(device.changes, changes);
}

#[test]
fn falling_silent_does_not_restart_the_grace() {
    let mut device = Followed::under(RULES);
    device.report(day(1), "15.0", "2.0", OK);
    let in_grace = Status::InGrace { until: day(8) };
    assert_eq!(device.report(day(3), "unreadable", "2.0", OK), in_grace);
    assert_eq!(
        device
            .kept()
            .rule(&"version".parse().unwrap())
            .unwrap()
            .unknown_since,
        Some(day(3))
    );
    assert_eq!(device.report(day(5), "15.0", "2.0", OK), in_grace);
    assert_eq!(device.step(day(8)), Status::NonCompliant);
    // Not even when the report that failed is too old to say so.
    assert_eq!(device.step(day(40)), Status::NonCompliant);
}

#[test]
fn the_rule_that_runs_out_first_is_the_worst_in_grace() {
    let mut device = Followed::under(RULES);
    let status = device.report(day(0), "15.0", "1.0", OK);
    assert_eq!(status, Status::InGrace { until: day(2) });
    assert_eq!(device.worst(), Some("app"));
    assert_eq!(
        device.report(day(1), "15.0", "1.0", Some(false)),
        Status::NonCompliant
    );
    assert_eq!(device.worst(), Some("lock"));
    assert_eq!(
        device.report(day(1), "15.0", "1.0", None),
        Status::NonCompliant
    );
}

#[test]
fn an_unknown_rule_outweighs_a_grace_and_has_one_of_its_own() {
    let mut device = Followed::under(RULES);
    assert_eq!(device.report(day(0), "15.0", "2.0", None), Status::Unknown);
    assert_eq!(device.worst(), Some("lock"));
    assert!(
        !device.kept().holds_corporate,
        "nothing is gained by being unknown"
    );
    assert_eq!(device.kept().next_change, Some(day(1)));
    assert_eq!(device.step(day(1)), Status::NonCompliant);
    assert_eq!(device.report(day(2), "17.0", "2.0", OK), Status::Compliant);
    assert!(device.kept().holds_corporate);
    assert_eq!(device.report(day(3), "17.0", "2.0", None), Status::Unknown);
    assert!(
        device.kept().holds_corporate,
        "it is kept for the unknown grace"
    );
    assert_eq!(device.step(day(4)), Status::NonCompliant);
    assert!(!device.kept().holds_corporate);
}

#[test]
fn without_an_unknown_grace_unknown_stays_unknown_and_holds_nothing() {
    let mut device = Followed::under(&RULES.replace("unknown_grace = \"1d\"", ""));
    device.report(day(0), "17.0", "2.0", OK);
    assert_eq!(device.report(day(1), "17.0", "2.0", None), Status::Unknown);
    assert!(!device.kept().holds_corporate);
    assert_eq!(device.kept().next_change, Some(day(11).plus(MICRO)));
    assert_eq!(device.step(day(300)), Status::Unknown);
    assert_eq!(device.kept().next_change, None);
}

#[test]
fn a_report_lapses_by_the_clock_alone() {
    let mut device = Followed::under(RULES);
    device.report(day(0), "17.0", "2.0", OK);
    let stale_at = day(10).plus(MICRO);
    assert_eq!(device.kept().next_change, Some(stale_at));
    assert_eq!(device.peek(day(10)).0.status, Status::Compliant);
    let (late, _) = device.peek(day(10).plus(DAY / 2));
    assert_eq!(
        late.next_change,
        Some(day(11).plus(MICRO)),
        "a late step gives no more time"
    );
    assert_eq!(device.step(stale_at), Status::Unknown);
    assert_eq!(device.worst(), Some("version"));
    assert_eq!(device.step(day(11)), Status::Unknown);
    assert_eq!(device.step(day(11).plus(MICRO)), Status::NonCompliant);
}

#[test]
fn a_stricter_rule_gives_its_grace_from_when_it_came() {
    let mut device = Followed::under(RULES);
    device.report(day(0), "17.0", "2.0", OK);
    device.step(day(5));
    device.rules = rule_set(&RULES.replace("10d", "2d"));
    assert_eq!(device.step(day(5)), Status::Unknown);
    assert_eq!(device.kept().next_change, Some(day(6)));
}

#[test]
fn a_new_device_has_time_and_the_hard_date_takes_it() {
    let new = format!("new_device_grace = \"30d\"\n{RULES}");
    let mut device = Followed::under(&new);
    device.first_seen_at = day(0);
    let status = device.report(day(1), "15.0", "2.0", Some(false));
    assert_eq!(status, Status::InGrace { until: day(30) });
    // 2027-01-20 is 4 days and 16 hours after NOW.
    let floor: Timestamp = "2027-01-20T00:00:00Z".parse().unwrap();
    let hard = new.replace(
        "grace = \"7d\"",
        "grace = \"7d\"\nno_grace_after = \"2027-01-20\"",
    );
    device.rules = rule_set(&hard);
    assert_eq!(device.step(day(2)), Status::InGrace { until: floor });
    assert_eq!(device.kept().next_change, Some(floor));
    assert_eq!(device.step(floor), Status::NonCompliant);
    assert_eq!(device.worst(), Some("version"));
    let mut late = Followed::under(&hard);
    late.first_seen_at = day(6);
    assert_eq!(late.report(day(6), "15.0", "2.0", OK), Status::NonCompliant);
}

#[test]
fn what_is_only_reported_decides_nothing_and_is_remembered() {
    let mut device = Followed::under(RULES);
    assert_eq!(device.report(day(0), "17.0", "2.0", OK), Status::Compliant);
    let told = device.kept().rule(&"told".parse().unwrap()).unwrap();
    assert_eq!(told.failing_since, Some(day(0)));
    assert_eq!(device.worst(), None);
}

#[test]
fn leaving_a_rules_reach_and_coming_back_does_not_restart_the_grace() {
    let text = RULES.replace(
        "grace = \"7d\"",
        "grace = \"7d\"\napplies_to = { group = [\"all\"] }",
    );
    let mut device = Followed::under(&text);
    device.groups = vec!["all".to_owned()];
    device.report(day(0), "15.0", "2.0", OK);
    device.groups.clear();
    assert_eq!(device.step(day(1)), Status::Compliant);
    device.groups = vec!["all".to_owned()];
    assert_eq!(device.step(day(2)), Status::InGrace { until: day(7) });
    // Another system for a while is no way out either.
    let ios = device.posture.take();
    device.posture = Some(Posture {
        screen_lock: OK,
        ..Posture::empty(OsFamily::Macos, day(3))
    });
    assert_eq!(device.step(day(3)), Status::Compliant);
    device.posture = ios;
    assert_eq!(device.step(day(4)), Status::InGrace { until: day(7) });
}

#[test]
fn a_system_that_no_rule_is_about_is_unknown_until_the_grace_ends() {
    let mut device = Followed::under(RULES);
    device.posture = Some(Posture::empty(OsFamily::Other, day(0)));
    assert_eq!(device.step(day(0)), Status::Unknown);
    assert_eq!(device.kept().next_change, Some(day(1)));
    assert_eq!(device.step(day(1)), Status::NonCompliant);
    assert_eq!(device.worst(), None);
    assert_eq!(device.report(day(2), "17.0", "2.0", OK), Status::Compliant);
    assert_eq!(device.kept().unlisted_since, None);
}

#[test]
fn under_other_rules_a_standing_is_pending() {
    let mut device = Followed::under(RULES);
    device.report(day(0), "15.0", "2.0", OK);
    let other = rule_set(&RULES.replace("7d", "9d"));
    assert_eq!(device.kept().status_under(other.version()), None);
    let status = Status::InGrace { until: day(7) };
    assert_eq!(
        device.kept().status_under(device.rules.version()),
        Some(status)
    );
    device.rules = other;
    assert_eq!(device.step(day(1)), Status::InGrace { until: day(9) });
    assert_eq!(
        device.changes,
        [StatusKind::InGrace],
        "the same kind again is no event"
    );
    device.rules = rule_set("unlisted_platform = \"compliant\"");
    assert_eq!(device.step(day(2)), Status::Compliant);
    assert_eq!(device.kept().rules, [], "rules that are gone are forgotten");
}

#[test]
fn standings_round_trip() {
    let mut device = Followed::under(RULES);
    device.report(day(0), "15.0", "1.0", None);
    let json = serde_json::to_string(device.kept()).unwrap();
    assert_eq!(
        serde_json::from_str::<Standing>(&json).unwrap(),
        *device.kept()
    );
    let status = serde_json::to_string(&Status::InGrace { until: NOW }).unwrap();
    assert_eq!(
        status,
        r#"{"status":"in_grace","until":"2027-01-15T08:00:00.000000Z"}"#
    );
}

#[test]
fn a_grace_counts_as_compliant() {
    for (status, expected, holds) in [
        (Status::Compliant, Compliance::Compliant, true),
        (Status::InGrace { until: NOW }, Compliance::InGrace, true),
        (Status::NonCompliant, Compliance::NonCompliant, false),
        (Status::Unknown, Compliance::Unknown, false),
    ] {
        assert_eq!(status.compliance(), expected);
        assert_eq!(expected.holds(), holds);
    }
}
