//! Why a proof is refused.

use super::nonce::NonceError;
use crate::jws::{CompactError, RawJwkError};
use countersign_core::decision::Refusal;

/// Why a proof is refused, in the order in which the reasons are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// Longer than [`MAX_PROOF_BYTES`](super::MAX_PROOF_BYTES).
    #[error("the proof is too long")]
    TooLong,
    /// Not exactly three parts of unpadded, canonical base64url.
    #[error("the proof is not a compact JWS")]
    NotCompact,
    /// The header is not a JSON object with each member once and of the right type.
    #[error("the header is not a JSON object of a proof")]
    InvalidHeader,
    /// `typ` is not `dpop+jwt`.
    #[error("not a proof by its type")]
    WrongType,
    /// `alg` is not `ES256`.
    #[error("not signed with ES256")]
    WrongAlgorithm,
    /// The header demands extensions (`crit`, `b64`).
    #[error("the header demands an extension")]
    UnsupportedExtension,
    /// No `jwk` in the header.
    #[error("the header holds no key")]
    MissingKey,
    /// The `jwk` holds a private member.
    #[error("the header holds a private key")]
    PrivateKey,
    /// The `jwk` is not an EC key on P-256.
    #[error("the key is not a P-256 key")]
    UnsupportedKey,
    /// The coordinates are missing, not 32 canonical bytes each, or not a point of the curve.
    #[error("the key is not a point of P-256")]
    InvalidKey,
    /// The claims are not a JSON object with `jti`, `htm`, `htu` and `iat`, each once.
    #[error("the claims are not those of a proof")]
    InvalidClaims,
    /// `jti` is empty or longer than 256 characters.
    #[error("the proof's id is empty or too long")]
    InvalidJti,
    /// `htm` is another method.
    #[error("the proof is for another method")]
    MethodMismatch,
    /// `htu` is another URL, or none.
    #[error("the proof is for another URL")]
    UrlMismatch,
    /// A token came with the proof, and the proof has no `ath`.
    #[error("the proof names no access token")]
    MissingTokenHash,
    /// `ath` is another token's.
    #[error("the proof is for another access token")]
    TokenHashMismatch,
    /// `nonce` is not one to be accepted now.
    #[error("the nonce is not usable")]
    UnusableNonce(#[source] NonceError),
    /// `iat` is before the window.
    #[error("the proof is too old")]
    TooOld,
    /// `iat` is after the window.
    #[error("the proof is from the future")]
    TooNew,
    /// Another key than the expected one. The signature was not checked: this does not show that
    /// anybody holds that other key.
    #[error("the proof is by another key")]
    KeyMismatch,
    /// The signature is wrong.
    #[error("the signature is wrong")]
    BadSignature,
}

impl ProofError {
    /// What the backend is told.
    pub const fn refusal(&self) -> Refusal {
        match self {
            Self::MethodMismatch
            | Self::UrlMismatch
            | Self::MissingTokenHash
            | Self::TokenHashMismatch => Refusal::ProofMismatch,
            Self::UnusableNonce(_) => Refusal::UseDpopNonce,
            Self::TooOld | Self::TooNew => Refusal::ProofExpired,
            Self::KeyMismatch => Refusal::KeyMismatch,
            Self::TooLong
            | Self::NotCompact
            | Self::InvalidHeader
            | Self::WrongType
            | Self::WrongAlgorithm
            | Self::UnsupportedExtension
            | Self::MissingKey
            | Self::PrivateKey
            | Self::UnsupportedKey
            | Self::InvalidKey
            | Self::InvalidClaims
            | Self::InvalidJti
            | Self::BadSignature => Refusal::ProofInvalid,
        }
    }
}

impl From<CompactError> for ProofError {
    fn from(error: CompactError) -> Self {
        match error {
            CompactError::TooLong => Self::TooLong,
            CompactError::NotCompact => Self::NotCompact,
        }
    }
}

impl From<RawJwkError> for ProofError {
    fn from(error: RawJwkError) -> Self {
        match error {
            RawJwkError::Private => Self::PrivateKey,
            RawJwkError::Unsupported => Self::UnsupportedKey,
            RawJwkError::Invalid => Self::InvalidKey,
        }
    }
}
