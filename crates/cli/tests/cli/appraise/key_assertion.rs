use super::{CHALLENGE, CLIENT, appraise, jkt, refuses};
use countersign_attestation::{
    jws::SigningKey,
    key_assertion::create,
    transcript::{Purpose, Transcript},
};
use serde_json::json;

#[test]
fn an_assertion_is_refused_by_the_check_that_fails() {
    let key = SigningKey::generate().unwrap();
    let transcript = Transcript {
        purpose: Purpose::Assert,
        challenge: CHALLENGE,
        client: CLIENT.parse().unwrap(),
        action: Some("pay 100 EUR to 42"),
    };
    let jws = create(&key, &transcript.hash_with(&key.thumbprint())).unwrap();
    let file = json!({
        "kind": "key_assertion",
        "evidence": { "jws": jws },
        "about": { "transcript": {
            "purpose": "assert", "challenge": CHALLENGE, "client_id": CLIENT,
            "action": "pay 100 EUR to 42", "jkt": key.thumbprint(),
        } },
        "expected": { "jkt": key.thumbprint() },
    });
    let report = appraise(&file).accepted();
    assert_eq!(report["facts"]["jkt"], json!(key.thumbprint()));
    let (start, signature) = jws.rsplit_once('.').unwrap();
    let (first, rest) = signature.split_at(1);
    let first = if first == "A" { "B" } else { "A" };
    let about = "/about/transcript";
    refuses(
        &file,
        &[
            (
                &format!("{about}/action"),
                json!("pay 100 EUR to 43"),
                "transcript",
            ),
            (&format!("{about}/purpose"), json!("enroll"), "transcript"),
            (&format!("{about}/jkt"), json!(jkt()), "transcript"),
            ("/expected/jkt", json!(jkt()), "device_key"),
            (
                "/evidence/jws",
                json!(format!("{start}.{first}{rest}")),
                "signature",
            ),
            ("/evidence/jws", json!("a.b"), "compact"),
        ],
    );
}
