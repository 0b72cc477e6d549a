//! `WebAuthn`: an authenticator makes a credential, and vouches for a browser's key by it.
//!
//! [`registration::appraise`] judges a new credential and who vouches for the authenticator,
//! [`assertion::appraise`] what the credential signs later. What a credential is asked to vouch for
//! is in the challenge. A credential that may leave its authenticator is a person's and no
//! device's; whether it may is said in the verdict, and can be refused.
//!
//! To add a format of attestation statements: one module in `statement`, a variant of
//! [`Format`], and the kind of anchors that it leads to.

pub mod assertion;
mod ceremony;
pub mod registration;
mod statement;

pub use ceremony::{AuthenticatorError, Ceremony, ClientDataError};
pub use statement::{Anchors, AndroidKeys, Doubt, Format, StatementError};
