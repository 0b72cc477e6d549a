//! What a credential signs: a person steps up, or shows again that the authenticator is there.

use super::ceremony::{AuthenticatorError, Ceremony, ClientDataError, MAX_CLIENT_DATA_BYTES};
use crate::{
    appraisal::{Appraisal, Checks},
    authenticator_data::{AuthenticatorData, BACKED_UP, BACKUP_ELIGIBLE, USER_VERIFIED},
    cose::CredentialKey,
};

/// The longest authenticator data that is looked at; most has 37 bytes.
pub const MAX_AUTHENTICATOR_DATA_BYTES: usize = 4 * 1024;

/// The longest signature that is looked at; those of RSA have up to 512 bytes.
pub const MAX_SIGNATURE_BYTES: usize = 1024;

/// An assertion.
#[derive(Debug, Clone, Copy)]
pub struct Evidence<'a> {
    /// `clientDataJSON`, as it is.
    pub client_data_json: &'a [u8],
    /// `authenticatorData`.
    pub authenticator_data: &'a [u8],
    /// `signature`.
    pub signature: &'a [u8],
}

/// What an assertion must be of.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// What was asked.
    pub ceremony: Ceremony<'a>,
    /// The credential's key.
    pub key: &'a CredentialKey,
    /// The counter of its last use that was accepted.
    pub sign_count: u32,
    /// Whether it may leave its authenticator, as it said when it was registered.
    pub backup_eligible: bool,
}

/// What an accepted assertion shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verdict {
    /// To be stored in place of the last one if that is still lower or both are 0, in one step.
    pub sign_count: u32,
    /// Whether the authenticator knew the user.
    pub user_verified: bool,
    /// Whether the credential has left its authenticator.
    pub backed_up: bool,
}

/// Why an assertion is refused, in the order in which the reasons are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// A part is longer than is looked at.
    #[error("the assertion is too long")]
    TooLong,
    /// The client data is not of what was asked.
    #[error("the client data is wrong")]
    ClientData(#[source] ClientDataError),
    /// The authenticator data is not that of an assertion.
    #[error("the authenticator data cannot be read")]
    InvalidAuthenticatorData,
    /// The authenticator data is not of what was asked.
    #[error("the authenticator data is wrong")]
    Authenticator(#[source] AuthenticatorError),
    /// Whether the credential may leave its authenticator is said to have changed.
    #[error("the credential has changed its kind")]
    BackupEligibilityChanged,
    /// The signature is not by the key, or over other data.
    #[error("the signature is wrong")]
    BadSignature,
    /// The counter has not risen: the credential may have been copied.
    #[error("the counter has not risen")]
    CounterNotRisen,
}

/// Judges an assertion.
pub fn appraise(evidence: &Evidence<'_>, expected: &Expected<'_>) -> Appraisal<Verdict, Refused> {
    let mut checks = Checks::default();
    let outcome = judge(evidence, expected, &mut checks);
    checks.end(outcome)
}

fn judge(
    evidence: &Evidence<'_>,
    expected: &Expected<'_>,
    checks: &mut Checks,
) -> Result<Verdict, Refused> {
    let is_short = evidence.client_data_json.len() <= MAX_CLIENT_DATA_BYTES
        && evidence.authenticator_data.len() <= MAX_AUTHENTICATOR_DATA_BYTES
        && evidence.signature.len() <= MAX_SIGNATURE_BYTES;
    checks.ensure("length", is_short, Refused::TooLong)?;
    let ceremony = &expected.ceremony;
    let hash = ceremony
        .check_client_data(evidence.client_data_json, "webauthn.get", checks)
        .map_err(Refused::ClientData)?;
    let data = AuthenticatorData::by_flags(evidence.authenticator_data)
        .map_err(|_| Refused::InvalidAuthenticatorData);
    let data = checks.note("authenticator_data", data)?;
    ceremony
        .check_authenticator(&data, checks)
        .map_err(Refused::Authenticator)?;
    let is_kind = data.has(BACKUP_ELIGIBLE) == expected.backup_eligible;
    let changed = Refused::BackupEligibilityChanged;
    checks.ensure("backup_eligibility", is_kind, changed)?;

    let signed = [evidence.authenticator_data, &hash].concat();
    let is_signed = expected.key.is_signed(&signed, evidence.signature);
    checks.ensure("signature", is_signed, Refused::BadSignature)?;
    // Authenticators without a counter say 0 always.
    let is_uncounted = data.counter == 0 && expected.sign_count == 0;
    let has_risen = is_uncounted || data.counter > expected.sign_count;
    checks.ensure("counter", has_risen, Refused::CounterNotRisen)?;
    Ok(Verdict {
        sign_count: data.counter,
        user_verified: data.has(USER_VERIFIED),
        backed_up: data.has(BACKED_UP),
    })
}
