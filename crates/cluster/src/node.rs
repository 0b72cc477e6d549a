//! The node: denylist, caches and activity as one.

use crate::{
    activity::{Activity, Seen},
    adopted::AdoptedIndex,
    applied::Applied,
    cache::ResolveError,
    denylist::Denylist,
    live::Live,
    resolver::Resolver,
    sharded::{read, write},
    source::{Adopted, SnapshotSource},
};
use countersign_core::{
    SessionId, Timestamp,
    feed::{FeedEntry, FeedEvent, Subject},
    session::EndingCause,
    token::HashedToken,
};
use std::{
    fmt,
    sync::{Arc, RwLock},
};

/// How much a node keeps in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Snapshots, rounded up to a multiple of 64; about a quarter of a kilobyte each.
    pub sessions: usize,
    /// Adopted tokens, rounded up to a multiple of 64; about 80 bytes each.
    pub adopted_tokens: usize,
    /// Ids of applied feed entries; about 60 bytes each.
    pub applied_entries: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            sessions: 200_000,
            adopted_tokens: 200_000,
            applied_entries: 8_192,
        }
    }
}

/// What a session id stands for, now.
#[derive(Debug, Clone)]
pub enum Lookup {
    /// The session ended, and its tokens could still be unexpired.
    Denied(EndingCause),
    /// There is no such session.
    Unknown,
    /// The session, to be judged by [`decide`](countersign_core::decision::decide).
    Found(Arc<Live>),
}

/// What other caches of the process must forget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// One subject; never a session.
    Of(Subject),
    /// Everything.
    Everything,
}

type Hook = Box<dyn Fn(Change) + Send + Sync>;

/// The runtime around the revocation protocol. See the crate for its rules.
pub struct Node<S> {
    denylist: Denylist,
    resolver: Resolver<S>,
    adopted: AdoptedIndex<S>,
    activity: Arc<Activity>,
    applied: Applied,
    hooks: RwLock<Vec<Hook>>,
}

impl<S: SnapshotSource> Node<S> {
    /// Starts with the sessions that ended and whose tokens could still be unexpired, each with
    /// its cause and the time until which to refuse it.
    ///
    /// They must have been read after the feed position from which [`apply`](Self::apply) goes on.
    pub fn start(
        source: S,
        settings: Settings,
        ended: impl Iterator<Item = (SessionId, EndingCause, Timestamp)>,
    ) -> Self {
        let source = Arc::new(source);
        let activity = Arc::new(Activity::new(settings.sessions));
        let denylist = Denylist::new();
        for (session, cause, until) in ended {
            denylist.deny(session, cause, until);
        }
        tracing::info!(sessions.denied = denylist.len(), "denylist loaded");
        Self {
            denylist,
            resolver: Resolver::new(
                Arc::clone(&source),
                settings.sessions,
                Arc::clone(&activity),
            ),
            adopted: AdoptedIndex::new(source, settings.adopted_tokens),
            activity,
            applied: Applied::new(settings.applied_entries),
            hooks: RwLock::default(),
        }
    }

    /// Calls `hook` for every change of a client, an API key or the signing keys, before
    /// [`apply`](Self::apply) or [`forget`](Self::forget) returns. It must neither add a hook nor
    /// apply entries itself.
    pub fn on_change(&self, hook: impl Fn(Change) + Send + Sync + 'static) {
        write(&self.hooks).push(Box::new(hook));
    }

    /// What the session id stands for, if memory says it.
    pub fn cached(&self, session: SessionId) -> Option<Lookup> {
        if let Some(cause) = self.denylist.denied(session) {
            return Some(Lookup::Denied(cause));
        }
        self.resolver.cached(session).map(Lookup::Found)
    }

    /// What the session id stands for: denylist, memory, source, and the denylist again.
    ///
    /// # Errors
    /// As for [`Resolver::resolve`]; the request must be refused.
    ///
    /// # Cancel safety
    /// As for [`Resolver::resolve`].
    pub async fn lookup(&self, session: SessionId, now: Timestamp) -> Result<Lookup, ResolveError> {
        if let Some(known) = self.cached(session) {
            return Ok(known);
        }
        let resolved = self.resolver.resolve(session, now).await?;
        if let Some(cause) = self.denylist.denied(session) {
            return Ok(Lookup::Denied(cause));
        }
        Ok(resolved.map_or(Lookup::Unknown, Lookup::Found))
    }

    /// As [`lookup`](Self::lookup), from the source even if memory has an answer: for one that
    /// another node's activity may have overtaken.
    ///
    /// # Errors
    /// As for [`Resolver::resolve`]; the request must be refused.
    ///
    /// # Cancel safety
    /// As for [`Resolver::resolve`].
    pub async fn lookup_fresh(
        &self,
        session: SessionId,
        now: Timestamp,
    ) -> Result<Lookup, ResolveError> {
        self.resolver.pass_over(session);
        self.lookup(session, now).await
    }

    /// The session of an adopted token, if it is in memory.
    pub fn cached_adopted(&self, token: HashedToken) -> Option<Adopted> {
        self.adopted.cached(token)
    }

    /// The session of an adopted token; `None` when it was never registered.
    ///
    /// # Errors
    /// As for [`AdoptedIndex::resolve`]; the request must be refused.
    ///
    /// # Cancel safety
    /// As for [`Resolver::resolve`].
    pub async fn lookup_adopted(
        &self,
        token: HashedToken,
        now: Timestamp,
    ) -> Result<Option<Adopted>, ResolveError> {
        self.adopted.resolve(token, now).await
    }

    /// Takes committed entries in. Once it returned, nothing older than them answers.
    ///
    /// Order and repetition do not matter; entries applied recently cost one look. Answers those
    /// that were new.
    pub fn apply(&self, entries: &[FeedEntry]) -> Vec<FeedEntry> {
        let unseen = self.applied.unseen(entries);
        for entry in &unseen {
            if let FeedEvent::Ended {
                session,
                cause,
                until,
            } = entry.event
            {
                self.denylist.deny(session, cause, until);
            }
        }
        let events = unseen.iter().map(|entry| entry.event);
        self.resolver.recent().changed(events);
        for entry in &unseen {
            self.forget_subject(entry.event);
        }
        self.applied.record(&unseen);
        unseen.into_iter().cloned().collect()
    }

    /// Forgets what entries are about whose commit may or may not have happened. Denies nothing.
    pub fn forget(&self, entries: &[FeedEntry]) {
        for entry in entries {
            self.forget_subject(entry.event);
        }
    }

    /// Forgets everything but the denylist and activity that waits to be written.
    pub fn forget_all(&self) {
        tracing::debug!("forgetting everything in memory but the denylist");
        self.applied.clear();
        self.resolver.forget_all();
        self.adopted.forget_all();
        self.tell(Change::Everything);
    }

    /// Notes that a request of the session was let through.
    pub fn touch(&self, live: &Arc<Live>, now: Timestamp) {
        self.activity.touch(live, now);
    }

    /// The sessions active since the last call, each once with its newest activity.
    ///
    /// A batch counts as written when the next one is drained: write it before.
    pub fn drain_activity(&self) -> Vec<Seen> {
        self.activity.drain()
    }

    /// Drops what is over: denials, snapshots, adopted tokens. Walks everything in memory.
    pub fn prune(&self, now: Timestamp) {
        self.denylist.prune(now);
        self.resolver.prune(now);
        self.adopted.prune(now);
    }

    /// The ended sessions.
    pub fn denylist(&self) -> &Denylist {
        &self.denylist
    }

    /// The snapshots in memory. Whoever answers a request from here reads the denylist before.
    pub fn resolver(&self) -> &Resolver<S> {
        &self.resolver
    }

    /// The adopted tokens in memory.
    pub fn adopted(&self) -> &AdoptedIndex<S> {
        &self.adopted
    }

    fn forget_subject(&self, event: FeedEvent) {
        match event {
            FeedEvent::Ended { session, .. } | FeedEvent::Changed(Subject::Session(session)) => {
                self.resolver.forget_session(session);
            }
            FeedEvent::Changed(subject) => {
                if let Subject::Client(client) = subject {
                    self.resolver.forget_client(client);
                }
                self.tell(Change::Of(subject));
            }
        }
    }

    fn tell(&self, change: Change) {
        for hook in read(&self.hooks).iter() {
            hook(change);
        }
    }
}

impl<S> fmt::Debug for Node<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Node");
        debug
            .field("denylist", &self.denylist)
            .finish_non_exhaustive()
    }
}
