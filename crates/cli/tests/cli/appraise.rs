//! `countersign appraise`, on evidence under roots that each test makes.

mod android;
mod app_attest;
mod dbsc;
mod dpop;
mod input;
mod key_assertion;
mod play_integrity;
mod recordings;
mod webauthn;

use crate::process::{Finished, countersign};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use countersign_attestation::transcript::{Purpose, Transcript};
use countersign_core::{Thumbprint, Timestamp};
use serde_json::{Value, json};
use std::fs;
use tempfile::tempdir;

/// What the command made of a file.
#[derive(Debug)]
pub(crate) struct Judged {
    pub(crate) code: Option<i32>,
    pub(crate) report: Value,
}

const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);
const CHALLENGE: &str = "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA";
const CLIENT: &str = "cli_00000000000000000000000000";

/// Runs the command on a file with this in it.
pub(crate) fn appraise(file: &Value) -> Judged {
    let finished = run(file.to_string().as_bytes(), &["--output=json"]);
    let report = serde_json::from_str(&finished.stdout);
    Judged {
        code: finished.code,
        report: report.unwrap_or_else(|_| panic!("{finished:?}")),
    }
}

/// Runs the command on any bytes, with further arguments.
fn run(file: &[u8], args: &[&str]) -> Finished {
    let folder = tempdir().unwrap();
    let path = folder.path().join("evidence.json");
    fs::write(&path, file).unwrap();
    let mut command = countersign(folder.path(), &["appraise"]);
    command.arg(&path).args(args);
    Finished::of(command)
}

impl Judged {
    /// What it printed, if it accepted after nothing but checks that held.
    #[track_caller]
    pub(crate) fn accepted(self) -> Value {
        assert_eq!(self.code, Some(0), "{self:?}");
        assert_eq!(self.report["outcome"], "accepted");
        let checks = self.report["checks"].as_array().unwrap();
        assert!(!checks.is_empty() && checks.iter().all(|check| check["passed"] == true));
        self.report
    }

    /// The check by which it refused, which is the last one.
    #[track_caller]
    pub(crate) fn refused(&self) -> &str {
        assert_eq!(self.code, Some(1), "{self:?}");
        assert_eq!(self.report.get("level"), None);
        assert_eq!(self.report.get("facts"), None);
        assert!(self.report["reason"].is_string());
        let (last, before) = self.report["checks"]
            .as_array()
            .unwrap()
            .split_last()
            .unwrap();
        assert!(before.iter().all(|check| check["passed"] == true));
        assert_eq!(last["passed"], false, "{self:?}");
        last["name"].as_str().unwrap()
    }
}

/// A file with something else at a JSON pointer; `null` takes it away.
pub(crate) fn with(file: &Value, pointer: &str, value: Value) -> Value {
    let mut file = file.clone();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let parent = file.pointer_mut(parent).unwrap();
    if value.is_null() {
        parent.as_object_mut().unwrap().remove(name);
    } else if let Value::Array(list) = parent {
        list[name.parse::<usize>().unwrap()] = value;
    } else {
        parent[name] = value;
    }
    file
}

/// Tries one change after the other, each with the check that refuses it.
#[track_caller]
fn refuses(file: &Value, changes: &[(&str, Value, &str)]) {
    appraise(file).accepted();
    for (pointer, value, check) in changes {
        let judged = appraise(&with(file, pointer, value.clone()));
        assert_eq!(judged.refused(), *check, "{pointer} {value}: {judged:?}");
    }
}

/// Evidence that was in time when it was presented may be judged later; whoever presents it later is
/// refused, and so is what is said to be presented after it is judged.
#[track_caller]
fn is_judged_as_of_its_presentation(file: &Value, later: &str, check: &str) {
    let judged_later = with(file, "/now", json!(later));
    assert_eq!(appraise(&judged_later).refused(), check);
    let stored = with(&judged_later, "/presented_at", json!(NOW));
    let report = appraise(&stored).accepted();
    assert_eq!(report["presented_at"], json!(NOW));
    let early = with(file, "/presented_at", json!(later));
    assert_eq!(appraise(&early).refused(), "presented_at");
}

pub(crate) fn text(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub(crate) fn pem(der: &[u8]) -> String {
    let body = STANDARD.encode(der);
    format!("-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n")
}

fn jkt() -> Thumbprint {
    Thumbprint::from_bytes([7; 32])
}

fn transcript() -> Transcript<'static> {
    Transcript {
        purpose: Purpose::Enroll,
        challenge: CHALLENGE,
        client: CLIENT.parse().unwrap(),
        action: None,
    }
}

/// `about` of evidence for [`transcript`] and this key.
fn about(jkt: &Thumbprint) -> Value {
    json!({ "transcript": {
        "purpose": "enroll", "challenge": CHALLENGE, "client_id": CLIENT, "jkt": jkt,
    } })
}

/// Changes of a transcript, any of which makes it another one.
fn other_transcripts(check: &str) -> Vec<(&'static str, Value, &str)> {
    let other = Thumbprint::from_bytes([8; 32]);
    vec![
        ("/about/transcript/purpose", json!("rotate"), check),
        ("/about/transcript/challenge", json!("another"), check),
        (
            "/about/transcript/client_id",
            json!("cli_00000000000000000000000001"),
            check,
        ),
        ("/about/transcript/jkt", json!(other), check),
    ]
}
