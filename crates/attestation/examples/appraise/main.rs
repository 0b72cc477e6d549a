//! Appraisals per second of each platform's evidence, beside the bare signature checks in it.
//!
//! `cargo run --release -p countersign-attestation --example appraise -- ROUNDS CALLS`
//!
//! What is compared takes turns in every round; `bench/measure_appraise.py` makes medians and ratios
//! of the JSON that is printed. It is no part of the binary, which has nobody that makes evidence.

mod android;
mod apple;
mod floor;
mod rate;
mod web;

use countersign_core::Timestamp;
use rate::Rate;
use serde::Serialize;
use std::{collections::BTreeMap, env};

pub(crate) const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);

/// One judgement, or as many signature checks as it needs; whether it ended as it should.
pub(crate) type Call = Box<dyn Fn() -> bool>;

/// A kind of evidence.
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    /// Judges it as a service does.
    pub(crate) appraise: Call,
    /// Checks its signatures and nothing else, by keys that are read already.
    pub(crate) signatures: Call,
}

#[derive(Serialize)]
struct Report {
    calls: u32,
    rounds: Vec<BTreeMap<&'static str, Pair>>,
}

#[derive(Serialize)]
struct Pair {
    appraisals: Rate,
    signatures: Rate,
}

#[expect(clippy::print_stdout, reason = "its purpose is to print")]
fn main() {
    let mut numbers = env::args()
        .skip(1)
        .map(|text| text.parse().expect("a number"));
    let (rounds, calls) = (numbers.next().unwrap_or(9), numbers.next().unwrap_or(2_000));
    let kinds = [
        apple::attestation(),
        apple::assertion(),
        android::key_attestation(),
        android::play_integrity(),
        web::registration(),
        web::assertion(),
    ];
    // Once without counting: memory is warm then, as in a service.
    round(&kinds, calls);
    let report = Report {
        calls,
        rounds: (0..rounds).map(|_| round(&kinds, calls)).collect(),
    };
    println!("{}", serde_json::to_string(&report).expect("JSON"));
}

fn round(kinds: &[Kind], calls: u32) -> BTreeMap<&'static str, Pair> {
    let pairs = kinds.iter().map(|kind| {
        let pair = Pair {
            appraisals: rate::of(calls, &kind.appraise),
            signatures: rate::of(calls, &kind.signatures),
        };
        (kind.name, pair)
    });
    pairs.collect()
}
