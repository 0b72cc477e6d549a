//! Posture reports: what a device says of itself, signed with its own key.
//!
//! A signature shows who says it and that nobody else changed it, never that it is so. Reports have a
//! `typ` of their own (RFC 8725 section 3.11), so that neither a report is taken for a proof of
//! possession or an assertion nor one of these for a report.

use crate::jws::{
    Compact, KeyHeader, Object, PublicKey, SigningFailed, SigningKey, read_object, sign as sign_jws,
};
use countersign_core::{
    DeviceId, Thumbprint, Timestamp,
    compliance::{
        posture::{DiskEncryption, Posture, PostureSource},
        version::OsFamily,
    },
    text,
};
use serde::{Deserialize, Serialize};

/// `typ` of a posture report.
pub const TYP: &str = "countersign-posture+jws";

/// The longest report that is looked at; they have about 700 bytes.
pub const MAX_REPORT_BYTES: usize = 8 * 1024;

/// The most characters that a text of a report may have.
pub const MAX_TEXT_CHARS: usize = 64;

/// What a device reports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The device that it is about.
    pub device_id: DeviceId,
    /// The device's generation, from 1.
    pub generation: i64,
    /// Greater than that of every report before it, from 0; gaps are allowed.
    pub counter: i64,
    /// When it was gathered, by the device's own clock.
    pub collected_at: Timestamp,
    /// What the device says of itself.
    pub posture: Said,
}

/// What a device says of itself; what is absent is unknown.
///
/// Each text has at most [`MAX_TEXT_CHARS`] characters, none of them a control character. Members that
/// nobody here knows are passed over, as an app may be newer than its service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// As [`Posture::os_family`].
    pub os_family: OsFamily,
    /// As [`Posture::os_version`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub os_version: Option<String>,
    /// As [`Posture::kernel`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kernel: Option<String>,
    /// As [`Posture::patch_level`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub patch_level: Option<String>,
    /// As [`Posture::system_encryption`].
    #[serde(default)]
    pub system_encryption: DiskEncryption,
    /// As [`Posture::all_encryption`].
    #[serde(default)]
    pub all_encryption: DiskEncryption,
    /// As [`Posture::screen_lock`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub screen_lock: Option<bool>,
    /// As [`Posture::app_version`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app_version: Option<String>,
}

/// A report that its key signed.
///
/// Whether the key and the generation are the device's, and the counter a new one, is for the caller
/// to see.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verified {
    /// The key that signed it.
    pub jkt: Thumbprint,
    /// What it signed.
    pub report: Report,
}

/// Why a report is refused, in the order in which the reasons are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PostureReportError {
    /// Longer than is looked at, another kind of signed text, without a usable public key, or with
    /// claims that are missing or beyond their limits.
    #[error("not a posture report")]
    Malformed,
    /// The signature is not by the key, or over other data.
    #[error("the signature is wrong")]
    Signature,
}

/// Why a report cannot be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CreateReportError {
    /// A number or text is beyond its limits, so that nobody would take the report.
    #[error("a number or text of the report is beyond its limits")]
    OutOfRange,
    /// The key could not sign.
    #[error(transparent)]
    Signing(#[from] SigningFailed),
}

/// Makes and signs a report.
///
/// # Errors
/// [`CreateReportError`] says why there is none.
pub fn create(key: &SigningKey, report: &Report) -> Result<String, CreateReportError> {
    if !report.is_in_range() {
        return Err(CreateReportError::OutOfRange);
    }
    let header = serde_json::json!({ "typ": TYP, "alg": "ES256", "jwk": key.jwk() });
    Ok(sign_jws(key, &header, report)?)
}

/// Checks a report's form and its signature by the key that it brings.
///
/// # Errors
/// The first reason in the order of [`PostureReportError`]'s variants.
pub fn verify(jws: &str) -> Result<Verified, PostureReportError> {
    let (jws, key, report) = read(jws).ok_or(PostureReportError::Malformed)?;
    let is_signed = jws
        .signature
        .is_some_and(|signature| key.is_signed(jws.signing_input.as_bytes(), &signature));
    if !is_signed {
        return Err(PostureReportError::Signature);
    }
    let jkt = key.thumbprint();
    Ok(Verified { jkt, report })
}

impl Report {
    /// What it says, as it is kept: by whose word, and when it came in.
    pub fn into_posture(self, source: PostureSource, received_at: Timestamp) -> Posture {
        let said = self.posture;
        Posture {
            os_family: said.os_family,
            os_version: said.os_version,
            kernel: said.kernel,
            patch_level: said.patch_level,
            system_encryption: said.system_encryption,
            all_encryption: said.all_encryption,
            screen_lock: said.screen_lock,
            app_version: said.app_version,
            source,
            collected_at: Some(self.collected_at),
            received_at,
        }
    }

    fn is_in_range(&self) -> bool {
        let said = &self.posture;
        let texts = [
            &said.os_version,
            &said.kernel,
            &said.patch_level,
            &said.app_version,
        ];
        // An empty text is what some systems have for a version that they do not tell.
        let is_fit = |text: &String| text.is_empty() || text::check(text, MAX_TEXT_CHARS).is_ok();
        self.generation >= 1 && self.counter >= 0 && texts.into_iter().flatten().all(is_fit)
    }
}

#[derive(Deserialize)]
struct Claims {
    device_id: DeviceId,
    generation: i64,
    counter: i64,
    collected_at: Timestamp,
    posture: Object<Said>,
}

/// Everything but the signature, which is checked last as it costs the most.
fn read(jws: &str) -> Option<(Compact<'_>, PublicKey, Report)> {
    let jws = Compact::parse(jws, MAX_REPORT_BYTES).ok()?;
    let header: KeyHeader<'_> = read_object(&jws.header)?;
    let is_kind = header.is_of_type(TYP) && header.is_es256() && !header.is_extended();
    let key = header.key().filter(|_| is_kind)?;
    let claims: Claims = read_object(&jws.payload)?;
    let Object(posture) = claims.posture;
    let report = Report {
        device_id: claims.device_id,
        generation: claims.generation,
        counter: claims.counter,
        collected_at: claims.collected_at,
        posture,
    };
    report.is_in_range().then_some(())?;
    Some((jws, key, report))
}
