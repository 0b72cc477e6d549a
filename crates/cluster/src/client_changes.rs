//! Which snapshots a client-wide change made stale.
//!
//! A client may have a million sessions, and a load in flight does not know its client yet. So
//! nothing is searched: every change takes the next number and leaves it at its client, every
//! load notes the number at its beginning, and a snapshot is stale when its client's number is
//! larger than its own. A read pays one comparison with a number that all its client's snapshots
//! share; a change pays one store, however many snapshots there are.

use crate::sharded::{read, write};
use countersign_core::ClientId;
use std::{
    collections::HashMap,
    sync::{
        Arc, RwLock,
        atomic::{AtomicU32, Ordering},
    },
};

/// The number of the newest change.
#[derive(Debug, Clone, Default)]
pub(crate) struct ChangeNumber(Arc<AtomicU32>);

impl ChangeNumber {
    /// Always below [`u32::MAX`]: should the numbers ever run out, every change stays larger than
    /// every load, and what it made stale stays stale.
    pub(crate) fn now(&self) -> u32 {
        self.0.load(Ordering::SeqCst).min(u32::MAX - 1)
    }

    fn next(&self) -> u32 {
        let next = |number: u32| Some(number.saturating_add(1));
        let before = self
            .0
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, next);
        before.unwrap_or_else(|number| number).saturating_add(1)
    }
}

/// The number of each client's newest change. Grows with the number of clients, which admins make.
#[derive(Debug, Default)]
pub(crate) struct ClientChanges {
    newest: ChangeNumber,
    by_client: RwLock<HashMap<ClientId, LastChange>>,
}

/// The number of one client's newest change, which all its snapshots look at.
pub(crate) type LastChange = Arc<AtomicU32>;

impl ClientChanges {
    /// The counter that loads note when they begin.
    pub(crate) fn number(&self) -> ChangeNumber {
        self.newest.clone()
    }

    /// Makes every load of the client's sessions stale that began before this call.
    pub(crate) fn record(&self, client: ClientId) {
        // The number is taken first: a load that begins in between notes it and is fresh, because
        // the change was committed before.
        let number = self.newest.next();
        self.cell(client).fetch_max(number, Ordering::AcqRel);
    }

    /// Where the client's newest change is read: a snapshot is stale once it is larger than the
    /// number at which its load began.
    pub(crate) fn cell(&self, client: ClientId) -> LastChange {
        if let Some(cell) = read(&self.by_client).get(&client) {
            return Arc::clone(cell);
        }
        Arc::clone(write(&self.by_client).entry(client).or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn when_the_numbers_run_out_what_changed_stays_stale() {
        let changes = ClientChanges::default();
        changes.newest.0.store(u32::MAX - 1, Ordering::SeqCst);
        let client = ClientId::from_uuid(uuid::Uuid::nil());
        for _ in 0..3 {
            changes.record(client);
            let began = changes.number().now();
            assert!(changes.cell(client).load(Ordering::SeqCst) > began);
        }
    }
}
