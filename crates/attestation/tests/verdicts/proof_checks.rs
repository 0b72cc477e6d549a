//! Which checks of a proof are told.

use crate::forge::{CLAIMS, Scene, replace, sign};
use countersign_attestation::{dpop, jws::SigningKey};

#[test]
fn checks_are_told_up_to_the_one_that_fails() {
    let scene = Scene::new();
    let header = |from, to| scene.sign(replace(&scene.header(), from, to), CLAIMS);
    let claims = |from, to| scene.sign(scene.header(), replace(CLAIMS, from, to));
    let stranger = Scene::new();
    let refused = [
        ("x".repeat(dpop::MAX_PROOF_BYTES + 1), "length"),
        ("a.b".to_owned(), "compact"),
        (scene.sign("[]", CLAIMS), "header"),
        (header("dpop+jwt", "jwt"), "type"),
        (header("ES256", "ES384"), "algorithm"),
        (header(r#""typ""#, r#""crit":[],"typ""#), "extensions"),
        (header(r#""jwk""#, r#""key""#), "header_key"),
        (scene.sign(scene.header(), "{}"), "claims"),
        (claims("e1j3V_bKic8-LAEB", ""), "proof_id"),
        (claims("POST", "GET"), "method"),
        (claims("/token", "/other"), "url"),
        (claims("fUHy", "AAAA"), "access_token"),
        (claims(r#""iat""#, r#""nonce":"other","iat""#), "nonce"),
        (claims("1800000000", "1700000000"), "issued_at"),
        (stranger.proof(), "key"),
        (
            sign(&SigningKey::generate().unwrap(), scene.header(), CLAIMS),
            "signature",
        ),
    ];
    let good = dpop::appraise(&scene.proof(), &scene.expected());
    assert!(good.outcome.is_ok());
    assert_eq!(good.checks.len(), refused.len());
    assert!(good.checks.iter().all(|check| check.passed));
    for (number, (proof, name)) in refused.iter().enumerate() {
        let appraisal = dpop::appraise(proof, &scene.expected());
        assert_eq!(appraisal.outcome, dpop::verify(proof, &scene.expected()));
        let (last, before) = appraisal.checks.split_last().unwrap();
        assert_eq!((last.name, last.passed), (*name, false), "{appraisal:?}");
        assert_eq!(before, &good.checks[..number]);
    }
}
