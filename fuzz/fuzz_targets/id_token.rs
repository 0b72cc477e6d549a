//! No bytes make the checks of ID tokens and key sets panic, and none unsigned are accepted.
//!
//! The input is the text of a token or a key set, or, when it holds a line feed, a header and
//! claims that are signed here.

#![no_main]

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use countersign_attestation::{
    id_token::{Expected, IdToken, IdTokenError, IssuerKeys},
    jws::SigningKey,
};
use countersign_core::{
    Timestamp,
    trusted_issuer::{IdTokenAlgorithm, TrustedIssuer},
};
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);

static ISSUER: LazyLock<TrustedIssuer> = LazyLock::new(|| TrustedIssuer {
    issuer: "https://login.example".parse().expect("an issuer"),
    audiences: vec!["app".to_owned()],
    algorithms: IdTokenAlgorithm::ALL.to_vec(),
    jwks_uri: None,
    nonce: Default::default(),
    user_prefix: None,
});

static KEY: LazyLock<(SigningKey, IssuerKeys)> = LazyLock::new(|| {
    let key = SigningKey::generate().expect("a key");
    let jwk = key.jwk();
    let set = format!(
        r#"{{"keys":[{{"kty":"EC","crv":"P-256","x":"{}","y":"{}"}}]}}"#,
        jwk.x, jwk.y
    );
    let keys = IssuerKeys::parse(set.as_bytes()).expect("a set");
    (key, keys)
});

fuzz_target!(|data: &[u8]| {
    let _ = IssuerKeys::parse(data);
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let signed = text.split_once('\n').map(sign);
    let verdict = verify(signed.as_deref().unwrap_or(text));
    match verdict {
        Ok(()) => assert!(signed.is_some()),
        Err(error) => assert!(signed.is_none() || error != IdTokenError::BadSignature),
    }
});

fn verify(token: &str) -> Result<(), IdTokenError> {
    let token = IdToken::parse(token)?;
    let verified = token.verify(&Expected {
        issuer: &ISSUER,
        keys: &KEY.1,
        nonce: None,
        jkt: None,
        now: NOW,
    })?;
    assert!(!verified.user_id.as_str().is_empty() && verified.usable_until > NOW);
    Ok(())
}

fn sign((header, claims): (&str, &str)) -> String {
    let input = [header, claims]
        .map(|part| URL_SAFE_NO_PAD.encode(part))
        .join(".");
    let signature = KEY.0.sign(input.as_bytes()).expect("a signature");
    format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature))
}
