//! An ending that waits until nobody can accept what it ended.

use crate::{Extent, Moment, Position, Timing};
use std::collections::BTreeSet;

/// What an ending waits for others to have read.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Mark {
    /// The entries of its own transaction.
    At(Position),
    /// Everything committed when this extent was read: for an ending that found its work done.
    All(Extent),
}

impl Mark {
    /// Whether a read of this extent included it.
    pub fn is_in(&self, extent: &Extent) -> bool {
        match self {
            Self::At(position) => extent.includes(*position),
            Self::All(known) => extent.covers(known),
        }
    }
}

/// An ending between its commit and its success. `N` names a node's process.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Barrier<N> {
    mark: Mark,
    deadline: Moment,
    heard: BTreeSet<N>,
    owed: Option<BTreeSet<N>>,
    /// Nodes whose rows went while it waited.
    gone: BTreeSet<N>,
}

/// How an ending came through.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Outcome<N> {
    /// Who acknowledged it.
    pub acknowledged: BTreeSet<N>,
    /// Whose leases from before the commit have ended instead, also of those whose rows went
    /// meanwhile. Empty also when the rows could not
    /// be read; see `is_complete`.
    pub lapsed: BTreeSet<N>,
    /// Whether the nodes could be asked for at all.
    pub is_complete: bool,
}

impl<N: Ord + Copy> Barrier<N> {
    /// Begins to wait: `now` must be read after the commit returned.
    pub fn committed(mark: Mark, now: Moment, timing: &Timing) -> Self {
        Self {
            mark,
            deadline: now.plus(timing.outlast(timing.lease)),
            heard: BTreeSet::new(),
            owed: None,
            gone: BTreeSet::new(),
        }
    }

    /// The rows of all nodes, read after the commit returned, each with what it acknowledged.
    pub fn rows<'a>(&mut self, rows: impl IntoIterator<Item = (N, Option<&'a Extent>)>) {
        let mut owed = BTreeSet::new();
        for (node, acknowledged) in rows {
            owed.insert(node);
            if let Some(extent) = acknowledged {
                self.acknowledged(node, extent);
            }
        }
        if let Some(before) = self.owed.replace(owed.clone()) {
            self.gone.extend(before.difference(&owed));
        }
    }

    /// A node says what it acknowledges.
    pub fn acknowledged(&mut self, node: N, extent: &Extent) {
        if self.mark.is_in(extent) {
            self.reached(node);
        }
    }

    /// The ending reached a node and its verifiers in another way: its own memory.
    pub fn reached(&mut self, node: N) {
        self.heard.insert(node);
    }

    /// Whether all of these have it.
    pub fn has_heard(&self, nodes: &[N]) -> bool {
        nodes.iter().all(|node| self.heard.contains(node))
    }

    /// When to stop waiting, whatever was heard.
    pub const fn deadline(&self) -> Moment {
        self.deadline
    }

    /// Whether every node is known to have it.
    pub fn is_through(&self) -> bool {
        let owed = self.owed.as_ref();
        owed.is_some_and(|owed| owed.is_subset(&self.heard))
    }

    /// The outcome, once everybody acknowledged or every older lease has ended.
    pub fn outcome(&self, now: Moment) -> Option<Outcome<N>> {
        if !self.is_through() && now < self.deadline {
            return None;
        }
        // A row goes when no lease can run under it any more.
        let owed = self.owed.iter().flatten().chain(&self.gone).copied();
        let (acknowledged, lapsed) = owed.partition(|node| self.heard.contains(node));
        Some(Outcome {
            acknowledged,
            lapsed,
            is_complete: self.owed.is_some(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const LATER: Moment = Moment::from_nanos(2_220_000_000);

    fn barrier() -> Barrier<u8> {
        let timing = Timing::with_lease(Duration::from_secs(2));
        Barrier::committed(Mark::At(Position::new(7)), Moment::default(), &timing)
    }

    #[test]
    fn i1_it_waits_for_every_node_that_has_a_row() {
        let (with, without) = (Extent::new(8, []), Extent::new(8, [7]));
        let mut barrier = barrier();
        barrier.acknowledged(1, &with);
        assert_eq!(barrier.outcome(Moment::default()), None, "rows unread");
        barrier.rows([(1, None), (2, Some(&without)), (3, Some(&with))]);
        assert_eq!(barrier.outcome(Moment::default()), None);
        barrier.acknowledged(2, &without);
        assert!(!barrier.is_through());
        barrier.acknowledged(2, &Extent::new(9, []));
        let outcome = barrier.outcome(Moment::default()).unwrap();
        assert_eq!(outcome.acknowledged, BTreeSet::from([1, 2, 3]));
        assert!(outcome.lapsed.is_empty() && outcome.is_complete);
    }

    #[test]
    fn i1_or_until_no_older_lease_can_run() {
        let mut barrier = barrier();
        barrier.rows([(1, None), (2, Some(&Extent::new(8, [])))]);
        assert_eq!(barrier.deadline(), LATER);
        assert_eq!(barrier.outcome(Moment::from_nanos(2_219_999_999)), None);
        let outcome = barrier.outcome(LATER).unwrap();
        assert_eq!(outcome.lapsed, BTreeSet::from([1]));
        assert_eq!(outcome.acknowledged, BTreeSet::from([2]));
    }

    #[test]
    fn i1_a_row_that_goes_meanwhile_is_waited_for_no_more_and_named() {
        let mut barrier = barrier();
        barrier.rows([(1, Some(&Extent::new(8, []))), (2, None), (3, None)]);
        barrier.reached(3);
        assert_eq!(barrier.outcome(Moment::default()), None);
        barrier.rows([(1, None)]);
        let outcome = barrier.outcome(Moment::default()).unwrap();
        assert_eq!(outcome.acknowledged, BTreeSet::from([1, 3]));
        assert_eq!(outcome.lapsed, BTreeSet::from([2]));
    }

    #[test]
    fn i1_a_repeated_ending_waits_for_everything_it_saw() {
        let mark = Mark::All(Extent::new(10, [4]));
        assert!(mark.is_in(&Extent::new(10, [4])) && mark.is_in(&Extent::new(12, [])));
        assert!(!mark.is_in(&Extent::new(10, [5])) && !mark.is_in(&Extent::new(9, [])));
    }
}
