//! The keys that sign access tokens, and the tokens they sign.
//!
//! The first key is made at the first start; each later one is published an hour before it
//! signs, and the one before it verifies until its last token has expired.

mod issuer;
mod keys;
mod rotation;

pub use issuer::Issuer;
pub use keys::{KeyError, SigningKeys};
pub use rotation::{ROTATE_AFTER, rotate};
