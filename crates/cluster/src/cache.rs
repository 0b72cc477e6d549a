//! A bounded cache in front of slow loads, with one load at a time for each key.
//!
//! A load belongs to a *flight*, kept beside the entries under the same lock. It is run by one
//! of those who wait for it; when that one goes away, another begins it again. Invalidating a key
//! removes its entry and its flight together: what a removed flight brings home is thrown away,
//! and nobody boards it any more. So there is no record of recent changes to compare with.

use crate::{
    bounded::{Bounded, Keyed},
    client_changes::ChangeNumber,
    sharded::{SHARDS, ShardKey, Sharded},
    source::SourceError,
};
use countersign_core::Timestamp;
use std::{collections::HashMap, error::Error, fmt, sync::Arc};
use tokio::sync::OnceCell;

/// How often a load may be overtaken by a change before the request is refused.
const ATTEMPTS: usize = 8;

/// No answer may be given.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ResolveError {
    /// The store could not be read.
    #[error("the store could not be read")]
    Source(#[source] Arc<dyn Error + Send + Sync>),
    /// Every load was overtaken by a change.
    #[error("changed during each of {ATTEMPTS} loads")]
    Unsettled,
}

/// What a cache keeps; cheap to clone.
pub(crate) trait CachedValue: Clone + Keyed<Key: ShardKey> {
    /// No change has made it stale. Once false, false for ever.
    fn is_current(&self) -> bool;

    /// It is not worth its place.
    fn is_over(&self, now: Timestamp) -> bool;
}

/// See the module.
pub(crate) struct Cache<V: Keyed> {
    parts: Sharded<Part<V>>,
    changes: ChangeNumber,
}

struct Part<V: Keyed> {
    entries: Bounded<V>,
    flights: HashMap<V::Key, Scheduled<V>, foldhash::fast::RandomState>,
}

/// A flight that may be boarded, and how many wait for it.
struct Scheduled<V> {
    flight: Arc<Flight<V>>,
    aboard: usize,
}

struct Flight<V> {
    /// The change number before the load began.
    began: u32,
    outcome: OnceCell<Outcome<V>>,
}

#[derive(Clone)]
enum Outcome<V> {
    Landed(Option<V>),
    Overtaken,
    Failed(Arc<dyn Error + Send + Sync>),
}

enum Boarding<'a, V: CachedValue> {
    Hit(V),
    Seat(Seat<'a, V>),
}

/// A place among those who wait. The last one to give it up takes the flight off the schedule.
struct Seat<'a, V: CachedValue> {
    cache: &'a Cache<V>,
    key: V::Key,
    flight: Arc<Flight<V>>,
    is_first: bool,
}

impl<V: CachedValue> Cache<V> {
    /// `capacity` is rounded up to a multiple of the number of shards.
    pub(crate) fn new(capacity: usize, changes: ChangeNumber) -> Self {
        let each = capacity.div_ceil(SHARDS);
        Self {
            parts: Sharded::new(|| Part {
                entries: Bounded::new(each),
                flights: HashMap::default(),
            }),
            changes,
        }
    }

    pub(crate) fn get(&self, key: &V::Key) -> Option<V> {
        let part = self.parts.read(key);
        part.entries
            .get(key)
            .filter(|value| value.is_current())
            .cloned()
    }

    /// Answers from memory, or from a load that began after every change applied before this call.
    ///
    /// `load` gets the change number noted at its beginning. `None` is not remembered.
    pub(crate) async fn fetch<L, F>(
        &self,
        key: V::Key,
        now: Timestamp,
        load: L,
    ) -> Result<Option<V>, ResolveError>
    where
        L: Fn(u32) -> F,
        F: Future<Output = Result<Option<V>, SourceError>>,
    {
        let mut has_waited = false;
        for _ in 0..ATTEMPTS {
            let seat = match self.board(key) {
                Boarding::Hit(value) => return Ok(Some(value)),
                Boarding::Seat(seat) => seat,
            };
            let fly = || async { self.arrive(&seat, now, load(seat.flight.began).await) };
            match seat.flight.outcome.get_or_init(fly).await {
                // What was made after this flight began, but before this request, may not be
                // missed: ask once more.
                Outcome::Landed(None) if !seat.is_first && !has_waited => has_waited = true,
                Outcome::Landed(value) => return Ok(value.clone()),
                Outcome::Failed(error) => return Err(ResolveError::Source(Arc::clone(error))),
                Outcome::Overtaken => {}
            }
        }
        Err(ResolveError::Unsettled)
    }

    /// Makes stale what was loaded of the key, and what is being loaded.
    pub(crate) fn invalidate(&self, key: &V::Key) {
        let mut part = self.parts.write(key);
        part.entries.remove(key);
        part.flights.remove(key);
    }

    /// Makes stale everything loaded and being loaded.
    pub(crate) fn invalidate_all(&self) {
        for mut part in self.parts.each_mut() {
            part.flights.clear();
            let entries = part.entries.take();
            drop(part);
            drop(entries);
        }
    }

    /// Removes what is over. Each shard is searched as a reader, so that others can read too.
    pub(crate) fn prune(&self, now: Timestamp) {
        let found = self.parts.each();
        let found: Vec<V::Key> = found
            .flat_map(|part| part.entries.matching(|value| value.is_over(now)))
            .collect();
        for key in found {
            let mut part = self.parts.write(&key);
            part.entries.remove_if(&key, |value| value.is_over(now));
        }
    }

    /// How many loads are under way.
    pub(crate) fn loading(&self) -> usize {
        self.parts.each().map(|part| part.flights.len()).sum()
    }

    pub(crate) fn len(&self) -> usize {
        self.parts.each().map(|part| part.entries.len()).sum()
    }

    fn board(&self, key: V::Key) -> Boarding<'_, V> {
        let mut part = self.parts.write(&key);
        if let Some(value) = part.entries.get(&key).filter(|value| value.is_current()) {
            return Boarding::Hit(value.clone());
        }
        // Read under the lock, before the load: see `ClientChanges`.
        let began = self.changes.now();
        let scheduled = part.flights.get_mut(&key);
        let (flight, is_first) = match scheduled.filter(|known| known.flight.began == began) {
            Some(known) => {
                known.aboard += 1;
                (Arc::clone(&known.flight), false)
            }
            None => (part.schedule(key, began), true),
        };
        Boarding::Seat(Seat {
            cache: self,
            key,
            flight,
            is_first,
        })
    }

    /// Puts what a load brought home into its place, unless a change overtook it.
    fn arrive(
        &self,
        seat: &Seat<'_, V>,
        now: Timestamp,
        loaded: Result<Option<V>, SourceError>,
    ) -> Outcome<V> {
        let mut part = self.parts.write(&seat.key);
        let is_scheduled = part.unschedule(&seat.key, &seat.flight);
        match loaded {
            Err(error) => Outcome::Failed(error.into()),
            Ok(_) if !is_scheduled => Outcome::Overtaken,
            Ok(Some(value)) if !value.is_current() => Outcome::Overtaken,
            Ok(value) => {
                if let Some(value) = &value {
                    let entries = &mut part.entries;
                    entries.insert(value.clone(), |old| old.is_over(now));
                }
                Outcome::Landed(value)
            }
        }
    }
}

impl<V: CachedValue> Part<V> {
    fn schedule(&mut self, key: V::Key, began: u32) -> Arc<Flight<V>> {
        let flight = Arc::new(Flight {
            began,
            outcome: OnceCell::new(),
        });
        let scheduled = Scheduled {
            flight: Arc::clone(&flight),
            aboard: 1,
        };
        self.flights.insert(key, scheduled);
        flight
    }

    /// Takes the flight off the schedule; false when it was not on it any more.
    fn unschedule(&mut self, key: &V::Key, flight: &Arc<Flight<V>>) -> bool {
        let is_scheduled = self.scheduled(key, flight).is_some();
        if is_scheduled {
            self.flights.remove(key);
        }
        is_scheduled
    }

    fn scheduled(&mut self, key: &V::Key, flight: &Arc<Flight<V>>) -> Option<&mut Scheduled<V>> {
        let scheduled = self.flights.get_mut(key);
        scheduled.filter(|known| Arc::ptr_eq(&known.flight, flight))
    }
}

impl<V: CachedValue> Drop for Seat<'_, V> {
    fn drop(&mut self) {
        // A flight that came home took itself off the schedule.
        if self.flight.outcome.initialized() {
            return;
        }
        let mut part = self.cache.parts.write(&self.key);
        if let Some(scheduled) = part.scheduled(&self.key, &self.flight) {
            scheduled.aboard -= 1;
            if scheduled.aboard == 0 {
                part.flights.remove(&self.key);
            }
        }
    }
}

impl<V: Keyed> fmt::Debug for Cache<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cache").finish_non_exhaustive()
    }
}
