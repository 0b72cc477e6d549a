//! `WebAuthn`: new credentials, and what they sign.

mod assertion;
mod registration;

pub(super) use assertion::appraise_assertion;
pub(super) use registration::appraise_registration;

use countersign_core::client::Origin;

fn texts(origins: &[Origin]) -> Vec<&str> {
    origins.iter().map(Origin::as_str).collect()
}

/// Whose frames are let in; none are where nothing is said of them.
fn frames(origins: Option<&Vec<Origin>>) -> Option<Vec<&str>> {
    origins.map(|origins| texts(origins))
}
