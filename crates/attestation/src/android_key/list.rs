//! `AuthorizationList`: what is known of a key, as numbered and explicitly tagged fields.

use crate::der::{self, Class, Element, Malformed, Reader, Tag};

const MAX_FIELDS: usize = 128;
const MAX_SET: usize = 32;

/// The fields of a list, in any order, none of them twice; unknown ones are passed over.
#[derive(Debug)]
pub(super) struct List<'a>(Vec<Element<'a>>);

/// The hardware's account of what was started.
#[derive(Debug, Clone, Copy)]
pub(super) struct RootOfTrust<'a> {
    pub(super) boot_key: &'a [u8],
    pub(super) is_locked: bool,
    pub(super) boot_state: u64,
    pub(super) boot_hash: Option<&'a [u8]>,
}

impl<'a> List<'a> {
    pub(super) fn parse(content: &'a [u8]) -> Result<Self, Malformed> {
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
    pub(super) fn find(&self, number: u32) -> Option<Reader<'a>> {
        let tag = Tag::explicit(number);
        let field = self.0.iter().find(|field| field.tag == tag)?;
        Some(Reader::new(field.content))
    }

    pub(super) fn number(&self, number: u32) -> Result<Option<u64>, Malformed> {
        let Some(mut field) = self.find(number) else {
            return Ok(None);
        };
        let content = field.content(Tag::INTEGER)?;
        field.end()?;
        der::number(content).map(Some).ok_or(Malformed)
    }

    /// A SET OF INTEGER, in any order.
    pub(super) fn numbers(&self, number: u32) -> Result<Vec<u64>, Malformed> {
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

    pub(super) fn bytes(&self, number: u32) -> Result<Option<&'a [u8]>, Malformed> {
        let Some(mut field) = self.find(number) else {
            return Ok(None);
        };
        let content = field.content(Tag::OCTET_STRING)?;
        field.end()?;
        Ok(Some(content))
    }

    pub(super) fn root_of_trust(&self, number: u32) -> Result<Option<RootOfTrust<'a>>, Malformed> {
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
