//! What verifiers follow of this node, and read of it.
//!
//! A verifier answers from its own memory under what remains of this node's lease. Owns what it is
//! told; who may rely on what is decided by `countersign_barrier`.

pub(crate) mod http;

use crate::{
    membership::{Membership, NoLease, Pull},
    signing::Issuer,
    source::StoreSource,
};
use countersign_api_types::{
    feed::{
        CheckingKeys, EndedSession, FeedAnswer, FeedItem, SeenSession, SessionFacts, TokenFacts,
    },
    jwks::Jwk,
};
use countersign_barrier::Batch;
use countersign_cluster::{Lookup, Node, ResolveError, SnapshotSource as _, SourceError};
use countersign_core::{
    Clock, NodeId, SessionId,
    token::{HashedToken, sha256},
};
use std::{fmt, sync::Arc, time::Duration};
use zeroize::Zeroizing;

/// Answers verifiers.
pub(crate) struct Feed {
    pub(crate) membership: Arc<Membership>,
    pub(crate) node: Arc<Node<StoreSource>>,
    pub(crate) source: StoreSource,
    pub(crate) issuer: Arc<Issuer>,
    pub(crate) nonce_secret: Zeroizing<[u8; 32]>,
    pub(crate) clock: Arc<dyn Clock>,
}

/// A verifier got no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FeedError {
    #[error(transparent)]
    NoLease(#[from] NoLease),
    #[error("a session could not be read")]
    Unread(#[from] ResolveError),
    #[error("the store could not be read")]
    Source(#[source] SourceError),
}

impl Feed {
    /// What is new for a verifier, and what remains of the lease.
    ///
    /// # Errors
    /// [`FeedError::NoLease`].
    pub(crate) async fn pull(
        &self,
        pull: Pull,
        keys_id: Option<&str>,
    ) -> Result<FeedAnswer, FeedError> {
        let answer = self.membership.pull(pull).await?;
        // Read after the batch was: it holds all that the batches up to there ended.
        let reset = answer.entries.is_none().then(|| self.denied());
        let keys = self.keys();
        Ok(FeedAnswer {
            node_id: answer.node,
            upto: answer.grant.upto.get(),
            remains_us: micros(answer.grant.remains),
            entries: answer
                .entries
                .map(|entries| entries.iter().map(FeedItem::from).collect()),
            reset,
            keys: (keys_id != Some(&keys.id)).then_some(keys),
        })
    }

    /// The session as it is now, with the node whose batches it is as new as.
    ///
    /// # Errors
    /// [`FeedError`].
    pub(crate) async fn session(
        &self,
        id: SessionId,
    ) -> Result<(NodeId, Option<SessionFacts>), FeedError> {
        let node = self.follow().await?;
        let facts = match self.node.lookup(id, self.clock.now()).await? {
            Lookup::Found(live) => Some(SessionFacts::of(&live.snapshot, live.last_active_at())),
            Lookup::Unknown => None,
            // The verifier is to say why it ended.
            Lookup::Denied(_) => {
                let loaded = self.source.load(id).await.map_err(FeedError::Source)?;
                loaded.map(|loaded| SessionFacts::of(&loaded.snapshot, loaded.last_active_at))
            }
        };
        Ok((node, facts))
    }

    /// What a token of the app's own stands for.
    ///
    /// # Errors
    /// [`FeedError`].
    pub(crate) async fn token(
        &self,
        hash: HashedToken,
    ) -> Result<(NodeId, Option<TokenFacts>), FeedError> {
        let node = self.follow().await?;
        let found = self.node.lookup_adopted(hash, self.clock.now()).await?;
        let facts = found.map(|adopted| TokenFacts {
            session_id: adopted.session,
            expires_at: adopted.expires_at,
        });
        Ok((node, facts))
    }

    /// Takes in whose requests a verifier let through.
    ///
    /// # Errors
    /// [`FeedError`]; part of it may be taken in.
    pub(crate) async fn seen(&self, seen: &[SeenSession]) -> Result<(), FeedError> {
        self.follow().await?;
        let now = self.clock.now();
        for session in seen {
            if let Lookup::Found(live) = self.node.lookup(session.session_id, now).await? {
                self.node.touch(&live, session.at.min(now));
            }
        }
        Ok(())
    }

    /// Before anything in memory is looked at: see I1.
    async fn follow(&self) -> Result<NodeId, NoLease> {
        self.membership.hold().await?;
        self.membership.id()
    }

    fn denied(&self) -> Vec<EndedSession> {
        let denied = self.node.denylist().all().into_iter();
        denied
            .map(|(session_id, cause, until)| EndedSession {
                session_id,
                cause,
                until,
            })
            .collect()
    }

    fn keys(&self) -> CheckingKeys {
        let published = self.issuer.keys.jwks(self.clock.now());
        let signing_keys: Vec<_> = published
            .into_iter()
            .map(|(id, jwk)| Jwk::p256(id.to_string(), jwk.x, jwk.y))
            .collect();
        let names: Vec<&str> = signing_keys.iter().map(|key| &*key.kid).collect();
        CheckingKeys {
            id: CheckingKeys::name(&self.issuer.url, &names, &sha256(&*self.nonce_secret)),
            issuer: self.issuer.url.clone(),
            signing_keys,
            nonce_key: CheckingKeys::write_nonce_key(&self.nonce_secret),
        }
    }
}

impl fmt::Debug for Feed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Feed");
        debug.field("node", &self.node).finish_non_exhaustive()
    }
}

impl Pull {
    /// A question as it came over HTTP.
    pub(crate) fn of(request: &countersign_api_types::feed::FeedRequest) -> Self {
        let has = request.has.as_ref();
        Self {
            verifier: request.verifier_id,
            has: has.map(|has| (has.node_id, Batch::new(has.upto))),
            wait: Duration::from_millis(request.wait_ms),
        }
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
