use crate::process::{Finished, countersign, run, serve};
use serde_json::Value;
use std::{fs, path::Path};
use tempfile::tempdir;

fn report(data_dir: &Path, variables: &[(&str, &str)]) -> (Option<i32>, Value) {
    let mut command = countersign(data_dir, &["doctor", "--output=json"]);
    command.envs(variables.iter().copied());
    let finished = Finished::of(command);
    (
        finished.code,
        serde_json::from_str(&finished.stdout).unwrap(),
    )
}

fn status<'v>(report: &'v Value, check: &str) -> &'v str {
    let findings = report["findings"].as_array().unwrap();
    let found = findings.iter().find(|finding| finding["check"] == check);
    found.unwrap_or_else(|| panic!("{check} is not in {report}"))["status"]
        .as_str()
        .unwrap()
}

/// Ports that are free, so that the machine's own services don't matter.
const FREE: [(&str, &str); 3] = [
    ("COUNTERSIGN_SERVER__PUBLIC_LISTEN", "127.0.0.1:0"),
    ("COUNTERSIGN_SERVER__INTERNAL_LISTEN", "127.0.0.1:0"),
    ("COUNTERSIGN_SERVER__METRICS_LISTEN", "127.0.0.1:0"),
];

#[test]
fn a_fresh_machine_is_fine_and_stays_as_it_was() {
    let folder = tempdir().unwrap();
    let (code, found) = report(folder.path(), &FREE);
    assert_eq!((code, &found["status"]), (Some(0), &"ok".into()), "{found}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_running_server_is_recognised() {
    let folder = tempdir().unwrap();
    let server = serve(folder.path(), &[]);
    let at = |url: &str| url.trim_start_matches("http://").to_owned();
    let (public, internal) = (at(&server.addresses.public), at(&server.addresses.internal));
    let variables = [
        ("COUNTERSIGN_SERVER__PUBLIC_LISTEN", public.as_str()),
        ("COUNTERSIGN_SERVER__INTERNAL_LISTEN", internal.as_str()),
        ("COUNTERSIGN_SERVER__METRICS_LISTEN", ""),
    ];
    let (code, found) = report(folder.path(), &variables);
    assert_eq!(code, Some(0), "{found}");
    for check in [
        "store",
        "schema",
        "durability",
        "key",
        "public_listen",
        "internal_listen",
    ] {
        assert_eq!(status(&found, check), "ok", "{check}: {found}");
    }
    server.stop();
}

#[test]
fn what_would_go_wrong_is_found() {
    let folder = tempdir().unwrap();
    run(folder.path(), &["migrate"]).succeeded();
    // The key opens nothing that is not sealed yet.
    run(folder.path(), &["admin", "list-clients"]).succeeded();
    let other = tempdir().unwrap();
    run(other.path(), &["migrate"]).succeeded();
    fs::copy(other.path().join("kek"), folder.path().join("kek")).unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let variables = [
        FREE[0],
        ("COUNTERSIGN_SERVER__INTERNAL_LISTEN", address.as_str()),
        FREE[2],
        ("COUNTERSIGN_SERVER__PUBLIC_URL", "http://api.example"),
        ("COUNTERSIGN_SERVER__TRUSTED_PROXIES", r#"["0.0.0.0/0"]"#),
        ("COUNTERSIGN_GEOIP__PATH", "kek"),
        ("COUNTERSIGN_REDIS__URL", "redis+unix:///nowhere/socket"),
    ];
    let (code, found) = report(folder.path(), &variables);
    assert_eq!(
        (code, &found["status"]),
        (Some(1), &"fail".into()),
        "{found}"
    );
    for check in [
        "key",
        "internal_listen",
        "public_url",
        "trusted_proxies",
        "geoip",
    ] {
        assert_eq!(status(&found, check), "fail", "{check}: {found}");
    }
    // Nothing depends on it.
    assert_eq!(status(&found, "redis"), "warn", "{found}");
    for check in ["store", "schema", "durability", "public_listen"] {
        assert_eq!(status(&found, check), "ok", "{check}: {found}");
    }
}

#[test]
fn a_wrong_configuration_is_a_finding() {
    let folder = tempdir().unwrap();
    let (code, found) = report(folder.path(), &[("COUNTERSIGN_SERVER__PORT", "1")]);
    assert_eq!((code, status(&found, "configuration")), (Some(1), "fail"));
    let told = run(folder.path(), &["doctor"]).stdout;
    assert!(told.contains("ok    configuration"), "{told}");
}
