//! Getting the libraries: once per target folder, at the locked versions, or the test fails.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::Command,
};

/// A device process that uses npm `dpop`.
pub(crate) fn npm_dpop() -> Command {
    npm("make_proof.mjs")
}

/// A device process that uses npm `oauth4webapi`.
pub(crate) fn npm_oauth4webapi() -> Command {
    npm("direct.mjs")
}

/// A device process that uses `PyPI` `requests-oauth2client` for its proofs.
pub(crate) fn pypi_requests_oauth2client() -> Command {
    pypi("make_proof.py")
}

/// A device process that uses `PyPI` `requests-oauth2client` for all it does.
pub(crate) fn pypi_requests_oauth2client_alone() -> Command {
    pypi("direct.py")
}

fn npm(script: &str) -> Command {
    let files = [
        (".npmrc", include_str!("node/.npmrc")),
        ("package.json", include_str!("node/package.json")),
        ("package-lock.json", include_str!("node/package-lock.json")),
        ("make_proof.mjs", include_str!("node/make_proof.mjs")),
        ("direct.mjs", include_str!("node/direct.mjs")),
    ];
    let version = run(Command::new("node").arg("--version"));
    let folder = installed("interop-node", &files, &version, |folder| {
        run(Command::new("npm")
            .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
            .current_dir(folder));
    });
    let mut device = Command::new("node");
    device.arg(folder.join(script));
    device
}

fn pypi(script: &str) -> Command {
    let files = [
        ("requirements.txt", include_str!("python/requirements.txt")),
        ("make_proof.py", include_str!("python/make_proof.py")),
        ("direct.py", include_str!("python/direct.py")),
    ];
    // The environment is bound to the interpreter that made it.
    let which = "import sys; print(sys.version, sys.prefix)";
    let version = run(Command::new("python3").args(["-c", which]));
    let python = |folder: &Path| folder.join("venv/bin/python");
    let folder = installed("interop-python", &files, &version, |folder| {
        run(Command::new("python3")
            .args(["-m", "venv", "--clear", "venv"])
            .current_dir(folder));
        run(Command::new(python(folder))
            .args(["-m", "pip", "install", "--quiet", "--no-deps"])
            .args(["--disable-pip-version-check", "-r", "requirements.txt"])
            .current_dir(folder));
    });
    let mut device = Command::new(python(&folder));
    device.arg(folder.join(script));
    device
}

/// The folder with the files and what `install` makes of them, anew when one of them changed.
fn installed(
    name: &str,
    files: &[(&str, &str)],
    version: &str,
    install: impl FnOnce(&Path),
) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
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

fn run(command: &mut Command) -> String {
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
