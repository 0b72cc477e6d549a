//! What a whole proof check costs beside one bare P-256 verification.
//!
//! `cargo run --release -p countersign-attestation --example proof_cost`
//!
//! The calls take turns one by one, so that a busy machine slows them alike; medians are printed.

use countersign_attestation::{
    dpop::{self, Expected, HtuUrl, NewProof, ReplayCache, Window},
    jws::{PublicKey, SigningKey},
};
use countersign_core::{Thumbprint, Timestamp, client::NoncePolicy};
use std::{
    hint::black_box,
    time::{Duration, Instant},
};

const ROUNDS: usize = 10_001;
const TOKEN: &str = "eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCIsImtpZCI6InNpZ18wMWpxIn0.eyJpc3MiOiJodHRwczovL2NvdW50ZXJzaWduLmV4YW1wbGUiLCJzdWIiOiI0MiIsImF1ZCI6ImFwaSIsImV4cCI6MTgwMDAwMDAwMCwic2lkIjoic2VzXzAxanEiLCJjbmYiOnsiamt0IjoiMFpjT0NPUlpOWXktRFdwcXEzMGpaeUpHSFROMGQySGdsQlYzdWlndUE0SSJ9fQ.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
const URL: &str = "https://api.example.com/v1/orders/7f3a";

fn main() {
    let key = SigningKey::generate().expect("a key");
    let public = key.public_key().expect("its public half");
    let jkt = key.thumbprint();
    let now = Timestamp::from_secs(1_800_000_000);
    // Every proof is new to the cache, as in life.
    let proofs: Vec<String> = (0..ROUNDS).map(|i| proof(&key, now, i)).collect();
    let signed: Vec<(&[u8], [u8; 64])> = proofs.iter().map(|proof| message(&key, proof)).collect();
    let jwk = key.jwk();

    let mut runs: [Vec<Duration>; 4] = Default::default();
    let cache = ReplayCache::new(1 << 20, now.minus(Duration::from_mins(1)));
    let later = now.plus(Duration::from_mins(2));
    for round in 0..ROUNDS {
        let [bare, parse, check, junk] = &mut runs;
        bare.push(timed(|| is_signed(&public, &signed[round])));
        parse.push(timed(|| {
            PublicKey::from_coordinates(&jwk.x, &jwk.y).is_ok()
        }));
        check.push(timed(|| is_accepted(&proofs[round], &jkt, &cache, now)));
        junk.push(timed(|| !is_accepted(&proofs[round], &jkt, &cache, later)));
    }
    report(&mut runs);
}

fn proof(key: &SigningKey, now: Timestamp, number: usize) -> String {
    let jti = format!("kXq7dPz0S5u{number:011}");
    let proof = NewProof {
        method: "GET",
        url: URL,
        access_token: Some(TOKEN),
        nonce: None,
        now,
        jti: &jti,
    };
    dpop::create(key, &proof).expect("a proof")
}

fn is_signed(key: &PublicKey, (message, signature): &(&[u8], [u8; 64])) -> bool {
    key.is_signed(message, signature)
}

fn message<'a>(key: &SigningKey, proof: &'a str) -> (&'a [u8], [u8; 64]) {
    let (message, _) = proof.rsplit_once('.').expect("three parts");
    let signature = key.sign(message.as_bytes()).expect("a signature");
    (message.as_bytes(), signature)
}

fn is_accepted(proof: &str, jkt: &Thumbprint, cache: &ReplayCache, now: Timestamp) -> bool {
    let Ok(url) = HtuUrl::parse(URL) else {
        return false;
    };
    let expected = Expected {
        method: "GET",
        url: &url,
        access_token: Some(TOKEN),
        key: Some(jkt),
        nonces: None,
        nonces_since: now,
        now,
        window: Window::default(),
    };
    dpop::verify(proof, &expected)
        .is_ok_and(|proof| cache.admit(&proof, NoncePolicy::WhenNeeded, now).is_ok())
}

#[expect(clippy::disallowed_methods, reason = "measures elapsed time")]
fn timed(call: impl FnOnce() -> bool) -> Duration {
    let start = Instant::now();
    let is_done = black_box(call());
    let elapsed = start.elapsed();
    assert!(is_done, "every call succeeds");
    elapsed
}

#[expect(clippy::print_stdout, reason = "its purpose is to print")]
fn report(runs: &mut [Vec<Duration>; 4]) {
    let names = [
        "bare P-256 verify, key parsed",
        "parsing the key",
        "whole proof check, replay cache included",
        "refusal of an old proof",
    ];
    let median = |times: &mut Vec<Duration>| {
        times.sort_unstable();
        times[ROUNDS / 2].as_secs_f64()
    };
    let secs = runs.each_mut().map(median);
    for (name, secs) in names.iter().zip(secs) {
        println!("{name:42} {:8.2} us {:10.0} /s", secs * 1e6, 1.0 / secs);
    }
    println!("proof check / bare verify rate: {:.3}", secs[0] / secs[2]);
    let with_parsing = (secs[0] + secs[1]) / secs[2];
    println!("proof check / (verify + key parsing) rate: {with_parsing:.3}");
}
