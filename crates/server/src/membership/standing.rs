//! What the node has applied, in batches, and who among its verifiers has which.

use countersign_barrier::{Batch, Extent, Grant, Member, Moment, Renewal, Timing};
use countersign_core::{NodeId, VerifierId, feed::FeedEntry};
use std::{collections::VecDeque, time::Duration};

/// The most entries kept for verifiers; one that lacks more begins anew.
const MOST_ENTRIES: usize = 16_384;

/// The protocol's state beside the entries that verifiers may still ask for.
#[derive(Debug)]
pub(super) struct Standing {
    id: Option<NodeId>,
    member: Member<VerifierId>,
    entries: VecDeque<(Batch, FeedEntry)>,
    /// Entries up to this batch are gone.
    dropped: Batch,
    timing: Timing,
}

/// What a verifier is answered.
#[derive(Debug)]
pub(crate) struct Answer {
    /// Whose batches these are.
    pub(crate) node: NodeId,
    /// Its lease, and the newest batch.
    pub(crate) grant: Grant,
    /// Everything after what it has; `None` when it must begin anew.
    pub(crate) entries: Option<Vec<FeedEntry>>,
}

impl Standing {
    pub(super) fn new(timing: Timing) -> Self {
        Self {
            id: None,
            member: Member::new(timing),
            entries: VecDeque::new(),
            dropped: Batch::default(),
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
    pub(super) fn took(&mut self, new: Vec<FeedEntry>) {
        if new.is_empty() {
            return;
        }
        let batch = self.member.applied();
        self.entries
            .extend(new.into_iter().map(|entry| (batch, entry)));
        while self.entries.len() > MOST_ENTRIES
            && let Some((batch, _)) = self.entries.pop_front()
        {
            self.dropped = batch;
        }
    }

    /// Everything that the read in a renewal brought is in memory, and the renewal is committed.
    /// Answers until when the lease runs.
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

    /// The newest batch that every verifier with a lease has.
    pub(super) fn delivered(&mut self, now: Moment) -> Batch {
        self.member.delivered(now)
    }

    /// Whether every verifier with a lease has the batch.
    pub(super) fn has_delivered(&mut self, batch: Batch, now: Moment) -> bool {
        self.member.delivered(now) >= batch
    }

    /// Who follows, and for how long their leases may still run.
    pub(super) fn verifiers(&self, now: Moment) -> Vec<(VerifierId, Duration)> {
        self.member.verifiers(now).collect()
    }

    /// Answers a verifier; `None` without a lease.
    pub(super) fn asked(
        &mut self,
        verifier: VerifierId,
        at: Option<(NodeId, Batch)>,
        now: Moment,
    ) -> Option<Answer> {
        let node = self.id?;
        let has = at.filter(|(of, has)| *of == node && *has >= self.dropped);
        let has = has.map(|(_, has)| has);
        let grant = self.member.asked(verifier, has, now)?;
        let entries = has.map(|has| self.after(has));
        Some(Answer {
            node,
            grant,
            entries,
        })
    }

    fn after(&self, has: Batch) -> Vec<FeedEntry> {
        let first = self.entries.partition_point(|(batch, _)| *batch <= has);
        let entries = self.entries.range(first..);
        entries.map(|(_, entry)| entry.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use countersign_core::{feed::FeedEvent, feed::Subject, ids::FeedEntryId};
    use uuid::Uuid;

    fn entry(number: u128) -> FeedEntry {
        FeedEntry {
            id: FeedEntryId::from_uuid(Uuid::from_u128(number)),
            event: FeedEvent::Changed(Subject::SigningKeys),
        }
    }

    fn standing() -> (Standing, NodeId, VerifierId) {
        let id = NodeId::from_uuid(Uuid::from_u128(1));
        let mut standing = Standing::new(Timing::default());
        standing.joined(id);
        standing.renewed(Renewal::begin(Moment::default()), Extent::new(1, []));
        (standing, id, VerifierId::from_uuid(Uuid::from_u128(2)))
    }

    #[test]
    fn a_verifier_gets_exactly_what_it_lacks() {
        let (mut standing, id, verifier) = standing();
        standing.took(vec![entry(1), entry(2)]);
        standing.took(vec![entry(3)]);
        let mut ask = |at| standing.asked(verifier, at, Moment::default()).unwrap();
        assert!(ask(None).entries.is_none());
        assert_eq!(ask(Some((id, Batch::new(1)))).entries, Some(vec![entry(3)]));
        assert_eq!(ask(Some((id, Batch::new(2)))).entries, Some(vec![]));
        let other = NodeId::from_uuid(Uuid::from_u128(9));
        assert!(ask(Some((other, Batch::new(2)))).entries.is_none());
    }

    #[test]
    fn a_verifier_that_lacks_too_much_begins_anew() {
        let (mut standing, id, verifier) = standing();
        for number in 0..MOST_ENTRIES as u128 + 10 {
            standing.took(vec![entry(number)]);
        }
        let mut ask =
            |has| standing.asked(verifier, Some((id, Batch::new(has))), Moment::default());
        assert!(ask(9).unwrap().entries.is_none());
        assert_eq!(ask(10).unwrap().entries.unwrap().len(), MOST_ENTRIES);
    }
}
