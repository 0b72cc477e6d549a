//! Changed headers, each with the exact reason.

use crate::forge::{CLAIMS, Scene, encode, header, replace};
use ProofError::*;
use countersign_attestation::dpop::{self, Expected, ProofError};

const JWK: &str = r#""jwk":{"kty""#;
const CRV: &str = r#""crv":"P-256""#;

/// (text in the header, what replaces it, the reason)
const HEADERS: &[(&str, &str, ProofError)] = &[
    (r#""dpop+jwt""#, r#""jwt""#, WrongType),
    (r#""dpop+jwt""#, r#""DPOP+JWT""#, WrongType),
    (r#""dpop+jwt""#, r#""application/dpop+jwt""#, WrongType),
    (r#""typ":"dpop+jwt","#, "", WrongType),
    (r#""typ":"dpop+jwt","#, r#""typ":null,"#, WrongType),
    (
        r#""typ":"dpop+jwt","#,
        r#""typ":["dpop+jwt"],"#,
        InvalidHeader,
    ),
    (r#""ES256""#, r#""none""#, WrongAlgorithm),
    (r#""ES256""#, r#""HS256""#, WrongAlgorithm),
    (r#""ES256""#, r#""RS256""#, WrongAlgorithm),
    (r#""ES256""#, r#""ES384""#, WrongAlgorithm),
    (r#""ES256""#, r#""EdDSA""#, WrongAlgorithm),
    (r#""ES256""#, r#""es256""#, WrongAlgorithm),
    (r#""ES256""#, r#""""#, WrongAlgorithm),
    (r#""ES256""#, "256", InvalidHeader),
    (r#""alg":"ES256","#, "", WrongAlgorithm),
    (
        r#""alg":"ES256""#,
        r#""alg":"ES256","alg":"ES256""#,
        InvalidHeader,
    ),
    (
        r#""alg":"ES256""#,
        r#""alg":"ES256","\u0061lg":"none""#,
        InvalidHeader,
    ),
    (
        r#""alg":"ES256""#,
        r#""alg":"ES256","x":1,"x":1"#,
        InvalidHeader,
    ),
    (
        r#""alg":"ES256""#,
        r#""alg":"ES256","crit":["b64"]"#,
        UnsupportedExtension,
    ),
    (
        r#""alg":"ES256""#,
        r#""alg":"ES256","crit":null"#,
        UnsupportedExtension,
    ),
    (
        r#""alg":"ES256""#,
        r#""alg":"ES256","b64":false"#,
        UnsupportedExtension,
    ),
    (JWK, r#""jkw":{"kty""#, MissingKey),
    (JWK, r#""jwk":null,"other":{"kty""#, MissingKey),
    (JWK, r#""jwk":{"d":"AAAA","kty""#, PrivateKey),
    (JWK, r#""jwk":{"d":null,"kty""#, PrivateKey),
    (JWK, r#""jwk":{"\u0064":1,"kty""#, PrivateKey),
    (JWK, r#""jwk":{"k":"AAAA","kty""#, PrivateKey),
    (JWK, r#""jwk":{"p":"AQ","q":"AQ","kty""#, PrivateKey),
    (JWK, r#""jwk":{"oth":[],"kty""#, PrivateKey),
    (JWK, r#""jwk":{"priv":"AAAA","kty""#, PrivateKey),
    (JWK, r#""jwk":{"kty":"EC","kty""#, InvalidHeader),
    (JWK, r#""jwk":{"kid":"a","kid":"b","kty""#, InvalidHeader),
    (r#""EC""#, r#""RSA""#, UnsupportedKey),
    (r#""EC""#, r#""OKP""#, UnsupportedKey),
    (r#""EC""#, r#""ec""#, UnsupportedKey),
    (r#""kty":"EC","#, "", UnsupportedKey),
    (CRV, r#""crv":"P-384""#, UnsupportedKey),
    (CRV, r#""crv":"secp256k1""#, UnsupportedKey),
    (CRV, r#""crv":"p-256""#, UnsupportedKey),
    (CRV, r#""crv":256"#, InvalidHeader),
    (r#","x":""#, r#","z":""#, InvalidKey),
    (r#","x":""#, r#","x":"A"#, InvalidKey),
    (r#","y":""#, r#","y":"AAAA"#, InvalidKey),
    (r#","y":""#, r#","y":" "#, InvalidKey),
    (r#""}}"#, r#"="}}"#, InvalidKey),
    (r#""}}"#, r#""}} true"#, InvalidHeader),
    (r#""}}"#, r#""}}{}"#, InvalidHeader),
    (r#""}}"#, r#""}"#, InvalidHeader),
    (r#"{"typ""#, r#"["typ""#, InvalidHeader),
    (r#"{"typ""#, "\u{feff}{\"typ\"", InvalidHeader),
];

#[test]
fn changed_headers() {
    let scene = Scene::new();
    for (from, to, error) in HEADERS {
        let proof = scene.sign(replace(&scene.header(), from, to), CLAIMS);
        let refused = dpop::verify(&proof, &scene.expected());
        assert_eq!(refused.unwrap_err(), *error, "{from} -> {to}");
    }
}

#[test]
fn header_may_hold_more() {
    let scene = Scene::new();
    for (from, to) in [
        (r#""alg""#, r#""kid":"1","x5t":{"a":[1]},"alg""#),
        (
            JWK,
            r#""jwk":{"use":"sig","key_ops":["verify"],"ext":true,"alg":"ES256","kid":"1","kty""#,
        ),
        ("ES256", r"\u0045S256"),
    ] {
        let proof = scene.sign(replace(&scene.header(), from, to), CLAIMS);
        assert!(dpop::verify(&proof, &scene.expected()).is_ok(), "{to}");
    }
}

#[test]
fn header_has_bounded_members_and_is_text() {
    let scene = Scene::new();
    let members = |count: usize| -> String {
        let more: Vec<String> = (3..count).map(|i| format!(r#""m{i}":0,"#)).collect();
        let more = more.concat();
        replace(&scene.header(), r#""alg""#, &format!(r#"{more}"alg""#))
    };
    let verify = |header: &[u8]| dpop::verify(&scene.sign(header, CLAIMS), &scene.expected());
    assert!(verify(members(64).as_bytes()).is_ok());
    assert_eq!(verify(members(65).as_bytes()), Err(InvalidHeader));

    let not_text = [&b"{\"\xff\":1,"[..], &scene.header().as_bytes()[1..]].concat();
    assert_eq!(verify(&not_text), Err(InvalidHeader));
    let jwk = scene.key.jwk();
    let array = format!(
        r#"["dpop+jwt","ES256",{}]"#,
        serde_json::to_string(&jwk).unwrap()
    );
    assert_eq!(verify(array.as_bytes()), Err(InvalidHeader));
    let jwk = format!(r#"["EC","P-256","{}","{}"]"#, jwk.x, jwk.y);
    let header = format!(r#"{{"typ":"dpop+jwt","alg":"ES256","jwk":{jwk}}}"#);
    assert_eq!(verify(header.as_bytes()), Err(InvalidHeader));
}

#[test]
fn points_off_the_curve() {
    let scene = Scene::new();
    let jwk = scene.key.jwk();
    let any_key = Expected {
        key: None,
        ..scene.expected()
    };
    let (zero, large) = (encode([0; 32]), encode([0xff; 32]));
    // The last of 43 characters holds four bits; "B" sets one of the two beyond.
    let not_canonical = format!("{}B", &zero[..42]);
    for (x, y) in [
        (&jwk.x, &jwk.x),
        (&zero, &zero),
        (&large, &jwk.y),
        (&jwk.x, &zero),
        (&encode([0; 31]), &jwk.y),
        (&encode([0; 33]), &jwk.y),
        (&not_canonical, &jwk.y),
    ] {
        let proof = scene.sign(header(x, y), CLAIMS);
        let refused = dpop::verify(&proof, &any_key);
        assert_eq!(refused.unwrap_err(), InvalidKey, "{x} {y}");
    }
}
