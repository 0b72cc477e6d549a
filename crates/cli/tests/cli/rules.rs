//! `countersign rules`, and the rules that the documentation shows.

use crate::process::{Finished, countersign, run};
use serde_json::Value;
use std::{fs, io::Write as _, process::Stdio};
use tempfile::tempdir;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/COMPLIANCE.md");

const ONE_RULE: &str =
    "[[rule]]\nid = \"one\"\nplatform = \"ios\"\ncheck = { os = true }\neffect = \"block\"\n";

/// Runs `rules check` on a file with these bytes, as `rules.toml` in the working directory.
fn check(bytes: impl AsRef<[u8]>, args: &[&str]) -> Finished {
    let folder = tempdir().unwrap();
    fs::write(folder.path().join("rules.toml"), bytes).unwrap();
    let args = [&["rules", "check", "rules.toml"], args].concat();
    run(folder.path(), &args)
}

#[track_caller]
fn json(finished: &Finished, code: i32) -> Value {
    assert_eq!(finished.code, Some(code), "{finished:?}");
    serde_json::from_str(&finished.stdout).unwrap()
}

#[test]
fn the_rules_that_a_service_starts_with_are_good() {
    let folder = tempdir().unwrap();
    let printed = run(folder.path(), &["rules", "default"]).succeeded();
    assert_eq!(printed, countersign_core::compliance::DEFAULT_RULES);
    let told = check(&printed, &[]).succeeded();
    let version = countersign_server::compliance::read(&printed)
        .unwrap()
        .version();
    assert_eq!(told, format!("accepted: 4 rules, version {version}\n"));
    let report = json(&check(&printed, &["--output=json"]), 0);
    assert_eq!(report["outcome"], "accepted");
    assert_eq!(report["rules"], 4);
    assert_eq!(report["version"], version.to_string());
    assert_eq!(report["faults"], Value::Array(Vec::new()));
}

#[test]
fn rules_come_from_standard_input_too() {
    let folder = tempdir().unwrap();
    for (text, code, told) in [
        (ONE_RULE, 0, "accepted: 1 rule, version "),
        ("a = 1", 1, "standard input:1:1: unknown field `a`"),
    ] {
        let mut command = countersign(folder.path(), &["rules", "check", "-"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child
            .stdin
            .take()
            .unwrap()
            .write_all(text.as_bytes())
            .unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(code));
        assert!(
            String::from_utf8(output.stdout).unwrap().starts_with(told),
            "{text}"
        );
    }
}

#[test]
fn each_fault_is_told_with_its_place() {
    let text = ONE_RULE.replace("\"ios\"", "[\"ios\", \"ios\"]") + "rollout_percent = 0\n";
    let finished = check(&text, &[]);
    assert_eq!(finished.code, Some(1), "{finished:?}");
    let expected = "rules.toml:3:12: /rule/0/platform: \"ios\" stands there twice\n\
                    rules.toml:6:19: /rule/0/rollout_percent: must be 1 to 100\n\
                    REFUSED\n";
    assert_eq!(finished.stdout, expected);
    let report = json(&check(&text, &["--output=json"]), 1);
    assert_eq!(report["outcome"], "refused");
    assert_eq!(report.get("version"), None);
    let fault = &report["faults"][1];
    assert_eq!((&fault["line"], &fault["column"]), (&6.into(), &19.into()));
    assert_eq!(fault["at"], "/rule/0/rollout_percent");
    assert_eq!(fault["detail"], "must be 1 to 100");
}

#[test]
fn a_file_whose_own_test_fails_is_refused() {
    let test = "[[test]]\nname = \"silent\"\nplatform = \"ios\"\nexpect = \"compliant\"\n";
    let finished = check(format!("{ONE_RULE}{test}"), &[]);
    assert_eq!(finished.code, Some(1), "{finished:?}");
    let told =
        "rules.toml:9:10: /test/0/expect: test \"silent\" expects compliant, got unknown by one\n";
    assert!(finished.stdout.starts_with(told), "{finished:?}");
}

#[test]
fn what_is_no_toml_is_told_by_line_and_column() {
    let finished = check("\n\n[[rule]\n", &[]);
    assert_eq!(finished.code, Some(1), "{finished:?}");
    assert!(finished.stdout.starts_with("rules.toml:3:"), "{finished:?}");
}

#[test]
fn nothing_that_a_file_says_disturbs_a_terminal() {
    let finished = check("\"\\u001b[2J\\u202e\" = 1", &[]);
    assert_eq!(finished.code, Some(1), "{finished:?}");
    assert!(
        !finished.stdout.contains(['\u{1b}', '\u{202e}']),
        "{finished:?}"
    );
    assert!(finished.stdout.contains(r"\u{1b}[2J"), "{finished:?}");
}

#[test]
fn what_cannot_be_read_is_neither_good_nor_refused() {
    let folder = tempdir().unwrap();
    let missing = run(folder.path(), &["rules", "check", "nowhere.toml"]);
    missing.failed(2, &["cannot read nowhere.toml"]);
    check(b"\xff", &[]).failed(2, &["rules.toml is not UTF-8 text"]);
    check("#".repeat(262_145), &[]).failed(2, &["rules.toml is longer than 262144 bytes"]);
    check("#".repeat(262_144), &[]).succeeded();
    assert_eq!(missing.stdout, "");
}

/// The blocks of the page that are rule files.
fn shown() -> Vec<String> {
    let page = fs::read_to_string(PAGE).unwrap();
    let blocks = page.split("\n```toml\n").skip(1);
    blocks
        .map(|block| block.split("\n```").next().unwrap().to_owned())
        .collect()
}

#[test]
fn every_file_that_the_page_shows_is_good() {
    let shown = shown();
    assert!(shown.len() >= 2, "{}", shown.len());
    for file in &shown {
        let told = check(file, &[]).succeeded();
        assert!(told.starts_with("accepted: "), "{told}");
    }
    // The worked example says by its own tests that it does what the page tells of it.
    assert!(
        shown
            .iter()
            .any(|file| file.matches("[[test]]").count() >= 3)
    );
}

/// The names that a wrong one could have been, as the reader of a file tells them.
fn known(wrong: &str) -> Vec<String> {
    let finished = check(wrong, &["--output=json"]);
    let report = json(&finished, 1);
    let detail = report["faults"][0]["detail"].as_str().unwrap();
    let (_, expected) = detail.split_once("expected").expect(detail);
    let names = expected.split('`').skip(1).step_by(2);
    names.map(ToOwned::to_owned).collect()
}

#[test]
fn the_page_tells_every_key_and_every_value() {
    let page = fs::read_to_string(PAGE).unwrap();
    let rule = |line: &str| format!("[[rule]]\n{line}\n");
    let test = |line: &str| format!("[[test]]\n{line}\n");
    for (wrong, fewest) in [
        ("x = 1".to_owned(), 6),
        ("unlisted_platform = \"x\"".to_owned(), 2),
        ("falls_to = \"x\"".to_owned(), 2),
        (rule("x = 1"), 11),
        (rule("effect = \"x\""), 4),
        (rule("min_source = \"x\""), 3),
        (rule("applies_to = { x = 1 }"), 3),
        (rule("applies_to = { management = \"x\" }"), 2),
        (rule("check = { x = 1 }"), 7),
        (rule("check = { os_version = { x = 1 } }"), 4),
        (rule("check = { encryption = { x = 1 } }"), 2),
        (rule("check = { encryption = { volume = \"x\" } }"), 2),
        (rule("check = { encryption = { is = [\"x\"] } }"), 6),
        (test("x = 1"), 7),
        (test("platform = \"x\""), 8),
        (test("posture = { x = 1 }"), 10),
    ] {
        let known = known(&wrong);
        assert!(known.len() >= fewest, "{wrong}: {known:?}");
        for name in known {
            let is_told =
                page.contains(&format!("`{name}`")) || page.contains(&format!("`{name} = "));
            assert!(is_told, "{name} of {wrong}");
        }
    }
    for status in [
        "compliant",
        "in_grace",
        "non_compliant",
        "unknown",
        "pass",
        "fail",
        "not_applicable",
    ] {
        assert!(page.contains(&format!("`{status}`")), "{status}");
    }
}
