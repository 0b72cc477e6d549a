//! `packed` (section 8.2): the maker's key signs, or the credential's own.

use super::{Kind, Statement, StatementError, Voucher, certificates, signature_algorithm};
use crate::appraisal::Checks;

pub(super) fn verify<'a>(
    statement: &Statement<'a>,
    checks: &mut Checks,
) -> Result<Voucher<'a>, StatementError> {
    let parts = statement
        .number("alg")
        .and_then(|algorithm| Ok((algorithm, statement.bytes("sig")?)));
    let (algorithm, signature) = checks.note("statement", parts)?;
    let signed = statement.signed();
    if statement.members.text_key("x5c").is_none() {
        let is_own = algorithm == statement.key.algorithm();
        checks.ensure("algorithm", is_own, StatementError::WrongAlgorithm)?;
        let is_signed = statement.key.is_signed(&signed, signature);
        checks.ensure(
            "statement_signature",
            is_signed,
            StatementError::BadSignature,
        )?;
        return Ok(Voucher::Nobody);
    }
    let algorithm = checks.note("algorithm", signature_algorithm(algorithm))?;
    let (leaf, certificates) = statement.certificates(checks)?;
    let is_signed = leaf.key.is_signed(algorithm, &signed, signature);
    checks.ensure(
        "statement_signature",
        is_signed,
        StatementError::BadSignature,
    )?;
    let is_subject = certificates::has_packed_subject(&leaf);
    let unsuitable = StatementError::UnsuitableCertificate;
    checks.ensure("certificate_subject", is_subject, unsuitable)?;
    certificates::check(&leaf, statement.credential.aaguid, checks)?;
    Ok(Voucher::Chain {
        kind: Kind::Authenticator,
        certificates,
        doubt: None,
    })
}
