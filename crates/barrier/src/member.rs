//! A node: its lease, what it has read, and what its verifiers have.

use crate::{Extent, Moment, Timing};
use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

/// A node's standing in the protocol. `V` names a verifier.
///
/// The caller applies what was read *before* it says so here: each method that tells of a read
/// says what must be in memory by then.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Member<V> {
    timing: Timing,
    lease_until: Moment,
    newest: Batch,
    /// The reads that not every verifier is known to have, oldest first; before them the newest
    /// that every verifier has.
    reads: VecDeque<(Batch, Extent)>,
    verifiers: BTreeMap<V, Reader>,
}

/// The number of a batch of entries in the order in which the node applied them; 0 is before all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Batch(u64);

/// A renewal under way: it knows when it began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Renewal {
    noted: Moment,
}

/// What a verifier is told beside the entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Grant {
    /// The newest batch of the answer.
    pub upto: Batch,
    /// How much the verifier may count as its lease, from before it asked.
    pub remains: Duration,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Reader {
    has: Batch,
    lapses: Moment,
}

impl Batch {
    /// Takes the number.
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number.
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl Renewal {
    /// Begins a renewal: `now` must be read before the transaction that reads the feed begins.
    pub const fn begin(now: Moment) -> Self {
        Self { noted: now }
    }
}

impl<V: Ord + Copy> Member<V> {
    /// A node that has read nothing and may not answer.
    pub const fn new(timing: Timing) -> Self {
        Self {
            timing,
            lease_until: Moment::from_nanos(0),
            newest: Batch(0),
            reads: VecDeque::new(),
            verifiers: BTreeMap::new(),
        }
    }

    /// Until when it may answer; the clock is to be read for every request.
    pub const fn lease_until(&self) -> Moment {
        self.lease_until
    }

    /// The newest batch applied.
    pub const fn newest(&self) -> Batch {
        self.newest
    }

    /// Entries were applied, from a read or from a commit of the node's own.
    pub const fn applied(&mut self) -> Batch {
        self.newest.0 += 1;
        self.newest
    }

    /// A read is applied whole.
    pub fn read(&mut self, extent: Extent) {
        self.reads.push_back((self.newest, extent));
    }

    /// The renewal is committed, and what its transaction read is applied whole.
    pub fn renewed(&mut self, renewal: Renewal, extent: Extent) {
        self.read(extent);
        let until = renewal.noted.plus(self.timing.lease);
        self.lease_until = self.lease_until.max(until);
    }

    /// The row is gone, or its history is another's: the node may not answer, and what it has
    /// read counts for nothing.
    pub fn lost(&mut self) {
        self.lease_until = Moment::from_nanos(0);
        self.reads.clear();
    }

    /// Answers a verifier that has applied everything up to `has`; the answer must hold everything
    /// after that. `None` without a lease.
    ///
    /// One that has nothing gets no lease yet, so that it delays nobody while it catches up.
    pub fn asked(&mut self, verifier: V, has: Option<Batch>, now: Moment) -> Option<Grant> {
        if now >= self.lease_until {
            return None;
        }
        let upto = self.newest;
        let Some(has) = has else {
            let remains = Duration::ZERO;
            return Some(Grant { upto, remains });
        };
        let remains = now.until(self.lease_until);
        let lapses = now.plus(self.timing.outlast(remains));
        let reader = self
            .verifiers
            .entry(verifier)
            .or_insert(Reader { has, lapses });
        reader.has = reader.has.max(has.min(upto));
        reader.lapses = reader.lapses.max(lapses);
        Some(Grant { upto, remains })
    }

    /// What the node acknowledges: the newest read that every verifier with a lease has too.
    pub fn acknowledged(&mut self, now: Moment) -> Option<&Extent> {
        let delivered = self.delivered(now);
        while self.reads.get(1).is_some_and(|next| next.0 <= delivered) {
            self.reads.pop_front();
        }
        let (batch, extent) = self.reads.front()?;
        (*batch <= delivered).then_some(extent)
    }

    /// The newest batch that every verifier with a lease has, as far as the node knows.
    pub fn delivered(&mut self, now: Moment) -> Batch {
        self.verifiers.retain(|_, reader| now < reader.lapses);
        let has = self.verifiers.values().map(|reader| reader.has);
        has.min().unwrap_or(self.newest)
    }

    /// The verifiers that may hold a lease and lack the batch.
    pub fn lacking(&self, batch: Batch, now: Moment) -> impl Iterator<Item = V> {
        let verifiers = self.verifiers.iter();
        verifiers
            .filter(move |(_, reader)| now < reader.lapses && reader.has < batch)
            .map(|(verifier, _)| *verifier)
    }

    /// Those that may hold a lease, and for how long.
    pub fn verifiers(&self, now: Moment) -> impl Iterator<Item = (V, Duration)> {
        let verifiers = self.verifiers.iter();
        verifiers
            .filter(move |(_, reader)| now < reader.lapses)
            .map(move |(verifier, reader)| (*verifier, now.until(reader.lapses)))
    }

    /// Stops answering; the row may be deleted from the returned moment on, when no verifier's
    /// lease runs any more.
    pub fn leave(&mut self) -> Moment {
        self.lease_until = Moment::from_nanos(0);
        let lapses = self.verifiers.values().map(|reader| reader.lapses);
        lapses.max().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Position;

    const LEASE: Duration = Duration::from_secs(2);

    fn at(millis: u64) -> Moment {
        Moment::from_nanos(millis * 1_000_000)
    }

    fn member() -> Member<u8> {
        Member::new(Timing::with_lease(LEASE))
    }

    /// Applies a read of everything below `below`, and renews.
    fn renew(member: &mut Member<u8>, noted: Moment, below: u64) {
        member.applied();
        member.renewed(Renewal::begin(noted), Extent::new(below, []));
    }

    fn acknowledges(member: &mut Member<u8>, position: u64, now: Moment) -> bool {
        let extent = member.acknowledged(now);
        extent.is_some_and(|extent| extent.includes(Position::new(position)))
    }

    #[test]
    fn i1_the_lease_runs_from_before_the_read() {
        let mut member = member();
        assert_eq!(member.lease_until(), Moment::default());
        renew(&mut member, at(100), 5);
        assert_eq!(member.lease_until(), at(2_100));
        // An answer that was long on its way takes nothing back.
        renew(&mut member, at(50), 6);
        assert_eq!(member.lease_until(), at(2_100));
    }

    #[test]
    fn i1_a_verifier_gets_what_is_left_and_delays_acknowledgements_until_it_lapsed() {
        let mut member = member();
        renew(&mut member, at(0), 5);
        let first = member.asked(1, None, at(400)).unwrap();
        assert_eq!(first.remains, Duration::ZERO);
        let grant = member.asked(1, Some(first.upto), at(500)).unwrap();
        assert_eq!(grant.remains, Duration::from_millis(1_500));
        assert!(acknowledges(&mut member, 4, at(500)));

        renew(&mut member, at(600), 6);
        assert!(!acknowledges(&mut member, 5, at(600)));
        assert!(
            acknowledges(&mut member, 4, at(600)),
            "the older one stands"
        );
        assert_eq!(member.lacking(member.newest(), at(600)).count(), 1);
        // 500 + 1.1 * 1500 + 20
        assert!(!acknowledges(&mut member, 5, at(2_169)));
        assert!(acknowledges(&mut member, 5, at(2_170)));
    }

    #[test]
    fn i1_a_verifier_that_asks_again_has_what_it_says() {
        let mut member = member();
        renew(&mut member, at(0), 5);
        let has = member.newest();
        member.asked(1, Some(has), at(10)).unwrap();
        renew(&mut member, at(20), 6);
        member.asked(1, Some(has), at(30)).unwrap();
        assert!(!acknowledges(&mut member, 5, at(30)));
        member.asked(1, Some(member.newest()), at(40)).unwrap();
        assert!(acknowledges(&mut member, 5, at(40)));
        // A question that overtook nothing takes nothing back.
        member.asked(1, Some(has), at(50)).unwrap();
        assert!(acknowledges(&mut member, 5, at(50)));
    }

    #[test]
    fn i1_nobody_is_answered_without_a_lease() {
        let mut member = member();
        assert_eq!(member.asked(1, Some(Batch(0)), at(0)), None);
        renew(&mut member, at(0), 5);
        assert_eq!(member.asked(1, Some(Batch(0)), at(2_000)), None);
        member.lost();
        assert_eq!(member.asked(1, Some(Batch(0)), at(1)), None);
        assert_eq!(member.acknowledged(at(1)), None);
    }

    #[test]
    fn i1_a_leaving_node_waits_for_its_verifiers() {
        let mut member = member();
        renew(&mut member, at(0), 5);
        assert_eq!(member.clone().leave(), Moment::default());
        member.asked(1, Some(member.newest()), at(0)).unwrap();
        assert_eq!(member.leave(), at(2_220));
        assert_eq!(member.lease_until(), Moment::default());
    }
}
