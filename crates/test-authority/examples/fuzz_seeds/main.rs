//! Writes evidence to start fuzzing from: `cargo run --example fuzz_seeds -- fuzz/corpus`, and of
//! some targets only with their names after it.
//!
//! A corpus stays small: it holds what a fuzzer would not come upon by itself, and nothing that a
//! run found.

#![expect(
    clippy::unwrap_used,
    reason = "a seed that cannot be made ends the program"
)]

mod android;
mod apple_web;
mod evidence;
mod path;

use countersign_core::Timestamp;
use std::{env, fs, path::Path};

pub(crate) const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);

/// By the names of their files.
pub(crate) type Seeds = Vec<(&'static str, Vec<u8>)>;

fn main() {
    let mut arguments = env::args().skip(1);
    let corpus = arguments.next().unwrap();
    let wanted: Vec<String> = arguments.collect();
    let targets = [
        android::all(),
        apple_web::all(),
        evidence::all(),
        path::all(),
    ];
    for (target, seeds) in targets.into_iter().flatten() {
        if !wanted.is_empty() && wanted.iter().all(|name| name != target) {
            continue;
        }
        let folder = Path::new(&corpus).join(target);
        fs::create_dir_all(&folder).unwrap();
        for (name, bytes) in seeds {
            fs::write(folder.join(name), bytes).unwrap();
        }
    }
}
