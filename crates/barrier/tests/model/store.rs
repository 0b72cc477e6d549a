//! The store: transactions that become readable out of order, rows of nodes, and a primary that
//! can be lost.

use countersign_barrier::{Extent, Position};
use std::collections::{BTreeMap, BTreeSet};

/// A node's process.
pub(crate) type NodeId = u8;

/// What a renewal leaves in its row: random in the service, counted here. The same number means
/// the same history, because a renewal is only made where the number before it was found.
pub(crate) type Token = u8;

#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(crate) struct Store {
    next: u64,
    open: BTreeSet<u64>,
    entries: BTreeMap<u64, Entry>,
    pub(crate) rows: BTreeMap<NodeId, Row>,
    /// Whether the session's row says what the ending wrote.
    pub(crate) is_changed: bool,
    is_pruned: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Entry {
    /// What the ending wrote.
    OfTheEnding,
    /// About something else.
    OfAnother,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Row {
    pub(crate) renewal: Token,
    pub(crate) acknowledged: Option<Extent>,
    /// What a node that is judged by its own words wrote: its clock.
    pub(crate) renewed_at: u64,
}

/// What a read of the feed found.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Read {
    pub(crate) extent: Extent,
    pub(crate) finds_ending: bool,
    pub(crate) last: Option<(u64, Entry)>,
}

impl Store {
    pub(crate) fn new() -> Self {
        Self {
            next: 1,
            ..Self::default()
        }
    }

    pub(crate) fn begin(&mut self) -> Position {
        let position = self.next;
        self.next += 1;
        self.open.insert(position);
        Position::new(position)
    }

    pub(crate) fn commit(&mut self, position: Position, entry: Entry) {
        self.open.remove(&position.get());
        self.entries.insert(position.get(), entry);
        self.is_changed |= entry == Entry::OfTheEnding;
    }

    pub(crate) fn extent(&self) -> Extent {
        Extent::new(self.next, self.open.iter().copied())
    }

    /// Every entry that `known` did not include.
    pub(crate) fn read(&self, known: &Extent) -> Read {
        self.read_where(|position| !known.includes(Position::new(position)))
    }

    /// Every entry after the highest one read: what a plain sequence would do.
    pub(crate) fn read_sequence(&self, known: &Extent) -> Read {
        let highest = self
            .entries
            .keys()
            .next_back()
            .map_or(0, |highest| highest + 1);
        let read = self.read_where(|position| position >= known.below());
        Read {
            extent: Extent::new(highest.max(known.below()), []),
            ..read
        }
    }

    /// The denylist and everything current, as a node reads them that knows nothing.
    pub(crate) fn read_all(&self) -> Read {
        self.read_where(|_| true)
    }

    fn read_where(&self, wanted: impl Fn(u64) -> bool) -> Read {
        let entries = self
            .entries
            .iter()
            .filter(|(position, _)| wanted(**position));
        let found = entries.map(|(position, entry)| (*position, *entry));
        let found = found.filter(|(_, entry)| !(self.is_pruned && *entry == Entry::OfTheEnding));
        let found: Vec<_> = found.collect();
        Read {
            extent: self.extent(),
            finds_ending: found.iter().any(|(_, entry)| *entry == Entry::OfTheEnding),
            last: found.last().copied(),
        }
    }

    pub(crate) fn has(&self, (position, entry): (u64, Entry)) -> bool {
        // What was pruned is as old as any token: its absence says nothing.
        self.is_pruned || self.entries.get(&position) == Some(&entry)
    }

    pub(crate) fn can_prune(&self) -> bool {
        self.is_changed && !self.is_pruned
    }

    pub(crate) fn prune(&mut self) {
        self.is_pruned = true;
    }

    /// A standby takes over that has what `kept` has: open transactions are gone, and their
    /// numbers are given out again.
    pub(crate) fn fail_over(&mut self, kept: Self) {
        *self = kept;
        self.open.clear();
        self.next = self.entries.keys().next_back().map_or(1, |last| last + 1);
    }
}
