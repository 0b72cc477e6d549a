//! A value split over locks by key, so that readers of different sessions do not meet.

use countersign_core::{SessionId, token::HashedToken};
use std::{
    hash::Hash,
    sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
};

/// How many shards there are; a power of two that divides 256.
pub(crate) const SHARDS: usize = 64;

/// A key whose last byte is as good as random.
pub(crate) trait ShardKey: Copy + Eq + Hash {
    /// That byte.
    fn spread(&self) -> u8;
}

impl ShardKey for SessionId {
    fn spread(&self) -> u8 {
        self.as_uuid().as_bytes()[15]
    }
}

impl ShardKey for HashedToken {
    fn spread(&self) -> u8 {
        self.as_bytes()[31]
    }
}

/// [`SHARDS`] values of one kind, each behind its own lock.
#[derive(Debug)]
pub(crate) struct Sharded<T>(Box<[Shard<T>]>);

/// Two cache lines, because the processor fetches them in pairs.
#[derive(Debug)]
#[repr(align(128))]
struct Shard<T>(RwLock<T>);

impl<T> Sharded<T> {
    pub(crate) fn new(mut make: impl FnMut() -> T) -> Self {
        Self((0..SHARDS).map(|_| Shard(RwLock::new(make()))).collect())
    }

    pub(crate) fn read(&self, key: &impl ShardKey) -> RwLockReadGuard<'_, T> {
        read(&self.of(key).0)
    }

    pub(crate) fn write(&self, key: &impl ShardKey) -> RwLockWriteGuard<'_, T> {
        write(&self.of(key).0)
    }

    /// Visits the shards one after another, each locked for reading on its own.
    pub(crate) fn each(&self) -> impl Iterator<Item = RwLockReadGuard<'_, T>> {
        self.0.iter().map(|shard| read(&shard.0))
    }

    /// Visits the shards one after another, each locked for writing on its own.
    pub(crate) fn each_mut(&self) -> impl Iterator<Item = RwLockWriteGuard<'_, T>> {
        self.0.iter().map(|shard| write(&shard.0))
    }

    fn of(&self, key: &impl ShardKey) -> &Shard<T> {
        &self.0[usize::from(key.spread()) % SHARDS]
    }
}

/// Locks for reading. No panic can leave a value half changed that matters: the next reader goes on.
pub(crate) fn read<T>(lock: &RwLock<T>) -> RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

/// Locks for writing; see [`read`].
pub(crate) fn write<T>(lock: &RwLock<T>) -> RwLockWriteGuard<'_, T> {
    lock.write().unwrap_or_else(PoisonError::into_inner)
}
