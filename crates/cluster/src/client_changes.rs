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
        atomic::{AtomicU64, Ordering},
    },
};

/// The number of the newest change.
#[derive(Debug, Clone, Default)]
pub(crate) struct ChangeNumber(Arc<AtomicU64>);

impl ChangeNumber {
    pub(crate) fn now(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }

    fn next(&self) -> u64 {
        self.0.fetch_add(1, Ordering::SeqCst) + 1
    }
}

/// The number of each client's newest change. Grows with the number of clients, which admins make.
#[derive(Debug, Default)]
pub(crate) struct ClientChanges {
    newest: ChangeNumber,
    by_client: RwLock<HashMap<ClientId, Arc<AtomicU64>>>,
}

/// Says whether a load that began at a certain number is still as new as its client.
#[derive(Debug, Clone)]
pub(crate) struct Freshness {
    changed: Arc<AtomicU64>,
    began: u64,
}

impl Freshness {
    pub(crate) fn is_current(&self) -> bool {
        self.changed.load(Ordering::Acquire) <= self.began
    }
}

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

    /// Ties a snapshot of the client to the number at which its load began.
    pub(crate) fn freshness(&self, client: ClientId, began: u64) -> Freshness {
        let changed = self.cell(client);
        Freshness { changed, began }
    }

    fn cell(&self, client: ClientId) -> Arc<AtomicU64> {
        if let Some(cell) = read(&self.by_client).get(&client) {
            return Arc::clone(cell);
        }
        Arc::clone(write(&self.by_client).entry(client).or_default())
    }
}
