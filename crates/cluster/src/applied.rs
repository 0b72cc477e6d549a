//! Which feed entries were applied recently.

use crate::sharded::{read, write};
use countersign_core::{feed::FeedEntry, ids::FeedEntryId};
use std::{
    collections::{HashSet, VecDeque},
    sync::RwLock,
};

/// The ids of the newest entries applied, so that reading the feed again from an older position
/// costs nothing. Forgetting one is harmless: applying it again changes nothing.
#[derive(Debug)]
pub struct Applied {
    ids: RwLock<Ids>,
    capacity: usize,
}

#[derive(Debug, Default)]
struct Ids {
    known: HashSet<FeedEntryId, foldhash::fast::RandomState>,
    by_age: VecDeque<FeedEntryId>,
}

impl Applied {
    /// Remembers up to `capacity` ids.
    pub fn new(capacity: usize) -> Self {
        Self {
            ids: RwLock::default(),
            capacity,
        }
    }

    /// The entries that are not remembered, in their order.
    pub fn unseen<'a>(&self, entries: &'a [FeedEntry]) -> Vec<&'a FeedEntry> {
        let ids = read(&self.ids);
        let entries = entries.iter();
        entries
            .filter(|entry| !ids.known.contains(&entry.id))
            .collect()
    }

    /// Remembers entries, once they are applied and not before: whoever finds one here may rely on it.
    pub fn record(&self, entries: &[&FeedEntry]) {
        let mut ids = write(&self.ids);
        for entry in entries {
            if ids.known.insert(entry.id) {
                ids.by_age.push_back(entry.id);
            }
            if ids.by_age.len() > self.capacity
                && let Some(oldest) = ids.by_age.pop_front()
            {
                ids.known.remove(&oldest);
            }
        }
    }

    /// Forgets everything.
    pub fn clear(&self) {
        *write(&self.ids) = Ids::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use countersign_core::feed::{FeedEvent, Subject};
    use uuid::Uuid;

    fn entries(numbers: std::ops::Range<u128>) -> Vec<FeedEntry> {
        let entry = |number| FeedEntry {
            id: FeedEntryId::from_uuid(Uuid::from_u128(number)),
            event: FeedEvent::Changed(Subject::SigningKeys),
        };
        numbers.map(entry).collect()
    }

    #[test]
    fn what_was_applied_is_not_seen_again() {
        let applied = Applied::new(10);
        let entries = entries(0..6);
        applied.record(&applied.unseen(&entries[..4]));
        let unseen = applied.unseen(&entries);
        assert_eq!(unseen, [&entries[4], &entries[5]]);
        applied.clear();
        assert_eq!(applied.unseen(&entries).len(), 6);
    }

    #[test]
    fn the_oldest_are_forgotten_and_memory_is_bounded() {
        let applied = Applied::new(10);
        let entries = entries(0..1_000);
        for entry in &entries {
            applied.record(&[entry, entry]);
        }
        assert_eq!(applied.unseen(&entries[..990]).len(), 990);
        assert!(applied.unseen(&entries[990..]).is_empty());
        let ids = read(&applied.ids);
        assert_eq!((ids.known.len(), ids.by_age.len()), (10, 10));
    }
}
