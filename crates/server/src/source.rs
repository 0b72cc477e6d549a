//! The node's view of the store: snapshots and adopted tokens.

use countersign_cluster::{Adopted, SnapshotSource, SourceError};
use countersign_core::{SessionId, snapshot::Loaded, token::HashedToken};
use countersign_storage::{AdoptedKind, Store};

/// Loads from the store for the node's caches. Never from a replica.
#[derive(Debug, Clone)]
pub struct StoreSource(pub Store);

impl SnapshotSource for StoreSource {
    async fn load(&self, session: SessionId) -> Result<Option<Loaded>, SourceError> {
        Ok(self.0.read().await?.load_snapshot(session).await?)
    }

    async fn load_adopted(&self, token: HashedToken) -> Result<Option<Adopted>, SourceError> {
        let found = self.0.read().await?.find_adopted_token(&token).await?;
        let access = found.filter(|token| token.kind == AdoptedKind::Access);
        Ok(access.map(|token| Adopted {
            session: token.session_id,
            expires_at: token.expires_at,
        }))
    }
}
