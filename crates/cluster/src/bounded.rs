//! A map that never holds more than its capacity.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::atomic::{AtomicBool, Ordering},
};

/// How many slots the hand looks at before it takes what is there.
const SWEEP: usize = 16;

/// A map with a clock hand (second chance): a read marks its entry, the hand takes unmarked ones.
///
/// The index is kept apart from the entries, so that the hand and a prune walk a plain vector.
#[derive(Debug)]
pub(crate) struct Bounded<K, V> {
    index: HashMap<K, u32, foldhash::fast::RandomState>,
    slots: Vec<Slot<K, V>>,
    hand: usize,
    capacity: usize,
}

#[derive(Debug)]
struct Slot<K, V> {
    key: K,
    value: V,
    is_marked: AtomicBool,
}

impl<K: Copy + Eq + Hash, V> Bounded<K, V> {
    /// `capacity` is at least 1 and below 2³²; what lies outside is moved inside.
    pub(crate) fn new(capacity: usize) -> Self {
        Self {
            index: HashMap::default(),
            slots: Vec::new(),
            hand: 0,
            capacity: capacity.clamp(1, u32::MAX as usize),
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.slots.len()
    }

    pub(crate) fn get(&self, key: &K) -> Option<&V> {
        let slot = self.slots.get(*self.index.get(key)? as usize)?;
        // Only the first reader writes, so a hot entry's line stays shared between cores.
        if !slot.is_marked.load(Ordering::Relaxed) {
            slot.is_marked.store(true, Ordering::Relaxed);
        }
        Some(&slot.value)
    }

    /// Puts the value in, in the place of the key's old one or, when full, of one that
    /// `is_over`, else of one not read since the hand last passed.
    pub(crate) fn insert(&mut self, key: K, value: V, is_over: impl Fn(&V) -> bool) {
        if let Some(at) = self.index.get(&key) {
            if let Some(slot) = self.slots.get_mut(*at as usize) {
                slot.value = value;
            }
            return;
        }
        let slot = Slot {
            key,
            value,
            is_marked: AtomicBool::new(false),
        };
        let at = if self.slots.len() < self.capacity {
            self.slots.push(slot);
            self.slots.len() - 1
        } else {
            let victim = self.victim(is_over);
            let evicted = std::mem::replace(&mut self.slots[victim], slot);
            self.index.remove(&evicted.key);
            victim
        };
        // The capacity keeps it within u32.
        self.index
            .insert(key, u32::try_from(at).unwrap_or(u32::MAX));
    }

    pub(crate) fn remove(&mut self, key: &K) {
        if let Some(at) = self.index.get(key) {
            self.remove_at(*at as usize);
        }
    }

    /// Takes every entry out, to be dropped after the lock is released.
    pub(crate) fn take(&mut self) -> Self {
        std::mem::replace(self, Self::new(self.capacity))
    }

    /// The keys whose values match.
    pub(crate) fn matching(&self, matches: impl Fn(&V) -> bool) -> Vec<K> {
        let slots = self.slots.iter();
        slots
            .filter(|slot| matches(&slot.value))
            .map(|slot| slot.key)
            .collect()
    }

    /// Removes the key if its value still matches.
    pub(crate) fn remove_if(&mut self, key: &K, matches: impl Fn(&V) -> bool) {
        let value = self
            .index
            .get(key)
            .and_then(|at| self.slots.get(*at as usize));
        if value.is_some_and(|slot| matches(&slot.value)) {
            self.remove(key);
        }
    }

    fn victim(&mut self, is_over: impl Fn(&V) -> bool) -> usize {
        // Removals may have left the hand behind the end.
        self.hand %= self.slots.len();
        let mut unmarked = None;
        for step in 0..SWEEP.min(self.slots.len()) {
            let at = (self.hand + step) % self.slots.len();
            if is_over(&self.slots[at].value) {
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
        let removed = self.slots.swap_remove(at);
        self.index.remove(&removed.key);
        if let Some(moved) = self.slots.get(at)
            && let Some(index) = self.index.get_mut(&moved.key)
            && let Ok(at) = u32::try_from(at)
        {
            *index = at;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

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
                        bounded.insert(key, value, |value| value % 3 == 0);
                        written.insert(key, value);
                        prop_assert_eq!(bounded.get(&key), Some(&value));
                    }
                    Step::Get(key) => {
                        let value = bounded.get(&key);
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
                    prop_assert_eq!(bounded.index[&slot.key] as usize, at);
                }
            }
        }
    }

    fn full(capacity: u32) -> Bounded<u32, u32> {
        let mut bounded = Bounded::new(capacity as usize);
        for key in 0..capacity {
            bounded.insert(key, key, |_| false);
        }
        bounded
    }

    #[test]
    fn what_is_over_goes_first() {
        let mut bounded = full(8);
        bounded.insert(100, 100, |value| *value == 5);
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
            bounded.insert(key, key, |_| false);
        }
    }

    #[test]
    fn something_goes_even_when_everything_was_read() {
        let mut bounded = full(40);
        for key in 0..40 {
            bounded.get(&key);
        }
        bounded.insert(100, 100, |_| false);
        assert_eq!((bounded.len(), bounded.get(&100)), (40, Some(&100)));
    }
}
