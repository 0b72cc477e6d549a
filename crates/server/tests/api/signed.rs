//! What the service signed, read with its published keys only.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use countersign_attestation::jws::PublicKey;
use countersign_test_support::TestApp;
use serde_json::Value;

/// Header and claims of a JWS that a published key signed.
pub(crate) async fn opened(app: &TestApp, text: &str) -> (Value, Value) {
    let (signed, signature) = text.rsplit_once('.').expect("a JWS");
    let (header, claims) = signed.split_once('.').expect("a JWS");
    let header = part(header);
    let keys = app
        .public("GET", "/.well-known/jwks.json")
        .send()
        .await
        .body;
    let keys = keys["keys"].as_array().expect("keys");
    let key = keys
        .iter()
        .find(|key| key["kid"] == header["kid"])
        .expect("the key");
    let coordinate = |name: &str| key[name].as_str().expect("a coordinate");
    let key = PublicKey::from_coordinates(coordinate("x"), coordinate("y")).expect("a key");
    let signature = URL_SAFE_NO_PAD.decode(signature).expect("base64url");
    let signature = signature.try_into().expect("64 bytes");
    assert!(key.is_signed(signed.as_bytes(), &signature));
    (header, part(claims))
}

fn part(text: &str) -> Value {
    let bytes = URL_SAFE_NO_PAD.decode(text).expect("base64url");
    serde_json::from_slice(&bytes).expect("JSON")
}
