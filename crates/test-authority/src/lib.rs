//! A stand-in for every platform that attests: evidence under roots of its own.
//!
//! Its roots are made anew for every authority and are in no binary: nothing that it issues is
//! ever believed by a service that was not handed these roots by the code of a test.
//!
//! [`der`] writes ASN.1 and [`cbor`] CBOR, [`Key`] signs, [`Authority`] issues certificates from a [`Draft`], whose
//! every field may be made wrong.

#![expect(
    clippy::missing_panics_doc,
    clippy::panic,
    reason = "a test stops where it goes wrong"
)]

pub mod android;
pub mod app_attest;
pub mod authenticator_data;
pub mod cbor;
mod certificate;
pub mod der;
mod key;
pub mod play_integrity;
pub mod receipt;
pub mod webauthn;

pub use certificate::{Authority, Draft, Extension, validity};
pub use key::{Hash, Key};
