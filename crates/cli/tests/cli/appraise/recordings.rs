//! Recorded evidence of real devices, or published by standards, through the command.
//!
//! The recordings are not part of this repository: `COUNTERSIGN_VECTORS` names their folder. What is
//! in it is turned into the command's own format here. Every rule is tried on them by the tests of
//! `attestation`; these see that the command judges the same.

mod android;
mod app_attest;
mod standards;

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::Value;
use std::{fs, path::PathBuf};

fn read(path: &str) -> String {
    let file = path_of(path);
    fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// The JSON files of a folder that have all of these members, with their names.
fn recordings(folder: &str, members: &[&str]) -> Vec<(String, Value)> {
    let mut recordings = Vec::new();
    for file in fs::read_dir(path_of(folder)).unwrap() {
        let name = file.unwrap().file_name().into_string().unwrap();
        let Some(stem) = name.strip_suffix(".json") else {
            continue;
        };
        let recording: Value = serde_json::from_str(&read(&format!("{folder}/{name}"))).unwrap();
        if members.iter().all(|member| recording.get(member).is_some()) {
            recordings.push((stem.to_owned(), recording));
        }
    }
    assert!(!recordings.is_empty(), "nothing to try in {folder}");
    recordings.sort_by(|(one, _), (other, _)| one.cmp(other));
    recordings
}

fn text<'a>(recording: &'a Value, member: &str) -> &'a str {
    let found = recording[member].as_str();
    found.unwrap_or_else(|| panic!("no text {member}"))
}

fn bytes(recording: &Value, member: &str) -> Vec<u8> {
    STANDARD.decode(text(recording, member)).unwrap()
}

fn hex(text: &str) -> Vec<u8> {
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}

/// With one bit turned.
fn flipped(bytes: &[u8], byte: usize) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[byte] ^= 1 << (byte % 8);
    bytes
}

#[expect(clippy::disallowed_methods, reason = "names the recordings")]
fn path_of(path: &str) -> PathBuf {
    let folder = std::env::var("COUNTERSIGN_VECTORS");
    PathBuf::from(folder.expect("COUNTERSIGN_VECTORS names the folder of recordings")).join(path)
}
