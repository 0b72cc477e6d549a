//! Where the node stands in the protocol.

use countersign_barrier::{Batch, Extent, Member, Moment, Renewal, Timing};
use countersign_core::{NodeId, VerifierId, feed::FeedEntry};

/// The protocol's state, and under which id it was reached.
#[derive(Debug)]
pub(super) struct Standing {
    id: Option<NodeId>,
    member: Member<VerifierId>,
    timing: Timing,
}

impl Standing {
    pub(super) fn new(timing: Timing) -> Self {
        Self {
            id: None,
            member: Member::new(timing),
            timing,
        }
    }

    /// The node's id, once it has joined.
    pub(super) const fn id(&self) -> Option<NodeId> {
        self.id
    }

    /// A new beginning under a new id: batches of the old one mean nothing any more.
    pub(super) fn joined(&mut self, id: NodeId) {
        *self = Self::new(self.timing);
        self.id = Some(id);
    }

    /// Entries are in memory.
    pub(super) fn took(&mut self, new: &[FeedEntry]) {
        if !new.is_empty() {
            self.member.applied();
        }
    }

    /// Everything that a read brought is in memory.
    pub(super) fn read(&mut self, extent: Extent) {
        self.member.read(extent);
    }

    /// The same, of a read in a renewal that is committed. Answers until when the lease runs.
    pub(super) fn renewed(&mut self, renewal: Renewal, extent: Extent) -> Moment {
        self.member.renewed(renewal, extent);
        self.member.lease_until()
    }

    /// The row is gone, or history is another's.
    pub(super) fn lost(&mut self) {
        self.member.lost();
    }

    /// Stops for good; the row may go from the returned moment on.
    pub(super) fn leave(&mut self) -> Moment {
        self.member.leave()
    }

    pub(super) fn acknowledged(&mut self, now: Moment) -> Option<Extent> {
        self.member.acknowledged(now).cloned()
    }

    pub(super) const fn newest(&self) -> Batch {
        self.member.newest()
    }

    /// Whether every verifier with a lease has the batch.
    pub(super) fn has_delivered(&mut self, batch: Batch, now: Moment) -> bool {
        self.member.delivered(now) >= batch
    }
}
