//! Proofs that a device holds its key, and the tokens bound to it.
//!
//! Everything here is a pure function from bytes, keys and `now` to a typed verdict: no clock is
//! read and nothing is fetched. All cryptography is aws-lc-rs.
//!
//! To add a kind of evidence: one module named after it, a `verify` that takes what is expected
//! and `now`, a closed error enum with a variant per reason, the vendor's published examples as
//! tests, and a fuzz target for the bytes it reads.

#![deny(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation
)]
#![warn(missing_docs)]

pub mod access_token;
pub mod android_key;
pub mod app_attest;
pub mod appraisal;
pub mod assertion;
mod authenticator_data;
mod cbor;
pub mod certificate;
mod cms;
pub mod cose;
pub mod dbsc;
mod der;
pub mod device_assertion;
pub mod dpop;
pub mod ending_receipt;
pub mod evidence;
pub mod id_token;
pub mod jws;
pub mod key_assertion;
pub mod path;
pub mod play_integrity;
pub mod posture_report;
pub mod transcript;
pub mod webauthn;
