//! Proof of possession by signed requests: `DPoP` (RFC 9449), ES256 only.
//!
//! [`verify`] judges one proof, and [`appraise()`] tells its checks too; [`NonceKeys`] make and check server nonces; [`ReplayCache`]
//! decides whether a verified proof is used for the first time. [`create()`] is the device's side.
//!
//! What is left to an attacker who can read a proof before its request arrives: to be first with
//! it, for the same method, URL and token, while it is fresh. A proof does not cover a body.

mod appraise;
mod create;
mod error;
mod htu;
mod nonce;
mod proof;
mod replay;

pub use appraise::appraise;
pub use create::{NewProof, create};
pub use error::ProofError;
pub use htu::{HtuUrl, InvalidHtuUrl};
pub use nonce::{NONCE_LIFETIME, NonceError, NonceKey, NonceKeys};
pub use proof::{Expected, MAX_PROOF_BYTES, VerifiedProof, Window, verify};
pub use replay::{ReplayCache, ReplayVerdict};
