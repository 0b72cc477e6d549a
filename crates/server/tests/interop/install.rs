//! Getting the libraries: once per target folder, at the locked versions, or the test fails.

use countersign_test_support::{installed, installed_from_pypi, run};
use std::process::Command;

const TARGET: &str = env!("CARGO_TARGET_TMPDIR");

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
    let folder = installed(TARGET, "interop-node", &files, &version, |folder| {
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
    let folder = installed_from_pypi(TARGET, "interop-python", &files);
    let mut device = Command::new(folder.join("venv/bin/python"));
    device.arg(folder.join(script));
    device
}
