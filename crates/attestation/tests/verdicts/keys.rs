//! Keys keep their identity through export, JWK and sharing.

use countersign_attestation::jws::{InvalidKey, InvalidPkcs8, PublicKey, SigningKey};

#[test]
fn sealed_key_signs_as_before() {
    let key = SigningKey::generate().unwrap();
    let again = SigningKey::from_pkcs8(&key.to_pkcs8().unwrap()).unwrap();
    assert_eq!(again.thumbprint(), key.thumbprint());
    let signature = again.sign(b"message").unwrap();
    let public = key.public_key().unwrap();
    assert!(public.is_signed(b"message", &signature));
    assert!(!public.is_signed(b"massage", &signature));
}

#[test]
fn other_bytes_are_no_key() {
    let pkcs8 = SigningKey::generate().unwrap().to_pkcs8().unwrap();
    let refused = |der: &[u8]| SigningKey::from_pkcs8(der).unwrap_err();
    assert_eq!(refused(b""), InvalidPkcs8);
    assert_eq!(refused(&pkcs8[..pkcs8.len() - 1]), InvalidPkcs8);
    let mut flipped = pkcs8.to_vec();
    *flipped.last_mut().unwrap() ^= 1;
    assert_eq!(refused(&flipped), InvalidPkcs8);
}

#[test]
fn jwk_gives_the_key_back() {
    let key = SigningKey::generate().unwrap();
    let jwk = key.jwk();
    let public = PublicKey::from_coordinates(&jwk.x, &jwk.y).unwrap();
    assert_eq!(public.jwk(), jwk);
    assert_eq!(public.thumbprint(), key.thumbprint());
    let swapped = PublicKey::from_coordinates(&jwk.y, &jwk.x);
    assert_eq!(swapped.unwrap_err(), InvalidKey);
    let json = serde_json::to_value(&jwk).unwrap();
    assert_eq!(
        (&json["kty"], &json["crv"]),
        (&"EC".into(), &"P-256".into())
    );
}

#[test]
fn debug_shows_no_private_key() {
    let key = SigningKey::generate().unwrap();
    assert_eq!(
        format!("{key:?}"),
        format!("SigningKey({})", key.thumbprint())
    );
}
