//! Changes to the finished proof, which nobody signed.

use super::{Mutation, decode, decode_bytes, edit, encode, split, text};
use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::json;

const INVALID: &str = "proof_invalid";

pub(super) fn mutations() -> Vec<Mutation> {
    signatures().into_iter().chain(forms()).collect()
}

fn signatures() -> Vec<Mutation> {
    vec![
        text("first bit of r", INVALID, |proof, _| flip(proof, 0, 0x80)),
        text("last bit of r", INVALID, |proof, _| flip(proof, 31, 1)),
        text("first bit of s", INVALID, |proof, _| flip(proof, 32, 0x80)),
        text("last bit of s", INVALID, |proof, _| flip(proof, 63, 1)),
        text("signature of zeros", INVALID, |proof, _| {
            with_signature(proof, &[0; 64])
        }),
        text("signature without its last byte", INVALID, |proof, _| {
            with_signature(proof, &signature(proof)[..63])
        }),
        text("signature with a byte more", INVALID, |proof, _| {
            with_signature(proof, &[signature(proof), vec![0]].concat())
        }),
        text("signature in DER", INVALID, |proof, _| {
            with_signature(proof, &der(&signature(proof)))
        }),
        text("no signature", INVALID, |proof, _| {
            with_signature(proof, &[])
        }),
        text("another proof's signature", INVALID, |proof, context| {
            with_signature(proof, &signature(&context.second_proof))
        }),
        text("alg none without a signature", INVALID, |proof, _| {
            let [_, claims, _] = split(proof);
            format!("{}.{claims}.", header_with_alg(proof, "none"))
        }),
        text("HMAC with the public key", INVALID, |proof, _| {
            let [header, claims, _] = split(proof);
            let jwk: serde_json::Value = serde_json::from_str(&decode(header)).expect("JSON");
            let key = hmac::Key::new(hmac::HMAC_SHA256, jwk["jwk"].to_string().as_bytes());
            let input = format!("{}.{claims}", header_with_alg(proof, "HS256"));
            format!("{input}.{}", encode(hmac::sign(&key, input.as_bytes())))
        }),
        text(
            "another id under the same signature",
            INVALID,
            |proof, _| {
                let [header, claims, signature] = split(proof);
                let mut claims = decode(claims);
                edit(&mut claims, |claims| claims["jti"] = "another".into());
                format!("{header}.{}.{signature}", encode(claims))
            },
        ),
        text("the same claims spaced out", INVALID, |proof, _| {
            let [header, claims, signature] = split(proof);
            let claims = decode(claims).replacen('{', "{ ", 1);
            format!("{header}.{}.{signature}", encode(claims))
        }),
    ]
}

fn forms() -> Vec<Mutation> {
    vec![
        text("cut by a character", INVALID, |proof, _| {
            proof[..proof.len() - 1].to_owned()
        }),
        text("cut in half", INVALID, |proof, _| {
            proof[..proof.len() / 2].to_owned()
        }),
        text("padded", INVALID, |proof, _| format!("{proof}==")),
        text("a fourth part", INVALID, |proof, _| format!("{proof}.")),
        text("no header", INVALID, |proof, _| {
            let [_, claims, signature] = split(proof);
            format!(".{claims}.{signature}")
        }),
        text("no claims", INVALID, |proof, _| {
            let [header, _, signature] = split(proof);
            format!("{header}..{signature}")
        }),
        text("unused bits set", INVALID, |proof, _| {
            // 64 bytes leave four bits of the last character unused: A, Q, g or w.
            let (rest, last) = proof.split_at(proof.len() - 1);
            let after = char::from(last.as_bytes()[0] + 1);
            format!("{rest}{after}")
        }),
        text("base64 with a plus sign", INVALID, |proof, _| {
            let [header, claims, _] = split(proof);
            format!("{header}.{claims}.{}", STANDARD.encode([0xfb; 64]))
        }),
        text("a space within", INVALID, |proof, _| {
            proof.replacen('.', " .", 1)
        }),
        text("as flattened JSON", INVALID, |proof, _| {
            let [header, claims, signature] = split(proof);
            json!({ "protected": header, "payload": claims, "signature": signature }).to_string()
        }),
        text("two proofs in one", INVALID, |proof, context| {
            format!("{proof}, {}", context.second_proof)
        }),
        text("longer than any proof", INVALID, |proof, _| {
            format!("{proof}{}", "A".repeat(4096))
        }),
    ]
}

fn flip(proof: &str, byte: usize, bits: u8) -> String {
    let mut signature = signature(proof);
    signature[byte] ^= bits;
    with_signature(proof, &signature)
}

fn signature(proof: &str) -> Vec<u8> {
    decode_bytes(split(proof)[2])
}

fn with_signature(proof: &str, signature: &[u8]) -> String {
    let [header, claims, _] = split(proof);
    format!("{header}.{claims}.{}", encode(signature))
}

fn header_with_alg(proof: &str, alg: &str) -> String {
    let mut header = decode(split(proof)[0]);
    edit(&mut header, |header| header["alg"] = alg.into());
    encode(header)
}

/// The same r and s as X9.62 writes them, as many libraries give them.
fn der(signature: &[u8]) -> Vec<u8> {
    let integer = |bytes: &[u8]| {
        let start = bytes.iter().position(|byte| *byte != 0).unwrap_or(31);
        let mut value = bytes[start..].to_vec();
        if value[0] >= 0x80 {
            value.insert(0, 0);
        }
        let length = u8::try_from(value.len()).expect("a short integer");
        [vec![2, length], value].concat()
    };
    let (r, s) = signature.split_at(32);
    let both = [integer(r), integer(s)].concat();
    let length = u8::try_from(both.len()).expect("a short sequence");
    [vec![0x30, length], both].concat()
}
