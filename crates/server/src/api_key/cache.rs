//! Live API keys in memory, so that a call costs one hash and one look.

use arc_swap::ArcSwap;
use countersign_cluster::{Digest, Digester};
use countersign_core::{Rng, api_key::ApiKey};
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

type Keys = HashMap<Digest, Arc<ApiKey>, foldhash::fast::RandomState>;

/// Keys that were live when they were read. A service has few, so changes copy the map.
#[derive(Debug)]
pub(crate) struct ApiKeyCache {
    digester: Digester,
    keys: ArcSwap<Keys>,
    generation: AtomicU64,
    changing: Mutex<()>,
}

/// More keys than this are read from the store each time.
const MOST: usize = 10_000;

impl ApiKeyCache {
    /// Empty.
    pub(crate) fn new(rng: &dyn Rng) -> Self {
        Self {
            digester: Digester::new(rng),
            keys: ArcSwap::default(),
            generation: AtomicU64::new(0),
            changing: Mutex::new(()),
        }
    }

    /// What the key is called here.
    pub(super) fn digest(&self, presented: &str) -> Digest {
        self.digester.digest(presented)
    }

    pub(super) fn get(&self, digest: &Digest) -> Option<Arc<ApiKey>> {
        self.keys.load().get(digest).cloned()
    }

    /// Counts forgettings: note it before a read, so that the read cannot bring a key back.
    pub(super) fn generation(&self) -> u64 {
        self.generation.load(Ordering::SeqCst)
    }

    /// Keeps a key that was read after `generation` was noted.
    pub(super) fn insert(&self, digest: Digest, key: Arc<ApiKey>, generation: u64) {
        let _changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let keys = self.keys.load();
        if self.generation() == generation && keys.len() < MOST {
            let mut keys = Keys::clone(&keys);
            keys.insert(digest, key);
            self.keys.store(Arc::new(keys));
        }
    }

    /// Forgets every key: one of them was revoked.
    pub(crate) fn forget(&self) {
        let _changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        self.generation.fetch_add(1, Ordering::SeqCst);
        self.keys.store(Arc::default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use countersign_core::{ApiKeyId, SystemRng, Timestamp, token::HashedToken};
    use uuid::Uuid;

    #[test]
    fn a_read_begun_before_a_revocation_is_not_kept() {
        let cache = ApiKeyCache::new(&SystemRng);
        let digest = cache.digest("key");
        let key = Arc::new(ApiKey {
            id: ApiKeyId::from_uuid(Uuid::nil()),
            name: "backend".to_owned(),
            hash: HashedToken::of("key"),
            scopes: Vec::new(),
            created_at: Timestamp::default(),
            expires_at: None,
            revoked_at: None,
        });
        let before = cache.generation();
        cache.forget();
        cache.insert(digest, Arc::clone(&key), before);
        assert!(cache.get(&digest).is_none());
        cache.insert(digest, key, cache.generation());
        assert!(cache.get(&digest).is_some());
    }
}
