//! Good proofs in changed circumstances: another key, a nonce, other times.

use crate::forge::{CLAIMS, NOW, Scene, TOKEN, decode, replace, sign};
use ProofError::*;
use countersign_attestation::{
    dpop::{self, Expected, HtuUrl, NewProof, NonceError, NonceKey, NonceKeys, ProofError},
    jws::SigningKey,
};
use countersign_core::{Timestamp, decision::Refusal};
use std::time::Duration;

#[test]
fn good_proof_is_accepted() {
    let scene = Scene::new();
    let proof = dpop::verify(&scene.proof(), &scene.expected()).unwrap();
    assert_eq!((proof.jkt, proof.iat), (scene.jkt, NOW));
    assert_eq!(proof.nonce_issued_at, None);
    assert_eq!(proof.usable_from, NOW.minus(Duration::from_secs(5)));
    assert_eq!(proof.expires_at, NOW.plus(Duration::from_secs(65)));
}

const IAT: &str = r#""iat":1800000000"#;

#[test]
fn another_key() {
    let scene = Scene::new();
    let other = SigningKey::generate().unwrap();
    let any_key = Expected {
        key: None,
        ..scene.expected()
    };
    let header = Scene {
        key: other,
        ..Scene::new()
    }
    .header();
    let by_other = |key| sign(key, &header, CLAIMS);
    let stolen = by_other(&SigningKey::generate().unwrap());
    assert_eq!(dpop::verify(&stolen, &scene.expected()), Err(KeyMismatch));
    assert_eq!(dpop::verify(&stolen, &any_key), Err(BadSignature));
    // The right key in the header, signed by another one.
    let forged = sign(&SigningKey::generate().unwrap(), scene.header(), CLAIMS);
    assert_eq!(dpop::verify(&forged, &scene.expected()), Err(BadSignature));
}

#[test]
fn nonces_in_proofs() {
    let scene = Scene::new();
    let expected = scene.expected();
    let with = |nonce: &str, iat: i64| {
        let iat = format!(r#""nonce":{nonce:?},"iat":{iat}"#);
        dpop::verify(
            &scene.sign(scene.header(), replace(CLAIMS, IAT, &iat)),
            &expected,
        )
    };
    let other = NonceKeys::new(NonceKey::new(&[8; 32]), None).issue(NOW);
    let at = |offset: i64| {
        let micros = NOW.as_micros() + offset * 1_000_000;
        scene.nonces.issue(Timestamp::from_micros(micros))
    };
    let now = NOW.as_secs();
    for (nonce, error) in [
        (String::new(), NonceError::Malformed),
        ("abc".to_owned(), NonceError::Malformed),
        (format!("{}=", &at(0)[..31]), NonceError::Malformed),
        (other, NonceError::Forged),
        (at(-301), NonceError::Expired),
        (at(6), NonceError::FromFuture),
    ] {
        assert_eq!(with(&nonce, now), Err(UnusableNonce(error)), "{nonce}");
    }
    let early = Expected {
        nonces_since: NOW,
        ..expected
    };
    let iat = format!(r#""nonce":"{}",{IAT}"#, at(-1));
    let proof = scene.sign(scene.header(), replace(CLAIMS, IAT, &iat));
    let refused = dpop::verify(&proof, &early);
    assert_eq!(refused, Err(UnusableNonce(NonceError::BeforeStart)));

    // A device with a wrong clock works once it has a nonce, within bounds.
    assert_eq!(with(&at(0), now - 301), Err(TooOld));
    assert_eq!(with(&at(0), now + 301), Err(TooNew));
    let slow = with(&at(-10), now - 300).unwrap();
    assert_eq!(
        slow.nonce_issued_at,
        Some(NOW.minus(Duration::from_secs(10)))
    );
    assert_eq!(slow.expires_at, NOW.plus(Duration::from_secs(5)));
    let fast = with(&at(-10), now + 300).unwrap();
    assert_eq!(fast.expires_at, NOW.plus(Duration::from_secs(295)));
}

#[test]
fn nonce_means_nothing_without_keys() {
    let scene = Scene::new();
    let expected = Expected {
        nonces: None,
        ..scene.expected()
    };
    let proof = scene.sign(
        scene.header(),
        replace(CLAIMS, IAT, &format!(r#""nonce":"x",{IAT}"#)),
    );
    let verified = dpop::verify(&proof, &expected).unwrap();
    assert_eq!(verified.nonce_issued_at, None);
    let late = Expected {
        now: NOW.plus(Duration::from_secs(61)),
        ..expected
    };
    assert_eq!(dpop::verify(&proof, &late), Err(TooOld));
}

#[test]
fn created_proofs_are_accepted() {
    let scene = Scene::new();
    let nonce = scene.nonces.issue(NOW);
    let url = HtuUrl::parse("https://api.example/a%20b").unwrap();
    for (access_token, nonce) in [(None, None), (Some(TOKEN), Some(nonce.as_str()))] {
        let proof = dpop::create(
            &scene.key,
            &NewProof {
                method: "PUT",
                url: "https://api.example/a%20b?q=\"1\"#f",
                access_token,
                nonce,
                now: NOW,
                jti: "quote \" and \\",
            },
        )
        .unwrap();
        let expected = Expected {
            method: "PUT",
            url: &url,
            access_token,
            ..scene.expected()
        };
        let verified = dpop::verify(&proof, &expected).unwrap();
        assert_eq!(verified.nonce_issued_at.is_some(), nonce.is_some());
        let claims = decode(proof.split('.').nth(1).unwrap());
        let claims: serde_json::Value = serde_json::from_slice(&claims).unwrap();
        assert_eq!(claims["htu"], "https://api.example/a%20b");
        assert_eq!(claims["jti"], "quote \" and \\");
        assert_eq!(claims.get("nonce").is_some(), nonce.is_some());
    }
}

#[test]
fn reasons_map_to_refusals() {
    for (error, refusal) in [
        (NotCompact, Refusal::ProofInvalid),
        (PrivateKey, Refusal::ProofInvalid),
        (BadSignature, Refusal::ProofInvalid),
        (MethodMismatch, Refusal::ProofMismatch),
        (UrlMismatch, Refusal::ProofMismatch),
        (MissingTokenHash, Refusal::ProofMismatch),
        (TokenHashMismatch, Refusal::ProofMismatch),
        (TooOld, Refusal::ProofExpired),
        (TooNew, Refusal::ProofExpired),
        (KeyMismatch, Refusal::KeyMismatch),
        (UnusableNonce(NonceError::Expired), Refusal::UseDpopNonce),
    ] {
        assert_eq!(error.refusal(), refusal);
    }
}
