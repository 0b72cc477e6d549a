//! Doubt about pooled connections after one of them was found dead.

use std::sync::atomic::{AtomicU32, Ordering};

/// After a restart of the server every idle connection is dead, and each would fail one caller.
/// So one failure makes the next acquisitions, as many as there may be connections, try theirs
/// first; otherwise none pays the round trip.
#[derive(Debug)]
pub(crate) struct Suspicion {
    connections: u32,
    left: AtomicU32,
}

impl Suspicion {
    /// No doubt yet, about at most so many connections.
    pub(crate) const fn of(connections: u32) -> Self {
        Self {
            connections,
            left: AtomicU32::new(0),
        }
    }

    /// A connection failed in use.
    pub(crate) fn raise(&self) {
        self.left.store(self.connections, Ordering::Relaxed);
    }

    /// Whether the connection about to be used must be tried first.
    pub(crate) fn is_raised(&self) -> bool {
        let one_less = |left: u32| left.checked_sub(1);
        self.left
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less)
            .is_ok()
    }
}
