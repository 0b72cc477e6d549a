//! What holds for every proof.

use crate::forge::{CLAIMS, Scene, encode, split};
use countersign_attestation::dpop::{self, ReplayCache, ReplayVerdict};
use countersign_core::Timestamp;
use proptest::prelude::*;

#[test]
fn every_flipped_bit_is_noticed() {
    let scene = Scene::new();
    let good = scene.proof();
    for at in 0..good.len() {
        for bit in 0..7 {
            let mut bytes = good.clone().into_bytes();
            bytes[at] ^= 1 << bit;
            let proof = String::from_utf8(bytes).unwrap();
            let refused = dpop::verify(&proof, &scene.expected());
            assert!(refused.is_err(), "bit {bit} of byte {at}");
        }
    }
}

/// ECDSA accepts (r, n-s) wherever it accepts (r, s): the other signature is the same proof.
#[test]
fn second_signature_of_a_proof_is_a_replay() {
    let scene = Scene::new();
    let good = scene.proof();
    let (input, signature) = split(&good);
    let other = [&signature[..32], &minus_from_order(&signature[32..])].concat();
    let twin = format!("{input}.{}", encode(other));
    assert_ne!(good, twin);
    let [first, second] =
        [&good, &twin].map(|proof| dpop::verify(proof, &scene.expected()).unwrap());
    assert_eq!(first, second);
    let cache = ReplayCache::new(64, Timestamp::from_secs(0));
    let uses = [first, second]
        .map(|proof| cache.check_and_insert(&proof.replay_key, proof.expires_at, proof.iat));
    assert_eq!(uses, [ReplayVerdict::Fresh, ReplayVerdict::Replayed]);
}

#[test]
fn replay_key_is_of_key_and_id() {
    let (one, other) = (Scene::new(), Scene::new());
    let key = |scene: &Scene, jti: &str| {
        let proof = scene.sign(scene.header(), CLAIMS.replace("e1j3V_bKic8-LAEB", jti));
        dpop::verify(&proof, &scene.expected()).unwrap().replay_key
    };
    assert_eq!(key(&one, "a"), key(&one, "a"));
    assert_ne!(key(&one, "a"), key(&one, "b"));
    assert_ne!(key(&one, "a"), key(&other, "a"));
}

/// The order of P-256 (SEC 2 section 2.4.2) minus a scalar.
fn minus_from_order(scalar: &[u8]) -> Vec<u8> {
    let order = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
    let mut borrow = 0;
    let mut difference: Vec<u8> = (0..32)
        .rev()
        .map(|at| {
            let digit = i16::from_str_radix(&order[2 * at..2 * at + 2], 16).unwrap();
            let value = digit - i16::from(scalar[at]) - borrow;
            borrow = i16::from(value < 0);
            u8::try_from(value.rem_euclid(256)).unwrap()
        })
        .collect();
    difference.reverse();
    difference
}

proptest! {
    #[test]
    fn any_text_is_refused(text in "\\PC{0,80}|[A-Za-z0-9_.-]{0,200}") {
        let scene = Scene::new();
        prop_assert!(dpop::verify(&text, &scene.expected()).is_err());
    }

    #[test]
    fn any_signed_bytes_are_refused(header: Vec<u8>, claims: Vec<u8>) {
        let scene = Scene::new();
        for proof in [
            scene.sign(&header, &claims),
            scene.sign(scene.header(), &claims),
            scene.sign(&header, CLAIMS),
        ] {
            prop_assert!(dpop::verify(&proof, &scene.expected()).is_err());
        }
    }

    /// Bytes changed before signing: whatever is accepted still says the same.
    #[test]
    fn any_changed_member_is_refused_or_irrelevant(at in 0usize..170, with in "[ -~]") {
        let scene = Scene::new();
        prop_assume!(at < CLAIMS.len());
        let mut claims = CLAIMS.to_owned();
        claims.replace_range(at..=at, &with);
        if let Ok(proof) = dpop::verify(&scene.sign(scene.header(), &claims), &scene.expected()) {
            let read: serde_json::Value = serde_json::from_str(&claims).unwrap();
            prop_assert_eq!(Some(proof.iat.as_secs()), read["iat"].as_i64());
            prop_assert_eq!(&read["htm"], "POST");
        }
    }
}
