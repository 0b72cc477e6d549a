//! Where the node's caches load from: what other nodes left in Redis, and the store.

use crate::redis::Redis;
use countersign_barrier::Extent;
use countersign_cluster::{Adopted, Recalled, SnapshotSource, SourceError};
use countersign_core::{SessionId, snapshot::Loaded, token::HashedToken};
use countersign_storage::{AdoptedKind, Store};
use std::sync::Arc;

/// Loads for the node's caches from the store, never from a replica; recalls from Redis.
#[derive(Debug, Clone)]
pub struct StoreSource {
    pub(crate) store: Store,
    pub(crate) redis: Option<Arc<Redis>>,
}

impl SnapshotSource for StoreSource {
    async fn load(&self, session: SessionId) -> Result<Option<Loaded>, SourceError> {
        Ok(self.store.read().await?.load_snapshot(session).await?)
    }

    async fn load_adopted(&self, token: HashedToken) -> Result<Option<Adopted>, SourceError> {
        let found = self.store.read().await?.find_adopted_token(&token).await?;
        let access = found.filter(|token| token.kind == AdoptedKind::Access);
        Ok(access.map(|token| Adopted {
            session: token.session_id,
            expires_at: token.expires_at,
        }))
    }

    async fn recall(&self, session: SessionId) -> Option<Recalled> {
        self.redis.as_ref()?.recall(session).await
    }

    fn remember(&self, loaded: &Loaded, as_of: &Extent) {
        if let Some(redis) = &self.redis {
            redis.remember(loaded, as_of);
        }
    }
}
