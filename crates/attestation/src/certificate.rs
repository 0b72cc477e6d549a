//! X.509 certificates, read as they stand (RFC 5280 section 4.1) and judged by nobody here.
//!
//! What is odd but harmless in the field is kept as a value: a date that nobody can read, an
//! algorithm that nobody knows. Which of it matters is for each platform to say.

mod constraints;
mod key;
mod name;
mod time;

pub use key::{Curve, Hash, KeyAlgorithm, SignatureAlgorithm, SubjectPublicKey};
pub use name::{Attribute, Name, attribute};

use crate::der::{self, Malformed, Reader, Tag};
use countersign_core::Timestamp;
use std::fmt::Write;

/// The longest certificate that is looked at; those with post-quantum keys have about 8 kB.
pub const MAX_CERTIFICATE_BYTES: usize = 16 * 1024;

const MAX_SERIAL_BYTES: usize = 64;
const MAX_EXTENSIONS: usize = 64;

/// A certificate; everything but its signature borrows from its bytes, and nothing is verified.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Certificate<'a> {
    /// The whole of it.
    pub raw: &'a [u8],
    /// What the signature covers.
    pub tbs: &'a [u8],
    /// The serial number as it is encoded.
    pub serial: &'a [u8],
    /// Who issued it, by its own account.
    pub issuer: Name<'a>,
    /// Whom it is about.
    pub subject: Name<'a>,
    /// From when it says it is valid; `None` if the date cannot be read.
    pub not_before: Option<Timestamp>,
    /// Until when it says it is valid; `None` if the date cannot be read.
    pub not_after: Option<Timestamp>,
    /// The key that it is about.
    pub key: SubjectPublicKey<'a>,
    /// No two of the same kind.
    pub extensions: Vec<Extension<'a>>,
    /// How it is signed; the same inside and outside of what is signed.
    pub signature_algorithm: SignatureAlgorithm,
    /// Its signature.
    pub signature: &'a [u8],
}

/// An extension of a certificate.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Extension<'a> {
    /// Its kind: the content of an encoded OBJECT IDENTIFIER.
    pub oid: &'a [u8],
    /// Whether a reader that does not know it should refuse the certificate.
    pub is_critical: bool,
    /// What it says, still encoded.
    pub value: &'a [u8],
}

/// The bytes are no certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an X.509 certificate")]
pub struct InvalidCertificate;

impl<'a> Certificate<'a> {
    /// Reads one certificate and nothing after it.
    ///
    /// # Errors
    /// [`InvalidCertificate`], also for one with two extensions of the same kind.
    pub fn parse(der: &'a [u8]) -> Result<Self, InvalidCertificate> {
        if der.len() > MAX_CERTIFICATE_BYTES {
            return Err(InvalidCertificate);
        }
        read(der).map_err(|Malformed| InvalidCertificate)
    }

    /// The serial number in lower-case hexadecimal, without leading zeros.
    pub fn serial_hex(&self) -> String {
        serial_key(&hex(self.serial))
    }

    /// The value of the extension of this kind.
    pub fn extension(&self, oid: &[u8]) -> Option<&'a [u8]> {
        let found = self.extensions.iter().find(|found| found.oid == oid)?;
        Some(found.value)
    }

    /// Whether its signature is by the key of `issuer`; names are not looked at.
    pub fn is_signed_by(&self, issuer: &Certificate<'_>) -> bool {
        issuer
            .key
            .is_signed(self.signature_algorithm, self.tbs, self.signature)
    }
}

fn read(der: &[u8]) -> Result<Certificate<'_>, Malformed> {
    let mut outer = der::open_only(der, Tag::SEQUENCE)?;
    let tbs = outer.element()?;
    let signature_algorithm = outer.element()?.raw;
    let signature = bit_string(outer.content(Tag::BIT_STRING)?)?;
    outer.end()?;

    let mut fields = der::open_only(tbs.raw, Tag::SEQUENCE)?;
    fields.optional(Tag::explicit(0))?;
    let serial = fields.content(Tag::INTEGER)?;
    if serial.is_empty() || serial.len() > MAX_SERIAL_BYTES {
        return Err(Malformed);
    }
    let signature_algorithm = SignatureAlgorithm::of(signature_algorithm, fields.element()?.raw)?;
    let issuer = Name::of(fields.element()?)?;
    let mut validity = fields.open(Tag::SEQUENCE)?;
    let (not_before, not_after) = (validity.element()?, validity.element()?);
    let subject = Name::of(fields.element()?)?;
    Ok(Certificate {
        raw: der,
        tbs: tbs.raw,
        serial,
        issuer,
        subject,
        not_before: time::read(not_before),
        not_after: time::read(not_after),
        key: SubjectPublicKey::of(fields.element()?)?,
        extensions: read_extensions(fields)?,
        signature_algorithm,
        signature,
    })
}

/// Reads the field of the extensions, and passes over the identifiers of version 2.
fn read_extensions(fields: Reader<'_>) -> Result<Vec<Extension<'_>>, Malformed> {
    let mut extensions: Option<Vec<Extension<'_>>> = None;
    for field in fields {
        let field = field?;
        if field.tag != Tag::explicit(3) {
            continue;
        }
        if extensions.is_some() {
            return Err(Malformed);
        }
        let mut found: Vec<Extension<'_>> = Vec::new();
        for extension in der::open_only(field.content, Tag::SEQUENCE)? {
            let extension = read_extension(extension?.raw)?;
            let is_known = found.iter().any(|other| other.oid == extension.oid);
            if is_known || found.len() >= MAX_EXTENSIONS {
                return Err(Malformed);
            }
            found.push(extension);
        }
        extensions = Some(found);
    }
    Ok(extensions.unwrap_or_default())
}

fn read_extension(bytes: &[u8]) -> Result<Extension<'_>, Malformed> {
    let mut fields = der::open_only(bytes, Tag::SEQUENCE)?;
    let oid = fields.content(Tag::OID)?;
    let is_critical = match fields.optional(Tag::BOOLEAN)? {
        Some(content) => der::boolean(content).ok_or(Malformed)?,
        None => false,
    };
    let value = fields.content(Tag::OCTET_STRING)?;
    fields.end()?;
    Ok(Extension {
        oid,
        is_critical,
        value,
    })
}

/// Whole bytes only.
fn bit_string(content: &[u8]) -> Result<&[u8], Malformed> {
    match content.split_first() {
        Some((0, bits)) => Ok(bits),
        _ => Err(Malformed),
    }
}

/// Bytes in lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let mut digits = String::with_capacity(bytes.len().saturating_mul(2));
    for byte in bytes {
        // Writing to a string does not fail.
        let _ = write!(digits, "{byte:02x}");
    }
    digits
}

/// A serial number in hexadecimal, as registers of serial numbers have it.
pub(crate) fn serial_key(hex: &str) -> String {
    match hex.trim_start_matches('0') {
        "" => "0".to_owned(),
        trimmed => trimmed.to_ascii_lowercase(),
    }
}
