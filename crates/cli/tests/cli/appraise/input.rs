use super::{NOW, appraise, run, with};
use crate::process::{Finished, countersign};
use serde_json::{Value, json};
use std::{io::Write as _, process::Stdio};
use tempfile::tempdir;

/// A proof that nobody made.
fn file() -> Value {
    json!({
        "kind": "dpop",
        "evidence": { "proof": "a.b.c" },
        "expected": { "method": "GET", "url": "https://api.example/" },
        "now": NOW,
    })
}

#[test]
fn what_cannot_be_read_is_told_with_its_place() {
    for (pointer, value, told) in [
        ("/kind", json!("jwt"), "at \"/kind\": unknown variant"),
        ("/kind", Value::Null, "at \"\": missing field `kind`"),
        ("/roots", json!([]), "at \"/roots\": unknown field `roots`"),
        (
            "/evidence/proof",
            json!(1),
            "at \"/evidence/proof\": invalid type",
        ),
        (
            "/evidence/proof",
            Value::Null,
            "at \"/evidence\": missing field `proof`",
        ),
        (
            "/evidence",
            json!(["a.b.c"]),
            "at \"/evidence\": invalid type: sequence",
        ),
        (
            "/expected/url",
            json!("nowhere"),
            "at \"/expected/url\": not an absolute",
        ),
        ("/expected/jkt", json!("x"), "at \"/expected/jkt\": "),
        ("/expected/a~\u{1b}/b", json!(1), "at \"/expected/a~0"),
        ("/now", json!("yesterday"), "at \"/now\": "),
    ] {
        let file = match pointer {
            "/expected/a~\u{1b}/b" => {
                let mut file = file();
                file["expected"]["a~\u{1b}/b"] = value;
                file
            }
            _ => with(&file(), pointer, value),
        };
        let finished = run(file.to_string().as_bytes(), &[]);
        finished.failed(2, &[told]);
        assert_eq!(finished.stdout, "");
        assert!(!finished.stderr.contains('\u{1b}'), "{finished:?}");
    }
}

#[test]
fn places_within_evidence_and_roots_are_told() {
    let android = json!({
        "kind": "android_key",
        "evidence": { "certificates": ["AAEC", "-"] },
        "about": { "bytes": "AAEC" },
        "expected": { "apps": [] },
    });
    let told = |file: &Value, told: &str| run(file.to_string().as_bytes(), &[]).failed(2, &[told]);
    told(
        &android,
        "at \"/evidence/certificates/1\": expected a certificate",
    );
    let android = with(&android, "/evidence/certificates", json!([]));
    told(
        &with(&android, "/evidence/certificates", json!("no PEM")),
        "at \"/evidence/certificates\": expected certificates in PEM",
    );
    told(
        &with(&android, "/about", json!({ "bytes": "!" })),
        "at \"/about/bytes\": expected base64",
    );
    told(
        &with(
            &android,
            "/about",
            json!({ "transcript": { "purpose": "rest" } }),
        ),
        "at \"/about/transcript/purpose\": ",
    );
    told(
        &with(&android, "/about", json!({ "text": "" })),
        "at \"/about",
    );
    told(&with(&android, "/about", json!({})), "at \"/about");
    told(
        &with(&android, "/roots", json!(["AAEC"])),
        "at \"/roots\": not a certificate or public key",
    );
    for list in [
        json!({ "as_of": NOW }),
        json!({ "as_of": NOW, "json": "{}", "file": "list.json" }),
    ] {
        told(
            &with(&android, "/status_list", list),
            "at \"/status_list\": one of",
        );
    }
    let list = json!({ "as_of": NOW, "json": "{}" });
    told(
        &with(&android, "/status_list", list),
        "at \"/status_list/json\": not a status list",
    );
}

#[test]
fn what_is_no_json_is_told() {
    let text = file().to_string();
    run(b"", &[]).failed(2, &["at \"\": EOF"]);
    run(format!("{text} {text}").as_bytes(), &[]).failed(2, &["trailing characters"]);
    run(format!("[{text}]").as_bytes(), &[]).failed(2, &["expected an object"]);
    let twice = text.replacen('{', "{\"kind\":\"dpop\",", 1);
    run(twice.as_bytes(), &[]).failed(2, &["duplicate field `kind`"]);
    run(&[0xff; 9], &[]).failed(2, &["at \"\""]);
}

#[test]
fn files_that_are_not_there_or_too_long_are_told() {
    let folder = tempdir().unwrap();
    let missing = crate::process::run(folder.path(), &["appraise", "missing.json"]);
    missing.failed(2, &["cannot read missing.json"]);
    let long = vec![b' '; 32 * 1024 * 1024 + 1];
    run(&long, &[]).failed(2, &["is longer than 33554432 bytes"]);
}

#[test]
fn standard_input_is_read_too() {
    let folder = tempdir().unwrap();
    let mut command = countersign(folder.path(), &["appraise", "--output=json", "-"]);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(file().to_string().as_bytes()).unwrap();
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        report["checks"][0],
        json!({ "name": "length", "passed": true })
    );
}

#[test]
fn people_are_told_every_check() {
    let told = run(file().to_string().as_bytes(), &[]).stdout;
    let lines: Vec<_> = told.lines().collect();
    assert_eq!(
        lines[0], "REFUSED: the proof is not a compact JWS",
        "{told}"
    );
    assert!(lines.contains(&"  ok    length"), "{told}");
    assert!(lines.contains(&"  FAIL  compact"), "{told}");
    assert!(appraise(&file()).report.get("unevaluated").is_none());
}

#[test]
fn no_configuration_is_read() {
    let folder = tempdir().unwrap();
    std::fs::write(
        folder.path().join("countersign.toml"),
        "this is no configuration",
    )
    .unwrap();
    std::fs::write(folder.path().join("evidence.json"), file().to_string()).unwrap();
    let mut command = countersign(folder.path(), &["appraise", "evidence.json"]);
    command.env("COUNTERSIGN_SERVER__PORT", "1");
    assert_eq!(Finished::of(command).code, Some(1));
}

/// None of them is right, and each is judged.
#[test]
fn the_documented_files_can_be_read() {
    let document = include_str!("../../../../../docs/APPRAISE.md");
    let mut kinds = Vec::new();
    for block in document.split("```json\n").skip(1) {
        let (file, _) = block.split_once("```").unwrap();
        let judged = appraise(&serde_json::from_str(file).unwrap());
        let name = judged.refused().to_owned();
        assert!(
            document.contains(&format!("`{name}`")),
            "{name} is not documented"
        );
        kinds.push(judged.report["kind"].as_str().unwrap().to_owned());
    }
    kinds.sort();
    kinds.dedup();
    assert_eq!(kinds.len(), 9, "{kinds:?}");
}
