//! Users' devices: lists, names, log-outs and removals, for the user and for admins.
//!
//! Owns ownerships once they exist; logins make them (`session`). Every ending here goes through
//! `session::ending`.

pub(crate) mod bad_proofs;
pub(crate) mod cursor;
mod desk;
mod endings;
mod error;
pub(crate) mod http;
mod lifecycle;
mod lists;
mod record;
pub(crate) mod record_http;

pub(crate) use bad_proofs::BadProofs;
pub(crate) use desk::Desk;
pub use endings::DeviceEnding;
pub(crate) use endings::{Ended, OtherSessions, Rename, end_owned, target_of};
pub use error::DeviceError;
pub use lifecycle::{Step, Stepped};
pub(crate) use lifecycle::{lift, lock};
pub(crate) use lists::{AdminPage, OwnPage};

use crate::journal::Ledger;
use countersign_core::Timestamp;
use cursor::CursorKey;
use std::sync::Arc;

/// The device use cases.
#[derive(Debug)]
pub struct Devices {
    pub(crate) ledger: Ledger,
    pub(crate) desk: Desk,
    pub(crate) cursors: Arc<CursorKey>,
}

impl Devices {
    /// The time, for what lapses by it.
    pub(crate) fn now(&self) -> Timestamp {
        self.ledger.clock.now()
    }
}
