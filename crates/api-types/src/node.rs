//! `GET /v1/nodes`.

use crate::schema;
use countersign_core::{NodeId, Timestamp, VerifierId};
use serde::{Deserialize, Serialize};

/// Who takes part, as one node sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct NodeList {
    /// Every process that may answer, by its id.
    pub nodes: Vec<NodeItem>,
    /// The verifiers and sidecars that follow the node that was asked; others follow other nodes.
    pub verifiers: Vec<VerifierItem>,
}

/// A process that may answer, as its row has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct NodeItem {
    /// Its process; another one after each start.
    #[schema(value_type = schema::NodeId)]
    pub node_id: NodeId,
    /// The machine it runs on.
    pub host: String,
    /// The program's version.
    pub version: String,
    /// When it joined.
    #[schema(value_type = schema::Timestamp)]
    pub joined_at: Timestamp,
    /// Whether it is the node that was asked.
    pub is_this: bool,
    /// What of the feed it and its verifiers have, as PostgreSQL writes a `pg_snapshot`; absent
    /// before its second renewal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "812:814:812")]
    pub acknowledged: Option<String>,
    /// For how long the node that was asked has not seen it renew. A node renews four times a
    /// second; the row of one that does not for 2.2 seconds is deleted.
    pub still_for_ms: u64,
}

/// A verifier or sidecar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct VerifierItem {
    /// Its process; another one after each start.
    #[schema(value_type = schema::VerifierId)]
    pub verifier_id: VerifierId,
    /// How long its lease may still run, if it does not ask again.
    pub lapses_in_ms: u64,
}
