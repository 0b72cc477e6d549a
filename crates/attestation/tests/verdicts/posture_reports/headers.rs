//! Changed headers, all of them signed.

use super::{CLAIMS, KEY, Malformed, TYP, encode, header, replace, sign, verify};

/// (text in the header, what replaces it)
const HEADERS: &[(&str, &str)] = &[
    (TYP, "dpop+jwt"),
    (TYP, "countersign-assertion+jwt"),
    (TYP, "dbsc+jwt"),
    (TYP, "countersign-posture+jwt"),
    (TYP, "COUNTERSIGN-POSTURE+JWS"),
    (TYP, "JWT"),
    (TYP, ""),
    (r#""typ":"#, r#""cty":"#),
    (r#""ES256""#, r#""none""#),
    (r#""ES256""#, r#""HS256""#),
    (r#""ES256""#, r#""ES384""#),
    (r#""ES256""#, r#""es256""#),
    (r#""ES256""#, "null"),
    (r#""alg":"ES256","#, ""),
    (r#""alg":"ES256""#, r#""alg":"ES256","alg":"ES256""#),
    (r#""alg":"ES256""#, r#""alg":"ES256","\u0061lg":"none""#),
    (r#""alg":"ES256""#, r#""alg":"ES256","x":1,"x":1"#),
    (r#""alg":"ES256""#, r#""alg":"ES256","crit":["b64"]"#),
    (r#""alg":"ES256""#, r#""alg":"ES256","b64":false"#),
    (r#""jwk":{"#, r#""kid":{"#),
    (r#""jwk":{"#, r#""jwk":null,"other":{"#),
    (r#""jwk":{"#, r#""jwk":{"d":"AAAA","#),
    (r#""jwk":{"#, r#""jwk":{"d":null,"#),
    (r#""jwk":{"#, r#""jwk":{"k":"AAAA","#),
    (r#""jwk":{"#, r#""jwk":{"priv":"AAAA","#),
    (r#""jwk":{"#, r#""jwk":{"crv":"P-256","#),
    (r#""P-256""#, r#""P-384""#),
    (r#""P-256""#, r#""secp256k1""#),
    (r#""EC""#, r#""RSA""#),
    (r#""EC""#, r#""OKP""#),
    (r#","x":""#, r#","z":""#),
    (r#","x":""#, r#","x":"A"#),
    (r#","y":""#, r#","y":" "#),
    (r#""}}"#, r#"="}}"#),
    (r#""}}"#, r#""}} true"#),
    (r#""}}"#, r#""}"#),
];

#[test]
fn changed_headers() {
    for (from, to) in HEADERS {
        let changed = replace(&header(), from, to);
        let refused = verify(&sign(&KEY, changed, CLAIMS));
        assert_eq!(refused, Err(Malformed), "{from} -> {to}");
    }
    let more = replace(&header(), r#""alg""#, r#""kid":"1","x5t":{"a":[1]},"alg""#);
    assert!(verify(&sign(&KEY, more, CLAIMS)).is_ok());
}

#[test]
fn a_key_off_the_curve() {
    let jwk = KEY.jwk();
    for (x, y) in [(&jwk.x, &jwk.x), (&encode([0; 32]), &encode([0; 32]))] {
        let changed = replace(&header(), &jwk.y, "Y")
            .replace(&jwk.x, x)
            .replace('Y', y);
        assert_eq!(
            verify(&sign(&KEY, changed, CLAIMS)),
            Err(Malformed),
            "{x} {y}"
        );
    }
}
