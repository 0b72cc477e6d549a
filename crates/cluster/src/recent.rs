//! What changed recently, and since when: whether a snapshot from elsewhere may answer.
//!
//! A second layer (Redis) may lag, lie or bring back what was there an hour ago, so nothing is
//! believed about its order. Every snapshot in it says *as of* which extent of the feed it was
//! read. It may answer if that extent covers the one at which the newest change of its session
//! and of its client was read, and the one before which changes are not remembered at all.

use crate::sharded::{read, write};
use countersign_barrier::Extent;
use countersign_core::{
    ClientId, SessionId,
    feed::{FeedEvent, Subject},
};
use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, RwLock},
};

/// The most subjects remembered; about 80 bytes each.
const MOST: usize = 65_536;

/// What changed of late.
#[derive(Debug, Default)]
pub struct RecentChanges(RwLock<Changes>);

/// A read of the feed that is under way.
#[derive(Debug, Clone, Copy)]
#[must_use = "what changed before is covered only once the read is done"]
pub struct ReadBegun(u64);

#[derive(Debug, Default)]
struct Changes {
    /// Whether anybody will ever ask.
    is_noting: bool,
    /// What the last read included; `None` before the first.
    known: Option<Arc<Extent>>,
    /// What a snapshot must have included at least; `None` while none may answer.
    floor: Option<Arc<Extent>>,
    /// After which read the floor is what it included: a change fell out before one covered it.
    floor_after: Option<u64>,
    since: HashMap<Subject, Since, foldhash::fast::RandomState>,
    by_age: VecDeque<Subject>,
    /// Subjects whose change no read is known to include.
    unread: Vec<Subject>,
    reads: u64,
}

#[derive(Debug, Clone)]
enum Since {
    /// Every read that begins after this many is known to include the change.
    Unread(u64),
    /// A read of this extent included it.
    Read(Arc<Extent>),
}

impl RecentChanges {
    /// No snapshot may answer until [`begin`](Self::begin); what changes from now on is noted.
    pub fn forget_all(&self) {
        let mut changes = write(&self.0);
        let reads = changes.reads;
        *changes = Changes {
            is_noting: true,
            reads,
            ..Changes::default()
        };
    }

    /// Everything up to `known` is taken in. What was read as of `floor` or later may answer, but
    /// for the subjects in `newer`, for which it must be as of `known`.
    pub fn begin(&self, known: Extent, floor: Extent, newer: impl IntoIterator<Item = Subject>) {
        let known = Arc::new(known);
        let mut changes = write(&self.0);
        changes.floor = Some(Arc::new(floor));
        for subject in newer {
            if !changes.since.contains_key(&subject) {
                changes.note(subject, Since::Read(Arc::clone(&known)));
            }
        }
        changes.known = Some(known);
    }

    /// Notes changes, before anything that is older may be asked for again.
    pub fn changed(&self, events: impl Iterator<Item = FeedEvent>) {
        let mut changes = write(&self.0);
        if !changes.is_noting {
            return;
        }
        for event in events {
            if let FeedEvent::Changed(subject @ (Subject::Session(_) | Subject::Client(_))) = event
            {
                let unread = Since::Unread(changes.reads);
                changes.note(subject, unread);
                changes.unread.push(subject);
            }
        }
    }

    /// A read of the feed begins: it includes every change noted until now.
    pub fn begin_read(&self) -> ReadBegun {
        let mut changes = write(&self.0);
        changes.reads += 1;
        ReadBegun(changes.reads)
    }

    /// The read that began there included `extent`.
    pub fn read(&self, begun: ReadBegun, extent: &Extent) {
        let mut changes = write(&self.0);
        let extent = Arc::new(extent.clone());
        changes.cover(begun, &extent);
        if changes.floor_after.is_some_and(|reads| reads < begun.0) {
            changes.floor = Some(Arc::clone(&extent));
            changes.floor_after = None;
        }
        changes.known = Some(extent);
    }

    /// As of which extent a load that begins now reads; `None` when that is not known.
    pub fn known(&self) -> Option<Arc<Extent>> {
        read(&self.0).known.clone()
    }

    /// Whether a snapshot of the session, read as of an extent, is newer than every change.
    pub fn allows(&self, session: SessionId, client: ClientId, as_of: &Extent) -> bool {
        let changes = read(&self.0);
        let is_after = |subject| match changes.since.get(&subject) {
            None => true,
            Some(Since::Unread(_)) => false,
            Some(Since::Read(extent)) => as_of.covers(extent),
        };
        changes
            .floor
            .as_ref()
            .is_some_and(|floor| as_of.covers(floor))
            && is_after(Subject::Session(session))
            && is_after(Subject::Client(client))
    }
}

impl Changes {
    fn note(&mut self, subject: Subject, since: Since) {
        if self.since.insert(subject, since).is_none() {
            self.by_age.push_back(subject);
        }
        if self.by_age.len() > MOST
            && let Some(oldest) = self.by_age.pop_front()
        {
            match self.since.remove(&oldest) {
                Some(Since::Read(extent)) => self.raise(extent),
                Some(Since::Unread(reads)) => {
                    self.floor = None;
                    self.floor_after = Some(reads);
                }
                None => {}
            }
        }
    }

    /// Nothing older than the extent may answer any more.
    fn raise(&mut self, extent: Arc<Extent>) {
        if self
            .floor
            .as_ref()
            .is_some_and(|floor| extent.covers(floor))
        {
            self.floor = Some(extent);
        }
    }

    fn cover(&mut self, begun: ReadBegun, extent: &Arc<Extent>) {
        let unread = std::mem::take(&mut self.unread);
        for subject in unread {
            match self.since.get_mut(&subject) {
                Some(Since::Unread(reads)) if *reads >= begun.0 => self.unread.push(subject),
                Some(since @ Since::Unread(_)) => *since = Since::Read(Arc::clone(extent)),
                Some(Since::Read(_)) | None => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn session(number: u128) -> SessionId {
        SessionId::from_uuid(Uuid::from_u128(number))
    }

    fn change(number: u128) -> FeedEvent {
        FeedEvent::Changed(Subject::Session(session(number)))
    }

    fn extent(below: u64) -> Extent {
        Extent::new(below, [])
    }

    fn begun() -> RecentChanges {
        let recent = RecentChanges::default();
        recent.forget_all();
        recent.begin(extent(20), extent(10), [Subject::Session(session(1))]);
        recent
    }

    fn client() -> ClientId {
        ClientId::from_uuid(Uuid::from_u128(99))
    }

    #[test]
    fn nothing_answers_before_the_beginning_or_from_before_the_floor() {
        let recent = RecentChanges::default();
        assert!(!recent.allows(session(2), client(), &extent(100)));
        let recent = begun();
        assert!(recent.allows(session(2), client(), &extent(10)));
        assert!(!recent.allows(session(2), client(), &extent(9)));
        assert!(!recent.allows(session(2), client(), &Extent::new(30, [5])));
        assert!(!recent.allows(session(1), client(), &extent(19)));
        assert!(recent.allows(session(1), client(), &extent(20)));
        recent.forget_all();
        assert!(!recent.allows(session(2), client(), &extent(100)) && recent.known().is_none());
    }

    #[test]
    fn a_change_counts_until_a_read_that_began_after_it() {
        let recent = begun();
        let allows = |below| recent.allows(session(2), client(), &extent(below));
        let before = recent.begin_read();
        recent.changed([change(2)].into_iter());
        recent.read(before, &extent(30));
        assert!(!allows(30) && !allows(1_000));
        let after = recent.begin_read();
        recent.read(after, &extent(40));
        assert!(!allows(39) && allows(40));
        assert!(recent.allows(session(3), client(), &extent(10)));
    }

    #[test]
    fn a_clients_change_counts_for_all_its_sessions() {
        let recent = begun();
        recent.changed([FeedEvent::Changed(Subject::Client(client()))].into_iter());
        let read = recent.begin_read();
        recent.read(read, &extent(40));
        assert!(!recent.allows(session(2), client(), &extent(39)));
        assert!(recent.allows(session(2), client(), &extent(40)));
    }

    #[test]
    fn what_falls_out_of_memory_raises_the_floor() {
        let recent = begun();
        recent.changed((100..200).map(change));
        let read = recent.begin_read();
        recent.read(read, &extent(50));
        let most = u128::try_from(MOST).unwrap();
        recent.changed((1_000..1_000 + most - 51).map(change));
        assert!(!recent.allows(session(100), client(), &extent(49)));
        assert!(!recent.allows(session(7), client(), &extent(49)));
        assert!(recent.allows(session(7), client(), &extent(50)));
        recent.changed((1_000_000..1_000_000 + most).map(change));
        assert!(!recent.allows(session(7), client(), &extent(1_000)));
        let read = recent.begin_read();
        recent.read(read, &extent(60));
        assert!(!recent.allows(session(7), client(), &extent(59)));
        assert!(recent.allows(session(7), client(), &extent(60)));
        assert!(recent.0.read().unwrap().since.len() <= MOST);
        assert!(recent.0.read().unwrap().unread.is_empty());
    }
}
