//! What Apple writes into the certificate of a key.

use crate::{
    certificate::Certificate,
    der::{self, Malformed, Tag},
};

/// 1.2.840.113635.100.8.2
pub(crate) const NONCE_OID: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x63, 0x64, 0x08, 0x02];

/// A SEQUENCE of an OCTET STRING of 32 bytes inside a tag `[1]`.
pub(crate) const NONCE_PREFIX: &[u8] = &[0x30, 0x24, 0xa1, 0x22, 0x04, 0x20];

/// 1.2.840.113635.100.8.6: how a Mac with macOS 27 or later was started.
const ACCESS_CONTROL: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x63, 0x64, 0x08, 0x06];

/// 1.2.840.113635.100.8.7: about the system, in an order that DER does not allow.
const SYSTEM: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x63, 0x64, 0x08, 0x07];

/// The field of [`SYSTEM`] that holds its version.
const VERSION_FIELD: u32 = 1400;

/// The nonce, in the one form for it.
pub(super) fn nonce<'a>(leaf: &Certificate<'a>) -> Option<&'a [u8]> {
    leaf.extension(NONCE_OID)
        .and_then(|value| value.strip_prefix(NONCE_PREFIX))
        .filter(|nonce| nonce.len() == 32)
}

/// What is said of how a Mac was started, as it stands there.
pub(super) fn access_control<'a>(leaf: &Certificate<'a>) -> Option<&'a [u8]> {
    leaf.extension(ACCESS_CONTROL)
}

/// The version of the system, as far as it can be read; nothing depends on it.
pub(super) fn system_version(leaf: &Certificate<'_>) -> Option<String> {
    let version = read_version(leaf.extension(SYSTEM)?).ok()??;
    str::from_utf8(version).ok().map(str::to_owned)
}

fn read_version(value: &[u8]) -> Result<Option<&[u8]>, Malformed> {
    for field in der::open_only(value, Tag::SEQUENCE)? {
        let field = field?;
        if field.tag == Tag::explicit(VERSION_FIELD) {
            return der::Reader::new(field.content)
                .content(Tag::OCTET_STRING)
                .map(Some);
        }
    }
    Ok(None)
}
