//! Other people's software: got once per target folder, or the test fails.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::Command,
};

/// A folder below the target folder with a Python environment `venv` and the files, of which
/// `requirements.txt` says what is in it.
///
/// # Panics
/// When something cannot be had.
pub fn installed_from_pypi(target: &str, name: &str, files: &[(&str, &str)]) -> PathBuf {
    // The environment is bound to the interpreter that made it.
    let which = "import sys; print(sys.version, sys.prefix)";
    let version = run(Command::new("python3").args(["-c", which]));
    installed(target, name, files, &version, |folder| {
        run(Command::new("python3")
            .args(["-m", "venv", "--clear", "venv"])
            .current_dir(folder));
        run(Command::new(folder.join("venv/bin/python"))
            .args(["-m", "pip", "install", "--quiet", "--no-deps"])
            .args(["--disable-pip-version-check", "-r", "requirements.txt"])
            .current_dir(folder));
    })
}

/// The folder with the files and what `install` makes of them, anew when one of them changed.
///
/// `target` is the caller's own `CARGO_TARGET_TMPDIR`.
///
/// # Panics
/// When something cannot be had.
pub fn installed(
    target: &str,
    name: &str,
    files: &[(&str, &str)],
    version: &str,
    install: impl FnOnce(&Path),
) -> PathBuf {
    let folder = Path::new(target).join(name);
    fs::create_dir_all(&folder).expect("a folder below the target folder");
    // Held until this function returns; every test is a process of its own.
    let lock = File::create(folder.join("lock")).expect("a lock file");
    lock.lock().expect("the lock");
    let contents = files.iter().map(|(_, content)| *content);
    let wanted: String = contents.chain([version]).collect();
    let stamp = folder.join("installed");
    if fs::read_to_string(&stamp).is_ok_and(|found| found == wanted) {
        return folder;
    }
    // There is none the first time; one that stays would vouch for what is half replaced.
    let _ = fs::remove_file(&stamp);
    for (name, content) in files {
        fs::write(folder.join(name), content).expect("a file of the library");
    }
    install(&folder);
    fs::write(stamp, wanted).expect("a note of what is installed");
    folder
}

/// Runs a command to its end, and gives what it printed.
///
/// # Panics
/// When it fails.
pub fn run(command: &mut Command) -> String {
    let output = command
        .output()
        .expect("scripts/test installs node, npm and python3-venv");
    let (out, err) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(output.status.success(), "{command:?} failed: {out}{err}");
    out.into_owned()
}
