//! A snapshot in memory, with the newest activity this node knows of.

use crate::{cache::CachedValue, client_changes::Freshness};
use countersign_core::{Timestamp, snapshot::Snapshot};
use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicI64, Ordering},
};

/// A session's snapshot and its newest activity.
///
/// In this order, what every lookup reads stands beside the `Arc`'s counters: one cache line, not three.
#[derive(Debug)]
#[repr(C)]
pub struct Live {
    freshness: Freshness,
    last_active_micros: AtomicI64,
    is_queued: AtomicBool,
    /// What the load read; it never changes, a changed session gets a new one.
    pub snapshot: Snapshot,
}

impl Live {
    pub(crate) fn new(
        snapshot: Snapshot,
        last_active_at: Option<Timestamp>,
        freshness: Freshness,
    ) -> Self {
        let known = last_active_at.map_or(snapshot.last_active_at, |at| {
            at.max(snapshot.last_active_at)
        });
        Self {
            freshness,
            last_active_micros: AtomicI64::new(known.as_micros()),
            is_queued: AtomicBool::new(false),
            snapshot,
        }
    }

    /// The newest activity known to this node, whether in the store yet or not.
    pub fn last_active_at(&self) -> Timestamp {
        Timestamp::from_micros(self.last_active_micros.load(Ordering::Relaxed))
    }

    /// Takes over what another snapshot of the session knew.
    pub(crate) fn observe(&self, at: Timestamp) {
        let micros = at.as_micros();
        self.last_active_micros.fetch_max(micros, Ordering::Relaxed);
    }

    /// Notes activity; true when it is the first since the last [`unqueue`](Self::unqueue).
    pub(crate) fn touch(&self, now: Timestamp) -> bool {
        let before = self
            .last_active_micros
            .fetch_max(now.as_micros(), Ordering::Relaxed);
        // Read before written: the flag's line stays shared while the session is busy.
        before < now.as_micros()
            && !self.is_queued.load(Ordering::Acquire)
            && !self.is_queued.swap(true, Ordering::AcqRel)
    }

    /// Lets the next activity queue the session again, and reads what there is until now.
    pub(crate) fn unqueue(&self) -> Timestamp {
        self.is_queued.swap(false, Ordering::AcqRel);
        self.last_active_at()
    }
}

impl CachedValue for Arc<Live> {
    fn is_current(&self) -> bool {
        self.freshness.is_current()
    }

    fn is_over(&self, now: Timestamp) -> bool {
        let snapshot = &self.snapshot;
        !self.is_current()
            || now >= snapshot.absolute_expiry
            || now >= snapshot.idle_expiry(self.last_active_at())
    }
}
