//! Apple's receipt: what its servers say of a key, with a risk metric once it was renewed.

use crate::{
    appraisal::{Appraisal, Checks},
    certificate::Certificate,
    cms::SignedData,
    der::{self, Malformed, Reader, Tag},
    jws::PublicKey,
    path::{Anchors, PathError},
};
use countersign_core::{Timestamp, attestation::AttestationEnvironment};
use serde::{
    Deserialize, Serialize,
    de::{IntoDeserializer, value::Error},
};
use std::time::Duration;

/// The longest receipt that is looked at; they have about 4 kB.
pub const MAX_RECEIPT_BYTES: usize = 16 * 1024;

/// What a receipt must be of.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// The team id, a full stop and the bundle id.
    pub app_id: &'a str,
    /// Which of Apple's services the app talks to.
    pub environment: AttestationEnvironment,
    /// The key that was attested.
    pub key: &'a PublicKey,
    /// How long ago it may have been made; Apple asks for five minutes where it comes from a
    /// device.
    pub max_age: Duration,
    /// When it was presented: the certificates have to be valid, and the receipt fresh, then.
    pub presented_at: Timestamp,
    /// The time now, not before that. Apple takes nothing back.
    pub now: Timestamp,
}

/// What an accepted receipt says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Verdict {
    /// Whether it came with an attestation or was renewed.
    pub kind: Kind,
    /// Which of Apple's services made it.
    pub environment: AttestationEnvironment,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when Apple renews it; absent in those that come with an attestation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub renew_from: Option<Timestamp>,
    /// Until when Apple renews it.
    pub expires_at: Timestamp,
    /// Roughly how many keys the app made on the device lately; absent before the first renewal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub risk_metric: Option<u32>,
}

/// What a receipt is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// It came with an attestation.
    Attest,
    /// Apple's server gave it in exchange for an older one.
    Receipt,
}

/// Why a receipt is refused, in the order in which the reasons are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It is said to be presented after it is judged.
    #[error("presented in the future")]
    PresentedLater,
    /// Longer than [`MAX_RECEIPT_BYTES`].
    #[error("the receipt is too long")]
    TooLong,
    /// Not signed data of one signer.
    #[error("not signed data")]
    Malformed,
    /// The certificates do not lead to Apple's root at this time.
    #[error("no path to an anchor")]
    NoPath(#[source] PathError),
    /// Apple certified the signer, but not for receipts.
    #[error("the signer is not one of receipts")]
    WrongSigner,
    /// The signature is wrong.
    #[error("the signature is wrong")]
    BadSignature,
    /// A field is missing, twice there, or cannot be read.
    #[error("the fields are not those of a receipt")]
    InvalidFields,
    /// About another app.
    #[error("another app")]
    AppMismatch,
    /// From the other one of Apple's services.
    #[error("another environment")]
    EnvironmentMismatch,
    /// About another key.
    #[error("another key")]
    KeyMismatch,
    /// Made longer ago than asked for.
    #[error("the receipt is too old")]
    TooOld,
    /// Made in the future.
    #[error("the receipt is from the future")]
    TooNew,
}

/// Judges a receipt under Apple's general root (Apple Root CA G3).
pub fn appraise(
    receipt: &[u8],
    expected: &Expected<'_>,
    anchors: &Anchors,
) -> Appraisal<Verdict, Refused> {
    let mut checks = Checks::default();
    let outcome = judge(receipt, expected, anchors, &mut checks);
    checks.end(outcome)
}

fn judge(
    receipt: &[u8],
    expected: &Expected<'_>,
    anchors: &Anchors,
    checks: &mut Checks,
) -> Result<Verdict, Refused> {
    checks.ensure_presented(expected.presented_at, expected.now, Refused::PresentedLater)?;
    let is_short = receipt.len() <= MAX_RECEIPT_BYTES;
    checks.ensure("length", is_short, Refused::TooLong)?;
    let data = SignedData::parse(receipt).map_err(|_| Refused::Malformed);
    let data = checks.note("signed_data", data)?;
    let path = anchors
        .verify(&data.path(), expected.presented_at)
        .map_err(Refused::NoPath);
    checks.note("certificate_path", path)?;
    // Under the same root are the certificates of every developer's Apple Pay.
    let is_signer = data.signer.extension(RECEIPT_SIGNER).is_some();
    checks.ensure("signer", is_signer, Refused::WrongSigner)?;
    checks.ensure("signature", data.is_signed(), Refused::BadSignature)?;

    let fields = Fields::read(&data.content).map_err(|_| Refused::InvalidFields);
    let fields = checks.note("fields", fields)?;
    let is_app = fields.app_id == expected.app_id.as_bytes();
    checks.ensure("app", is_app, Refused::AppMismatch)?;
    let is_environment = fields.verdict.environment == expected.environment;
    checks.ensure("environment", is_environment, Refused::EnvironmentMismatch)?;
    let is_key = fields.key.key.bits == expected.key.point();
    checks.ensure("key", is_key, Refused::KeyMismatch)?;
    let created_at = fields.verdict.created_at;
    let is_fresh = created_at >= expected.presented_at.minus(expected.max_age);
    checks.ensure("age", is_fresh, Refused::TooOld)?;
    let is_past = created_at <= expected.presented_at.plus(CLOCK_SKEW);
    checks.ensure("time", is_past, Refused::TooNew)?;
    Ok(fields.verdict)
}

/// How far the clocks of Apple's servers may be ahead.
const CLOCK_SKEW: Duration = Duration::from_mins(1);

/// 1.2.840.113635.100.12.15, in certificates that sign receipts.
const RECEIPT_SIGNER: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x63, 0x64, 0x0c, 0x0f];

struct Fields<'a> {
    app_id: &'a [u8],
    key: Certificate<'a>,
    verdict: Verdict,
}

impl<'a> Fields<'a> {
    fn read(content: &'a [u8]) -> Result<Self, Malformed> {
        let fields = read_fields(content)?;
        let find = |kind| fields.iter().find(|(found, _)| *found == kind);
        let get = |kind| find(kind).map(|(_, value)| *value).ok_or(Malformed);
        let time = |kind| get(kind).and_then(time);
        let metric = |value: &[u8]| text(value)?.parse().map_err(|_| Malformed);
        let kind = match get(6)? {
            b"ATTEST" => Kind::Attest,
            b"RECEIPT" => Kind::Receipt,
            _ => return Err(Malformed),
        };
        let environment = match get(7)? {
            b"production" => AttestationEnvironment::Production,
            b"sandbox" => AttestationEnvironment::Development,
            _ => return Err(Malformed),
        };
        Ok(Self {
            app_id: get(2)?,
            key: Certificate::parse(get(3)?).map_err(|_| Malformed)?,
            verdict: Verdict {
                kind,
                environment,
                created_at: time(12)?,
                renew_from: find(19).map(|_| time(19)).transpose()?,
                expires_at: time(21)?,
                risk_metric: find(17).map(|(_, value)| metric(value)).transpose()?,
            },
        })
    }
}

/// A set of sequences of kind, version and value; kinds that are not known are passed over.
fn read_fields(content: &[u8]) -> Result<Vec<(u64, &[u8])>, Malformed> {
    let mut fields: Vec<(u64, &[u8])> = Vec::new();
    for field in der::open_only(content, Tag::SET)? {
        let mut parts = Reader::new(field?.raw).open(Tag::SEQUENCE)?;
        let kind = der::number(parts.content(Tag::INTEGER)?).ok_or(Malformed)?;
        parts.content(Tag::INTEGER)?;
        let value = parts.content(Tag::OCTET_STRING)?;
        parts.end()?;
        let is_known = fields.iter().any(|(found, _)| *found == kind);
        if is_known || fields.len() >= MAX_FIELDS {
            return Err(Malformed);
        }
        fields.push((kind, value));
    }
    Ok(fields)
}

/// Finding one that is twice there is quadratic.
const MAX_FIELDS: usize = 64;

fn text(value: &[u8]) -> Result<&str, Malformed> {
    str::from_utf8(value).map_err(|_| Malformed)
}

fn time(value: &[u8]) -> Result<Timestamp, Malformed> {
    let text: serde::de::value::StrDeserializer<'_, Error> = text(value)?.into_deserializer();
    Timestamp::deserialize(text).map_err(|_| Malformed)
}
