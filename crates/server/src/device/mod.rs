//! Users' devices: lists, names, log-outs and removals, for the user and for admins.
//!
//! Owns ownerships once they exist; logins make them (`session`). Every ending here goes through
//! `session::ending`.

pub(crate) mod cursor;
mod endings;
mod error;
pub(crate) mod http;
mod lists;

pub use endings::{DeviceEnding, Ended, OtherSessions, Rename};
pub use error::DeviceError;
pub use lists::{AdminPage, OwnPage};

use crate::journal::Journal;
use cursor::CursorKey;
use countersign_core::{Clock, Rng, activity::Actor};
use countersign_storage::Store;
use std::sync::Arc;

/// The device use cases.
#[derive(Debug, Clone)]
pub struct Devices {
    pub(crate) store: Store,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) rng: Arc<dyn Rng>,
    pub(crate) cursors: Arc<CursorKey>,
}

impl Devices {
    /// The context of a change made by this caller now.
    pub(crate) fn journal(&self, actor: Actor) -> Journal {
        Journal { now: self.clock.now(), actor, rng: Arc::clone(&self.rng) }
    }
}
