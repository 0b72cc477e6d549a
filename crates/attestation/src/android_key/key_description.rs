//! `KeyDescription`: what the hardware says of a key, and what the system says of the app.

use super::list::List;
use crate::der::{self, Malformed, Tag};

const MAX_PACKAGES: usize = 64;

/// The attestation, read; nothing of it is believed yet.
#[derive(Debug)]
pub(crate) struct KeyDescription<'a> {
    pub(crate) attestation_version: u64,
    pub(crate) attestation_level: u64,
    pub(crate) keymint_version: u64,
    pub(crate) keymint_level: u64,
    pub(crate) challenge: &'a [u8],
    /// What the system says: as true as the system is.
    pub(crate) software: List<'a>,
    pub(crate) hardware: List<'a>,
}

impl<'a> KeyDescription<'a> {
    pub(crate) fn parse(der: &'a [u8]) -> Result<Self, Malformed> {
        let mut fields = der::open_only(der, Tag::SEQUENCE)?;
        let mut number = |tag| {
            fields
                .content(tag)
                .and_then(|content| der::number(content).ok_or(Malformed))
        };
        let attestation_version = number(Tag::INTEGER)?;
        let attestation_level = number(Tag::ENUMERATED)?;
        let keymint_version = number(Tag::INTEGER)?;
        let keymint_level = number(Tag::ENUMERATED)?;
        let challenge = fields.content(Tag::OCTET_STRING)?;
        let _unique_id = fields.content(Tag::OCTET_STRING)?;
        let software = List::parse(fields.content(Tag::SEQUENCE)?)?;
        let hardware = List::parse(fields.content(Tag::SEQUENCE)?)?;
        fields.end()?;
        Ok(Self {
            attestation_version,
            attestation_level,
            keymint_version,
            keymint_level,
            challenge,
            software,
            hardware,
        })
    }
}

/// `AttestationApplicationId`: the apps that share the user that asked for the key.
#[derive(Debug)]
pub(crate) struct Application<'a> {
    pub(crate) packages: Vec<(&'a [u8], u64)>,
    pub(crate) signing_digests: Vec<&'a [u8]>,
}

impl<'a> Application<'a> {
    pub(crate) fn parse(der: &'a [u8]) -> Result<Self, Malformed> {
        let mut fields = der::open_only(der, Tag::SEQUENCE)?;
        let mut packages = Vec::new();
        for package in fields.open(Tag::SET)? {
            let mut package = der::open_only(package?.raw, Tag::SEQUENCE)?;
            let name = package.content(Tag::OCTET_STRING)?;
            let version = der::number(package.content(Tag::INTEGER)?).ok_or(Malformed)?;
            package.end()?;
            packages.push((name, version));
        }
        let mut signing_digests = Vec::new();
        let mut digests = fields.open(Tag::SET)?;
        while !digests.is_empty() {
            signing_digests.push(digests.content(Tag::OCTET_STRING)?);
        }
        fields.end()?;
        if packages.len() > MAX_PACKAGES || signing_digests.len() > MAX_PACKAGES {
            return Err(Malformed);
        }
        Ok(Self {
            packages,
            signing_digests,
        })
    }
}
