//! No bytes make the reader of certificates panic, and what it reads are parts of what it got.

#![no_main]

use countersign_attestation::certificate::{Certificate, attribute};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(certificate) = Certificate::parse(data) else {
        return;
    };
    assert_eq!(certificate.raw, data);
    for part in [
        certificate.tbs,
        certificate.serial,
        certificate.issuer.raw(),
        certificate.subject.raw(),
        certificate.key.raw,
        certificate.key.bits,
        certificate.signature,
    ] {
        assert!(data.as_ptr_range().start <= part.as_ptr_range().start);
        assert!(part.as_ptr_range().end <= data.as_ptr_range().end);
    }
    let serial = certificate.serial_hex();
    assert!(serial == "0" || !serial.starts_with('0'));
    assert!(serial.bytes().all(|digit| digit.is_ascii_hexdigit()));
    for extension in &certificate.extensions {
        assert_eq!(certificate.extension(extension.oid), Some(extension.value));
    }
    let _ = certificate.subject.text(attribute::COMMON_NAME);
    let _ = certificate.is_signed_by(&certificate);
});
