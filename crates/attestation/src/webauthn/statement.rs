//! Who vouches for an authenticator (sections 6.5 and 8).

mod android_key;
mod apple;
mod certificates;
mod fido_u2f;
mod packed;
mod tpm;

pub use android_key::AndroidKeys;

use crate::{
    android_key::{Chain, key_description::KeyDescription},
    appraisal::Checks,
    authenticator_data::{AuthenticatorData, Credential},
    cbor::{Map, Value},
    certificate::{Certificate, Hash, SignatureAlgorithm},
    cose::CredentialKey,
    path::{self, PathError},
};
use countersign_core::{Timestamp, attestation::AttestationLevel};
use serde::{Deserialize, Serialize};

/// The most certificates that a statement may bring along.
const MAX_CERTIFICATES: usize = 8;

/// Who is believed when vouching for authenticators, for each format apart.
///
/// Whoever may have an Android device certify a key can sign a `packed` statement by that key; so
/// no format's anchors serve another. Those of makers are not shipped here, only Google's for Android
/// ([`Roots::google`](crate::android_key::Roots::google)).
#[derive(Debug, Clone)]
pub struct Anchors {
    /// For `packed` and `fido-u2f`: the roots of makers of authenticators.
    pub authenticators: path::Anchors,
    /// For `tpm`: the roots of makers of TPMs.
    pub tpm: path::Anchors,
    /// For `apple`: Apple's root for `WebAuthn`.
    pub apple: path::Anchors,
    /// For `android-key`: Google's hardware attestation roots, and what goes with them.
    pub android_key: AndroidKeys,
}

/// In which form somebody vouches for an authenticator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// Nobody does.
    None,
    /// Its maker, or only the credential itself.
    Packed,
    /// The maker of the TPM that keeps the credential.
    Tpm,
    /// Android's secure hardware.
    AndroidKey,
    /// Apple.
    Apple,
    /// The maker of a key of the older kind.
    FidoU2f,
}

/// Why a statement is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StatementError {
    /// A member is missing, or cannot be read.
    #[error("the statement cannot be read")]
    Malformed,
    /// Signed by an algorithm that is not spoken here, or by another than it says.
    #[error("of an unknown or another algorithm")]
    WrongAlgorithm,
    /// A certificate cannot be read.
    #[error("a certificate cannot be read")]
    InvalidCertificate,
    /// The certificate is not one for what it is used for (sections 8.2.1 and 8.3.1).
    #[error("the certificate is not one for attestation")]
    UnsuitableCertificate,
    /// The certificate is for another model of authenticator.
    #[error("the certificate is for another model")]
    ModelMismatch,
    /// The statement is about another key than the credential's.
    #[error("the statement is about another key")]
    KeyMismatch,
    /// The statement was made over other data.
    #[error("the statement is about other data")]
    DataMismatch,
    /// The key was not made where it is kept, or is for something else.
    #[error("the key is of another kind")]
    UnsuitableKey,
    /// The signature is wrong.
    #[error("the signature is wrong")]
    BadSignature,
}

/// Why a statement that holds vouches for no more than a key in software.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Doubt {
    /// The key is in software by its own account, or not in such hardware as is demanded.
    SoftwareKey,
    /// Android: there is no list to look the certificates up in, or it is too old.
    NoStatusList,
    /// Android: the device is unlocked, or started another system than one that is believed.
    UnverifiedBoot,
    /// Android: the app that asked is not one of those that are known.
    UnknownApp,
    /// Android: the hardware does not say that the key was made there, only to sign.
    KeyUse,
    /// TPM: the key was not made there, or may leave.
    MovableKey,
}

/// Who was found to vouch for an authenticator; whether that counts depends on the anchors.
#[derive(Debug)]
pub(super) enum Voucher<'a> {
    Nobody,
    Chain {
        kind: Kind,
        /// The leaf first.
        certificates: Vec<Certificate<'a>>,
        doubt: Option<Doubt>,
    },
    Android {
        chain: Chain<'a>,
        description: KeyDescription<'a>,
    },
}

/// Whose certificates they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Authenticator,
    Tpm,
    Apple,
}

/// A statement, and everything that it may be about.
#[derive(Debug)]
pub(super) struct Statement<'a> {
    pub(super) format: Format,
    pub(super) members: &'a Map<'a>,
    pub(super) authenticator_data: &'a [u8],
    pub(super) client_data_hash: &'a [u8; 32],
    pub(super) data: &'a AuthenticatorData<'a>,
    pub(super) credential: &'a Credential<'a>,
    pub(super) key: &'a CredentialKey,
}

impl<'a> Statement<'a> {
    pub(super) fn verify(&self, checks: &mut Checks) -> Result<Voucher<'a>, StatementError> {
        match self.format {
            Format::None => {
                let is_empty = self.members.len() == 0;
                checks.ensure("statement", is_empty, StatementError::Malformed)?;
                Ok(Voucher::Nobody)
            }
            Format::Packed => packed::verify(self, checks),
            Format::Tpm => tpm::verify(self, checks),
            Format::AndroidKey => android_key::verify(self, checks),
            Format::Apple => apple::verify(self, checks),
            Format::FidoU2f => fido_u2f::verify(self, checks),
        }
    }

    /// What most statements sign.
    fn signed(&self) -> Vec<u8> {
        [self.authenticator_data, self.client_data_hash].concat()
    }

    fn number(&self, member: &str) -> Result<i128, StatementError> {
        let found = self.members.text_key(member).and_then(Value::as_number);
        found.ok_or(StatementError::Malformed)
    }

    fn bytes(&self, member: &str) -> Result<&'a [u8], StatementError> {
        let found = self.members.text_key(member).and_then(Value::as_bytes);
        found.ok_or(StatementError::Malformed)
    }

    /// `x5c`: the leaf, and whatever else came along; where the path ends is said with the path.
    fn certificates(
        &self,
        checks: &mut Checks,
    ) -> Result<(Certificate<'a>, Vec<Certificate<'a>>), StatementError> {
        let found = self.members.text_key("x5c");
        let found = found.and_then(Value::as_array_of_bytes);
        let found = found.filter(|found| (1..=MAX_CERTIFICATES).contains(&found.len()));
        let found = checks.note("x5c", found.ok_or(StatementError::Malformed))?;
        let read: Result<Vec<_>, _> = found.into_iter().map(Certificate::parse).collect();
        let read = read.map_err(|_| StatementError::InvalidCertificate);
        let read = checks.note("certificates", read)?;
        let leaf = read.first().cloned().ok_or(StatementError::Malformed)?;
        Ok((leaf, read))
    }
}

impl Voucher<'_> {
    /// What it vouches for, given what speaks against it.
    pub(super) const fn level(&self, doubt: Option<Doubt>) -> AttestationLevel {
        match (self, doubt) {
            (Self::Nobody, _) | (_, Some(_)) => AttestationLevel::Software,
            _ => AttestationLevel::Authenticator,
        }
    }

    /// Whether the authenticator's word that it knew the user counts: keys of the older kind know of
    /// no users, and on Android the keystore has to know of them too.
    pub(super) fn knows_user(&self, format: Format) -> bool {
        match self {
            Self::Android { description, .. } => android_key::knows_user(description),
            _ => format != Format::FidoU2f,
        }
    }

    /// Whether the maker's word covers the model of authenticator. Elsewhere whoever passes a
    /// statement on could have written any there.
    pub(super) fn covers_model(&self, format: Format) -> bool {
        format == Format::Packed && matches!(self, Self::Chain { .. })
    }

    pub(super) fn serials(&self) -> Vec<String> {
        match self {
            Self::Nobody => Vec::new(),
            Self::Chain { certificates, .. } => {
                certificates.iter().map(Certificate::serial_hex).collect()
            }
            Self::Android { chain, .. } => chain.serials(),
        }
    }
}

impl Anchors {
    /// No anchors: only what nobody vouches for is accepted.
    pub fn none() -> Self {
        Self {
            authenticators: path::Anchors::default(),
            tpm: path::Anchors::default(),
            apple: path::Anchors::default(),
            android_key: AndroidKeys::none(),
        }
    }

    /// Judges who vouches as of a time, and says what speaks against it as far as is known `now`.
    pub(super) fn verify(
        &self,
        voucher: &Voucher<'_>,
        at: Timestamp,
        now: Timestamp,
    ) -> Result<Option<Doubt>, PathError> {
        let (kind, certificates, doubt) = match voucher {
            Voucher::Nobody => return Ok(None),
            Voucher::Android { chain, description } => {
                return self.android_key.judge(chain, description, at, now);
            }
            Voucher::Chain {
                kind,
                certificates,
                doubt,
            } => (kind, certificates, doubt),
        };
        let anchors = match kind {
            Kind::Authenticator => &self.authenticators,
            Kind::Tpm => &self.tpm,
            Kind::Apple => &self.apple,
        };
        anchors.verify(certificates, at).map(|_| *doubt)
    }
}

impl Format {
    pub(super) fn of(text: &str) -> Option<Self> {
        Some(match text {
            "none" => Self::None,
            "packed" => Self::Packed,
            "tpm" => Self::Tpm,
            "android-key" => Self::AndroidKey,
            "apple" => Self::Apple,
            "fido-u2f" => Self::FidoU2f,
            _ => return None,
        })
    }
}

/// How a certificate's key signs by a COSE algorithm.
fn signature_algorithm(cose: i128) -> Result<SignatureAlgorithm, StatementError> {
    Ok(match cose {
        -7 | -9 => SignatureAlgorithm::Ecdsa(Hash::Sha256),
        -35 | -51 => SignatureAlgorithm::Ecdsa(Hash::Sha384),
        -36 | -52 => SignatureAlgorithm::Ecdsa(Hash::Sha512),
        -257 => SignatureAlgorithm::RsaPkcs1(Hash::Sha256),
        -258 => SignatureAlgorithm::RsaPkcs1(Hash::Sha384),
        -259 => SignatureAlgorithm::RsaPkcs1(Hash::Sha512),
        _ => return Err(StatementError::WrongAlgorithm),
    })
}
