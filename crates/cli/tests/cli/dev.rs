use crate::process::{Running, countersign};
use serde_json::Value;
use std::{io::BufRead as _, process::Command};
use tempfile::tempdir;

#[test]
fn the_printed_lines_work_when_pasted() {
    let folder = tempdir().unwrap();
    let ports = [
        "--public-listen=127.0.0.1:0",
        "--internal-listen=127.0.0.1:0",
    ];
    let mut command = countersign(folder.path(), &["serve", "--dev"]);
    command.args(ports);
    let mut server = Running::listening(command);
    let mut script = String::new();
    while !script.contains("# That is all") {
        assert_ne!(server.stdout.read_line(&mut script).unwrap(), 0, "{script}");
    }
    let pasted = Command::new("sh").args(["-c", &script]).output().unwrap();
    let (told, errors) = (
        String::from_utf8(pasted.stdout).unwrap(),
        String::from_utf8(pasted.stderr).unwrap(),
    );
    assert!(
        pasted.status.success() && errors.is_empty(),
        "{told}\n{errors}"
    );
    let answers: Vec<Value> = told
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let [session, allowed, devices, logout, refused] = answers.as_slice() else {
        panic!("five answers are expected: {told}");
    };
    assert_eq!(session["user_id"], "alice");
    assert_eq!(allowed["allowed"], true);
    assert_eq!(devices["data"][0]["name"], "My browser");
    assert_eq!(logout["ended"], 1);
    assert_eq!(
        (&refused["allowed"], &refused["code"]),
        (&false.into(), &"session_ended".into())
    );
    server.stop();
}

#[test]
fn one_port_is_enough_and_what_lies_about_is_not_read() {
    let folder = tempdir().unwrap();
    std::fs::write(folder.path().join("countersign.toml"), "[nonsense]").unwrap();
    // Any free port: the same number twice is one listener.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap().to_string();
    drop(free);
    let mut command = countersign(folder.path(), &["serve", "--dev"]);
    command.args(["--public-listen", &address, "--internal-listen", &address]);
    let server = Running::listening(command);
    assert_eq!(server.addresses.public, server.addresses.internal);
    assert_eq!(server.addresses.metrics, "");
    server.stop();
}
