//! What a certificate says that its key may do (RFC 5280 sections 4.2.1.3 and 4.2.1.9).

use super::Certificate;
use crate::der::{self, Malformed, Reader, Tag};

/// `basicConstraints`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BasicConstraints {
    /// Whether it may certify others at all.
    pub(crate) is_authority: bool,
    /// How many further authorities may stand below it.
    pub(crate) max_path_length: Option<u64>,
}

impl Certificate<'_> {
    /// `None` where nothing is said.
    pub(crate) fn basic_constraints(&self) -> Result<Option<BasicConstraints>, Malformed> {
        let Some(value) = self.extension(BASIC_CONSTRAINTS) else {
            return Ok(None);
        };
        let mut fields = der::open_only(value, Tag::SEQUENCE)?;
        let is_authority = match fields.optional(Tag::BOOLEAN)? {
            Some(content) => der::boolean(content).ok_or(Malformed)?,
            None => false,
        };
        let length = fields.optional(Tag::INTEGER)?;
        let length = length.map(|content| der::number(content).ok_or(Malformed));
        fields.end()?;
        Ok(Some(BasicConstraints {
            is_authority,
            max_path_length: length.transpose()?,
        }))
    }

    /// Whether `keyUsage` lets the key sign certificates; it does where it is absent.
    pub(crate) fn may_sign_certificates(&self) -> Result<bool, Malformed> {
        let Some(value) = self.extension(KEY_USAGE) else {
            return Ok(true);
        };
        let mut outer = Reader::new(value);
        let bits = outer.content(Tag::BIT_STRING)?;
        outer.end()?;
        let (unused, bits) = bits.split_first().ok_or(Malformed)?;
        if *unused > 7 {
            return Err(Malformed);
        }
        Ok(bits.first().is_some_and(|byte| byte & KEY_CERT_SIGN != 0))
    }
}

/// The sixth bit of the first octet.
const KEY_CERT_SIGN: u8 = 0x04;

/// 2.5.29.19
const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 0x13];
/// 2.5.29.15
const KEY_USAGE: &[u8] = &[0x55, 0x1d, 0x0f];
