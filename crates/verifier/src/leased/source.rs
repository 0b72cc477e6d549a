//! Sessions and adopted tokens, read by the node that is followed.

use super::memory::Followed;
use crate::service::{Service, ServiceError};
use countersign_api_types::feed::{FeedSessionAnswer, FeedSessionRequest};
use countersign_cluster::{Adopted, SnapshotSource, SourceError};
use countersign_core::{SessionId, snapshot::Loaded, token::HashedToken};
use std::sync::Arc;

/// Reads through the service. What another node read is not taken: it may be older than what was
/// applied here.
#[derive(Debug)]
pub(super) struct FollowedSource {
    service: Arc<Service>,
    followed: Arc<Followed>,
}

/// Read by a node that is not followed.
#[derive(Debug, thiserror::Error)]
#[error("another node answered")]
struct AnotherNode;

impl FollowedSource {
    pub(super) const fn new(service: Arc<Service>, followed: Arc<Followed>) -> Self {
        Self { service, followed }
    }

    async fn read(&self, request: &FeedSessionRequest) -> Result<FeedSessionAnswer, SourceError> {
        let answer = self.service.read_session(request).await?;
        if self.followed.is(answer.node_id) {
            Ok(answer)
        } else {
            Err(AnotherNode.into())
        }
    }
}

impl SnapshotSource for FollowedSource {
    async fn load(&self, session: SessionId) -> Result<Option<Loaded>, SourceError> {
        let request = FeedSessionRequest {
            session_id: Some(session),
            token_sha256: None,
        };
        match self.read(&request).await?.session {
            Some(facts) if facts.session_id != session => Err(ServiceError::Shape.into()),
            facts => Ok(facts.map(Loaded::from)),
        }
    }

    async fn load_adopted(&self, token: HashedToken) -> Result<Option<Adopted>, SourceError> {
        let request = FeedSessionRequest {
            session_id: None,
            token_sha256: Some(token.into()),
        };
        let facts = self.read(&request).await?.token;
        Ok(facts.map(|facts| Adopted {
            session: facts.session_id,
            expires_at: facts.expires_at,
        }))
    }
}
