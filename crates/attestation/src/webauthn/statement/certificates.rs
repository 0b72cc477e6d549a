//! What certificates for attestation have to be (sections 8.2.1 and 8.3.1).

use super::StatementError;
use crate::{
    appraisal::Checks,
    certificate::{Certificate, attribute},
    cose::{CredentialKey, Parts},
    der::{self, Malformed, Tag},
};

/// Checks that the certificate is an end entity's, and of the model that the authenticator is.
pub(super) fn check(
    leaf: &Certificate<'_>,
    aaguid: &[u8; 16],
    checks: &mut Checks,
) -> Result<(), StatementError> {
    let constraints = leaf.basic_constraints().ok().flatten();
    // One without them is none that is meant for this.
    let is_end = constraints.is_some_and(|found| !found.is_authority);
    let unsuitable = StatementError::UnsuitableCertificate;
    checks.ensure("certificate_is_no_authority", is_end, unsuitable)?;
    let model = leaf.extensions.iter().find(|found| found.oid == MODEL);
    let is_model = model.is_none_or(|found| {
        !found.is_critical && found.value.strip_prefix(&[0x04, 16]) == Some(aaguid)
    });
    checks.ensure("certificate_model", is_model, StatementError::ModelMismatch)
}

/// Whether the subject is as certificates of `packed` statements have it.
pub(super) fn has_packed_subject(leaf: &Certificate<'_>) -> bool {
    let has = |oid| leaf.subject.text(oid).is_some_and(|text| !text.is_empty());
    let unit = leaf.subject.text(attribute::ORGANIZATIONAL_UNIT);
    unit == Some("Authenticator Attestation")
        && has(attribute::COUNTRY)
        && has(attribute::ORGANIZATION)
        && has(attribute::COMMON_NAME)
}

/// Whether the certificate is one of an attestation key of a TPM: without a subject, but with the
/// TPM's maker, model and version in its place.
pub(super) fn is_tpm(leaf: &Certificate<'_>) -> bool {
    let is_nameless = leaf.subject.attributes().next().is_none();
    let usages = leaf.extension(EXTENDED_KEY_USAGE).map(oids);
    let is_for_attestation =
        usages.is_some_and(|usages| usages.is_ok_and(|usages| usages.contains(&TPM_ATTESTATION)));
    let named = leaf.extension(ALTERNATIVE_NAME).map(directory_attributes);
    let is_named = named.is_some_and(|named| {
        named.is_ok_and(|named| TPM_ATTRIBUTES.iter().all(|oid| named.contains(oid)))
    });
    is_nameless && is_for_attestation && is_named
}

/// Whether the certificate is of the same key as the credential.
pub(super) fn is_of_key(leaf: &Certificate<'_>, key: &CredentialKey) -> bool {
    match (key.parts(), key.point()) {
        (_, Some(point)) => leaf.key.bits == point,
        (Parts::Rsa(n, e), None) => leaf.key.rsa_parts() == Ok((n, e)),
        _ => false,
    }
}

fn oids(value: &[u8]) -> Result<Vec<&[u8]>, Malformed> {
    let mut found = Vec::new();
    let mut fields = der::open_only(value, Tag::SEQUENCE)?;
    while !fields.is_empty() {
        found.push(fields.content(Tag::OID)?);
    }
    Ok(found)
}

/// The kinds of attributes in the directory names of a `subjectAltName`.
fn directory_attributes(value: &[u8]) -> Result<Vec<&[u8]>, Malformed> {
    let mut found = Vec::new();
    for name in der::open_only(value, Tag::SEQUENCE)? {
        let name = name?;
        if name.tag != Tag::explicit(4) {
            continue;
        }
        for set in der::open_only(name.content, Tag::SEQUENCE)? {
            for attribute in der::open_only(set?.raw, Tag::SET)? {
                let mut fields = der::open_only(attribute?.raw, Tag::SEQUENCE)?;
                found.push(fields.content(Tag::OID)?);
            }
        }
    }
    Ok(found)
}

/// `id-fido-gen-ce-aaguid`, 1.3.6.1.4.1.45724.1.1.4
const MODEL: &[u8] = &[
    0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0xe5, 0x1c, 0x01, 0x01, 0x04,
];
/// 2.5.29.37
const EXTENDED_KEY_USAGE: &[u8] = &[0x55, 0x1d, 0x25];
/// 2.5.29.17
const ALTERNATIVE_NAME: &[u8] = &[0x55, 0x1d, 0x11];
/// `tcg-kp-AIKCertificate`, 2.23.133.8.3
const TPM_ATTESTATION: &[u8] = &[0x67, 0x81, 0x05, 0x08, 0x03];
/// The maker, model and version of a TPM: 2.23.133.2.1 to 2.23.133.2.3
const TPM_ATTRIBUTES: [&[u8]; 3] = [
    &[0x67, 0x81, 0x05, 0x02, 0x01],
    &[0x67, 0x81, 0x05, 0x02, 0x02],
    &[0x67, 0x81, 0x05, 0x02, 0x03],
];
