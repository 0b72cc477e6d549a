mod refused;

use super::*;
use crate::compliance::{DEFAULT_RULES, file::RuleFile};
use proptest::prelude::*;

const VERSION: RuleSetVersion = RuleSetVersion::from_hash([7; 32]);

fn validated(text: &str) -> Result<RuleSet, Vec<RuleFault>> {
    let file: RuleFile = toml::from_str(text).unwrap();
    file.validate(VERSION)
}

/// A file with one rule, `more` being the lines after its name.
fn with_rule(more: &str) -> String {
    let platform = if more.contains("platform") {
        ""
    } else {
        "platform = \"ios\"\n"
    };
    let check = if more.contains("check") {
        ""
    } else {
        "check = { os = true }\n"
    };
    let effect = "effect = \"block\"\n";
    format!("[[rule]]\nid = \"one\"\n{effect}{platform}{check}{more}\n")
}

/// The places and texts of what is wrong.
fn faults(text: &str) -> Vec<String> {
    let faults = validated(text).unwrap_err();
    faults.iter().map(ToString::to_string).collect()
}

#[test]
fn the_default_rules_are_right() {
    let rules = validated(DEFAULT_RULES).unwrap();
    assert_eq!(rules.version(), VERSION);
    assert_eq!(rules.falls_to().trust(), TrustLevel::Unknown);
    let ids = |family| rules.rules(family).iter().map(|rule| rule.id().as_str());
    assert_eq!(
        ids(OsFamily::Ios).collect::<Vec<_>>(),
        ["ios-minimum", "encryption"]
    );
    assert_eq!(
        ids(OsFamily::Linux).collect::<Vec<_>>(),
        ["desktop", "encryption"]
    );
    assert_eq!(ids(OsFamily::Other).count(), 0);
    assert_eq!(rules.rules(OsFamily::Android)[0].required(), "at least 12");
}

#[test]
fn a_file_may_be_empty() {
    let rules = validated("").unwrap();
    assert!(
        OsFamily::ALL
            .iter()
            .all(|family| rules.rules(*family).is_empty())
    );
}

#[test]
fn rule_files_round_trip() {
    let file: RuleFile = toml::from_str(DEFAULT_RULES).unwrap();
    let text = toml::to_string(&file).unwrap();
    assert_eq!(toml::from_str::<RuleFile>(&text).unwrap(), file);
    let json = serde_json::to_string(&file).unwrap();
    assert_eq!(serde_json::from_str::<RuleFile>(&json).unwrap(), file);
}

#[test]
fn what_nobody_knows_is_refused() {
    for text in [
        "unlisted = \"unknown\"",
        "unlisted_platform = \"perhaps\"",
        "unknown_grace = \"soon\"",
        "unknown_grace = 86400",
        &with_rule("colour = \"blue\""),
        &with_rule("applies_to = { owner = \"me\" }"),
        &with_rule("applies_to = { client = [\"dev_00000000000000000000000000\"] }"),
        &with_rule("platform = \"iOS 16\""),
        &with_rule("check = { os_version = { at_most = \"16\" } }"),
        &with_rule("check = { os_version = { at_least = \"16\", exactly = \"16\" } }"),
        &with_rule("check = { os_version = { at_least = 16.0 } }"),
        &with_rule("check = { os = true, screen_lock = true }"),
        &with_rule("check = { encryption = { volume = \"usb\", is = [\"encrypted\"] } }"),
        &with_rule("rollout_percent = 256"),
        "[[rule]]\nid = \"one\"",
    ] {
        assert!(toml::from_str::<RuleFile>(text).is_err(), "{text}");
    }
}

#[test]
fn what_cannot_be_meant_is_refused_with_its_place() {
    for (more, expected) in refused::REFUSED {
        assert_eq!(faults(&with_rule(more)), [*expected], "{more}");
    }
    assert_eq!(
        faults("unknown_grace = \"53w\""),
        ["/unknown_grace: must be 0ns to 31536000s"]
    );
    assert_eq!(
        faults("new_device_grace = \"53w\""),
        ["/new_device_grace: must be 0ns to 31536000s"]
    );
    let twice = with_rule("") + &with_rule("");
    assert_eq!(faults(&twice), ["/rule/1/id: \"one\" stands there twice"]);
    let unnamed = with_rule("").replace("one", "One");
    assert_eq!(
        faults(&unnamed),
        ["/rule/0/id: must be 1 to 64 of a-z, 0-9 and -"]
    );
}

#[test]
fn what_is_allowed_at_the_edges_is_taken() {
    for more in [
        "grace = \"365d\"\nfresh_within = \"60s\"\nrollout_percent = 1",
        "grace = \"0s\"\nno_grace_after = \"2026-03-01\"",
        "platform = \"windows\"\ncheck = { os_version = { branch = { \"22631\" = \"4460\" } } }",
        "platform = \"linux\"\ncheck = { os_version = { distro = { \"opensuse-leap\" = \"15.6\" } } }",
        "platform = \"other\"\ncheck = { screen_lock = true }",
    ] {
        validated(&with_rule(more)).unwrap();
    }
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    let text = with_rule(
        "grace = \"9999d\"\nrollout_percent = 0\nplatform = [\"ios\", \"macos\"]\ncheck = { kernel = { at_least = \"1\" } }",
    );
    assert_eq!(
        faults(&text),
        [
            "/rule/0/grace: must be 0ns to 31536000s",
            "/rule/0/rollout_percent: must be 1 to 100",
            "/rule/0/check/kernel/at_least: cannot apply to ios",
            "/rule/0/check/kernel/at_least: cannot apply to macos",
        ]
    );
}

#[test]
fn what_is_wrong_on_several_platforms_is_told_once() {
    let lines = "platform = [\"ios\", \"macos\"]\ncheck = { screen_lock = false }";
    let expected = ["/rule/0/check/screen_lock: must be true"];
    assert_eq!(faults(&with_rule(lines)), expected);
}

#[test]
fn a_file_has_at_most_200_rules_and_tests() {
    let rules = |count| {
        (0..count)
            .map(|n| with_rule("").replace("one", &format!("r{n}")))
            .collect::<String>()
    };
    validated(&rules(200)).unwrap();
    assert_eq!(faults(&rules(201)), ["/rule: more than 200"]);
    let tests = |count| {
        let test =
            |n| format!("[[test]]\nname = \"{n}\"\nplatform = \"ios\"\nexpect = \"unknown\"\n");
        (0..count).map(test).collect::<String>()
    };
    validated(&tests(200)).unwrap();
    assert_eq!(faults(&tests(201)), ["/test: more than 200"]);
}

#[test]
fn a_list_has_at_most_100_entries() {
    let groups = |count| {
        let labels: Vec<String> = (0..count).map(|n| format!("\"g{n}\"")).collect();
        with_rule(&format!(
            "applies_to = {{ group = [{}] }}",
            labels.join(", ")
        ))
    };
    validated(&groups(100)).unwrap();
    assert_eq!(
        faults(&groups(101)),
        ["/rule/0/applies_to/group: more than 100"]
    );
}

#[test]
fn a_failing_test_refuses_the_file() {
    let test = |more: &str| {
        let rule = with_rule("check = { os_version = { at_least = \"16.0\" } }");
        format!("{rule}[[test]]\nname = \"old\"\n{more}\n")
    };
    let old = "posture = { os_family = \"ios\", os_version = \"9.3\" }\n";
    validated(&test(&format!("{old}expect = \"non_compliant\""))).unwrap();
    assert_eq!(
        faults(&test(&format!("{old}expect = \"compliant\""))),
        ["/test/0/expect: test \"old\" expects compliant, got non_compliant by one"]
    );
    assert_eq!(
        faults(&test(&format!("{old}expect = {{ one = \"pass\" }}"))),
        ["/test/0/expect/one: test \"old\" expects pass of one, got fail"]
    );
    assert_eq!(
        faults(&test(&format!("{old}expect = {{ two = \"pass\" }}"))),
        ["/test/0/expect/two: there is no rule \"two\""]
    );
    assert_eq!(
        faults(&test("platform = \"linux\"\nexpect = { one = \"fail\" }")),
        ["/test/0/expect/one: test \"old\" expects fail of one, got not_applicable"]
    );
    assert_eq!(
        faults(&test("expect = \"unknown\"")),
        ["/test/0: needs a posture or a platform"]
    );
}

#[test]
fn a_tests_report_is_as_old_as_it_says() {
    for (age, expected) in [
        ("30d", "compliant"),
        ("31d", "unknown"),
        ("3000w", "unknown"),
    ] {
        let posture = format!("posture = {{ os_family = \"ios\", age = \"{age}\" }}");
        let test = format!("[[test]]\nname = \"old\"\n{posture}\nexpect = \"{expected}\"\n");
        validated(&(with_rule("fresh_within = \"30d\"") + &test)).unwrap();
    }
}

#[test]
fn tests_are_run_as_if_every_rollout_had_ended() {
    let text = with_rule("rollout_percent = 1\ncheck = { screen_lock = true }")
        + "[[test]]\nname = \"open\"\nposture = { os_family = \"ios\", screen_lock = false }\nexpect = { one = \"fail\" }\n";
    validated(&text).unwrap();
}

#[test]
fn a_rollout_of_a_tenth_reaches_about_a_tenth_and_always_the_same() {
    let id: RuleId = "ios-minimum".parse().unwrap();
    let rollout = Rollout::new(&id, 10);
    let reached: Vec<u64> = (0..10_000)
        .filter(|n| rollout.has_reached((0, *n)))
        .collect();
    assert!((900..1100).contains(&reached.len()), "{}", reached.len());
    assert_eq!(reached[..5], [12, 15, 21, 23, 42]);
}

#[test]
fn versions_of_rule_sets_are_hexadecimal() {
    let json = serde_json::to_string(&VERSION).unwrap();
    assert_eq!(json, format!("\"{}\"", "07".repeat(32)));
    assert_eq!(
        serde_json::from_str::<RuleSetVersion>(&json).unwrap(),
        VERSION
    );
}

proptest! {
    #[test]
    fn raising_a_rollout_takes_no_device_away(bits: (u64, u64), percent in 1u8..=100, more in 0u8..100) {
        let id: RuleId = "one".parse().unwrap();
        let wider = Rollout::new(&id, percent.saturating_add(more).min(100));
        prop_assert!(!Rollout::new(&id, percent).has_reached(bits) || wider.has_reached(bits));
        prop_assert!(Rollout::new(&id, 100).has_reached(bits));
    }

    #[test]
    fn any_text_is_a_file_or_refused(text in "\\PC{0,80}") {
        if let Ok(file) = toml::from_str::<RuleFile>(&text) {
            let _ = file.validate(VERSION);
        }
    }

    #[test]
    fn any_version_is_compiled_or_refused(text in "[0-9.v() ac-]{0,12}", family in proptest::sample::select(OsFamily::ALL)) {
        let text = format!("platform = \"{family}\"\ncheck = {{ os_version = {{ at_least = \"{text}\" }} }}");
        let _ = validated(&with_rule(&text));
    }
}
