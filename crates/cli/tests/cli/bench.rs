use crate::process::{Running, countersign, run};
use serde_json::Value;
use std::{fs, io::BufRead as _, process::Command};
use tempfile::tempdir;

fn is_positive(value: &Value) -> bool {
    value.as_f64().is_some_and(|number| number > 0.0)
}

#[test]
fn verify_measures_both_sides() {
    let folder = tempdir().unwrap();
    let args = [
        "bench",
        "verify",
        "--sessions=2",
        "--rounds=1",
        "--calls=40",
        "--output=json",
    ];
    let report = run(folder.path(), &args).json();
    for name in [
        "without_proof",
        "with_proof",
        "p256_verify",
        "with_proof_to_p256",
    ] {
        assert!(is_positive(&report[name]), "{name}: {report}");
    }
}

/// Measures for a second; a database in use is refused.
fn measure(bench: &str, wanted: &[&str]) {
    let folder = tempdir().unwrap();
    let store = format!(
        "--store=sqlite:{}",
        folder.path().join("scratch.db").display()
    );
    let args = [
        "bench",
        bench,
        "--seconds=1",
        "--callers=2",
        "--output=json",
        &store,
    ];
    let report = run(folder.path(), &args).json();
    for name in ["bare_commits", "bare_writes"].iter().chain(wanted) {
        assert!(is_positive(&report[name]), "{name}: {report}");
    }
    run(folder.path(), &args).failed(1, &["not empty"]);
}

#[test]
fn writes_measures_both_sides_and_refuses_a_database_in_use() {
    measure("writes", &["logins", "refreshes"]);
}

#[test]
fn enrollments_measures_both_sides_and_refuses_a_database_in_use() {
    measure("enrollments", &["challenges", "enrollments"]);
}

#[test]
fn the_bare_target_answers_the_same_bytes() {
    let folder = tempdir().unwrap();
    let files = folder.path().join("target");
    let mut command = countersign(folder.path(), &["bench", "serve-target"]);
    command
        .args(["--server=127.0.0.1:0", "--bare=127.0.0.1:0", "--folder"])
        .arg(&files);
    let mut target = Running::start(command);
    let mut told = String::new();
    while !told.contains("folder=") {
        assert_ne!(target.stdout.read_line(&mut told).unwrap(), 0, "{told}");
    }
    let url = |name: &str| {
        let found = told.lines().find_map(|line| line.strip_prefix(name));
        found.unwrap().to_owned()
    };
    let ask = |url: String| {
        let answer = Command::new("curl")
            .args(["-sS", "-H", "content-type: application/json", "-d"])
            .arg(format!("@{}", files.join("request.json").display()))
            .arg("-H")
            .arg(format!(
                "authorization: Bearer {}",
                fs::read_to_string(files.join("api-key")).unwrap()
            ))
            .arg(url)
            .output()
            .unwrap();
        String::from_utf8(answer.stdout).unwrap()
    };
    let answer = ask(url("server="));
    assert!(answer.contains(r#""allowed":true"#), "{answer}");
    assert_eq!(ask(url("bare=")), answer);
    let lua = fs::read_to_string(files.join("verify.lua")).unwrap();
    assert!(lua.contains(&fs::read_to_string(files.join("request.json")).unwrap()));
    target.stop();
}
