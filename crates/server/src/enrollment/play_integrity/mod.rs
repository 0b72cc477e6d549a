//! What tokens of Play Integrity are read with: the client's own keys, or Google.
//!
//! Owns the way to Google: its account's access tokens, what an answer means, and when it is left
//! alone. What a verdict has to show is `attestation::play_integrity`'s; the credentials are
//! `client::credentials`'.

mod account;
mod breaker;
mod google;
mod kept;
mod reader;

pub(super) use kept::{read, written};
pub(super) use reader::Reader;
