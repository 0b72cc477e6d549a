//! The keys that sign access tokens, device assertions and ending receipts, and what they sign.
//!
//! The first key is made at the first start; each later one is published an hour before it
//! signs, and the one before it verifies until its last token has expired.

mod assertion;
mod issuer;
mod keys;
mod receipt;
mod rotation;

pub(crate) use assertion::Asserted;
pub(crate) use issuer::{IssueError, Issuer};
pub use keys::KeyError;
pub(crate) use keys::SigningKeys;
pub(crate) use rotation::rotate;
