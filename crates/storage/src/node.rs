//! The nodes: a row for each process that may answer, renewed with its lease.

use crate::{
    Conn, StoreError, Time, Tx, execute,
    feed::{json, parse_extent},
    fetch_all, statements,
};
use countersign_barrier::Extent;
use countersign_core::{NodeId, Timestamp, ids::RenewalId};
use uuid::Uuid;

statements! {
    INSERT_NODE = "INSERT INTO nodes (id, renewal, host, version, joined_at) VALUES ($1, $2, $3, $4, $5)";
    RENEW_NODE = {
        sqlite: "UPDATE nodes SET renewal = $2, acknowledged = $3 WHERE id = $1 AND renewal IN \
            (SELECT unhex(value) FROM json_each($4))",
        postgres: "UPDATE nodes SET renewal = $2, acknowledged = $3 WHERE id = $1 \
            AND renewal = ANY (CAST(translate($4, '[]\"', '{}') AS UUID[]))"
    };
    DELETE_NODE = "DELETE FROM nodes WHERE id = $1";
    DELETE_DEAD_NODE = "DELETE FROM nodes WHERE id = $1 AND renewal = $2";
    LIST_NODES = "SELECT id, renewal, acknowledged, host, version, joined_at FROM nodes ORDER BY id";
}

/// A process that may answer, as its row has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Which process.
    pub id: NodeId,
    /// What its last renewal left: a row that stands still shows a process that is gone.
    pub renewal: RenewalId,
    /// What it acknowledged to have read when it last renewed.
    pub acknowledged: Option<Extent>,
    /// The machine it runs on, for people.
    pub host: String,
    /// The program's version.
    pub version: String,
    /// When it joined.
    pub joined_at: Timestamp,
}

impl Conn {
    /// Every node there is.
    pub async fn list_nodes(&mut self) -> Result<Vec<Node>, StoreError> {
        let rows: Vec<NodeRow> = fetch_all!(self, LIST_NODES)?;
        rows.into_iter().map(TryInto::try_into).collect()
    }
}

impl Tx {
    /// Makes a node's row: to be committed before the node renews for the first time.
    pub async fn insert_node(&mut self, node: &Node) -> Result<(), StoreError> {
        execute!(
            self,
            INSERT_NODE,
            node.id.as_uuid(),
            node.renewal.as_uuid(),
            &node.host,
            &node.version,
            Time(node.joined_at)
        )?;
        Ok(())
    }

    /// Renews a node's row; false when the row is gone or another history's.
    ///
    /// `left` is what the row may hold: the last renewal known to be committed, and those after
    /// it whose outcome is unknown.
    pub async fn renew_node(
        &mut self,
        id: NodeId,
        left: &[RenewalId],
        renewal: RenewalId,
        acknowledged: Option<&Extent>,
    ) -> Result<bool, StoreError> {
        let renewed = execute!(
            self,
            RENEW_NODE,
            id.as_uuid(),
            renewal.as_uuid(),
            acknowledged.map(ToString::to_string),
            json(left.iter().map(|left| left.as_uuid().simple().to_string()))?
        )?;
        Ok(renewed == 1)
    }

    /// Deletes the row of a node that has stopped.
    pub async fn delete_node(&mut self, id: NodeId) -> Result<(), StoreError> {
        execute!(self, DELETE_NODE, id.as_uuid())?;
        Ok(())
    }

    /// Deletes the row of a node that seems to be gone, unless it was renewed meanwhile.
    pub async fn delete_dead_node(
        &mut self,
        id: NodeId,
        seen: RenewalId,
    ) -> Result<bool, StoreError> {
        let deleted = execute!(self, DELETE_DEAD_NODE, id.as_uuid(), seen.as_uuid())?;
        Ok(deleted == 1)
    }
}

#[derive(sqlx::FromRow)]
struct NodeRow {
    id: Uuid,
    renewal: Uuid,
    acknowledged: Option<String>,
    host: String,
    version: String,
    joined_at: Time,
}

impl TryFrom<NodeRow> for Node {
    type Error = StoreError;

    fn try_from(row: NodeRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: NodeId::from_uuid(row.id),
            renewal: RenewalId::from_uuid(row.renewal),
            acknowledged: row
                .acknowledged
                .map(|text| parse_extent(&text))
                .transpose()?,
            host: row.host,
            version: row.version,
            joined_at: row.joined_at.into(),
        })
    }
}
