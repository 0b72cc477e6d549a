use crate::process::{Finished, Running, run, serve, serve_command};
use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt as _,
    path::Path,
};
use tempfile::tempdir;

fn start(data_dir: &Path) -> Finished {
    Finished::of(serve_command(data_dir, &[]))
}

#[test]
fn the_first_start_makes_a_private_key_and_later_ones_need_it() {
    let folder = tempdir().unwrap();
    let key = folder.path().join("kek");
    serve(folder.path(), &[]).stop();
    assert_eq!(
        fs::metadata(&key).unwrap().permissions().mode() & 0o777,
        0o600
    );

    fs::set_permissions(&key, Permissions::from_mode(0o644)).unwrap();
    start(folder.path()).failed(2, &["can be read by others", "chmod 600"]);

    let text = fs::read_to_string(&key).unwrap();
    fs::remove_file(&key).unwrap();
    start(folder.path()).failed(2, &["is missing"]);
    assert!(!key.exists());

    let mut command = serve_command(folder.path(), &["--log-format=text"]);
    command.env("COUNTERSIGN_KEY_ENCRYPTION_KEY", text);
    Running::listening(command).stop();

    let mut command = serve_command(folder.path(), &[]);
    command.env("COUNTERSIGN_KEY_ENCRYPTION_KEY", "QUJD");
    let refused = Finished::of(command);
    refused.failed(2, &["COUNTERSIGN_KEY_ENCRYPTION_KEY", "32 bytes"]);
    assert!(!refused.stderr.contains("QUJD"), "{refused:?}");
}

#[test]
fn another_key_is_refused() {
    let folder = tempdir().unwrap();
    serve(folder.path(), &[]).stop();
    let other = tempdir().unwrap();
    serve(other.path(), &[]).stop();
    fs::copy(other.path().join("kek"), folder.path().join("kek")).unwrap();
    start(folder.path()).failed(1, &["another key-encryption key"]);
}

#[test]
fn postgres_needs_a_configured_key() {
    let folder = tempdir().unwrap();
    let config = "[store]\nurl = \"postgres://countersign@localhost:1/countersign\"\n";
    fs::write(folder.path().join("countersign.toml"), config).unwrap();
    start(folder.path()).failed(
        2,
        &[
            "every node must have the same one",
            "key_encryption_key_file",
        ],
    );

    let named = format!("{config}[security]\nkey_encryption_key_file = \"shared\"\n");
    fs::write(folder.path().join("countersign.toml"), named).unwrap();
    start(folder.path()).failed(2, &["shared is missing"]);
    let doctor = run(folder.path(), &["doctor"]);
    assert_eq!(doctor.code, Some(1), "{doctor:?}");
}
