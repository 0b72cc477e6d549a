use super::{NOW, appraise, jkt, refuses, with};
use countersign_attestation::{
    dpop::{NewProof, create},
    jws::SigningKey,
};
use serde_json::{Value, json};

#[test]
fn a_proof_is_refused_by_the_check_that_fails() {
    let key = SigningKey::generate().unwrap();
    let made = NewProof {
        method: "POST",
        url: "https://api.example/orders",
        access_token: Some("token"),
        nonce: None,
        now: NOW,
        jti: "an id that is used once",
    };
    let proof = create(&key, &made).unwrap();
    let file = json!({
        "kind": "dpop",
        "evidence": { "proof": proof },
        "expected": {
            "method": "POST", "url": "https://api.example/orders?page=2", "access_token": "token",
            "jkt": key.thumbprint(),
        },
        "now": NOW,
    });
    let report = appraise(&file).accepted();
    assert_eq!(report["facts"]["jkt"], json!(key.thumbprint()));
    assert_eq!(report["facts"]["iat"], json!(NOW));
    let (start, signature) = proof.rsplit_once('.').unwrap();
    let (first, rest) = signature.split_at(1);
    let first = if first == "A" { "B" } else { "A" };
    let forged = format!("{start}.{first}{rest}");
    refuses(
        &file,
        &[
            ("/expected/method", json!("GET"), "method"),
            ("/expected/url", json!("https://api.example/other"), "url"),
            ("/expected/access_token", json!("other"), "access_token"),
            ("/expected/jkt", json!(jkt()), "key"),
            ("/now", json!("2027-01-15T08:01:01Z"), "issued_at"),
            ("/now", json!("2027-01-15T07:59:54Z"), "issued_at"),
            ("/evidence/proof", json!(forged), "signature"),
            ("/evidence/proof", json!("a.b"), "compact"),
            (
                "/evidence/proof",
                json!(format!("e30.e30.{signature}")),
                "type",
            ),
        ],
    );
    for optional in ["/expected/access_token", "/expected/jkt"] {
        appraise(&with(&file, optional, Value::Null)).accepted();
    }
}
