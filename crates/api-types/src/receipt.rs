//! What the answer to an ending says about where it has arrived.

use crate::schema;
use countersign_core::{NodeId, Timestamp};
use serde::{Deserialize, Serialize};

/// Who can no longer accept what ended, and how that is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct EndingReceipt {
    /// From when on no node and no verifier accepts what ended.
    #[schema(value_type = schema::Timestamp)]
    pub at: Timestamp,
    /// The nodes that said that they have it, each with all of its verifiers.
    #[schema(value_type = Vec<schema::NodeId>)]
    pub acknowledged: Vec<NodeId>,
    /// The nodes that said nothing, and whose leases from before it have ended.
    #[schema(value_type = Vec<schema::NodeId>)]
    pub lapsed: Vec<NodeId>,
    /// Whether the list of nodes could be read; if not, every lease was waited for.
    pub is_complete: bool,
    /// How long all of that took after the commit.
    pub waited_ms: u64,
    /// The same facts with what ended, signed by the service: a JWS of type `ending-receipt+jwt`.
    /// Absent while no key may sign; the ending holds all the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<String>,
}
