use super::*;
use crate::compliance::{
    DEFAULT_RULES,
    file::RuleFile,
    posture::{DiskEncryption, PostureSource},
};
use proptest::prelude::*;
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
fn versions_are_compared_number_by_number() {
    use RuleResult::{Fail, Pass};
    for (family, check, version, expected) in [
        (OsFamily::Ios, "at_least = \"16.0\"", "16", Pass),
        (OsFamily::Ios, "at_least = \"16.0\"", "9.3", Fail),
        (OsFamily::Ios, "at_least = \"16.5.1 (c)\"", "16.5.1", Fail),
        (OsFamily::Macos, "exactly = \"10.5.19041\"", "10.5", Fail),
        (OsFamily::Macos, "at_least = \"10.5.0\"", "10.5", Pass),
        (OsFamily::Macos, "at_least = \"11.6.0\"", "11.6", Pass),
        (OsFamily::Macos, "exactly = \"11.6.0\"", "11.6", Pass),
        (OsFamily::Macos, "at_least = \"11.6\"", "x.y.1", UNPARSABLE),
        (OsFamily::Macos, "at_least = \"11.6\"", "10.", UNPARSABLE),
        (
            OsFamily::Macos,
            "at_least = \"11.6\"",
            "this is not a version",
            UNPARSABLE,
        ),
        (OsFamily::Macos, "at_least = \"11.6\"", "", MISSING),
    ] {
        let check = format!("check = {{ os_version = {{ {check} }} }}");
        let rules = one_rule(family.as_str(), &check);
        assert_eq!(
            result(&rules, &versioned(family, version)),
            expected,
            "{check} {version}"
        );
    }
}

#[test]
fn a_branch_of_windows_has_a_minimum_of_its_own() {
    use RuleResult::{Fail, Pass};
    let branches =
        "check = { os_version = { branch = { \"22631\" = \"4460\", \"26100\" = \"2314\" } } }";
    let rules = one_rule("windows", branches);
    for (version, expected) in [
        ("10.0.22631.4460", Pass),
        ("10.0.22631.4459", Fail),
        ("10.0.22631", Fail),
        ("10.0.26100.2313", Fail),
        ("10.0.26100.32230", Pass),
        ("10.0.22621.9999", Fail),
        ("10.0.25398.9999", Fail),
        ("10.0.26200.1", UNLISTED),
        ("6.1.26100.9999", Fail),
        ("11", UNPARSABLE),
    ] {
        assert_eq!(
            result(&rules, &versioned(OsFamily::Windows, version)),
            expected,
            "{version}"
        );
    }
}

#[test]
fn distributions_and_kernels_are_two_things() {
    use RuleResult::{Fail, Pass};
    let distros = "check = { os_version = { distro = { ubuntu = \"22.04\", Debian = \"12\" } } }";
    let rules = one_rule("linux", distros);
    for (version, expected) in [
        ("ubuntu 22.04", Pass),
        ("ubuntu 20.04", Fail),
        ("Debian 13", Pass),
        ("debian 11", Fail),
        ("fedora 99", UNLISTED),
        ("22.04", UNPARSABLE),
    ] {
        assert_eq!(
            result(&rules, &versioned(OsFamily::Linux, version)),
            expected,
            "{version}"
        );
    }
    let rules = one_rule("linux", "check = { kernel = { at_least = \"6.8.0-45\" } }");
    for (kernel, expected) in [
        ("6.8.0-100-generic", Pass),
        ("6.8.0-44-generic", Fail),
        ("6.5.11-linuxkit", Fail),
        ("6.10.11-linuxkit", Pass),
        ("unknown", UNPARSABLE),
    ] {
        let posture = Posture {
            kernel: Some(kernel.to_owned()),
            ..versioned(OsFamily::Linux, "ubuntu 24.04")
        };
        assert_eq!(result(&rules, &posture), expected, "{kernel}");
    }
}

#[test]
fn what_is_not_reported_is_unknown_whatever_is_asked() {
    for check in [
        "os_version = { at_least = \"12\" }",
        "patch_level = { at_least = \"2025-06-01\" }",
        "encryption = { volume = \"system\", is = [\"encrypted\"] }",
        "encryption = { volume = \"all\", is = [\"unencrypted\"] }",
        "screen_lock = true",
        "app_version = { at_least = \"1.0\" }",
    ] {
        let rules = one_rule("android", &format!("check = {{ {check} }}"));
        let posture = Posture::empty(OsFamily::Android, NOW);
        assert_eq!(result(&rules, &posture), MISSING, "{check}");
        let outcome = rules.outcome(&subject(Some(&posture)), NOW);
        assert_eq!(outcome.verdict, Verdict::Unknown);
    }
}

#[test]
fn each_fact_is_held_against_its_own_rule() {
    use RuleResult::{Fail, Pass};
    let base = || Posture::empty(OsFamily::Android, NOW);
    let patched = |text: &str| Posture {
        patch_level: Some(text.to_owned()),
        ..base()
    };
    let system = |system_encryption| Posture {
        system_encryption,
        all_encryption: DiskEncryption::Unencrypted,
        ..base()
    };
    let locked = |is_set| Posture {
        screen_lock: Some(is_set),
        ..base()
    };
    let app = |text: &str| Posture {
        app_version: Some(text.to_owned()),
        ..base()
    };
    let patch_level = "patch_level = { at_least = \"2025-06-05\" }";
    let encryption = "encryption = { volume = \"system\", is = [\"encrypted\", \"partial\"] }";
    for (check, posture, expected) in [
        (patch_level, patched("2025-06-05"), Pass),
        (patch_level, patched("2025-06-01"), Fail),
        (patch_level, patched("20250605"), UNPARSABLE),
        (encryption, system(DiskEncryption::Encrypted), Pass),
        (encryption, system(DiskEncryption::Partial), Pass),
        (
            encryption,
            system(DiskEncryption::EncryptedKeyExposed),
            Fail,
        ),
        (encryption, system(DiskEncryption::Unsupported), Fail),
        (
            "encryption = { volume = \"all\", is = [\"encrypted\"] }",
            system(DiskEncryption::Encrypted),
            Fail,
        ),
        ("screen_lock = true", locked(true), Pass),
        ("screen_lock = true", locked(false), Fail),
        ("app_version = { at_least = \"2.10\" }", app("2.9"), Fail),
        ("app_version = { at_least = \"2.10\" }", app("2.10.1"), Pass),
        ("os = true", base(), Pass),
    ] {
        let rules = one_rule("android", &format!("check = {{ {check} }}"));
        assert_eq!(result(&rules, &posture), expected, "{check} {posture:?}");
    }
}

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

const MANY: &str = r#"
[[rule]]
id = "version"
platform = ["ios", "macos", "android"]
check = { os_version = { at_least = "12" } }
effect = "downgrade"
fresh_within = "1d"

[[rule]]
id = "lock"
platform = ["ios", "android", "linux"]
check = { screen_lock = true }
effect = "block"
rollout_percent = 50

[[rule]]
id = "encryption"
platform = ["ios", "macos", "linux"]
check = { encryption = { volume = "all", is = ["encrypted"] } }
applies_to = { management = "managed" }
effect = "downgrade"
min_source = "attested"

[[rule]]
id = "app"
platform = ["ios", "android", "linux"]
check = { app_version = { at_least = "2" } }
applies_to = { group = ["beta"] }
effect = "warn"
"#;

fn a_posture() -> impl Strategy<Value = Posture> {
    let text = || proptest::option::of("[0-9]{1,2}(\\.[0-9]){0,2}|x|");
    (
        proptest::sample::select(OsFamily::ALL),
        text(),
        text(),
        proptest::sample::select(DiskEncryption::ALL),
        proptest::option::of(any::<bool>()),
        proptest::sample::select(PostureSource::ALL),
        -172_800i64..10,
    )
        .prop_map(
            |(family, os_version, app_version, encryption, screen_lock, source, age)| Posture {
                os_version,
                app_version,
                all_encryption: encryption,
                screen_lock,
                source,
                ..Posture::empty(family, Timestamp::from_secs(NOW.as_secs() + age))
            },
        )
}

proptest! {
    #[test]
    fn the_short_form_agrees_with_the_long_one(
        posture in proptest::option::of(a_posture()),
        family in proptest::option::of(proptest::sample::select(OsFamily::ALL)),
        device: u128,
        is_managed: bool,
        is_beta: bool,
    ) {
        let rules = rule_set(MANY);
        let groups = ["beta".to_owned()];
        let subject = Subject {
            device_id: DeviceId::from_uuid(Uuid::from_u128(device)),
            family,
            groups: if is_beta { &groups } else { &[] },
            management: if is_managed { Management::Managed } else { Management::Unmanaged },
            ..subject(posture.as_ref())
        };
        let evaluation = rules.evaluate(&subject, NOW);
        let outcome = rules.outcome(&subject, NOW);
        prop_assert_eq!(outcome, evaluation.outcome);

        let deciding = || evaluation.rules.iter().filter(|rule| rule.rule.effect().decides());
        let has = |kind| deciding().any(|rule| rule.result.kind() == kind);
        let is_unlisted = evaluation.rules.is_empty();
        let expected = if has(ResultKind::Fail) {
            Verdict::NonCompliant
        } else if has(ResultKind::Unknown) || is_unlisted {
            Verdict::Unknown
        } else {
            Verdict::Compliant
        };
        prop_assert_eq!(outcome.verdict, expected);
        let has_worst = outcome.verdict != Verdict::Compliant && !is_unlisted;
        prop_assert_eq!(outcome.worst.is_some(), has_worst);
        if let Some(worst) = outcome.worst {
            let of_kind = |rule: &&RuleEvaluation<'_>| {
                (rule.result.kind() == ResultKind::Fail) == (expected == Verdict::NonCompliant)
                    && matches!(rule.result, RuleResult::Fail | RuleResult::Unknown(_))
            };
            let strongest = deciding().filter(of_kind).map(|rule| rule.rule.effect()).max();
            let first = deciding().filter(of_kind).find(|rule| Some(rule.rule.effect()) == strongest);
            prop_assert_eq!(Some(worst), first.map(|rule| rule.rule));
        }
    }

    #[test]
    fn a_device_without_a_report_is_never_compliant(family in proptest::sample::select(OsFamily::ALL)) {
        let rules = rule_set(DEFAULT_RULES);
        let silent = Subject { family: Some(family), ..subject(None) };
        prop_assert_eq!(rules.outcome(&silent, NOW).verdict, Verdict::Unknown);
    }
}
