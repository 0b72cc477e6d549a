//! Apple App Attest: an app on a genuine Apple device vouches for data, by a key that Apple
//! certified once.
//!
//! [`attestation::appraise`] judges what comes with a new key, [`assertion::appraise`] what that
//! key signs later, and [`receipt::appraise`] Apple's receipt that comes along.

pub mod assertion;
pub mod attestation;
mod extensions;
mod leaf;
pub mod receipt;
mod roots;

pub use extensions::Extensions;
pub(crate) use leaf::{NONCE_OID, NONCE_PREFIX};
pub use roots::{attestation_root, receipt_root};

use aws_lc_rs::digest::{Context, SHA256, digest};

/// `nonce` of Apple's guide: SHA-256 of the authenticator data and the client data's hash.
fn nonce(authenticator_data: &[u8], client_data: &[u8]) -> [u8; 32] {
    let mut hash = Context::new(&SHA256);
    hash.update(authenticator_data);
    hash.update(digest(&SHA256, client_data).as_ref());
    let mut nonce = [0; 32];
    nonce.copy_from_slice(hash.finish().as_ref());
    nonce
}
