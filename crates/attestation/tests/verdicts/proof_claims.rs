//! Changed claims, each with the exact reason.

use crate::forge::{CLAIMS, Scene, replace};
use ProofError::*;
use countersign_attestation::dpop::{self, ProofError};

const IAT: &str = r#""iat":1800000000"#;
const JTI: &str = r#""jti":"e1j3V_bKic8-LAEB""#;
const HTM: &str = r#""htm":"POST""#;
const HTU: &str = "https://server.example.com/token";
const ATH: &str = r#""fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo""#;

/// (text in the claims, what replaces it, the reason)
const CLAIM_CHANGES: &[(&str, &str, ProofError)] = &[
    (JTI, r#""a":1"#, InvalidClaims),
    (JTI, r#""jti":null"#, InvalidClaims),
    (JTI, r#""jti":17"#, InvalidClaims),
    (JTI, r#""jti":"1","jti":"1""#, InvalidClaims),
    (JTI, r#""jti":"1","\u006ati":"2""#, InvalidClaims),
    (JTI, r#""jti":"1","a":1,"a":2"#, InvalidClaims),
    (JTI, r#""jti":"""#, InvalidJti),
    (HTM, r#""a":1"#, InvalidClaims),
    (HTM, r#""htm":["POST"]"#, InvalidClaims),
    (HTM, r#""htm":"POST","htm":"POST""#, InvalidClaims),
    (HTM, r#""htm":"post""#, MethodMismatch),
    (HTM, r#""htm":"GET""#, MethodMismatch),
    (HTM, r#""htm":"POST ""#, MethodMismatch),
    (HTM, r#""htm":"""#, MethodMismatch),
    (r#""htu""#, r#""hut""#, InvalidClaims),
    (HTU, "http://server.example.com/token", UrlMismatch),
    (HTU, "https://server.example.com:8443/token", UrlMismatch),
    (HTU, "https://server.example.com:80/token", UrlMismatch),
    (HTU, "https://server.example.org/token", UrlMismatch),
    (HTU, "https://evil.server.example.com/token", UrlMismatch),
    (HTU, "https://server.example.com./token", UrlMismatch),
    (HTU, "https://server.example.com/Token", UrlMismatch),
    (HTU, "https://server.example.com/token/", UrlMismatch),
    (HTU, "https://server.example.com//token", UrlMismatch),
    (HTU, "https://server.example.com/token%2F", UrlMismatch),
    (HTU, "https://server.example.com/token%", UrlMismatch),
    (HTU, "https://server.example.com", UrlMismatch),
    (HTU, "https://user@server.example.com/token", UrlMismatch),
    (
        HTU,
        "https://server.example.com@evil.example/token",
        UrlMismatch,
    ),
    (HTU, r"https://server.example.com\\token", UrlMismatch),
    (HTU, "https:server.example.com/token", UrlMismatch),
    (HTU, "//server.example.com/token", UrlMismatch),
    (HTU, "/token", UrlMismatch),
    (HTU, " https://server.example.com/token", UrlMismatch),
    (HTU, "", UrlMismatch),
    (IAT, r#""a":1"#, InvalidClaims),
    (IAT, r#""iat":"1800000000""#, InvalidClaims),
    (IAT, r#""iat":true"#, InvalidClaims),
    (IAT, r#""iat":null"#, InvalidClaims),
    (IAT, r#""iat":01800000000"#, InvalidClaims),
    (IAT, r#""iat":1e400"#, InvalidClaims),
    (IAT, r#""iat":NaN"#, InvalidClaims),
    (IAT, r#""iat":1800000000,"iat":1800000000"#, InvalidClaims),
    (IAT, r#""iat":1799999939"#, TooOld),
    (IAT, r#""iat":1799999939.9"#, TooOld),
    (IAT, r#""iat":0"#, TooOld),
    (IAT, r#""iat":-1800000000"#, TooOld),
    (IAT, r#""iat":-1e300"#, TooOld),
    (IAT, r#""iat":1800000006"#, TooNew),
    (IAT, r#""iat":1800000000000"#, TooNew),
    (IAT, r#""iat":18446744073709551615"#, TooNew),
    (IAT, r#""iat":1e300"#, TooNew),
    (r#""ath""#, r#""hta""#, MissingTokenHash),
    (ATH, "null", MissingTokenHash),
    (ATH, "1", InvalidClaims),
    (ATH, r#""""#, TokenHashMismatch),
    (
        ATH,
        r#""fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo=""#,
        TokenHashMismatch,
    ),
    (
        ATH,
        r#""fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEp""#,
        TokenHashMismatch,
    ),
    (
        ATH,
        r#""FUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo""#,
        TokenHashMismatch,
    ),
    ("}", "", InvalidClaims),
    ("}", "}}", InvalidClaims),
    ("{", "[{", InvalidClaims),
];

#[test]
fn changed_claims() {
    let scene = Scene::new();
    for (from, to, error) in CLAIM_CHANGES {
        let proof = scene.sign(scene.header(), replace(CLAIMS, from, to));
        let refused = dpop::verify(&proof, &scene.expected());
        assert_eq!(refused.unwrap_err(), *error, "{from} -> {to}");
    }
}

#[test]
fn equal_claims_in_other_words() {
    let scene = Scene::new();
    let jti_256 = format!(r#""jti":"{}""#, "ü".repeat(256));
    for (from, to) in [
        (JTI, jti_256.as_str()),
        (HTU, "https://server.example.com/token?a=https://x/y#z"),
        (HTU, "https://server.example.com/token#fragment"),
        (HTU, "https://server.example.com:443/token"),
        (HTU, "https://server.example.com:/token"),
        (HTU, "HTTPS://Server.Example.COM/token"),
        (HTU, "https://server.example.com/%74oke%6E"),
        (HTU, "https://server.example.com/a/../token"),
        (HTU, "https://server.example.com/./%2E/token"),
        (HTU, r"https:\/\/server.example.com\/token"),
        (IAT, r#""iat":1799999940"#),
        (IAT, r#""iat":1800000005"#),
        (IAT, r#""iat":1800000000.75"#),
        (IAT, r#""iat":1.8e9"#),
        (IAT, r#""iat":1800000000,"exp":1,"nbf":2,"sub":{"a":{}}"#),
        (IAT, r#""iat":1800000000,"nonce":null"#),
    ] {
        let proof = scene.sign(scene.header(), replace(CLAIMS, from, to));
        assert!(dpop::verify(&proof, &scene.expected()).is_ok(), "{to}");
    }
    let jti_257 = format!(r#""jti":"{}""#, "a".repeat(257));
    let proof = scene.sign(scene.header(), replace(CLAIMS, JTI, &jti_257));
    assert_eq!(dpop::verify(&proof, &scene.expected()), Err(InvalidJti));
}
