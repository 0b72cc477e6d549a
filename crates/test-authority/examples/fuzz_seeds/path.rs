//! Descriptions of certificates, as the target of the same name reads them.

use crate::Seeds;
use countersign_test_authority::{Extension, der};

/// The numbers of extensions' names.
const BASIC_CONSTRAINTS: u8 = 0x80;
const KEY_USAGE: u8 = 0x81;
const UNKNOWN: u8 = 7;

const NAMED_AS_ISSUER: u8 = 16;

pub(crate) fn all() -> Vec<(&'static str, Seeds)> {
    let authority = |odd| {
        let constraints = Extension::basic_constraints(true).value;
        let usage = Extension::key_usage(0x04).value;
        certificate(odd, &[(BASIC_CONSTRAINTS, constraints), (KEY_USAGE, usage)])
    };
    let limits = der::sequence(&[der::boolean(true), der::integer(1)]);
    let limited = certificate(0, &[(BASIC_CONSTRAINTS, limits)]);
    let leaf = certificate(0, &[(UNKNOWN, der::null())]);
    let path = |authorities: &[Vec<u8>]| {
        let count = u8::try_from(authorities.len()).unwrap();
        [vec![count], authorities.concat(), leaf.clone()].concat()
    };
    let seeds = vec![
        ("leaf", path(&[])),
        ("one", path(&[authority(0)])),
        ("limited", path(&[limited, authority(0)])),
        (
            "self-issued",
            path(&[authority(0), authority(NAMED_AS_ISSUER)]),
        ),
        ("four", path(&vec![authority(0); 4])),
        ("bad-signature", path(&[authority(8), authority(0)])),
    ];
    vec![("path", seeds)]
}

/// What is odd about it, how many extensions it has, and of each name, length and value.
fn certificate(odd: u8, extensions: &[(u8, Vec<u8>)]) -> Vec<u8> {
    let mut described = vec![odd, u8::try_from(extensions.len()).unwrap()];
    for (name, value) in extensions {
        described.extend([*name, u8::try_from(value.len()).unwrap()]);
        described.extend(value);
    }
    described
}
