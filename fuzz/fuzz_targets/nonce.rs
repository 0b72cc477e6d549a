//! No bytes are taken for a nonce of ours unless they are one.

#![no_main]

use countersign_attestation::dpop::{NonceKey, NonceKeys};
use countersign_core::Timestamp;
use libfuzzer_sys::fuzz_target;

const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);

fuzz_target!(|data: &[u8]| {
    let keys = NonceKeys::new(NonceKey::new(&[7; 32]), Some(NonceKey::new(&[8; 32])));
    if let Ok(text) = std::str::from_utf8(data)
        && let Ok(issued) = keys.check(text, NOW, Timestamp::from_secs(0))
    {
        assert!(
            [7, 8]
                .map(|secret| issue(secret, issued))
                .contains(&text.to_owned())
        );
    }
    if let Some(time) = data.first_chunk::<8>() {
        let issued = Timestamp::from_micros(i64::from_be_bytes(*time));
        let read = keys.check(&keys.issue(issued), issued, issued);
        assert_eq!(read, Ok(issued));
    }
});

fn issue(secret: u8, issued: Timestamp) -> String {
    NonceKeys::new(NonceKey::new(&[secret; 32]), None).issue(issued)
}
