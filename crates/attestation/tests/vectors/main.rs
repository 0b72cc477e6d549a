//! Recorded evidence of real devices, or published by standards, gives the verdicts that it should.
//!
//! The recordings are not part of this repository: `COUNTERSIGN_VECTORS` names their folder.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failing helper fails the test that called it"
)]

mod android;
mod app_assertions;
mod app_attest;
mod folder;
mod ios_27;
mod play_integrity;
mod pop;
mod receipts;
mod webauthn;
