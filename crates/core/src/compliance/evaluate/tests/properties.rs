//! What holds of any device.

use super::*;
use crate::compliance::rules::Effect;
use proptest::prelude::*;

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
        let is_warning = |rule: &RuleEvaluation<'_>| {
            rule.result == RuleResult::Fail && rule.rule.effect() == Effect::Warn
        };
        prop_assert_eq!(outcome.has_warning, evaluation.rules.iter().any(is_warning));

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
