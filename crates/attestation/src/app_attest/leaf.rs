//! What Apple writes into the certificate of a key.

use crate::{
    certificate::Certificate,
    der::{self, Class, Malformed, Reader, Tag},
};
use base64::{Engine, engine::general_purpose::STANDARD};

/// 1.2.840.113635.100.8.2
pub(crate) const NONCE_OID: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x63, 0x64, 0x08, 0x02];

/// A SEQUENCE of an OCTET STRING of 32 bytes inside a tag `[1]`.
pub(crate) const NONCE_PREFIX: &[u8] = &[0x30, 0x24, 0xa1, 0x22, 0x04, 0x20];

/// 1.2.840.113635.100.8.6: how a Mac with macOS 27 or later was started.
const ACCESS_CONTROL: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x63, 0x64, 0x08, 0x06];

/// As Apple's guide "Validating apps that connect to your server" has it.
const FULL_SECURITY: &str = "MEAMAjExMDowCQwCb2uhAwEB/zAJDAJvYaEDAQH/MAsMBG9kZWyhAwEB/zAVDARvc2du\
    oAYMBHJzZWMwBaYDAgEB";

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

/// What is said of how a Mac was started, as it stands there; on other systems it says other things.
pub(super) fn access_control<'a>(leaf: &Certificate<'a>) -> Option<&'a [u8]> {
    leaf.extension(ACCESS_CONTROL)
}

/// Whether the Mac keeps the key only while its system is protected and started with full security:
/// there is one rule of access that says so, and Apple means to keep it for all versions.
pub(super) fn is_full_security(leaf: &Certificate<'_>) -> bool {
    let found = access_control(leaf).and_then(|value| octets(value).ok());
    let expected = STANDARD.decode(FULL_SECURITY);
    found.is_some_and(|found| expected.is_ok_and(|expected| found == expected))
}

/// The one OCTET STRING of a SEQUENCE, inside a tag of any number or bare.
fn octets(value: &[u8]) -> Result<&[u8], Malformed> {
    let mut fields = der::open_only(value, Tag::SEQUENCE)?;
    let only = fields.element()?;
    fields.end()?;
    let is_wrapped = only.tag.class == Class::Context && only.tag.is_constructed;
    let mut inner = Reader::new(if is_wrapped { only.content } else { only.raw });
    let octets = inner.content(Tag::OCTET_STRING)?;
    inner.end()?;
    Ok(octets)
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
            return Reader::new(field.content)
                .content(Tag::OCTET_STRING)
                .map(Some);
        }
    }
    Ok(None)
}
