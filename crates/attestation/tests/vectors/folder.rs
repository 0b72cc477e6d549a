//! The folder of recordings.

use base64::{Engine, engine::general_purpose::STANDARD};
use countersign_core::Timestamp;
use serde_json::Value;
use std::{fs, path::PathBuf};

/// The JSON files of a folder that have all of these members; at least one is there.
pub(crate) fn recordings(folder: &str, members: &[&str]) -> Vec<(String, Value)> {
    let mut files: Vec<_> = fs::read_dir(root().join(folder))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|kind| kind == "json"))
        .collect();
    files.sort();
    let read = |path: PathBuf| {
        let recording: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        members
            .iter()
            .all(|member| recording.get(member).is_some())
            .then_some((name, recording))
    };
    let recordings: Vec<_> = files.into_iter().filter_map(read).collect();
    assert!(!recordings.is_empty(), "nothing to try in {folder}");
    recordings
}

/// The certificates of a PEM file, as DER.
pub(crate) fn certificates(file: &str) -> Vec<Vec<u8>> {
    let pem = fs::read_to_string(root().join(file)).unwrap();
    let bodies = pem.split("-----BEGIN CERTIFICATE-----").skip(1);
    bodies
        .map(|body| {
            let (body, _) = body.split_once("-----END").unwrap();
            STANDARD.decode(body.replace(['\n', '\r'], "")).unwrap()
        })
        .collect()
}

pub(crate) fn text<'a>(recording: &'a Value, member: &str) -> &'a str {
    recording[member]
        .as_str()
        .unwrap_or_else(|| panic!("{member}"))
}

pub(crate) fn base64(recording: &Value, member: &str) -> Vec<u8> {
    STANDARD.decode(text(recording, member)).unwrap()
}

pub(crate) fn hex(text: &str) -> Vec<u8> {
    (0..text.len() / 2)
        .map(|at| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).unwrap())
        .collect()
}

pub(crate) fn time(recording: &Value, member: &str) -> Timestamp {
    serde_json::from_value(recording[member].clone()).unwrap()
}

#[expect(
    clippy::disallowed_methods,
    reason = "the recordings are wherever who runs this keeps them"
)]
fn root() -> PathBuf {
    std::env::var("COUNTERSIGN_VECTORS")
        .expect("COUNTERSIGN_VECTORS names the folder of recordings")
        .into()
}
