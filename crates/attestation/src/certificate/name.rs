//! Distinguished names, as bytes that are compared and as attributes.

use crate::der::{self, Element, Malformed, Reader, Tag};

/// Who somebody is.
#[derive(Debug, Clone, Copy)]
pub struct Name<'a>(&'a [u8]);

/// One attribute of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Attribute<'a> {
    /// Its kind: the content of an encoded OBJECT IDENTIFIER.
    pub oid: &'a [u8],
    /// What it says; most kinds of strings are text in UTF-8.
    pub value: &'a [u8],
}

/// Kinds of attributes (RFC 5280 appendix A.1).
pub mod attribute {
    /// `id-at-commonName`, 2.5.4.3.
    pub const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];
    /// `id-at-serialNumber`, 2.5.4.5.
    pub const SERIAL_NUMBER: &[u8] = &[0x55, 0x04, 0x05];
    /// `id-at-countryName`, 2.5.4.6.
    pub const COUNTRY: &[u8] = &[0x55, 0x04, 0x06];
    /// `id-at-organizationName`, 2.5.4.10.
    pub const ORGANIZATION: &[u8] = &[0x55, 0x04, 0x0a];
    /// `id-at-organizationalUnitName`, 2.5.4.11.
    pub const ORGANIZATIONAL_UNIT: &[u8] = &[0x55, 0x04, 0x0b];
    /// `id-at-title`, 2.5.4.12.
    pub const TITLE: &[u8] = &[0x55, 0x04, 0x0c];
}

impl<'a> Name<'a> {
    /// Reads a name and nothing after it.
    pub(crate) fn parse(raw: &'a [u8]) -> Result<Self, Malformed> {
        let mut outer = Reader::new(raw);
        let name = Self::of(outer.element()?)?;
        outer.end()?;
        Ok(name)
    }

    pub(super) fn of(element: Element<'a>) -> Result<Self, Malformed> {
        let name = Self(element.raw);
        if element.tag != Tag::SEQUENCE || attributes(element.raw).any(|found| found.is_err()) {
            return Err(Malformed);
        }
        Ok(name)
    }

    /// The name as it is encoded.
    pub const fn raw(self) -> &'a [u8] {
        self.0
    }

    /// Its attributes, in the order in which they stand there.
    pub fn attributes(self) -> impl Iterator<Item = Attribute<'a>> {
        attributes(self.0).flatten()
    }

    /// The first attribute of a kind, as text.
    pub fn text(self, oid: &[u8]) -> Option<&'a str> {
        let found = self.attributes().find(|attribute| attribute.oid == oid)?;
        str::from_utf8(found.value).ok()
    }
}

/// Two names are the same if they say the same, in whatever kind of string: issuers are not always
/// copied byte by byte.
impl PartialEq for Name<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0 || self.attributes().eq(other.attributes())
    }
}

fn attributes(raw: &[u8]) -> impl Iterator<Item = Result<Attribute<'_>, Malformed>> {
    let sets = der::open_only(raw, Tag::SEQUENCE).into_iter().flatten();
    sets.flat_map(|set| {
        let members = set.and_then(|set| der::open_only(set.raw, Tag::SET));
        let (members, error) = match members {
            Ok(members) => (Some(members), None),
            Err(error) => (None, Some(Err(error))),
        };
        let attributes = members.into_iter().flatten().map(|member| {
            let mut fields = der::open_only(member?.raw, Tag::SEQUENCE)?;
            let oid = fields.content(Tag::OID)?;
            let value = fields.element()?.content;
            fields.end()?;
            Ok(Attribute { oid, value })
        });
        error.into_iter().chain(attributes)
    })
}
