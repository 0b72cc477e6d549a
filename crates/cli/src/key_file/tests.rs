use super::*;
use countersign_core::SystemRng;

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_key_is_made_once_and_for_its_owner_only() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("kek");
    let made = read_or_make(&path, true, &SystemRng).unwrap();
    assert_eq!(mode(&path), 0o600);
    let again = read_or_make(&path, true, &SystemRng).unwrap();
    assert_eq!(made.0, again.0);
    let files: Vec<_> = fs::read_dir(folder.path()).unwrap().collect();
    assert_eq!(files.len(), 1, "{files:?}");
}

#[test]
fn a_key_that_others_can_read_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("kek");
    read_or_make(&path, true, &SystemRng).unwrap();
    for mode in [0o640, 0o604, 0o620] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let error = read_or_make(&path, true, &SystemRng).unwrap_err();
        assert!(error.is::<Misconfigured>());
        assert!(error.to_string().contains("chmod 600"), "{error}");
    }
}

#[test]
fn a_missing_key_is_not_made_for_a_database_that_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("kek");
    let error = read_or_make(&path, false, &SystemRng).unwrap_err();
    assert!(error.to_string().contains("is missing"), "{error}");
    assert!(!path.exists());
}

#[test]
fn what_is_no_key_is_refused_without_being_shown() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("kek");
    for text in ["", "c2hvcnQ=", "not base64, and secret"] {
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        let error = read_or_make(&path, true, &SystemRng)
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("not 32 bytes as base64") && !error.contains("secret"),
            "{error}"
        );
    }
    // As `head -c 32 /dev/urandom | base64` and an editor write it.
    assert!(parse(&format!(" {}\n\n", STANDARD.encode([7; 32]))).is_ok());
}
