//! Signatures by keys of devices, as standards publish them; those of RFC 9449 are tried beside
//! its examples.

use crate::folder::{json, key, pem, text};
use base64::{Engine, engine::general_purpose::STANDARD};

/// RFC 9421 section B.2.4.
#[test]
#[ignore = "reads the folder that COUNTERSIGN_VECTORS names"]
fn signature_of_rfc_9421_covers_every_line() {
    let file = json("pop/rfc9421-b24.json");
    let spki = pem(text(&file, "publicKeyPem")).remove(0);
    let key = key(&spki[spki.len() - 65..]);
    let (_, signature) = text(&file, "signature").split_once(':').unwrap();
    let signature = STANDARD.decode(signature.trim_end_matches(':')).unwrap();
    let is_signed = |base: &str| key.is_signed(base.as_bytes(), signature.as_array().unwrap());
    let base = text(&file, "signatureBase");
    assert!(is_signed(base));
    assert!(!is_signed(&base.replace("200", "201")));
    let lines: Vec<_> = base.lines().collect();
    for at in 0..lines.len() {
        let mut without = lines.clone();
        without.remove(at);
        assert!(!is_signed(&without.join("\n")), "line {at}");
        let mut moved = lines.clone();
        moved.rotate_left(at);
        assert_eq!(is_signed(&moved.join("\n")), at == 0, "line {at}");
    }
}
