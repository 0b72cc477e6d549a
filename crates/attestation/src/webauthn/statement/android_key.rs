//! `android-key` (section 8.4): Android's secure hardware certifies the credential's key.

use super::{Kind, Statement, StatementError, Voucher, certificates, signature_algorithm};
use crate::{
    android_key::{
        ATTESTATION, Provisioning, Roots, is_attested_by_hardware, is_public_software_root,
        key_description::KeyDescription,
        list::{List, field},
        provisioning,
    },
    appraisal::Checks,
    certificate::Certificate,
    der::Malformed,
    path::PathError,
};
use countersign_core::Timestamp;

/// The field that lets every app use a key.
const ALL_APPLICATIONS: u32 = 600;

pub(super) fn verify<'a>(
    statement: &Statement<'a>,
    checks: &mut Checks,
) -> Result<Voucher<'a>, StatementError> {
    let parts = statement
        .number("alg")
        .and_then(|algorithm| Ok((algorithm, statement.bytes("sig")?)));
    let (algorithm, signature) = checks.note("statement", parts)?;
    let algorithm = checks.note("algorithm", signature_algorithm(algorithm))?;
    let (leaf, certificates) = statement.certificates(checks)?;
    let is_signed = leaf
        .key
        .is_signed(algorithm, &statement.signed(), signature);
    checks.ensure(
        "statement_signature",
        is_signed,
        StatementError::BadSignature,
    )?;
    let is_key = certificates::is_of_key(&leaf, statement.key);
    checks.ensure("statement_key", is_key, StatementError::KeyMismatch)?;
    let description = leaf.extension(ATTESTATION).ok_or(Malformed);
    let description = description.and_then(KeyDescription::parse);
    let description = description.map_err(|_| StatementError::Malformed);
    let description = checks.note("key_description", description)?;
    let is_about = description.challenge == statement.client_data_hash;
    checks.ensure("key_challenge", is_about, StatementError::DataMismatch)?;
    let is_suitable = is_suitable(&description).unwrap_or(false);
    checks.ensure("key_properties", is_suitable, StatementError::UnsuitableKey)?;
    let is_hardware = description.attestation_level >= 1 && description.keymint_level >= 1;
    Ok(Voucher::Chain {
        kind: if is_hardware {
            Kind::AndroidHardware
        } else {
            Kind::AndroidSoftware
        },
        certificates,
    })
}

/// Of one app, and, as far as it is said, made in the keystore, and to sign.
fn is_suitable(description: &KeyDescription<'_>) -> Result<bool, Malformed> {
    let lists = [&description.software, &description.hardware];
    let is_shared = |list: &&List<'_>| list.find(ALL_APPLICATIONS).is_some();
    if lists.iter().any(is_shared) {
        return Ok(false);
    }
    for list in lists {
        let origin = list.number(field::ORIGIN)?;
        let purposes = list.numbers(field::PURPOSE)?;
        let is_made_here = origin.is_none_or(|origin| origin == field::GENERATED);
        let is_to_sign = purposes.is_empty() || purposes.contains(&field::SIGN);
        if !is_made_here || !is_to_sign {
            return Ok(false);
        }
    }
    Ok(true)
}

/// A path as Android's devices have it, which is not that of RFC 5280: to a root's key, with or
/// without a certificate of it, and whatever the leaf's dates.
pub(super) fn verify_path(
    certificates: &[Certificate<'_>],
    roots: &Roots,
    now: Timestamp,
) -> Result<(), PathError> {
    let (_, above_leaf) = certificates.split_first().ok_or(PathError::Malformed)?;
    let are_linked = certificates
        .iter()
        .zip(above_leaf)
        .all(|(one, issuer)| one.issuer == issuer.subject && one.is_signed_by(issuer));
    // Whoever has an attested key could sign one more certificate.
    let is_only_leaf = above_leaf
        .iter()
        .all(|one| one.extension(ATTESTATION).is_none());
    let last = certificates.last().ok_or(PathError::Malformed)?;
    let is_root = above_leaf
        .last()
        .is_some_and(|root| roots.contain(&root.key) && !is_public_software_root(&root.key));
    let is_by_hardware = is_attested_by_hardware(certificates);
    if !are_linked || !is_only_leaf || !is_by_hardware || !(is_root || roots.have_signed(last)) {
        return Err(PathError::Untrusted);
    }
    let is_factory = provisioning(certificates) == Provisioning::Factory;
    let dated = above_leaf.len().saturating_sub(usize::from(is_root));
    for one in above_leaf.iter().take(dated) {
        if one.not_before.is_none_or(|from| now < from) {
            return Err(PathError::NotYetValid);
        }
        if !is_factory && one.not_after.is_none_or(|until| now > until) {
            return Err(PathError::Expired);
        }
    }
    Ok(())
}
