mod checks;
mod properties;

use super::*;
use crate::compliance::{
    DEFAULT_RULES,
    file::RuleFile,
    posture::{DiskEncryption, PostureSource},
};
use uuid::Uuid;

const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);

fn rule_set(text: &str) -> RuleSet {
    let file: RuleFile = toml::from_str(text).unwrap();
    file.validate(RuleSetVersion::from_hash([0; 32])).unwrap()
}

/// A file of one rule for one platform.
fn one_rule(platform: &str, lines: &str) -> RuleSet {
    rule_set(&format!(
        "[[rule]]\nid = \"one\"\nplatform = \"{platform}\"\neffect = \"downgrade\"\n{lines}\n"
    ))
}

fn client(number: u128) -> ClientId {
    ClientId::from_uuid(Uuid::from_u128(number))
}

fn subject(posture: Option<&Posture>) -> Subject<'_> {
    Subject {
        device_id: DeviceId::from_uuid(Uuid::from_u128(1)),
        client_id: client(1),
        family: None,
        posture,
        groups: &[],
        management: Management::Unmanaged,
        first_seen_at: NOW,
    }
}

fn versioned(family: OsFamily, version: &str) -> Posture {
    Posture {
        os_version: Some(version.to_owned()),
        ..Posture::empty(family, NOW)
    }
}

/// What the only rule says of a report, one by one and together.
fn result(rules: &RuleSet, posture: &Posture) -> RuleResult {
    let evaluation = rules.evaluate(&subject(Some(posture)), NOW);
    let [rule] = &evaluation.rules[..] else {
        panic!("{evaluation:?}");
    };
    rule.result
}

const MISSING: RuleResult = RuleResult::Unknown(UnknownReason::Missing);
const UNPARSABLE: RuleResult = RuleResult::Unknown(UnknownReason::Unparsable);
const UNLISTED: RuleResult = RuleResult::Unknown(UnknownReason::Unlisted);

#[test]
fn a_report_is_good_for_so_long_and_not_a_moment_longer() {
    let rules = one_rule("ios", "check = { os = true }\nfresh_within = \"30d\"");
    let posture = Posture::empty(OsFamily::Ios, NOW);
    let month = NOW.plus(Duration::from_hours(30 * 24));
    let verdict = |now| rules.outcome(&subject(Some(&posture)), now).verdict;
    assert_eq!(verdict(month), Verdict::Compliant);
    let stale_at = month.plus(Duration::from_micros(1));
    let evaluation = rules.evaluate(&subject(Some(&posture)), stale_at);
    assert_eq!(
        evaluation.rules[0].result,
        RuleResult::Unknown(UnknownReason::Stale)
    );
    assert_eq!(evaluation.rules[0].stale_at, Some(stale_at));
    assert_eq!(verdict(stale_at), Verdict::Unknown);
}

#[test]
fn a_weak_source_is_not_believed() {
    let rules = one_rule("ios", "check = { os = true }\nmin_source = \"attested\"");
    for (source, expected) in [
        (
            PostureSource::SelfReported,
            RuleResult::Unknown(UnknownReason::WeakSource),
        ),
        (PostureSource::Attested, RuleResult::Pass),
        (PostureSource::Mdm, RuleResult::Pass),
    ] {
        let posture = Posture {
            source,
            ..Posture::empty(OsFamily::Ios, NOW)
        };
        assert_eq!(result(&rules, &posture), expected, "{source}");
    }
}

#[test]
fn a_rule_hits_only_those_it_names() {
    let posture = Posture {
        screen_lock: Some(false),
        ..Posture::empty(OsFamily::Ios, NOW)
    };
    let labels = ["sales".to_owned(), "berlin".to_owned()];
    let member = Subject {
        groups: &labels,
        management: Management::Managed,
        ..subject(Some(&posture))
    };
    let all = "management = \"managed\", group = [\"it\", \"berlin\"]";
    let own = format!("client = [\"{}\"]", client(1));
    let others = format!("client = [\"{}\"]", client(2));
    for (scope, subject, is_hit) in [
        ("management = \"managed\"", member, true),
        ("management = \"unmanaged\"", member, false),
        ("group = [\"it\"]", member, false),
        (all, member, true),
        (
            all,
            Subject {
                groups: &[],
                ..member
            },
            false,
        ),
        (
            all,
            Subject {
                management: Management::Unmanaged,
                ..member
            },
            false,
        ),
        (own.as_str(), member, true),
        (others.as_str(), member, false),
    ] {
        let lines = format!("check = {{ screen_lock = true }}\napplies_to = {{ {scope} }}");
        let rules = one_rule("ios", &lines);
        let evaluation = rules.evaluate(&subject, NOW);
        let expected = if is_hit {
            RuleResult::Fail
        } else {
            RuleResult::NotApplicable
        };
        assert_eq!(evaluation.rules[0].result, expected, "{scope}");
        let verdict = if is_hit {
            Verdict::NonCompliant
        } else {
            Verdict::Compliant
        };
        assert_eq!(evaluation.outcome.verdict, verdict, "{scope}");
    }
}

#[test]
fn a_rollout_reaches_some_devices_first() {
    let rules = one_rule(
        "ios",
        "check = { screen_lock = true }\nrollout_percent = 30",
    );
    let posture = Posture {
        screen_lock: Some(false),
        ..Posture::empty(OsFamily::Ios, NOW)
    };
    let is_reached = |number: &u128| {
        let device_id = DeviceId::from_uuid(Uuid::from_u128(*number));
        let subject = Subject {
            device_id,
            ..subject(Some(&posture))
        };
        rules.outcome(&subject, NOW).verdict == Verdict::NonCompliant
    };
    let reached = (0..1000).filter(is_reached).count();
    assert!((250..350).contains(&reached), "{reached}");
}

#[test]
fn a_platform_without_a_rule_is_what_the_file_says() {
    let other = Posture::empty(OsFamily::Other, NOW);
    let rule =
        "[[rule]]\nid = \"one\"\nplatform = \"ios\"\neffect = \"block\"\ncheck = { os = true }";
    let lenient = format!("unlisted_platform = \"compliant\"\n{rule}");
    for (text, expected) in [(rule, Verdict::Unknown), (&lenient, Verdict::Compliant)] {
        let rules = rule_set(text);
        assert_eq!(rules.outcome(&subject(Some(&other)), NOW).verdict, expected);
        // A device of which not even the system is known is on no platform that could be unlisted.
        assert_eq!(rules.outcome(&subject(None), NOW).verdict, Verdict::Unknown);
        let silent = Subject {
            family: Some(OsFamily::Ios),
            ..subject(None)
        };
        let evaluation = rules.evaluate(&silent, NOW);
        assert_eq!(
            evaluation.rules[0].result,
            RuleResult::Unknown(UnknownReason::NoPosture)
        );
        assert_eq!(evaluation.outcome.verdict, Verdict::Unknown);
    }
}

#[test]
fn the_worst_rule_decides() {
    let rule = |id: &str, effect: &str, least: &str| {
        format!(
            "[[rule]]\nid = \"{id}\"\nplatform = \"ios\"\neffect = \"{effect}\"\ncheck = {{ app_version = {{ at_least = \"{least}\" }} }}\n"
        )
    };
    let lock = "[[rule]]\nid = \"lock\"\nplatform = \"ios\"\neffect = \"block\"\ncheck = { screen_lock = true }\n";
    let text = [
        lock.to_owned(),
        rule("report", "report", "9"),
        rule("warn", "warn", "4"),
        rule("first", "downgrade", "3"),
        rule("second", "downgrade", "3"),
        rule("block", "block", "2"),
    ];
    let rules = rule_set(&text.concat());
    for (version, lock, verdict, worst, has_warning) in [
        ("9", Some(true), Verdict::Compliant, None, false),
        ("4", Some(true), Verdict::Compliant, None, false),
        ("3", Some(true), Verdict::Compliant, None, true),
        ("3", None, Verdict::Unknown, Some("lock"), true),
        ("2", None, Verdict::NonCompliant, Some("first"), true),
        ("1", None, Verdict::NonCompliant, Some("block"), true),
        ("1", Some(false), Verdict::NonCompliant, Some("lock"), true),
    ] {
        let posture = Posture {
            app_version: Some(version.to_owned()),
            screen_lock: lock,
            ..Posture::empty(OsFamily::Ios, NOW)
        };
        let outcome = rules.outcome(&subject(Some(&posture)), NOW);
        let found = outcome.worst.map(|rule| rule.id().as_str());
        assert_eq!(
            (outcome.verdict, found, outcome.has_warning),
            (verdict, worst, has_warning)
        );
    }
}

#[test]
fn each_result_shows_what_was_seen_and_what_is_required() {
    let rules = rule_set(DEFAULT_RULES);
    let posture = Posture {
        system_encryption: DiskEncryption::EncryptedKeyExposed,
        ..versioned(OsFamily::Ios, "15.8.3")
    };
    let evaluation = rules.evaluate(&subject(Some(&posture)), NOW);
    let shown = evaluation.rules.iter().map(|rule| {
        let observed = rule.observed.as_deref().unwrap_or_default();
        (rule.rule.id().as_str(), rule.rule.required(), observed)
    });
    assert_eq!(
        shown.collect::<Vec<_>>(),
        [
            ("ios-minimum", "at least 16.0", "15.8.3"),
            (
                "encryption",
                "system volume encrypted",
                "encrypted_key_exposed"
            ),
        ]
    );
    assert_eq!(
        evaluation.rules[0].rule.message(),
        Some("Update to version 16 or newer.")
    );
}
