//! ID tokens: which key may have signed, which keys are usable, and what no input may do.

use crate::forge::{encode, sign};
use countersign_attestation::{
    id_token::{Expected, IdToken, IdTokenError, IssuerKeys, MAX_BYTES, MAX_KEYS, VerifiedIdToken},
    jws::SigningKey,
};
use countersign_core::{
    Timestamp,
    trusted_issuer::{IdTokenAlgorithm, IdTokenNonce, TrustedIssuer},
};
use proptest::prelude::*;
use serde_json::{Value, json};

const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);

fn issuer() -> TrustedIssuer {
    TrustedIssuer {
        issuer: "https://login.example".parse().unwrap(),
        audiences: vec!["app".to_owned()],
        algorithms: vec![IdTokenAlgorithm::Es256],
        jwks_uri: None,
        nonce: IdTokenNonce::Optional,
        user_prefix: None,
    }
}

fn claims() -> Value {
    json!({
        "iss": "https://login.example", "sub": "ann", "aud": "app",
        "iat": NOW.as_secs(), "exp": NOW.as_secs() + 300,
    })
}

fn jwk(key: &SigningKey, changes: &Value) -> Value {
    let mut jwk = serde_json::to_value(key.jwk()).unwrap();
    for (name, value) in changes.as_object().unwrap() {
        jwk[name] = value.clone();
    }
    jwk
}

fn keys(keys: &[Value]) -> IssuerKeys {
    IssuerKeys::parse(json!({ "keys": keys }).to_string().as_bytes()).unwrap()
}

fn verify(token: &str, keys: &IssuerKeys) -> Result<VerifiedIdToken, IdTokenError> {
    let issuer = issuer();
    IdToken::parse(token)?.verify(&Expected {
        issuer: &issuer,
        keys,
        nonce: None,
        jkt: None,
        now: NOW,
    })
}

fn signed(key: &SigningKey, header: &Value) -> String {
    sign(key, header.to_string(), claims().to_string())
}

#[test]
fn a_token_without_kid_is_checked_with_the_only_key_that_fits() {
    let (key, other) = (
        SigningKey::generate().unwrap(),
        SigningKey::generate().unwrap(),
    );
    let token = signed(&key, &json!({ "alg": "ES256" }));
    let (named, second) = (jwk(&key, &json!({ "kid": "a" })), jwk(&other, &json!({})));
    let rsa = json!({ "kty": "RSA", "n": encode([255; 256]), "e": "AQAB" });
    assert_eq!(
        verify(&token, &keys(&[rsa, named.clone()]))
            .unwrap()
            .user_id
            .as_str(),
        "ann"
    );
    let verdict = verify(&token, &keys(&[named, second]));
    assert_eq!(verdict, Err(IdTokenError::UnknownKey));
}

#[test]
fn a_token_of_another_issuer_is_refused_whoever_signed_it() {
    let key = SigningKey::generate().unwrap();
    let published = keys(&[jwk(&key, &json!({}))]);
    for iss in [
        "https://login.example/",
        "https://LOGIN.example",
        "https://other.example",
    ] {
        let mut claims = claims();
        claims["iss"] = json!(iss);
        let token = sign(&key, r#"{"alg":"ES256"}"#, claims.to_string());
        assert_eq!(
            verify(&token, &published),
            Err(IdTokenError::WrongIssuer),
            "{iss}"
        );
    }
}

#[test]
fn a_kid_names_its_key_and_no_other() {
    let (key, other) = (
        SigningKey::generate().unwrap(),
        SigningKey::generate().unwrap(),
    );
    let published = [
        jwk(&other, &json!({ "kid": "a" })),
        jwk(&key, &json!({ "kid": "b" })),
    ];
    let token = |kid| signed(&key, &json!({ "alg": "ES256", "kid": kid }));
    assert!(verify(&token("b"), &keys(&published)).is_ok());
    assert_eq!(
        verify(&token("a"), &keys(&published)),
        Err(IdTokenError::BadSignature)
    );
    assert_eq!(
        verify(&token("c"), &keys(&published)),
        Err(IdTokenError::UnknownKey)
    );
}

#[test]
fn keys_that_cannot_verify_are_left_out_one_by_one() {
    let key = SigningKey::generate().unwrap();
    let good = jwk(&key, &json!({ "kid": "good" }));
    for bad in [
        jwk(&key, &json!({ "use": "enc" })),
        jwk(&key, &json!({ "key_ops": ["sign"] })),
        jwk(&key, &json!({ "alg": "HS256" })),
        jwk(&key, &json!({ "d": "AA" })),
        jwk(&key, &json!({ "kty": "oct", "k": "AA" })),
        jwk(&key, &json!({ "crv": "secp256k1" })),
        jwk(&key, &json!({ "crv": "P-384" })),
        jwk(&key, &json!({ "x": "AA" })),
        jwk(&key, &json!({ "y": encode([1; 32]) })),
        jwk(&key, &json!({ "kid": 7 })),
        json!({ "kty": "RSA", "n": encode([255; 128]), "e": "AQAB" }),
        json!({ "kty": "RSA", "n": encode([255; 256]) }),
        json!({ "kty": "OKP", "crv": "X25519", "x": encode([9; 32]) }),
        json!({ "kty": "OKP", "crv": "Ed25519", "x": encode([9; 31]) }),
        json!("key"),
    ] {
        assert_eq!(keys(&[bad.clone(), good.clone()]).len(), 1, "{bad}");
        assert!(keys(&[bad]).is_empty());
    }
    let verifying = jwk(
        &key,
        &json!({ "alg": "ES256", "use": "sig", "key_ops": ["verify"] }),
    );
    assert_eq!(keys(&[verifying]).len(), 1);
    assert_eq!(keys(&vec![good; MAX_KEYS + 1]).len(), MAX_KEYS);
    for no_set in ["", "[]", "{}", r#"{"keys":{}}"#, "null"] {
        assert!(IssuerKeys::parse(no_set.as_bytes()).is_err(), "{no_set}");
    }
}

#[test]
fn each_claim_stands_once_and_a_token_has_its_limit() {
    let key = SigningKey::generate().unwrap();
    let published = keys(&[jwk(&key, &json!({}))]);
    let twice = claims().to_string().replacen('{', r#"{"sub":"bob","#, 1);
    let token = sign(&key, r#"{"alg":"ES256"}"#, twice);
    assert_eq!(verify(&token, &published), Err(IdTokenError::Malformed));
    let long = "a".repeat(MAX_BYTES + 1);
    assert_eq!(verify(&long, &published), Err(IdTokenError::TooLong));
    // Dozens of claims about a person are usual.
    let mut many = claims();
    for number in 0..40 {
        many[format!("claim {number}")] = json!(number);
    }
    let token = sign(&key, r#"{"alg":"ES256"}"#, many.to_string());
    assert!(verify(&token, &published).is_ok());
}

proptest! {
    #[test]
    fn nothing_unsigned_is_accepted(header in ".{0,60}", claims in ".{0,200}", signature in ".{0,90}") {
        let key = SigningKey::generate().unwrap();
        let published = keys(&[jwk(&key, &json!({}))]);
        let token = [header, claims, signature].map(encode).join(".");
        prop_assert!(verify(&token, &published).is_err());
    }

    #[test]
    fn any_changed_character_is_noticed(at in 0usize..1000, with in "[A-Za-z0-9_-]") {
        let key = SigningKey::generate().unwrap();
        let published = keys(&[jwk(&key, &json!({}))]);
        let mut token = signed(&key, &json!({ "alg": "ES256" }));
        let at = at % token.len();
        prop_assume!(token.get(at..=at) != Some(with.as_str()) && token.as_bytes()[at] != b'.');
        token.replace_range(at..=at, &with);
        prop_assert!(verify(&token, &published).is_err());
    }
}
