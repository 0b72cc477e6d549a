use super::{appraise, refuses, with};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use countersign_attestation::jws::SigningKey;
use serde_json::{Value, json};

fn prove(key: &SigningKey, header: &Value, claims: &Value) -> String {
    let [header, claims] = [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
    let input = format!("{header}.{claims}");
    let signature = key.sign(input.as_bytes()).unwrap();
    format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature))
}

#[test]
fn a_registration_and_a_later_proof_are_refused_by_the_check_that_fails() {
    let [key, other] = [(); 2].map(|()| SigningKey::generate().unwrap());
    let first = json!({ "typ": "dbsc+jwt", "alg": "ES256", "jwk": key.jwk() });
    let later = json!({ "typ": "dbsc+jwt", "alg": "ES256" });
    let claims = json!({ "jti": "a challenge", "authorization": "a code" });
    let proof = prove(&key, &first, &claims);
    let file = json!({
        "kind": "dbsc",
        "evidence": { "proof": proof },
        "expected": { "challenge": "a challenge", "authorization": "a code" },
    });
    let report = appraise(&file).accepted();
    assert_eq!(report["key"], json!(key.jwk()));
    let forged = prove(&other, &first, &claims);
    let cases = [
        ("/expected/challenge", json!("another"), "challenge"),
        ("/expected/authorization", json!("another"), "authorization"),
        ("/expected/authorization", Value::Null, "authorization"),
        ("/expected/key", json!(key.jwk()), "key"),
        ("/evidence/proof", json!(forged), "signature"),
        (
            "/evidence/proof",
            json!(prove(&key, &later, &claims)),
            "key",
        ),
        ("/evidence/proof", json!("a.b"), "compact"),
    ];
    refuses(&file, &cases);

    let refreshed = prove(&key, &later, &json!({ "jti": "a challenge" }));
    let mut file = with(&file, "/evidence/proof", json!(refreshed));
    file["expected"] = json!({ "challenge": "a challenge", "key": key.jwk() });
    appraise(&file).accepted();
    refuses(&file, &[("/expected/key", json!(other.jwk()), "signature")]);
}
