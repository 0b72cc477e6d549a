//! The folder of recordings.

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use countersign_attestation::jws::PublicKey;
use countersign_core::Timestamp;
use serde_json::Value;
use std::{fs, path::PathBuf};

/// A file of the folder.
pub(crate) fn read(path: &str) -> String {
    let file = path_of(path);
    fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

pub(crate) fn json(path: &str) -> Value {
    serde_json::from_str(&read(path)).unwrap()
}

/// The names without ending of a folder's files with that ending, sorted.
pub(crate) fn names(folder: &str, ending: &str) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(path_of(folder))
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .filter_map(|name| name.strip_suffix(ending).map(str::to_owned))
        .collect();
    names.sort();
    assert!(!names.is_empty(), "nothing in {folder}");
    names
}

/// The contents of PEM blocks, whatever their labels.
pub(crate) fn pem(text: &str) -> Vec<Vec<u8>> {
    text.split("-----BEGIN ")
        .skip(1)
        .map(|block| {
            let (_, rest) = block.split_once("-----").unwrap();
            let (body, _) = rest.split_once("-----END").unwrap();
            STANDARD.decode(body.replace(['\r', '\n'], "")).unwrap()
        })
        .collect()
}

/// The JSON files of a folder that have all of these members, with their names.
pub(crate) fn recordings(folder: &str, members: &[&str]) -> Vec<(String, Value)> {
    let files = names(folder, ".json").into_iter().map(|name| {
        let recording = json(&format!("{folder}/{name}.json"));
        (name, recording)
    });
    let has_all = |recording: &Value| members.iter().all(|name| recording.get(name).is_some());
    let recordings: Vec<_> = files.filter(|(_, file)| has_all(file)).collect();
    assert!(!recordings.is_empty(), "nothing to try in {folder}");
    recordings
}

pub(crate) fn text<'a>(recording: &'a Value, member: &str) -> &'a str {
    let found = recording[member].as_str();
    found.unwrap_or_else(|| panic!("no text {member}"))
}

pub(crate) fn base64(recording: &Value, member: &str) -> Vec<u8> {
    STANDARD.decode(text(recording, member)).unwrap()
}

pub(crate) fn time(text: &Value) -> Timestamp {
    serde_json::from_value(text.clone()).unwrap()
}

pub(crate) fn hex(text: &str) -> Vec<u8> {
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}

/// A key from its uncompressed point.
pub(crate) fn key(point: &[u8]) -> PublicKey {
    let [x, y] = [1..33, 33..65].map(|part| URL_SAFE_NO_PAD.encode(&point[part]));
    PublicKey::from_coordinates(&x, &y).unwrap()
}

#[expect(clippy::disallowed_methods, reason = "names the recordings")]
fn path_of(path: &str) -> PathBuf {
    let folder = std::env::var("COUNTERSIGN_VECTORS");
    PathBuf::from(folder.expect("COUNTERSIGN_VECTORS names the folder of recordings")).join(path)
}
