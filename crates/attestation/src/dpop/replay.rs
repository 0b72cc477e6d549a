//! Noticing a proof that was used before, on this node.
//!
//! Memory alone cannot say that a proof is new when it may have been used before the memory
//! began. Such a proof is refused with `use_dpop_nonce`: the device repeats its request with a
//! nonce of after that time, so with a proof that cannot have been used before it.

use super::proof::VerifiedProof;
use countersign_core::{Timestamp, client::NoncePolicy, decision::Refusal};
use std::{
    cmp::Reverse,
    collections::{BinaryHeap, HashSet, hash_map::RandomState},
    hash::BuildHasher,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

/// Remembers used proofs until they expire; bounded, and never forgets one earlier.
///
/// One per node: a proof used on one node is new to another one. Cheap to share; every call locks
/// one of 64 shards.
#[derive(Debug)]
pub struct ReplayCache {
    shards: Vec<Mutex<Shard>>,
    shard_capacity: usize,
    hasher: RandomState,
    timeline: Timeline,
}

/// What the cache knows of a proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReplayVerdict {
    /// Not seen before; it is remembered from now on.
    Fresh,
    /// Seen before.
    Replayed,
    /// There is no room to remember it, so nothing can be said.
    Full,
}

impl ReplayCache {
    /// Makes an empty cache for about `capacity` proofs that knows of nothing before `started_at`.
    ///
    /// A remembered proof takes 40 to 90 bytes. A proof is remembered for a minute, with a nonce
    /// up to five: capacity ≈ proofs per second × 65.
    pub fn new(capacity: usize, started_at: Timestamp) -> Self {
        Self {
            shards: std::iter::repeat_with(Mutex::default)
                .take(SHARDS)
                .collect(),
            shard_capacity: capacity.div_ceil(SHARDS),
            hasher: RandomState::new(),
            timeline: Timeline::starting_at(started_at),
        }
    }

    /// Decides whether a verified proof may be used now, and marks it as used.
    ///
    /// This is the whole rule, to be asked last, after everything else about the request:
    ///
    /// 1. A proof without a nonce is refused if the policy is [`NoncePolicy::Always`], if it could
    ///    have been accepted before [`Self::complete_since`], or if the clock was set back and it
    ///    could have been accepted and forgotten before that.
    /// 2. A proof whose nonce was issued before [`Self::complete_since`] is refused.
    /// 3. A proof seen before is refused.
    /// 4. When the cache is full, a proof is refused. The last eighth is kept for proofs with a
    ///    nonce.
    ///
    /// A nonce counts by the clock of the node that issued it. So two replays go unnoticed: of a
    /// proof whose nonce came from a node with a clock ahead, used just before a restart here; and,
    /// after the clock was set back, of a proof whose nonce is of the repeated time.
    ///
    /// # Errors
    /// [`Refusal::ProofReplayed`] in case 3, otherwise [`Refusal::UseDpopNonce`].
    pub fn admit(
        &self,
        proof: &VerifiedProof,
        policy: NoncePolicy,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        self.timeline.observe(now);
        let has_nonce = proof.nonce_issued_at.is_some();
        let needs_nonce =
            policy == NoncePolicy::Always || self.timeline.latest() > proof.expires_at;
        let is_from_before = proof.usable_from < self.complete_since();
        if is_from_before || (needs_nonce && !has_nonce) {
            return Err(Refusal::UseDpopNonce);
        }
        let reserve = if has_nonce {
            0
        } else {
            self.shard_capacity.div_ceil(8)
        };
        let limit = self.shard_capacity.saturating_sub(reserve);
        match self.insert(&proof.replay_key, proof.expires_at, now, limit) {
            ReplayVerdict::Fresh => Ok(()),
            ReplayVerdict::Replayed => Err(Refusal::ProofReplayed),
            ReplayVerdict::Full => Err(Refusal::UseDpopNonce),
        }
    }

    /// Remembers a key until `expires_at`, unless it is remembered already.
    pub fn check_and_insert(
        &self,
        replay_key: &[u8; 32],
        expires_at: Timestamp,
        now: Timestamp,
    ) -> ReplayVerdict {
        self.timeline.observe(now);
        self.insert(replay_key, expires_at, now, self.shard_capacity)
    }

    /// Since when every use is remembered: the start, or when the clock was last set back.
    pub fn complete_since(&self) -> Timestamp {
        self.timeline.complete_since()
    }

    /// How many proofs are remembered, expired ones that nobody asked about since included.
    pub fn len(&self) -> usize {
        let held = |shard: &Mutex<Shard>| lock(shard).keys.len();
        self.shards.iter().map(held).sum()
    }

    /// Whether nothing is remembered.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn insert(
        &self,
        replay_key: &[u8; 32],
        expires_at: Timestamp,
        now: Timestamp,
        limit: usize,
    ) -> ReplayVerdict {
        let Some(key) = replay_key.first_chunk().copied() else {
            return ReplayVerdict::Full;
        };
        // The hash is keyed by the process: nobody can choose the shard, or collide within it.
        let Some(shard) = usize::try_from(self.hasher.hash_one(key) >> 32)
            .ok()
            .and_then(|hash| self.shards.get(hash % SHARDS))
        else {
            return ReplayVerdict::Full;
        };
        lock(shard).insert(key, expires_at, now, limit)
    }
}

const SHARDS: usize = 64;

/// Half of the SHA-256: a collision would only cost its maker a request.
type Key = [u8; 16];

#[derive(Debug, Default)]
struct Shard {
    keys: HashSet<Key>,
    by_expiry: BinaryHeap<Reverse<(Timestamp, Key)>>,
}

impl Shard {
    fn insert(
        &mut self,
        key: Key,
        expires_at: Timestamp,
        now: Timestamp,
        limit: usize,
    ) -> ReplayVerdict {
        self.purge(now);
        if self.keys.contains(&key) {
            return ReplayVerdict::Replayed;
        }
        if self.keys.len() >= limit {
            return ReplayVerdict::Full;
        }
        self.keys.insert(key);
        self.by_expiry.push(Reverse((expires_at, key)));
        ReplayVerdict::Fresh
    }

    fn purge(&mut self, now: Timestamp) {
        while let Some(Reverse((expires_at, key))) = self.by_expiry.peek() {
            if *expires_at >= now {
                return;
            }
            self.keys.remove(key);
            self.by_expiry.pop();
        }
    }
}

/// A panic cannot leave a shard half changed in a way that forgets a key.
fn lock(shard: &Mutex<Shard>) -> std::sync::MutexGuard<'_, Shard> {
    shard.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A step back of the clock beyond this is noticed; threads differ by less.
const TOLERATED_STEP: Duration = Duration::from_secs(5);

/// What the wall clock did, in microseconds since the epoch.
#[derive(Debug)]
struct Timeline {
    complete_since: AtomicI64,
    last: AtomicI64,
    latest: AtomicI64,
}

impl Timeline {
    fn starting_at(now: Timestamp) -> Self {
        let now = now.as_micros();
        Self {
            complete_since: AtomicI64::new(now),
            last: AtomicI64::new(now),
            latest: AtomicI64::new(now),
        }
    }

    fn observe(&self, now: Timestamp) {
        let last = Timestamp::from_micros(self.last.load(Ordering::Relaxed));
        if now > last {
            self.last.store(now.as_micros(), Ordering::Relaxed);
            self.latest.fetch_max(now.as_micros(), Ordering::Relaxed);
        } else if now < last.minus(TOLERATED_STEP) {
            self.complete_since
                .store(now.as_micros(), Ordering::Relaxed);
            self.last.store(now.as_micros(), Ordering::Relaxed);
        }
    }

    fn complete_since(&self) -> Timestamp {
        Timestamp::from_micros(self.complete_since.load(Ordering::Relaxed))
    }

    /// Nothing that expires later than this was ever purged.
    fn latest(&self) -> Timestamp {
        Timestamp::from_micros(self.latest.load(Ordering::Relaxed))
    }
}
