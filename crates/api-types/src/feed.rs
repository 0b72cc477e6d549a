//! `/v1/feed`: what a verifier follows of one node, and reads of it.

mod entry;
mod facts;
mod snapshot;

pub use entry::{EndedSession, FeedItem, FeedItemEvent};
pub use facts::{CheckingKeys, NonceSecret};
pub use snapshot::{SessionFacts, TokenFacts};

use crate::{FieldError, Validate, schema, seconds, session::TokenHash};
use countersign_core::{NodeId, SessionId, Timestamp, VerifierId};
use serde::{Deserialize, Serialize};

/// How long a question may wait for news.
pub const MOST_WAIT_MILLIS: u64 = 200;

/// The most sessions in one report of activity.
pub const MOST_SEEN: usize = 500;

/// The highest batch number that every JSON reader can tell from its neighbours.
const MOST_UPTO: u64 = (1 << 53) - 1;

/// The longest name of a set of keys.
const MAX_KEYS_ID_BYTES: usize = 64;

/// A verifier's question: what is new?
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct FeedRequest {
    /// The verifier's process; another one after each start.
    #[schema(value_type = schema::VerifierId)]
    pub verifier_id: VerifierId,
    /// What it has applied whole; absent at the beginning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub has: Option<FeedPosition>,
    /// The keys it has, as an answer named them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 64)]
    pub keys_id: Option<String>,
    /// How long to wait for news, in milliseconds.
    #[serde(default, deserialize_with = "seconds::required")]
    #[schema(maximum = 200)]
    pub wait_ms: u64,
}

/// A place in what one node has applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct FeedPosition {
    /// The node's process.
    #[schema(value_type = schema::NodeId)]
    pub node_id: NodeId,
    /// The number of its batch.
    #[serde(deserialize_with = "seconds::required")]
    #[schema(maximum = 9_007_199_254_740_991_u64)]
    pub upto: u64,
}

/// What is new, and for how long it may be relied on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct FeedAnswer {
    /// The node's process.
    #[schema(value_type = schema::NodeId)]
    pub node_id: NodeId,
    /// Up to which batch this is.
    pub upto: u64,
    /// What remains of the node's lease, in microseconds, counted from before the question was
    /// sent; 0 for a verifier that begins anew.
    pub remains_us: u64,
    /// Everything after what it has; absent when it must begin anew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entries: Option<Vec<FeedItem>>,
    /// To begin anew: forget everything, then refuse these sessions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reset: Option<Vec<EndedSession>>,
    /// What tokens and proofs are checked with, unless it has that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keys: Option<CheckingKeys>,
}

/// Which session to read: one by its id, or that of a token of the app's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct FeedSessionRequest {
    /// The session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::SessionId>)]
    pub session_id: Option<SessionId>,
    /// The SHA-256 of the token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::Sha256>)]
    pub token_sha256: Option<TokenHash>,
}

/// What there is, as of now; nothing where there is none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct FeedSessionAnswer {
    /// The node that read it: of no use to a verifier that follows another.
    #[schema(value_type = schema::NodeId)]
    pub node_id: NodeId,
    /// The session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<SessionFacts>,
    /// What the token stands for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<TokenFacts>,
}

/// Sessions whose requests a verifier let through.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct FeedSeenRequest {
    /// At most 500, each with its newest activity.
    #[schema(max_items = 500)]
    pub seen: Vec<SeenSession>,
}

/// A session that was active.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SeenSession {
    /// The session.
    #[schema(value_type = schema::SessionId)]
    pub session_id: SessionId,
    /// When; a time to come counts as now.
    #[schema(value_type = schema::Timestamp)]
    pub at: Timestamp,
}

impl Validate for FeedRequest {
    fn validate(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        if self.wait_ms > MOST_WAIT_MILLIS {
            let detail = format!("must be at most {MOST_WAIT_MILLIS}");
            errors.push(FieldError::new("/wait_ms", detail));
        }
        if self.has.is_some_and(|has| has.upto > MOST_UPTO) {
            let detail = format!("must be at most {MOST_UPTO}");
            errors.push(FieldError::new("/has/upto", detail));
        }
        if let Some(id) = &self.keys_id {
            crate::validate::check_opaque(&mut errors, "/keys_id", id, MAX_KEYS_ID_BYTES);
        }
        errors
    }
}

impl Validate for FeedSeenRequest {
    fn validate(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        crate::validate::check_count(&mut errors, "/seen", self.seen.len(), MOST_SEEN);
        errors
    }
}

impl Validate for FeedSessionRequest {
    fn validate(&self) -> Vec<FieldError> {
        match (&self.session_id, &self.token_sha256) {
            (Some(_), None) | (None, Some(_)) => Vec::new(),
            (None, None) => vec![FieldError::new("", "needs session_id or token_sha256")],
            (Some(_), Some(_)) => {
                vec![FieldError::new(
                    "/token_sha256",
                    "cannot stand beside session_id",
                )]
            }
        }
    }
}
