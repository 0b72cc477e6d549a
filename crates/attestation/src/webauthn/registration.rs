//! A new credential, and who vouches for the authenticator that keeps it.

use super::{
    ceremony::{AuthenticatorError, Ceremony, ClientDataError, MAX_CLIENT_DATA_BYTES},
    statement::{Anchors, Doubt, Format, Statement, StatementError, Voucher},
};
use crate::{
    appraisal::{Appraisal, Checks},
    authenticator_data::{
        AuthenticatorData, BACKED_UP, BACKUP_ELIGIBLE, Credential, USER_VERIFIED,
    },
    cbor::{self, Map, Value},
    certificate::hex,
    cose::{CredentialKey, InvalidCredentialKey},
    path::PathError,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use countersign_core::{Timestamp, attestation::AttestationLevel};
use serde::{Deserialize, Serialize};

/// The longest attestation object that is looked at.
pub const MAX_ATTESTATION_BYTES: usize = 64 * 1024;

/// The longest credential id (section 7.1, step 25).
pub const MAX_CREDENTIAL_ID_BYTES: usize = 1023;

/// A registration.
#[derive(Debug, Clone, Copy)]
pub struct Evidence<'a> {
    /// `clientDataJSON`, as it is.
    pub client_data_json: &'a [u8],
    /// `attestationObject`.
    pub attestation_object: &'a [u8],
}

/// What a registration must be of.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// What was asked.
    pub ceremony: Ceremony<'a>,
    /// Whether a credential that may leave its authenticator is refused.
    pub device_bound: bool,
    /// When it was presented: the certificates have to be valid then.
    pub presented_at: Timestamp,
    /// The time now: by it Android's certificates are looked up in the status list.
    pub now: Timestamp,
}

/// What an accepted registration shows. That nobody else has the credential is for the caller to
/// see.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Verdict {
    /// [`AttestationLevel::Authenticator`] if a maker whose anchor was given vouches for the
    /// authenticator, and [`AttestationLevel::Software`] if nobody does, or [`Facts::doubt`] says
    /// what speaks against it.
    pub level: AttestationLevel,
    /// The credential's key, whose assertions are to be judged with it.
    pub key: CredentialKey,
    /// What to keep.
    pub facts: Facts,
}

/// What a registration says that is worth keeping.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Facts {
    /// How the authenticator is told which credential is meant, unpadded base64url; one may be
    /// known once.
    pub credential_id: String,
    /// The credential's key as a `COSE_Key`, unpadded base64url.
    pub credential_key: String,
    /// The model of authenticator, hexadecimal, where its maker says so: in a `packed` statement with
    /// certificates. Everywhere else authenticator data may claim any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aaguid: Option<String>,
    /// In which form somebody vouches for the authenticator.
    pub format: Format,
    /// How often the credential was used.
    pub sign_count: u32,
    /// Whether the authenticator knew the user, as far as its word on that counts.
    pub user_verified: bool,
    /// Whether the credential may leave its authenticator.
    pub backup_eligible: bool,
    /// Whether it has.
    pub backed_up: bool,
    /// Why a statement that holds vouches for no more than a key in software.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub doubt: Option<Doubt>,
    /// The serial numbers of the certificates that came along, hexadecimal, the leaf's first.
    pub serials: Vec<String>,
}

/// Why a registration is refused, in the order in which the reasons are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It is said to be presented after it is judged.
    #[error("presented in the future")]
    PresentedLater,
    /// A part is longer than is looked at.
    #[error("the registration is too long")]
    TooLong,
    /// The client data is not of what was asked.
    #[error("the client data is wrong")]
    ClientData(#[source] ClientDataError),
    /// Not exactly one CBOR map of format, statement and authenticator data.
    #[error("not an attestation object in CBOR")]
    Malformed,
    /// The authenticator data is not that of a new credential.
    #[error("the authenticator data cannot be read")]
    InvalidAuthenticatorData,
    /// The authenticator data is not of what was asked.
    #[error("the authenticator data is wrong")]
    Authenticator(#[source] AuthenticatorError),
    /// The credential may leave its authenticator.
    #[error("the credential is not bound to a device")]
    NotDeviceBound,
    /// The credential's id is empty or longer than [`MAX_CREDENTIAL_ID_BYTES`].
    #[error("the credential id is empty or too long")]
    InvalidCredentialId,
    /// The credential's key is not one, or of an algorithm that is not spoken here.
    #[error("the credential's key is not usable")]
    Key(#[source] InvalidCredentialKey),
    /// A statement of a format that is not known.
    #[error("of an unknown format")]
    UnknownFormat,
    /// The statement does not hold for this credential.
    #[error("the attestation statement is wrong")]
    Statement(#[source] StatementError),
    /// The statement's certificates lead to no anchor of its format at this time.
    #[error("no path to an anchor")]
    NoPath(#[source] PathError),
}

/// Judges a registration.
///
/// The challenge of one that vouches for a browser's key is SHA-256 of the transcript with it.
pub fn appraise(
    evidence: &Evidence<'_>,
    expected: &Expected<'_>,
    anchors: &Anchors,
) -> Appraisal<Verdict, Refused> {
    let mut checks = Checks::default();
    let outcome = judge(evidence, expected, anchors, &mut checks);
    checks.end(outcome)
}

fn judge(
    evidence: &Evidence<'_>,
    expected: &Expected<'_>,
    anchors: &Anchors,
    checks: &mut Checks,
) -> Result<Verdict, Refused> {
    checks.ensure_presented(expected.presented_at, expected.now, Refused::PresentedLater)?;
    let is_short = evidence.client_data_json.len() <= MAX_CLIENT_DATA_BYTES
        && evidence.attestation_object.len() <= MAX_ATTESTATION_BYTES;
    checks.ensure("length", is_short, Refused::TooLong)?;
    let hash = expected
        .ceremony
        .check_client_data(evidence.client_data_json, "webauthn.create", checks)
        .map_err(Refused::ClientData)?;
    let object = cbor::read_map(evidence.attestation_object).map_err(|_| Refused::Malformed);
    let object = object.and_then(|map| Object::read(&map).ok_or(Refused::Malformed));
    let object = checks.note("attestation_object", object)?;
    let data = AuthenticatorData::by_flags(object.authenticator_data)
        .ok()
        .and_then(|data| data.credential.clone().map(|credential| (data, credential)));
    let data = data.ok_or(Refused::InvalidAuthenticatorData);
    let (data, credential) = checks.note("authenticator_data", data)?;
    let key = check_credential(&data, &credential, expected, checks)?;

    let format = Format::of(object.format).ok_or(Refused::UnknownFormat);
    let format = checks.note("format", format)?;
    let statement = Statement {
        format,
        members: &object.statement,
        authenticator_data: object.authenticator_data,
        client_data_hash: &hash,
        data: &data,
        credential: &credential,
        key: &key,
    };
    let voucher = statement.verify(checks).map_err(Refused::Statement)?;
    let is_known = voucher.knows_user(format) || !expected.ceremony.user_verification;
    let unverified = Refused::Authenticator(AuthenticatorError::UserNotVerified);
    checks.ensure("user_verified_by_format", is_known, unverified)?;
    let doubt = anchors.verify(&voucher, expected.presented_at, expected.now);
    let doubt = checks.note("certificate_path", doubt.map_err(Refused::NoPath))?;
    Ok(Verdict {
        level: voucher.level(doubt),
        facts: facts(&statement, &voucher, doubt),
        key,
    })
}

fn check_credential(
    data: &AuthenticatorData<'_>,
    credential: &Credential<'_>,
    expected: &Expected<'_>,
    checks: &mut Checks,
) -> Result<CredentialKey, Refused> {
    expected
        .ceremony
        .check_authenticator(data, checks)
        .map_err(Refused::Authenticator)?;
    let is_bound = !(expected.device_bound && data.has(BACKUP_ELIGIBLE));
    checks.ensure("device_bound", is_bound, Refused::NotDeviceBound)?;
    let is_id = (1..=MAX_CREDENTIAL_ID_BYTES).contains(&credential.id.len());
    checks.ensure("credential_id", is_id, Refused::InvalidCredentialId)?;
    let key = CredentialKey::from_map(&credential.key).map_err(Refused::Key);
    checks.note("credential_key", key)
}

fn facts(statement: &Statement<'_>, voucher: &Voucher<'_>, doubt: Option<Doubt>) -> Facts {
    let (data, credential) = (statement.data, statement.credential);
    let aaguid = Some(credential.aaguid).filter(|_| voucher.covers_model(statement.format));
    Facts {
        credential_id: URL_SAFE_NO_PAD.encode(credential.id),
        credential_key: URL_SAFE_NO_PAD.encode(credential.cose),
        aaguid: aaguid.map(|aaguid| hex(aaguid)),
        format: statement.format,
        sign_count: data.counter,
        user_verified: data.has(USER_VERIFIED) && voucher.knows_user(statement.format),
        backup_eligible: data.has(BACKUP_ELIGIBLE),
        backed_up: data.has(BACKED_UP),
        doubt,
        serials: voucher.serials(),
    }
}

struct Object<'a> {
    format: &'a str,
    statement: Map<'a>,
    authenticator_data: &'a [u8],
}

impl<'a> Object<'a> {
    fn read(map: &Map<'a>) -> Option<Self> {
        Some(Self {
            format: map.text_key("fmt").and_then(Value::as_text)?,
            statement: map.text_key("attStmt").and_then(Value::as_map)?.clone(),
            authenticator_data: map.text_key("authData").and_then(Value::as_bytes)?,
        })
    }
}
