use super::*;
use countersign_core::compliance::{DEFAULT_RULES, version::OsFamily};
use proptest::prelude::*;

/// Each fault as people are told of it.
fn told(text: &str) -> Vec<String> {
    match read(text) {
        Err(RulesError::Wrong(faults)) => faults.iter().map(ToString::to_string).collect(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_shipped_rules_are_good() {
    let rules = read(DEFAULT_RULES).unwrap();
    assert_eq!(rules.rules(OsFamily::Ios).len(), 2);
    assert_eq!(read("").unwrap().rules(OsFamily::Ios).len(), 0);
}

#[test]
fn the_version_is_the_sha_256_of_the_text() {
    // FIPS 180-4, of no bytes.
    let of_nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_eq!(read("").unwrap().version().to_string(), of_nothing);
    let (one, two) = (read("# a").unwrap(), read("# b").unwrap());
    assert_ne!(one.version(), two.version());
}

#[test]
fn a_file_has_256_kib_and_not_one_byte_more() {
    let of_length = |length| format!("#{}", "a".repeat(length - 1));
    assert!(read(&of_length(MAX_RULES_BYTES)).is_ok());
    let too_long = read(&of_length(MAX_RULES_BYTES + 1));
    assert_eq!(too_long, Err(RulesError::TooLong));
    // Long before it is looked at.
    let too_long = read(&"[".repeat(MAX_RULES_BYTES + 1));
    assert_eq!(too_long, Err(RulesError::TooLong));
}

#[test]
fn what_is_no_rule_file_is_told_by_line_and_column() {
    for (text, expected) in [
        ("\nfalls_to = ", "line 2, column 12: "),
        ("é = 1", "line 1, column 1: "),
        ("# é\r\nfalls_to = \"é\" x", "line 2, column 16: "),
        (
            "falls_too = \"unknown\"",
            "line 1, column 1: unknown field `falls_too`",
        ),
        (
            "falls_to = \"nothing\"",
            "line 1, column 12: unknown variant `nothing`",
        ),
        (
            "falls_to = \"unknown\"\nfalls_to = \"unknown\"",
            "line 2, column 1: duplicate key",
        ),
        (
            "unknown_grace = \"1y\"",
            "line 1, column 17: must be a whole number",
        ),
        (
            "[[rule]]\nid = \"a\"\n",
            "line 1, column 1: missing field `platform`",
        ),
        (
            "[[rule]]\nid = \"a\"\nplatform = \"ios\"\neffect = \"warn\"\ncheck = { os_version = { atleast = \"1\" } }",
            "line 5, column 26: unknown variant `atleast`",
        ),
    ] {
        let told = told(text);
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].starts_with(expected), "{text:?}: {told:?}");
    }
}

const WRONG: &str = r#"unknown_grace = "53w"

[[rule]]
id = "one"
platform = "windows"
check = { os_version = { branch = { "a/b~c" = "1" } } }
effect = "warn"

[[rule]]
id = "one"
platform = ["linux", "linux"]
effect = "warn"
check = { kernel = { at_least = "six" } }
rollout_percent = 101

  [rule.applies_to]
  group = []
"#;

#[test]
fn every_fault_is_told_with_its_place_in_the_order_of_the_text() {
    let told = told(WRONG);
    let expected = [
        "line 1, column 17: /unknown_grace: must be ",
        "line 6, column 47: /rule/0/check/os_version/branch/a~1b~0c: \"a/b~c\" is not of numbers",
        "line 10, column 6: /rule/1/id: \"one\" stands there twice",
        "line 11, column 12: /rule/1/platform: \"linux\" stands there twice",
        "line 13, column 33: /rule/1/check/kernel/at_least: \"six\" is not of numbers",
        "line 14, column 19: /rule/1/rollout_percent: must be 1 to 100",
        "line 17, column 11: /rule/1/applies_to/group: needs at least one entry",
    ];
    assert_eq!(told.len(), expected.len(), "{told:#?}");
    for (told, expected) in told.iter().zip(expected) {
        assert!(told.starts_with(expected), "{told} is not {expected}");
    }
}

#[test]
fn a_test_that_fails_refuses_the_file() {
    let text = "[[test]]\nname = \"a\"\nplatform = \"ios\"\nexpect = \"compliant\"\n";
    let told_of = told(text);
    let expected = "line 4, column 10: /test/0/expect: test \"a\" expects compliant, got unknown";
    assert_eq!(told_of, [expected]);
    let text = text.replace("platform = \"ios\"", "management = \"managed\"");
    let expected = "line 1, column 1: /test/0: needs a posture or a platform";
    assert_eq!(told(&text)[0], expected);
}

#[test]
fn a_deep_text_is_refused_and_harms_nobody() {
    for deep in ["[", "a={", "[[a]]\n[a", "a."] {
        let text = deep.repeat(MAX_RULES_BYTES / deep.len());
        assert!(matches!(read(&text), Err(RulesError::Wrong(_))), "{deep}");
    }
}

#[test]
fn the_error_tells_all_faults_in_one_line() {
    let error = read(WRONG).unwrap_err().to_string();
    assert!(error.starts_with("the rules are wrong: line 1, column 17: "));
    assert_eq!(error.matches("; line ").count(), 6);
    assert!(!error.contains('\n'));
}

#[test]
fn a_fault_is_json_with_its_place() {
    let Err(RulesError::Wrong(faults)) = read("\nfalls_to = 1") else {
        panic!("it is taken");
    };
    let json = serde_json::to_value(&faults).unwrap();
    assert_eq!(
        (&json[0]["line"], &json[0]["column"]),
        (&2.into(), &12.into())
    );
    assert_eq!(json[0]["at"], "");
    assert!(json[0]["detail"].is_string());
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,80}|([\\[\\]a-z=\"{}\n.# ]){0,80}") {
        if let Err(error) = read(&text) {
            prop_assert!(matches!(error, RulesError::Wrong(faults) if !faults.is_empty()));
        }
    }

    #[test]
    fn any_text_in_place_of_a_value_is_read_or_refused_at_its_place(value in "[^\"\\\\\\p{C}]{0,40}") {
        let text = format!("# é\n\n[[rule]]\nid = \"{value}\"\nplatform = \"ios\"\ncheck = {{ os = true }}\neffect = \"warn\"\n");
        if let Err(error) = read(&text) {
            let RulesError::Wrong(faults) = error else { panic!("{error}") };
            let expected = Position { line: 4, column: 6 };
            prop_assert_eq!(faults[0].position, Some(expected));
        }
    }
}
