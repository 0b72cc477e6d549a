//! Adopted tokens to sessions.

use crate::{
    cache::{Cache, CachedValue, ResolveError},
    client_changes::ChangeNumber,
    source::{Adopted, SnapshotSource},
};
use countersign_core::{Timestamp, token::HashedToken};
use std::sync::Arc;

/// Resolves adopted tokens. An entry never changes, so none is ever forgotten before its time:
/// whether its session still lives is for the denylist and the snapshot to say.
#[derive(Debug)]
pub struct AdoptedIndex<S> {
    source: Arc<S>,
    cache: Cache<(HashedToken, Adopted)>,
}

impl<S: SnapshotSource> AdoptedIndex<S> {
    /// Keeps up to `capacity` tokens, rounded up to a multiple of 64.
    pub(crate) fn new(source: Arc<S>, capacity: usize) -> Self {
        Self {
            source,
            cache: Cache::new(capacity, ChangeNumber::default()),
        }
    }

    /// The token's session, if it is in memory.
    pub fn cached(&self, token: HashedToken) -> Option<Adopted> {
        self.cache.get(&token).map(|(_, adopted)| adopted)
    }

    /// The token's session from memory or the source; `None` when it was never registered, which
    /// is not remembered. The caller checks the expiry.
    ///
    /// # Errors
    /// [`ResolveError::Source`] when the source failed.
    ///
    /// # Cancel safety
    /// As for [`Resolver::resolve`](crate::Resolver::resolve).
    pub async fn resolve(
        &self,
        token: HashedToken,
        now: Timestamp,
    ) -> Result<Option<Adopted>, ResolveError> {
        if let Some(adopted) = self.cached(token) {
            return Ok(Some(adopted));
        }
        let load = |_| async move {
            let adopted = self.source.load_adopted(token).await?;
            Ok(adopted.map(|adopted| (token, adopted)))
        };
        let found = self.cache.fetch(token, now, load).await?;
        Ok(found.map(|(_, adopted)| adopted))
    }

    /// Forgets everything, for a store whose history was replaced.
    pub fn forget_all(&self) {
        self.cache.invalidate_all();
    }

    /// Drops expired tokens.
    pub fn prune(&self, now: Timestamp) {
        self.cache.prune(now);
    }

    /// How many tokens are in memory.
    pub fn len(&self) -> usize {
        self.cache.len()
    }

    /// How many loads are under way.
    pub fn loading(&self) -> usize {
        self.cache.loading()
    }

    /// Whether none is in memory.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl CachedValue for (HashedToken, Adopted) {
    fn is_current(&self) -> bool {
        true
    }

    fn is_over(&self, now: Timestamp) -> bool {
        now >= self.1.expires_at
    }
}
