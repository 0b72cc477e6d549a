//! One use per proof, for as long as it could be accepted.

use crate::forge::{CLAIMS, NOW, Scene, replace};
use countersign_attestation::dpop::{self, Expected, ReplayCache, ReplayVerdict, VerifiedProof};
use countersign_core::{Timestamp, client::NoncePolicy, decision::Refusal, token::sha256};
use proptest::prelude::*;
use std::{collections::HashSet, sync::Barrier, time::Duration};

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_hours(1);
const LONG_AGO: Timestamp = Timestamp::from_secs(1_700_000_000);

fn key(number: u64) -> [u8; 32] {
    sha256(&number.to_be_bytes())
}

/// Verifies a proof of `iat` at `iat`, with a nonce of that time if asked for.
fn proof(scene: &Scene, number: u64, iat: Timestamp, has_nonce: bool) -> VerifiedProof {
    let mut claims = replace(CLAIMS, "e1j3V_bKic8-LAEB", &format!("id-{number}"));
    let time = format!(r#""iat":{}"#, iat.as_secs());
    claims = replace(&claims, r#""iat":1800000000"#, &time);
    if has_nonce {
        let nonce = format!(r#""nonce":"{}","iat""#, scene.nonces.issue(iat));
        claims = replace(&claims, r#""iat""#, &nonce);
    }
    let expected = Expected {
        now: iat,
        ..scene.expected()
    };
    dpop::verify(&scene.sign(scene.header(), claims), &expected).unwrap()
}

fn admit(cache: &ReplayCache, proof: &VerifiedProof, now: Timestamp) -> Result<(), Refusal> {
    cache.admit(proof, NoncePolicy::WhenNeeded, now)
}

#[test]
fn second_use_is_a_replay() {
    let scene = Scene::new();
    let cache = ReplayCache::new(1000, LONG_AGO);
    for has_nonce in [false, true] {
        let proof = proof(&scene, u64::from(has_nonce), NOW, has_nonce);
        assert_eq!(admit(&cache, &proof, NOW), Ok(()));
        assert_eq!(admit(&cache, &proof, NOW), Err(Refusal::ProofReplayed));
        assert_eq!(
            admit(&cache, &proof, NOW.plus(60 * SECOND)),
            Err(Refusal::ProofReplayed)
        );
    }
}

#[test]
fn of_eight_threads_exactly_one_is_first() {
    let cache = ReplayCache::new(100_000, LONG_AGO);
    let barrier = Barrier::new(8);
    let fresh = |_| {
        barrier.wait();
        let is_fresh = |number: &u64| {
            let verdict = cache.check_and_insert(&key(*number), NOW.plus(SECOND), NOW);
            verdict == ReplayVerdict::Fresh
        };
        (0..2000).filter(is_fresh).collect::<Vec<_>>()
    };
    let firsts: Vec<u64> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|i| scope.spawn(move || fresh(i))).collect();
        threads
            .into_iter()
            .flat_map(|thread| thread.join().unwrap())
            .collect()
    });
    assert_eq!(firsts.len(), 2000);
    assert_eq!(firsts.into_iter().collect::<HashSet<_>>().len(), 2000);
}

#[test]
fn full_cache_forgets_nothing() {
    let cache = ReplayCache::new(640, LONG_AGO);
    let expiry = NOW.plus(60 * SECOND);
    let verdicts: Vec<_> = (0..5000)
        .map(|i| cache.check_and_insert(&key(i), expiry, NOW))
        .collect();
    assert!(cache.len() <= 640, "{}", cache.len());
    assert!(verdicts.contains(&ReplayVerdict::Full));
    for (number, verdict) in (0..).zip(verdicts) {
        let again = cache.check_and_insert(&key(number), expiry, expiry);
        match verdict {
            ReplayVerdict::Fresh => assert_eq!(again, ReplayVerdict::Replayed),
            _ => assert_eq!(again, ReplayVerdict::Full),
        }
    }
}

#[test]
fn expired_entries_make_room() {
    let cache = ReplayCache::new(640, LONG_AGO);
    let expiry = NOW.plus(SECOND);
    for number in 0..5000 {
        cache.check_and_insert(&key(number), expiry, NOW);
    }
    let held = cache.len();
    let later = expiry.plus(Duration::from_micros(1));
    // A shard notices when it is next asked.
    for number in 5000..6000 {
        cache.check_and_insert(&key(number), later, later);
    }
    assert!(cache.len() <= held);
    let verdict = cache.check_and_insert(&key(0), later, later.plus(SECOND));
    assert_eq!(verdict, ReplayVerdict::Fresh);
    for number in 0..1000 {
        cache.check_and_insert(&key(number), later, later.plus(HOUR));
    }
    assert!(cache.len() < 1000);
}

#[test]
fn full_cache_demands_a_nonce_and_keeps_room_for_it() {
    let scene = Scene::new();
    let cache = ReplayCache::new(64 * 8, LONG_AGO);
    for number in 0..20_000 {
        cache.check_and_insert(&key(number), NOW.plus(HOUR), NOW);
    }
    let without = proof(&scene, 1, NOW, false);
    assert_eq!(admit(&cache, &without, NOW), Err(Refusal::UseDpopNonce));
    // Nothing can be said of a proof that there is no room for at all.
    let with = proof(&scene, 2, NOW, true);
    assert_eq!(admit(&cache, &with, NOW), Err(Refusal::UseDpopNonce));

    let cache = ReplayCache::new(64 * 8, LONG_AGO);
    let answers = |has_nonce, numbers: std::ops::Range<u64>| {
        numbers
            .flat_map(|number| admit(&cache, &proof(&scene, number, NOW, has_nonce), NOW))
            .count()
    };
    assert_eq!(answers(false, 0..1500), 64 * 7);
    assert!(answers(true, 1500..1700) > 30);
}

#[test]
fn proof_that_may_be_older_than_the_cache_needs_a_nonce() {
    let scene = Scene::new();
    let cache = ReplayCache::new(1000, NOW);
    let at = |secs| NOW.plus(secs * SECOND);
    // Accepted from five seconds before its iat on: so possibly before the start.
    let early = proof(&scene, 1, at(4), false);
    assert_eq!(admit(&cache, &early, at(4)), Err(Refusal::UseDpopNonce));
    let late = proof(&scene, 2, at(5), false);
    assert_eq!(admit(&cache, &late, at(5)), Ok(()));
    let with_nonce = proof(&scene, 3, NOW, true);
    assert_eq!(admit(&cache, &with_nonce, at(1)), Ok(()));
    let with_old_nonce = proof(&scene, 4, NOW.minus(SECOND), true);
    assert_eq!(
        admit(&cache, &with_old_nonce, NOW),
        Err(Refusal::UseDpopNonce)
    );
    assert_eq!(cache.len(), 2);
}

#[test]
fn policy_always_demands_a_nonce() {
    let scene = Scene::new();
    let cache = ReplayCache::new(1000, LONG_AGO);
    let admit = |proof| cache.admit(&proof, NoncePolicy::Always, NOW);
    assert_eq!(
        admit(proof(&scene, 1, NOW, false)),
        Err(Refusal::UseDpopNonce)
    );
    assert_eq!(admit(proof(&scene, 1, NOW, true)), Ok(()));
    assert_eq!(
        admit(proof(&scene, 1, NOW, true)),
        Err(Refusal::ProofReplayed)
    );
}

#[test]
fn clock_set_back_lets_nothing_in_twice() {
    let scene = Scene::new();
    let cache = ReplayCache::new(100_000, LONG_AGO);
    let used = proof(&scene, 1, NOW, false);
    let used_with_nonce = proof(&scene, 2, NOW, true);
    assert_eq!(admit(&cache, &used, NOW), Ok(()));
    assert_eq!(admit(&cache, &used_with_nonce, NOW), Ok(()));
    // The clock jumps ahead, every entry expires, and it comes back.
    for number in 0..1000 {
        cache.check_and_insert(&key(number), NOW.plus(HOUR), NOW.plus(HOUR));
    }
    let back = NOW.plus(10 * SECOND);
    assert_eq!(admit(&cache, &used, back), Err(Refusal::UseDpopNonce));
    assert_eq!(
        admit(&cache, &used_with_nonce, back),
        Err(Refusal::UseDpopNonce)
    );
    assert_eq!(cache.complete_since(), back);
    // Devices go on with nonces, and without once the clock is past where it was.
    let later = back.plus(SECOND);
    assert_eq!(admit(&cache, &proof(&scene, 3, later, true), later), Ok(()));
    let minutes_later = back.plus(600 * SECOND);
    let without = proof(&scene, 4, minutes_later, false);
    assert_eq!(
        admit(&cache, &without, minutes_later),
        Err(Refusal::UseDpopNonce)
    );
    let past = NOW.plus(HOUR);
    assert_eq!(admit(&cache, &proof(&scene, 5, past, false), past), Ok(()));
}

#[test]
fn threads_may_differ_about_the_time() {
    let cache = ReplayCache::new(1000, LONG_AGO);
    cache.check_and_insert(&key(1), NOW.plus(HOUR), NOW);
    cache.check_and_insert(&key(2), NOW.plus(HOUR), NOW.minus(5 * SECOND));
    assert_eq!(cache.complete_since(), LONG_AGO);
}

proptest! {
    /// Against a cache that forgets nothing at all: never fresh twice while it counts.
    #[test]
    fn nothing_unexpired_is_fresh_twice(uses in prop::collection::vec((0u64..20, 0u64..5, 0u64..3), 0..200)) {
        let cache = ReplayCache::new(128, LONG_AGO);
        let mut now = NOW;
        let mut remembered: Vec<(u64, Timestamp)> = Vec::new();
        for (number, life, step) in uses {
            now = now.plus(Duration::from_secs(step));
            let expiry = now.plus(Duration::from_secs(life));
            let is_known = remembered.iter().any(|(k, until)| *k == number && *until >= now);
            match cache.check_and_insert(&key(number), expiry, now) {
                ReplayVerdict::Fresh => {
                    prop_assert!(!is_known);
                    remembered.push((number, expiry));
                }
                ReplayVerdict::Replayed => prop_assert!(is_known),
                ReplayVerdict::Full => prop_assert!(!is_known),
            }
        }
    }
}
