//! What comes with a new key.

mod refused;

pub use refused::Refused;

use super::{Extensions, leaf, nonce};
use crate::{
    appraisal::{Appraisal, Checks},
    authenticator_data::{AuthenticatorData, Credential},
    cbor::{self, Value},
    certificate::{Certificate, Curve, KeyAlgorithm},
    cose::CredentialKey,
    jws::PublicKey,
    path::{Anchors, PathError},
};
use aws_lc_rs::{
    constant_time::verify_slices_are_equal,
    digest::{SHA256, digest},
};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use countersign_core::{
    Timestamp,
    attestation::{AttestationEnvironment, AttestationLevel},
};
use serde::{Deserialize, Serialize};

/// The longest attestation that is looked at; they have about 6 kB.
pub const MAX_ATTESTATION_BYTES: usize = 32 * 1024;

/// The longest client data that is looked at.
pub const MAX_CLIENT_DATA_BYTES: usize = 64 * 1024;

/// An attestation and what it is made over.
#[derive(Debug, Clone, Copy)]
pub struct Evidence<'a> {
    /// The CBOR map that `attestKey` returns.
    pub attestation: &'a [u8],
    /// The key's id as the app has it: standard base64 of 32 bytes.
    pub key_id: &'a str,
    /// What the app had hashed, as it is.
    pub client_data: &'a [u8],
}

/// What an attestation must be of.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// The team id, a full stop and the bundle id; on macOS the code's signing identifier.
    pub app_id: &'a str,
    /// Which kind of system the app is for, as it is configured and never by the device's word: of
    /// macOS more is demanded, and a Mac that says it is something else is not found out.
    pub platform: Platform,
    /// Which of Apple's services the app talks to; the other one's attestations are refused.
    pub environment: AttestationEnvironment,
    /// In which ways the app may have come onto the device
    /// ([`Extensions::validation_category`]), where the system tells; `None` for every way.
    pub validation_categories: Option<&'a [u32]>,
    /// When it was presented: the certificates have to be valid then, of which some are for days.
    pub presented_at: Timestamp,
    /// The time now, not before that. Apple takes nothing back.
    pub now: Timestamp,
}

/// Which kind of system an app runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Platform {
    /// iOS and those that came from it: its keys are kept for the app by a system that cannot be
    /// exchanged.
    Ios,
    /// macOS, from version 27: its key has to say that it is kept only while the system is protected
    /// and was started with full security.
    #[serde(rename = "macos")]
    MacOs,
}

/// What an accepted attestation shows. That the client data is right, and that nobody else has the
/// key, is for the caller to see.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Verdict {
    /// Always [`AttestationLevel::App`]: the key vouches for data, the device's key among it.
    pub level: AttestationLevel,
    /// As expected.
    pub environment: AttestationEnvironment,
    /// The attested key, whose assertions are to be judged with it.
    pub key: PublicKey,
    /// What to keep.
    pub facts: Facts,
}

/// What an attestation says that is worth keeping.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Facts {
    /// The key's id, standard base64; one key may be known once.
    pub key_id: String,
    /// The key as an uncompressed point, unpadded base64url: its assertions are checked with it.
    #[serde(default)]
    pub public_key: String,
    /// As expected.
    pub app_id: String,
    /// As expected.
    pub platform: Platform,
    /// What the operating system says of the app.
    #[serde(flatten)]
    pub extensions: Extensions,
    /// The leaf certificate's serial number, hexadecimal.
    pub serial: String,
    /// When Apple certified the key.
    pub certified_at: Option<Timestamp>,
    /// The version of the operating system, if it is told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub system_version: Option<String>,
    /// What the certificate says of who may use the key, unpadded base64url; looked at on macOS only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_control: Option<String>,
    /// Apple's receipt as it came, unpadded base64url; not looked at.
    pub receipt: String,
}

/// Judges an attestation under Apple's root for App Attest.
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
    let object = read(evidence, checks)?;
    let path = verify_path(&object.certificates, expected.presented_at, anchors);
    checks.note("certificate_path", path)?;
    let [leaf, _] = &object.certificates;
    check_nonce(leaf, &object, evidence.client_data, checks)?;
    let is_protected = expected.platform != Platform::MacOs || leaf::is_full_security(leaf);
    checks.ensure("full_security", is_protected, Refused::UnprotectedMac)?;
    let (data, key) = check_key(leaf, &object, evidence.key_id, checks)?;

    let app = digest(&SHA256, expected.app_id.as_bytes());
    let is_app = data.rp_id_hash.as_slice() == app.as_ref();
    checks.ensure("app", is_app, Refused::AppMismatch)?;
    checks.ensure("counter", data.counter == 0, Refused::CounterNotZero)?;
    let aaguid = data.credential.as_ref().map(|found| found.aaguid);
    let is_environment = aaguid == Some(aaguid_of(expected.environment));
    checks.ensure("environment", is_environment, Refused::EnvironmentMismatch)?;
    let extensions = Extensions::read(data.extensions.as_ref()).ok_or(Refused::InvalidExtensions);
    let extensions = checks.note("extensions", extensions)?;
    let is_category = extensions.are_of(expected.validation_categories);
    checks.ensure(
        "validation_category",
        is_category,
        Refused::CategoryMismatch,
    )?;
    Ok(Verdict {
        level: AttestationLevel::App,
        environment: expected.environment,
        facts: Facts {
            key_id: evidence.key_id.to_owned(),
            public_key: URL_SAFE_NO_PAD.encode(key.point()),
            app_id: expected.app_id.to_owned(),
            platform: expected.platform,
            extensions,
            serial: leaf.serial_hex(),
            certified_at: leaf.not_before,
            system_version: leaf::system_version(leaf),
            access_control: leaf::access_control(leaf).map(|blob| URL_SAFE_NO_PAD.encode(blob)),
            receipt: URL_SAFE_NO_PAD.encode(object.receipt),
        },
        key,
    })
}

struct Object<'a> {
    /// The leaf, and its issuer.
    certificates: [Certificate<'a>; 2],
    receipt: &'a [u8],
    authenticator_data: &'a [u8],
}

fn read<'a>(evidence: &Evidence<'a>, checks: &mut Checks) -> Result<Object<'a>, Refused> {
    let is_short = evidence.attestation.len() <= MAX_ATTESTATION_BYTES
        && evidence.client_data.len() <= MAX_CLIENT_DATA_BYTES;
    checks.ensure("length", is_short, Refused::TooLong)?;
    let map = cbor::read_map(evidence.attestation).map_err(|_| Refused::Malformed);
    let map = checks.note("attestation_object", map)?;
    let format = map.text_key("fmt").and_then(Value::as_text);
    let is_format = format == Some("apple-appattest");
    checks.ensure("format", is_format, Refused::WrongFormat)?;
    let statement = map.text_key("attStmt").and_then(Value::as_map);
    let parts = statement.and_then(|statement| {
        let certificates = statement.text_key("x5c")?.as_array_of_bytes()?;
        let receipt = statement.text_key("receipt")?.as_bytes()?;
        Some((certificates, receipt, map.text_key("authData")?.as_bytes()?))
    });
    let parts = checks.note("statement", parts.ok_or(Refused::InvalidStatement));
    let (certificates, receipt, authenticator_data) = parts?;
    let pair = certificates.as_array().ok_or(Refused::WrongChainLength);
    let [leaf, intermediate] = checks.note("chain_length", pair)?;
    let read = |der| Certificate::parse(der).map_err(|_| Refused::NoPath(PathError::Malformed));
    let certificates = read(leaf).and_then(|leaf| Ok([leaf, read(intermediate)?]));
    Ok(Object {
        certificates: checks.note("certificates", certificates)?,
        receipt,
        authenticator_data,
    })
}

/// No use of the key (`extKeyUsage`) is demanded: leaves until 2025 name none, later ones one of
/// Apple's own.
fn verify_path(
    certificates: &[Certificate<'_>],
    at: Timestamp,
    anchors: &Anchors,
) -> Result<(), Refused> {
    let needed = anchors.verify(certificates, at).map_err(Refused::NoPath)?;
    if needed == 1 {
        Ok(())
    } else {
        Err(Refused::NoPath(PathError::Untrusted))
    }
}

fn check_nonce(
    leaf: &Certificate<'_>,
    object: &Object<'_>,
    client_data: &[u8],
    checks: &mut Checks,
) -> Result<(), Refused> {
    let found = leaf::nonce(leaf).ok_or(Refused::MissingNonce);
    let found = checks.note("nonce_extension", found)?;
    let expected = nonce(object.authenticator_data, client_data);
    let equal = verify_slices_are_equal(found, &expected).map_err(|_| Refused::NonceMismatch);
    checks.note("nonce", equal)
}

/// The leaf's key, the id that the app sent, and both places of the authenticator data are about
/// one key.
fn check_key<'a>(
    leaf: &Certificate<'_>,
    object: &Object<'a>,
    key_id: &str,
    checks: &mut Checks,
) -> Result<(AuthenticatorData<'a>, PublicKey), Refused> {
    let point = leaf.key.bits;
    let is_p256 = leaf.key.algorithm == KeyAlgorithm::Ec(Curve::P256) && point.len() == 65;
    let key = Some(point).filter(|_| is_p256);
    let key = key.and_then(|point| PublicKey::from_point(point).ok());
    let key = checks.note("attested_key", key.ok_or(Refused::UnsupportedKey))?;
    let id = digest(&SHA256, point);
    let is_id = STANDARD
        .decode(key_id)
        .is_ok_and(|sent| sent == id.as_ref());
    checks.ensure("key_id", is_id, Refused::KeyIdMismatch)?;
    let data = AuthenticatorData::with_credential(object.authenticator_data)
        .map_err(|_| Refused::InvalidAuthenticatorData);
    let data = checks.note("authenticator_data", data)?;
    let is_about = data.credential.as_ref().is_some_and(|credential| {
        credential.id == id.as_ref() && point_of(credential).as_deref() == Some(point)
    });
    checks.ensure("credential", is_about, Refused::CredentialMismatch)?;
    Ok((data, key))
}

fn point_of(credential: &Credential<'_>) -> Option<Vec<u8>> {
    let key = CredentialKey::from_map(&credential.key).ok()?;
    key.p256().and(key.point())
}

/// All 16 bytes count: the two begin alike.
const fn aaguid_of(environment: AttestationEnvironment) -> &'static [u8; 16] {
    match environment {
        AttestationEnvironment::Production => b"appattest\0\0\0\0\0\0\0",
        AttestationEnvironment::Development => b"appattestdevelop",
    }
}
