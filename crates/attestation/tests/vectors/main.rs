//! Evidence recorded on real devices or published by standards gives its expected result, and no
//! change of it goes unnoticed.
//!
//! The recordings are not part of this repository: each test reads the folder that the environment
//! variable `COUNTERSIGN_VECTORS` names.

#![expect(
    clippy::unwrap_used,
    reason = "a failing helper fails the test that called it"
)]

mod app_attest;
mod folder;
mod receipts;
