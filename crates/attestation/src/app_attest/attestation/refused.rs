//! Why an attestation is refused.

use crate::path::PathError;

/// Why an attestation is refused, in the order in which the reasons are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It is said to be presented after it is judged.
    #[error("presented in the future")]
    PresentedLater,
    /// The attestation or the client data is longer than is looked at.
    #[error("the attestation is too long")]
    TooLong,
    /// Not exactly one CBOR map.
    #[error("not an attestation object in CBOR")]
    Malformed,
    /// Of another platform.
    #[error("of another format")]
    WrongFormat,
    /// The statement lacks certificates, receipt or authenticator data.
    #[error("the statement is not complete")]
    InvalidStatement,
    /// Not exactly a leaf and an intermediate certificate.
    #[error("not two certificates")]
    WrongChainLength,
    /// The certificates do not lead to Apple's root at this time.
    #[error("no path to an anchor")]
    NoPath(#[source] PathError),
    /// The leaf certificate holds no nonce, or not in the one form for it.
    #[error("the certificate holds no nonce")]
    MissingNonce,
    /// It was made over other client data.
    #[error("made over other data")]
    NonceMismatch,
    /// The Mac's system is not protected, was not started with full security, or is too old to say.
    #[error("the Mac does not keep the key for a protected system")]
    UnprotectedMac,
    /// The leaf's key is not on P-256.
    #[error("the attested key is not a P-256 key")]
    UnsupportedKey,
    /// The key's id is not standard base64 of 32 bytes, or another key's.
    #[error("the key id is another key's")]
    KeyIdMismatch,
    /// The authenticator data is not an attestation's.
    #[error("the authenticator data is not an attestation's")]
    InvalidAuthenticatorData,
    /// The authenticator data names another key.
    #[error("the authenticator data is about another key")]
    CredentialMismatch,
    /// It was made by another app.
    #[error("another app")]
    AppMismatch,
    /// The key has been used already.
    #[error("the counter is not zero")]
    CounterNotZero,
    /// From the other one of Apple's services, or from neither.
    #[error("another environment")]
    EnvironmentMismatch,
    /// The extensions hold something else than they should.
    #[error("the extensions cannot be read")]
    InvalidExtensions,
    /// The app came onto the device in a way that is not accepted.
    #[error("the app is of another validation category")]
    CategoryMismatch,
}
