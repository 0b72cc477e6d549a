//! Sessions to snapshots: memory, then what other nodes left, then the store.

use crate::{
    activity::Activity,
    cache::{Cache, ResolveError},
    client_changes::ClientChanges,
    kinds::Kinds,
    live::Live,
    recent::RecentChanges,
    source::{SnapshotSource, SourceError},
};
use countersign_core::{
    ClientId, SessionId, Timestamp,
    feed::{FeedEvent, Subject},
    snapshot::Loaded,
};
use std::sync::Arc;

/// Resolves sessions. No snapshot older than a change of its session or client answers.
#[derive(Debug)]
pub struct Resolver<S> {
    source: Arc<S>,
    cache: Cache<Arc<Live>>,
    clients: ClientChanges,
    kinds: Kinds,
    recent: RecentChanges,
    activity: Arc<Activity>,
}

impl<S: SnapshotSource> Resolver<S> {
    /// Keeps up to `capacity` snapshots, rounded up to a multiple of 64.
    pub(crate) fn new(source: Arc<S>, capacity: usize, activity: Arc<Activity>) -> Self {
        let clients = ClientChanges::default();
        Self {
            source,
            cache: Cache::new(capacity, clients.number()),
            clients,
            kinds: Kinds::default(),
            recent: RecentChanges::default(),
            activity,
        }
    }

    /// The session's snapshot, if it is in memory.
    pub fn cached(&self, session: SessionId) -> Option<Arc<Live>> {
        self.cache.get(&session)
    }

    /// The session's snapshot from memory or the source; `None` when there is no such session,
    /// which is not remembered.
    ///
    /// Callers that miss at the same time share one load.
    ///
    /// # Errors
    /// [`ResolveError::Source`] when the source failed; [`ResolveError::Unsettled`] when changes
    /// overtook one load after another. Either refuses the request.
    ///
    /// # Cancel safety
    /// Safe. A caller that was running the load hands it to one that waits. A caller that is
    /// neither polled nor dropped holds up those who wait with it.
    pub async fn resolve(
        &self,
        session: SessionId,
        now: Timestamp,
    ) -> Result<Option<Arc<Live>>, ResolveError> {
        if let Some(live) = self.cached(session) {
            return Ok(Some(live));
        }
        let load = |began| async move {
            let Some(loaded) = self.load(session).await? else {
                return Ok(None);
            };
            let mut snapshot = loaded.snapshot;
            snapshot.kind = self.kinds.known(snapshot.kind);
            let changed = self.clients.cell(snapshot.kind.client_id);
            // The store may not have the last minute's activity yet.
            let newer = self.activity.newest(session);
            let last_active_at =
                newer.map_or(loaded.last_active_at, |at| at.max(loaded.last_active_at));
            Ok(Some(Arc::new(Live::new(
                snapshot,
                last_active_at,
                changed,
                began,
            ))))
        };
        self.cache.fetch(session, now, load).await
    }

    async fn load(&self, session: SessionId) -> Result<Option<Loaded>, SourceError> {
        if let Some(recalled) = self.source.recall(session).await {
            let snapshot = &recalled.loaded.snapshot;
            let client = snapshot.kind.client_id;
            if snapshot.session_id == session
                && self.recent.allows(session, client, &recalled.as_of)
            {
                return Ok(Some(recalled.loaded));
            }
        }
        // Noted before the load: it sees all of this.
        let as_of = self.recent.known();
        let loaded = self.source.load(session).await?;
        if let (Some(loaded), Some(as_of)) = (&loaded, as_of) {
            self.source.remember(loaded, &as_of);
        }
        Ok(loaded)
    }

    /// What changed of late, for the layer between memory and the store.
    pub fn recent(&self) -> &RecentChanges {
        &self.recent
    }

    /// The next lookup of the session is answered by the store.
    pub(crate) fn pass_over(&self, session: SessionId) {
        let change = FeedEvent::Changed(Subject::Session(session));
        self.recent.changed(std::iter::once(change));
        self.forget_session(session);
    }

    /// Makes stale what was loaded of the session, and what is being loaded.
    pub fn forget_session(&self, session: SessionId) {
        self.cache.invalidate(&session);
    }

    /// Makes stale what was loaded of the client's sessions, and what is being loaded.
    pub fn forget_client(&self, client: ClientId) {
        self.clients.record(client);
    }

    /// Makes everything stale that was loaded or is being loaded.
    pub fn forget_all(&self) {
        self.cache.invalidate_all();
    }

    /// Drops snapshots that expired or are stale.
    pub fn prune(&self, now: Timestamp) {
        self.cache.prune(now);
    }

    /// How many snapshots are in memory.
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
