//! Server nonces: who made one, and when.

use countersign_attestation::dpop::{NONCE_LIFETIME, NonceError, NonceKey, NonceKeys};
use countersign_core::Timestamp;
use proptest::prelude::*;
use std::time::Duration;

const NOW: Timestamp = Timestamp::from_micros(1_800_000_000_123_456);
const EVER: Timestamp = Timestamp::from_micros(i64::MIN);

fn keys(secret: u8) -> NonceKeys {
    NonceKeys::new(NonceKey::new(&[secret; 32]), None)
}

#[test]
fn issue_time_is_read_back_to_the_microsecond() {
    let nonce = keys(1).issue(NOW);
    assert_eq!(nonce.len(), 32);
    assert_eq!(keys(1).check(&nonce, NOW, NOW), Ok(NOW));
    let next = NOW.plus(Duration::from_micros(1));
    assert_eq!(
        keys(1).check(&nonce, next, next),
        Err(NonceError::BeforeStart)
    );
}

#[test]
fn nonce_lives_five_minutes() {
    let nonce = keys(1).issue(NOW);
    let end = NOW.plus(NONCE_LIFETIME);
    let after = end.plus(Duration::from_micros(1));
    assert_eq!(keys(1).check(&nonce, end, EVER), Ok(NOW));
    assert_eq!(keys(1).check(&nonce, after, EVER), Err(NonceError::Expired));
}

#[test]
fn another_nodes_clock_may_be_a_little_ahead() {
    let nonce = keys(1).issue(NOW);
    let check = |behind| keys(1).check(&nonce, NOW.minus(Duration::from_secs(behind)), EVER);
    assert_eq!(check(5), Ok(NOW));
    assert_eq!(check(6), Err(NonceError::FromFuture));
}

#[test]
fn previous_key_is_accepted_and_an_older_one_is_not() {
    let [oldest, old, new] = [1, 2, 3].map(|secret| NonceKey::new(&[secret; 32]));
    let rotated = NonceKeys::new(new.clone(), Some(old.clone()));
    let check = |key: NonceKey| {
        let nonce = NonceKeys::new(key, None).issue(NOW);
        rotated.check(&nonce, NOW, EVER)
    };
    assert_eq!(check(new), Ok(NOW));
    assert_eq!(check(old), Ok(NOW));
    assert_eq!(check(oldest), Err(NonceError::Forged));
    assert_eq!(rotated.issue(NOW), keys(3).issue(NOW));
}

#[test]
fn every_flipped_bit_is_noticed() {
    let good = keys(1).issue(NOW);
    for at in 0..good.len() {
        for bit in 0..7 {
            let mut bytes = good.clone().into_bytes();
            bytes[at] ^= 1 << bit;
            let nonce = String::from_utf8(bytes).unwrap();
            let refused = keys(1).check(&nonce, NOW, EVER).unwrap_err();
            let is_reason = matches!(refused, NonceError::Forged | NonceError::Malformed);
            assert!(is_reason, "{refused} for bit {bit} of byte {at}");
        }
    }
}

proptest! {
    #[test]
    fn any_time_makes_a_nonce(issued: i64, now: i64) {
        let [issued, now] = [issued, now].map(Timestamp::from_micros);
        let result = keys(1).check(&keys(1).issue(issued), now, EVER);
        prop_assert!(!matches!(result, Err(NonceError::Forged | NonceError::Malformed)));
    }

    #[test]
    fn any_text_is_refused(text in "\\PC{0,40}|[A-Za-z0-9_-]{32}") {
        prop_assert!(keys(1).check(&text, NOW, EVER).is_err());
    }
}
