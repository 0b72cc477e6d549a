//! `apple` (section 8.8): Apple certifies the credential's key, and this registration with it.

use super::{Kind, Statement, StatementError, Voucher, certificates};
use crate::{
    app_attest::{NONCE_OID, NONCE_PREFIX},
    appraisal::Checks,
};
use aws_lc_rs::{
    constant_time::verify_slices_are_equal,
    digest::{SHA256, digest},
};

pub(super) fn verify<'a>(
    statement: &Statement<'a>,
    checks: &mut Checks,
) -> Result<Voucher<'a>, StatementError> {
    let (leaf, certificates) = statement.certificates(checks)?;
    let nonce = leaf
        .extension(NONCE_OID)
        .and_then(|value| value.strip_prefix(NONCE_PREFIX));
    let nonce = checks.note("nonce_extension", nonce.ok_or(StatementError::Malformed))?;
    let expected = digest(&SHA256, &statement.signed());
    let equal = verify_slices_are_equal(nonce, expected.as_ref());
    checks.note("nonce", equal.map_err(|_| StatementError::DataMismatch))?;
    let is_key = certificates::is_of_key(&leaf, statement.key);
    checks.ensure("statement_key", is_key, StatementError::KeyMismatch)?;
    Ok(Voucher::Chain {
        kind: Kind::Apple,
        certificates,
        doubt: None,
    })
}
