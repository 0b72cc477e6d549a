//! A map that never holds more than its capacity.

use hashbrown::HashTable;
use std::{
    hash::{BuildHasher as _, Hash},
    sync::atomic::{AtomicBool, Ordering},
};

/// How many slots the hand looks at before it takes what is there.
const SWEEP: usize = 16;

/// What carries its own key, so that the map does not keep it a second and a third time.
pub(crate) trait Keyed {
    /// Names the entry; it never changes.
    type Key: Copy + Eq + Hash;

    /// Its name.
    fn key(&self) -> Self::Key;
}

impl<K: Copy + Eq + Hash, V> Keyed for (K, V) {
    type Key = K;

    fn key(&self) -> K {
        self.0
    }
}

/// A map with a clock hand (second chance): a read marks its entry, the hand takes unmarked ones.
///
/// The index is kept apart from the entries, so that the hand and a prune walk a plain vector. It
/// holds positions only: an entry costs its own size, a mark, and some ten bytes of index.
#[derive(Debug)]
pub(crate) struct Bounded<E> {
    index: HashTable<u32>,
    hasher: foldhash::fast::RandomState,
    slots: Vec<Slot<E>>,
    hand: usize,
    capacity: usize,
}

#[derive(Debug)]
struct Slot<E> {
    entry: E,
    is_marked: AtomicBool,
}

impl<E: Keyed> Bounded<E> {
    /// `capacity` is at least 1 and below 2³²; what lies outside is moved inside.
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            index: HashTable::new(),
            hasher: foldhash::fast::RandomState::default(),
            slots: Vec::new(),
            hand: 0,
            capacity: capacity.clamp(1, u32::MAX as usize),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.slots.len()
    }

    pub(crate) fn get(&self, key: &E::Key) -> Option<&E> {
        let slot = self.slots.get(self.find(key)?)?;
        // Only the first reader writes, so a hot entry's line stays shared between cores.
        if !slot.is_marked.load(Ordering::Relaxed) {
            slot.is_marked.store(true, Ordering::Relaxed);
        }
        Some(&slot.entry)
    }

    /// Puts the entry in, in the place of the key's old one or, when full, of one that
    /// `is_over`, else of one not read since the hand last passed.
    pub(crate) fn insert(&mut self, entry: E, is_over: impl Fn(&E) -> bool) {
        let key = entry.key();
        if let Some(at) = self.find(&key) {
            self.slots[at].entry = entry;
            return;
        }
        let slot = Slot {
            entry,
            is_marked: AtomicBool::new(false),
        };
        let at = if self.slots.len() < self.capacity {
            self.slots.push(slot);
            self.slots.len() - 1
        } else {
            let victim = self.victim(is_over);
            self.unlist(victim);
            self.slots[victim] = slot;
            victim
        };
        let Self {
            index,
            hasher,
            slots,
            ..
        } = self;
        index.insert_unique(hasher.hash_one(key), position(at), |at| {
            hasher.hash_one(slots[*at as usize].entry.key())
        });
    }

    pub(crate) fn remove(&mut self, key: &E::Key) {
        if let Some(at) = self.find(key) {
            self.remove_at(at);
        }
    }

    /// Takes every entry out, to be dropped after the lock is released.
    pub(crate) fn take(&mut self) -> Self {
        std::mem::replace(self, Self::new(self.capacity))
    }

    /// The keys whose entries match.
    pub(crate) fn matching(&self, matches: impl Fn(&E) -> bool) -> Vec<E::Key> {
        let slots = self.slots.iter();
        slots
            .filter(|slot| matches(&slot.entry))
            .map(|slot| slot.entry.key())
            .collect()
    }

    /// Removes the key if its entry still matches.
    pub(crate) fn remove_if(&mut self, key: &E::Key, matches: impl Fn(&E) -> bool) {
        if let Some(at) = self.find(key)
            && matches(&self.slots[at].entry)
        {
            self.remove_at(at);
        }
    }

    fn find(&self, key: &E::Key) -> Option<usize> {
        let is_it = |at: &u32| self.slots[*at as usize].entry.key() == *key;
        let found = self.index.find(self.hasher.hash_one(key), is_it);
        found.map(|at| *at as usize)
    }

    fn victim(&mut self, is_over: impl Fn(&E) -> bool) -> usize {
        // Removals may have left the hand behind the end.
        self.hand %= self.slots.len();
        let mut unmarked = None;
        for step in 0..SWEEP.min(self.slots.len()) {
            let at = (self.hand + step) % self.slots.len();
            if is_over(&self.slots[at].entry) {
                return at;
            }
            if unmarked.is_none() && !self.slots[at].is_marked.swap(false, Ordering::Relaxed) {
                unmarked = Some(at);
            }
        }
        let victim = unmarked.unwrap_or(self.hand);
        self.hand = (victim + 1) % self.slots.len();
        victim
    }

    fn remove_at(&mut self, at: usize) {
        self.unlist(at);
        let last = self.slots.len() - 1;
        if at < last {
            let hash = self.hasher.hash_one(self.slots[last].entry.key());
            if let Some(moved) = self.index.find_mut(hash, |it| *it == position(last)) {
                *moved = position(at);
            }
        }
        self.slots.swap_remove(at);
    }

    /// Takes a slot out of the index.
    fn unlist(&mut self, at: usize) {
        let hash = self.hasher.hash_one(self.slots[at].entry.key());
        if let Ok(listed) = self.index.find_entry(hash, |it| *it == position(at)) {
            listed.remove();
        }
    }
}

/// The capacity keeps it within `u32`.
fn position(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::HashMap;

    #[derive(Debug, Clone)]
    enum Step {
        Insert(u8, u32),
        Get(u8),
        Remove(u8),
        Take,
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            6 => any::<(u8, u32)>().prop_map(|(key, value)| Step::Insert(key % 32, value)),
            4 => any::<u8>().prop_map(|key| Step::Get(key % 32)),
            3 => any::<u8>().prop_map(|key| Step::Remove(key % 32)),
            1 => Just(Step::Take),
        ]
    }

    proptest! {
        #[test]
        fn holds_what_was_put_in_last_and_never_more_than_its_capacity(
            capacity in 1usize..24,
            steps in proptest::collection::vec(step(), 0..300),
        ) {
            let mut bounded = Bounded::new(capacity);
            let mut written = HashMap::new();
            for step in steps {
                match step {
                    Step::Insert(key, value) => {
                        bounded.insert((key, value), |(_, value)| value % 3 == 0);
                        written.insert(key, value);
                        prop_assert_eq!(bounded.get(&key), Some(&(key, value)));
                    }
                    Step::Get(key) => {
                        let value = bounded.get(&key).map(|(_, value)| value);
                        prop_assert!(value.is_none() || value == written.get(&key));
                    }
                    Step::Remove(key) => {
                        bounded.remove(&key);
                        written.remove(&key);
                        prop_assert_eq!(bounded.get(&key), None);
                    }
                    Step::Take => {
                        let taken = bounded.take();
                        prop_assert!(taken.len() <= capacity);
                        written.clear();
                    }
                }
                prop_assert!(bounded.len() <= capacity);
                prop_assert_eq!(bounded.index.len(), bounded.slots.len());
                for (at, slot) in bounded.slots.iter().enumerate() {
                    prop_assert_eq!(bounded.find(&slot.entry.key()), Some(at));
                }
            }
        }
    }

    fn full(capacity: u32) -> Bounded<(u32, u32)> {
        let mut bounded = Bounded::new(capacity as usize);
        for key in 0..capacity {
            bounded.insert((key, key), |_| false);
        }
        bounded
    }

    #[test]
    fn what_is_over_goes_first() {
        let mut bounded = full(8);
        bounded.insert((100, 100), |(_, value)| *value == 5);
        assert!(bounded.get(&5).is_none());
        assert_eq!(bounded.len(), 8);
    }

    #[test]
    fn what_was_read_stays_when_something_else_can_go() {
        let mut bounded = full(8);
        for key in 1_000..1_050 {
            for read in [2, 3, 5] {
                assert!(bounded.get(&read).is_some(), "{read} went for {key}");
            }
            bounded.insert((key, key), |_| false);
        }
    }

    #[test]
    fn something_goes_even_when_everything_was_read() {
        let mut bounded = full(40);
        for key in 0..40 {
            bounded.get(&key);
        }
        bounded.insert((100, 100), |_| false);
        assert_eq!((bounded.len(), bounded.get(&100)), (40, Some(&(100, 100))));
    }
}
