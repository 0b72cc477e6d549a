//! Signed data as Apple's services write it (RFC 5652), in DER or BER.
//!
//! One signer, SHA-256, ECDSA, the signature over the content itself. The form with signed
//! attributes is refused: nobody here writes it, and where both are accepted the attributes of one
//! message can be presented as the content of another.

use crate::{
    certificate::{Certificate, Hash, SignatureAlgorithm},
    der::{Class, Element, Malformed, Reader, Tag},
    path::MAX_CERTIFICATES,
};

/// Signed data, read; nothing is verified.
#[derive(Debug)]
pub(crate) struct SignedData<'a> {
    /// What is signed, its chunks put together.
    pub(crate) content: Vec<u8>,
    /// The certificate that the signer names.
    pub(crate) signer: Certificate<'a>,
    /// The other certificates that came along, in no order.
    others: Vec<Certificate<'a>>,
    signature: &'a [u8],
}

impl<'a> SignedData<'a> {
    pub(crate) fn parse(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let mut message = only(Reader::ber(bytes), Tag::SEQUENCE)?;
        expect(message.content(Tag::OID)?, SIGNED_DATA)?;
        let mut fields = only(only(message, Tag::explicit(0))?, Tag::SEQUENCE)?;
        fields.content(Tag::INTEGER)?;
        fields.open(Tag::SET)?;
        let content = read_content(fields.open(Tag::SEQUENCE)?)?;
        let certificates = fields.open(Tag::explicit(0))?;
        fields.optional(Tag::explicit(1))?;
        let signer = only(only(fields, Tag::SET)?, Tag::SEQUENCE)?;
        let [issuer, serial, signature] = read_signer(signer)?;

        let (mut signer, mut others) = (None, Vec::new());
        for certificate in certificates {
            let raw = certificate?.raw;
            let read = Certificate::parse(raw).map_err(|_| Malformed)?;
            if signer.is_none() && read.serial == serial && read.issuer.raw() == issuer {
                signer = Some(read);
            } else if others.len() < MAX_CERTIFICATES {
                others.push(read);
            } else {
                return Err(Malformed);
            }
        }
        Ok(Self {
            content,
            signer: signer.ok_or(Malformed)?,
            others,
            signature,
        })
    }

    /// The signer's certificate, and above each one the first that has its issuer's name. Those that
    /// issued themselves are left out: they are anchors or nothing.
    pub(crate) fn path(&self) -> Vec<Certificate<'a>> {
        let mut path = vec![self.signer.clone()];
        let mut issuer = self.signer.issuer;
        while path.len() <= MAX_CERTIFICATES
            && let Some(next) = self
                .others
                .iter()
                .find(|one| one.subject == issuer && one.issuer != issuer)
        {
            path.push(next.clone());
            issuer = next.issuer;
        }
        path
    }

    /// Whether the content is signed by the signer's key; whose that is, is another question.
    pub(crate) fn is_signed(&self) -> bool {
        let algorithm = SignatureAlgorithm::Ecdsa(Hash::Sha256);
        self.signer
            .key
            .is_signed(algorithm, &self.content, self.signature)
    }
}

/// Opens what is left, which is one `tag`.
fn only(mut outer: Reader<'_>, tag: Tag) -> Result<Reader<'_>, Malformed> {
    let inner = outer.open(tag)?;
    outer.end()?;
    Ok(inner)
}

fn expect(found: &[u8], expected: &[u8]) -> Result<(), Malformed> {
    if found == expected {
        Ok(())
    } else {
        Err(Malformed)
    }
}

fn read_content(mut fields: Reader<'_>) -> Result<Vec<u8>, Malformed> {
    expect(fields.content(Tag::OID)?, DATA)?;
    let mut wrapped = fields.open(Tag::explicit(0))?;
    fields.end()?;
    let octets = wrapped.element()?;
    wrapped.end()?;
    if !is_octet_string(&octets) {
        return Err(Malformed);
    }
    if !octets.tag.is_constructed {
        return Ok(octets.content.to_vec());
    }
    let mut content = Vec::new();
    for chunk in Reader::ber(octets.content) {
        let chunk = chunk?;
        if !is_octet_string(&chunk) || chunk.tag.is_constructed {
            return Err(Malformed);
        }
        content.extend_from_slice(chunk.content);
    }
    Ok(content)
}

/// Issuer and serial number of the signer's certificate, and the signature.
fn read_signer(mut fields: Reader<'_>) -> Result<[&[u8]; 3], Malformed> {
    fields.content(Tag::INTEGER)?;
    let mut id = fields.open(Tag::SEQUENCE)?;
    let (issuer, serial) = (id.element()?.raw, id.content(Tag::INTEGER)?);
    id.end()?;
    let mut digest = fields.open(Tag::SEQUENCE)?;
    expect(digest.content(Tag::OID)?, SHA256)?;
    let mut algorithm = fields.open(Tag::SEQUENCE)?;
    expect(algorithm.content(Tag::OID)?, ECDSA_WITH_SHA256)?;
    let signature = fields.content(Tag::OCTET_STRING)?;
    fields.end()?;
    Ok([issuer, serial, signature])
}

fn is_octet_string(element: &Element<'_>) -> bool {
    element.tag.class == Class::Universal && element.tag.number == Tag::OCTET_STRING.number
}

/// 1.2.840.113549.1.7.2
const SIGNED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];
/// 1.2.840.113549.1.7.1
const DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01];
/// 2.16.840.1.101.3.4.2.1
const SHA256: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01];
/// 1.2.840.10045.4.3.2
const ECDSA_WITH_SHA256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];
