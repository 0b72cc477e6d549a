//! Changed texts around good parts, each with the exact reason.

use crate::forge::{CLAIMS, Scene, encode, split};
use ProofError::*;
use countersign_attestation::dpop::{self, ProofError};

#[test]
fn changed_text() {
    let scene = Scene::new();
    let good = scene.proof();
    let (input, signature) = split(&good);
    let (header, claims) = input.split_once('.').unwrap();
    let signed = |signature: &[u8]| format!("{input}.{}", encode(signature));
    let cases = [
        ("empty", String::new(), NotCompact),
        ("two parts", input.to_owned(), NotCompact),
        ("four parts", format!("{good}.e30"), NotCompact),
        ("trailing dot", format!("{good}."), NotCompact),
        ("leading dot", format!(".{good}"), NotCompact),
        ("two proofs", format!("{good},{good}"), NotCompact),
        (
            "two proofs with a space",
            format!("{good}, {good}"),
            NotCompact,
        ),
        ("leading space", format!(" {good}"), NotCompact),
        ("trailing newline", format!("{good}\n"), NotCompact),
        (
            "padded header",
            format!("{header}=.{claims}.{}", encode(&signature)),
            NotCompact,
        ),
        ("padded signature", format!("{good}=="), NotCompact),
        (
            "not canonical",
            // The last of 86 characters holds two bits; "B" sets one of the four beyond.
            format!("{}B", &good[..good.len() - 1]),
            NotCompact,
        ),
        (
            "standard alphabet",
            format!("{input}.+/{}", encode(&signature)),
            NotCompact,
        ),
        ("no signature", format!("{input}."), BadSignature),
        ("DER signature", signed(&der(&signature)), BadSignature),
        ("63 bytes", signed(&signature[1..]), BadSignature),
        (
            "65 bytes",
            signed(&[&[0], &signature[..]].concat()),
            BadSignature,
        ),
        (
            "r and s swapped",
            signed(&[&signature[32..], &signature[..32]].concat()),
            BadSignature,
        ),
        ("zeros", signed(&[0; 64]), BadSignature),
        (
            "r zero",
            signed(&[&[0; 32], &signature[32..]].concat()),
            BadSignature,
        ),
        (
            "s zero",
            signed(&[&signature[..32], &[0; 32]].concat()),
            BadSignature,
        ),
        ("ones", signed(&[0xff; 64]), BadSignature),
        (
            "no header",
            format!(".{claims}.{}", encode(&signature)),
            InvalidHeader,
        ),
        (
            "no claims",
            format!("{header}..{}", encode(&signature)),
            InvalidClaims,
        ),
        ("oversize", "a".repeat(4097), TooLong),
    ];
    for (name, proof, error) in cases {
        let refused = dpop::verify(&proof, &scene.expected());
        assert_eq!(refused.unwrap_err(), error, "{name}");
    }
}

#[test]
fn largest_proof_is_accepted() {
    let scene = Scene::new();
    let sized = |bytes: usize| {
        let padded = |in_header: usize, in_claims: usize| {
            let pad = |count| format!(r#"{{"pad":"{}","#, "a".repeat(count));
            let header = scene.header().replacen('{', &pad(in_header), 1);
            scene.sign(header, CLAIMS.replacen('{', &pad(in_claims), 1))
        };
        // Base64 skips every fourth length; two parts together reach them all.
        let mut sizes = (2400..2800).flat_map(|count| [(count, 0), (count, 1)]);
        sizes.find_map(|(header, claims)| {
            let proof = padded(header, claims);
            (proof.len() == bytes).then_some(proof)
        })
    };
    let verify = |bytes| dpop::verify(&sized(bytes).unwrap(), &scene.expected());
    assert!(verify(4096).is_ok());
    assert_eq!(verify(4097), Err(TooLong));
}

/// ASN.1 `SEQUENCE { r INTEGER, s INTEGER }`, as most libraries give it by default.
fn der(signature: &[u8]) -> Vec<u8> {
    let integer = |bytes: &[u8]| {
        let sign_byte: &[u8] = if bytes[0] > 0x7f { &[0] } else { &[] };
        let value = [sign_byte, bytes].concat();
        [&[2, u8::try_from(value.len()).unwrap()], &value[..]].concat()
    };
    let body = [integer(&signature[..32]), integer(&signature[32..])].concat();
    [&[0x30, u8::try_from(body.len()).unwrap()], &body[..]].concat()
}
