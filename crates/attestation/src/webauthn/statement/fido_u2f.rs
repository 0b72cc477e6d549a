//! `fido-u2f` (section 8.6): keys of the older kind, whose statements are of another shape.

use super::{Kind, Statement, StatementError, Voucher};
use crate::{
    appraisal::Checks,
    certificate::{Curve, Hash, KeyAlgorithm, SignatureAlgorithm},
    cose::ES256,
};

pub(super) fn verify<'a>(
    statement: &Statement<'a>,
    checks: &mut Checks,
) -> Result<Voucher<'a>, StatementError> {
    let signature = checks.note("statement", statement.bytes("sig"))?;
    let (leaf, certificates) = statement.certificates(checks)?;
    let is_one = certificates.len() == 1;
    checks.ensure("one_certificate", is_one, StatementError::Malformed)?;
    let is_p256 = leaf.key.algorithm == KeyAlgorithm::Ec(Curve::P256);
    let unsuitable = StatementError::UnsuitableCertificate;
    checks.ensure("certificate_key", is_p256, unsuitable)?;
    let point = Some(statement.key).filter(|key| key.algorithm() == ES256);
    let point = point.and_then(crate::cose::CredentialKey::point);
    let point = checks.note("statement_key", point.ok_or(StatementError::UnsuitableKey))?;
    let signed = [
        &[0],
        statement.data.rp_id_hash.as_slice(),
        statement.client_data_hash,
        statement.credential.id,
        &point,
    ];
    let algorithm = SignatureAlgorithm::Ecdsa(Hash::Sha256);
    let is_signed = leaf.key.is_signed(algorithm, &signed.concat(), signature);
    checks.ensure(
        "statement_signature",
        is_signed,
        StatementError::BadSignature,
    )?;
    Ok(Voucher::Chain {
        kind: Kind::Authenticator,
        certificates,
        doubt: None,
    })
}
