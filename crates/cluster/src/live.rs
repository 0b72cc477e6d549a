//! A snapshot in memory, with the newest activity this node knows of.

use crate::{bounded::Keyed, cache::CachedValue, client_changes::LastChange};
use countersign_core::{SessionId, Timestamp, snapshot::Snapshot};
use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicI64, Ordering},
};

/// A session's snapshot and its newest activity.
///
/// In this order, what every lookup reads stands beside the `Arc`'s counters, and nothing is lost
/// to padding: with them, 192 bytes.
#[derive(Debug)]
#[repr(C)]
pub struct Live {
    changed: LastChange,
    last_active_micros: AtomicI64,
    /// The change number before the load began.
    began: u32,
    is_queued: AtomicBool,
    /// What the load read; it never changes, a changed session gets a new one.
    pub snapshot: Snapshot,
}

impl Live {
    pub(crate) fn new(
        snapshot: Snapshot,
        last_active_at: Timestamp,
        changed: LastChange,
        began: u32,
    ) -> Self {
        Self {
            changed,
            last_active_micros: AtomicI64::new(last_active_at.as_micros()),
            began,
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

impl Keyed for Arc<Live> {
    type Key = SessionId;

    fn key(&self) -> SessionId {
        self.snapshot.session_id
    }
}

impl CachedValue for Arc<Live> {
    fn is_current(&self) -> bool {
        self.changed.load(Ordering::Acquire) <= self.began
    }

    fn is_over(&self, now: Timestamp) -> bool {
        let snapshot = &self.snapshot;
        !self.is_current()
            || now >= snapshot.absolute_expiry
            || now >= snapshot.idle_expiry(self.last_active_at())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A million sessions are kept: what is added here is added a million times.
    #[test]
    fn a_session_in_memory_does_not_grow_unnoticed() {
        assert_eq!(size_of::<Snapshot>(), 160);
        // 200 with the counters of the `Arc`, for which an allocation takes 224.
        assert_eq!(size_of::<Live>(), 184);
    }
}
