//! `AuthorizationList`: what is known of a key, as numbered and explicitly tagged fields.

use crate::der::{self, Class, Element, Malformed, Reader, Tag};

const MAX_FIELDS: usize = 128;
const MAX_SET: usize = 32;

/// The fields of a list, in any order, none of them twice; unknown ones are passed over.
#[derive(Debug)]
pub(crate) struct List<'a>(Vec<Element<'a>>);

/// The hardware's account of what was started.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RootOfTrust<'a> {
    pub(crate) boot_key: &'a [u8],
    pub(crate) is_locked: bool,
    pub(crate) boot_state: u64,
    pub(crate) boot_hash: Option<&'a [u8]>,
}

/// The numbers of fields and their values (`Tag.aidl` of Android).
pub(crate) mod field {
    pub(crate) const PURPOSE: u32 = 1;
    pub(crate) const ALGORITHM: u32 = 2;
    pub(crate) const KEY_SIZE: u32 = 3;
    pub(crate) const EC_CURVE: u32 = 10;
    pub(crate) const NO_AUTH_REQUIRED: u32 = 503;
    pub(crate) const USER_AUTH_TYPE: u32 = 504;
    pub(crate) const ORIGIN: u32 = 702;
    pub(crate) const ROOT_OF_TRUST: u32 = 704;
    pub(crate) const OS_VERSION: u32 = 705;
    pub(crate) const OS_PATCH_LEVEL: u32 = 706;
    pub(crate) const ATTESTATION_APPLICATION_ID: u32 = 709;
    pub(crate) const ID_SERIAL: u32 = 713;
    pub(crate) const ID_IMEI: u32 = 714;
    pub(crate) const ID_MANUFACTURER: u32 = 716;
    pub(crate) const VENDOR_PATCH_LEVEL: u32 = 718;
    pub(crate) const BOOT_PATCH_LEVEL: u32 = 719;
    pub(crate) const SIGN: u64 = 2;
    pub(crate) const VERIFY: u64 = 3;
    pub(crate) const EC: u64 = 3;
    pub(crate) const P_256: u64 = 1;
    pub(crate) const GENERATED: u64 = 0;
}

impl<'a> List<'a> {
    pub(crate) fn parse(content: &'a [u8]) -> Result<Self, Malformed> {
        let mut fields: Vec<Element<'a>> = Vec::new();
        for field in Reader::new(content) {
            let field = field?;
            let is_field = field.tag.class == Class::Context && field.tag.is_constructed;
            let is_known = fields.iter().any(|other| other.tag == field.tag);
            if !is_field || is_known || fields.len() >= MAX_FIELDS {
                return Err(Malformed);
            }
            fields.push(field);
        }
        Ok(Self(fields))
    }

    /// What is inside the field of this number.
    pub(crate) fn find(&self, number: u32) -> Option<Reader<'a>> {
        let tag = Tag::explicit(number);
        let field = self.0.iter().find(|field| field.tag == tag)?;
        Some(Reader::new(field.content))
    }

    pub(crate) fn number(&self, number: u32) -> Result<Option<u64>, Malformed> {
        let Some(mut field) = self.find(number) else {
            return Ok(None);
        };
        let content = field.content(Tag::INTEGER)?;
        field.end()?;
        der::number(content).map(Some).ok_or(Malformed)
    }

    /// A SET OF INTEGER, in any order.
    pub(crate) fn numbers(&self, number: u32) -> Result<Vec<u64>, Malformed> {
        let Some(mut field) = self.find(number) else {
            return Ok(Vec::new());
        };
        let mut numbers = Vec::new();
        let mut set = field.open(Tag::SET)?;
        field.end()?;
        while !set.is_empty() {
            let content = set.content(Tag::INTEGER)?;
            numbers.push(der::number(content).ok_or(Malformed)?);
            if numbers.len() > MAX_SET {
                return Err(Malformed);
            }
        }
        Ok(numbers)
    }

    pub(crate) fn bytes(&self, number: u32) -> Result<Option<&'a [u8]>, Malformed> {
        let Some(mut field) = self.find(number) else {
            return Ok(None);
        };
        let content = field.content(Tag::OCTET_STRING)?;
        field.end()?;
        Ok(Some(content))
    }

    pub(crate) fn root_of_trust(&self, number: u32) -> Result<Option<RootOfTrust<'a>>, Malformed> {
        let Some(mut field) = self.find(number) else {
            return Ok(None);
        };
        let mut fields = field.open(Tag::SEQUENCE)?;
        field.end()?;
        let root = RootOfTrust {
            boot_key: fields.content(Tag::OCTET_STRING)?,
            is_locked: der::boolean(fields.content(Tag::BOOLEAN)?).ok_or(Malformed)?,
            boot_state: der::number(fields.content(Tag::ENUMERATED)?).ok_or(Malformed)?,
            boot_hash: fields.optional(Tag::OCTET_STRING)?,
        };
        fields.end()?;
        Ok(Some(root))
    }
}
