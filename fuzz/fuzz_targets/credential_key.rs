//! No bytes make the reading of CBOR and of a credential's key panic, and a key that was read is
//! read the same way from itself.

#![no_main]

use countersign_attestation::cose::CredentialKey;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(key) = CredentialKey::from_cose(data) else {
        return;
    };
    assert!(!key.is_signed(b"message", data), "a key is no signature");
    let longer = [data, &[0]].concat();
    assert!(CredentialKey::from_cose(&longer).is_err(), "one item only");
    let again = CredentialKey::from_cose(data).expect("the same key");
    assert_eq!(key.algorithm(), again.algorithm());
    assert_eq!(
        key.p256().map(|key| key.thumbprint()),
        again.p256().map(|key| key.thumbprint())
    );
});
