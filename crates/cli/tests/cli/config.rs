use crate::process::{Finished, Running, countersign, run, serve_command};
use std::{fs, path::Path};
use tempfile::tempdir;

fn with_variable(data_dir: &Path, args: &[&str], name: &str, value: &str) -> Finished {
    let mut command = countersign(data_dir, args);
    command.env(name, value);
    Finished::of(command)
}

#[test]
fn init_prints_what_is_in_force_anyway() {
    let folder = tempdir().unwrap();
    let plain = run(folder.path(), &["config", "print"]).succeeded();
    let init = run(folder.path(), &["config", "init"]).succeeded();
    fs::write(folder.path().join("countersign.toml"), init).unwrap();
    assert_eq!(run(folder.path(), &["config", "print"]).succeeded(), plain);
    assert!(
        run(folder.path(), &["config", "check"])
            .succeeded()
            .contains("good")
    );
}

#[test]
fn a_variable_goes_before_the_file() {
    let folder = tempdir().unwrap();
    let file = "[log]\nlevel = \"warn\"\n[memory]\nsessions = 5000\n";
    fs::write(folder.path().join("countersign.toml"), file).unwrap();
    let args = ["config", "print"];
    let printed =
        with_variable(folder.path(), &args, "COUNTERSIGN_LOG__LEVEL", "debug").succeeded();
    assert!(
        printed.contains("level = \"debug\"") && printed.contains("sessions = 5000"),
        "{printed}"
    );
}

#[test]
fn a_flag_goes_before_a_variable() {
    let folder = tempdir().unwrap();
    let mut command = serve_command(folder.path(), &["--log-format=text"]);
    command.env("COUNTERSIGN_SERVER__PUBLIC_LISTEN", "192.0.2.1:1");
    command.env("COUNTERSIGN_LOG__FORMAT", "json");
    Running::listening(command).stop();
}

#[test]
fn a_list_can_stand_in_a_variable() {
    let folder = tempdir().unwrap();
    let name = "COUNTERSIGN_SERVER__TRUSTED_PROXIES";
    let printed = with_variable(
        folder.path(),
        &["config", "print"],
        name,
        r#"["10.0.0.0/8"]"#,
    )
    .succeeded();
    assert!(
        printed.contains(r#"trusted_proxies = ["10.0.0.0/8"]"#),
        "{printed}"
    );
}

#[test]
fn an_unknown_variable_is_refused_with_its_name_and_what_was_meant() {
    let folder = tempdir().unwrap();
    for (name, meant) in [
        (
            "COUNTERSIGN_SERVER__PUBLIC_ULR",
            "did you mean server.public_url?",
        ),
        (
            "COUNTERSIGN_PUBLIC_URL",
            "did you mean COUNTERSIGN_SERVER__PUBLIC_URL?",
        ),
        (
            "COUNTERSIGN_LOG_LEVEL",
            "did you mean COUNTERSIGN_LOG__LEVEL?",
        ),
    ] {
        let refused = with_variable(folder.path(), &["config", "check"], name, "x");
        refused.failed(2, &[name, meant]);
    }
    // Somebody else's variable is none of ours.
    let fine = with_variable(
        folder.path(),
        &["config", "check"],
        "COUNTERSIGN_IMAGE",
        "x",
    );
    assert_eq!(fine.code, Some(0), "{fine:?}");
}

#[test]
fn a_value_of_the_wrong_type_is_refused_with_the_name_of_what_set_it() {
    let folder = tempdir().unwrap();
    let name = "COUNTERSIGN_SERVER__PUBLIC_LISTEN";
    with_variable(folder.path(), &["config", "check"], name, "8080")
        .failed(2, &[name, "server.public_listen"]);
    let broken = folder.path().join("broken.toml");
    fs::write(&broken, "[server\n").unwrap();
    let broken = broken.to_str().unwrap();
    run(folder.path(), &["config", "check", "--config", broken]).failed(2, &["broken.toml"]);
    run(
        folder.path(),
        &["config", "check", "--config", "nowhere.toml"],
    )
    .failed(2, &["nowhere.toml"]);
}

#[test]
fn wrong_usage_is_code_2() {
    let folder = tempdir().unwrap();
    run(folder.path(), &["srve"]).failed(2, &["serve"]);
    run(folder.path(), &[]).failed(2, &["Usage"]);
    assert!(
        run(folder.path(), &["--version"])
            .succeeded()
            .starts_with("countersign ")
    );
}
