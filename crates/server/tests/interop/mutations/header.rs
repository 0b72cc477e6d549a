//! Changes to the header and to the key in it (RFC 9449 sections 4.2 and 4.3, checks 2 to 7).

use super::{Mutation, Parts, edit, prepend, remove, set, signed};
use serde_json::{Value, json};

const INVALID: &str = "proof_invalid";

pub(super) fn mutations() -> Vec<Mutation> {
    types().into_iter().chain(keys()).collect()
}

fn types() -> Vec<Mutation> {
    vec![
        signed("no typ", INVALID, |p, _| remove(&mut p.header, "typ")),
        signed("typ of a plain JWT", INVALID, |p, _| {
            set(&mut p.header, "typ", "JWT");
        }),
        signed("typ of an access token", INVALID, |p, _| {
            set(&mut p.header, "typ", "at+jwt");
        }),
        signed("typ null", INVALID, |p, _| {
            set(&mut p.header, "typ", Value::Null);
        }),
        signed("no alg", INVALID, |p, _| remove(&mut p.header, "alg")),
        signed("alg none", INVALID, |p, _| {
            set(&mut p.header, "alg", "none");
        }),
        signed("alg of another curve", INVALID, |p, _| {
            set(&mut p.header, "alg", "ES384");
        }),
        signed("alg in small letters", INVALID, |p, _| {
            set(&mut p.header, "alg", "es256");
        }),
        signed("alg as a list", INVALID, |p, _| {
            set(&mut p.header, "alg", json!(["ES256"]));
        }),
        signed("alg twice", INVALID, |p, _| {
            prepend(&mut p.header, r#""alg":"ES256""#);
        }),
        signed("crit", INVALID, |p, _| {
            set(&mut p.header, "crit", json!(["exp"]));
        }),
        signed("b64 false", INVALID, |p, _| {
            set(&mut p.header, "b64", false);
        }),
        signed("a list as header", INVALID, |p, _| {
            p.header = format!("[{}]", p.header);
        }),
        signed("two objects as header", INVALID, |p, _| {
            p.header.push_str("{}");
        }),
    ]
}

fn keys() -> Vec<Mutation> {
    vec![
        signed("no jwk", INVALID, |p, _| remove(&mut p.header, "jwk")),
        signed("jwk as text", INVALID, |p, _| {
            edit(&mut p.header, |header| {
                header["jwk"] = header["jwk"].to_string().into();
            });
        }),
        signed("kty of another family", INVALID, |p, _| {
            jwk(p, "kty", "RSA");
        }),
        signed("crv of another size", INVALID, |p, _| {
            jwk(p, "crv", "P-384");
        }),
        signed("crv of another equation", INVALID, |p, _| {
            jwk(p, "crv", "secp256k1");
        }),
        signed("no x", INVALID, |p, _| jwk(p, "x", Value::Null)),
        signed("x padded", INVALID, |p, _| {
            edit(&mut p.header, |header| {
                let padded = format!("{}=", header["jwk"]["x"].as_str().expect("x"));
                header["jwk"]["x"] = padded.into();
            });
        }),
        signed("y short", INVALID, |p, _| jwk(p, "y", "AAAA")),
        // Refused as another key before anybody asks whether there can be such a key.
        signed("x and y swapped", "key_mismatch", |p, _| swap(p)).only_with_token(),
        signed("the private half", INVALID, |p, _| jwk(p, "d", "AAAA")),
        signed("the private half, null", INVALID, |p, _| {
            jwk(p, "d", Value::Null);
        }),
        signed("a factor of a private RSA key", INVALID, |p, _| {
            jwk(p, "p", "AAAA");
        }),
        signed("a symmetric key", INVALID, |p, _| jwk(p, "k", "AAAA")),
        signed("kty twice", INVALID, |p, _| {
            let first = r#""kty":"EC""#;
            assert_eq!(p.header.matches(first).count(), 1, "{}", p.header);
            p.header = p.header.replace(first, &format!("{first},{first}"));
        }),
        signed("another key's jwk", "key_mismatch", |p, context| {
            set(&mut p.header, "jwk", context.foreign_jwk.clone());
        })
        .only_with_token(),
        signed("another key's signature", INVALID, |p, _| {
            p.signer = "other";
        }),
        signed(
            "another key's jwk and signature",
            "key_mismatch",
            |p, context| {
                set(&mut p.header, "jwk", context.foreign_jwk.clone());
                p.signer = "other";
            },
        )
        .only_with_token(),
    ]
}

fn jwk(parts: &mut Parts, member: &str, to: impl Into<Value>) {
    edit(&mut parts.header, |header| {
        header["jwk"][member] = to.into();
    });
}

fn swap(parts: &mut Parts) {
    edit(&mut parts.header, |header| {
        let (x, y) = (header["jwk"]["x"].clone(), header["jwk"]["y"].clone());
        header["jwk"]["x"] = y;
        header["jwk"]["y"] = x;
    });
}
