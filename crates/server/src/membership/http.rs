//! `/v1/nodes`.

use super::{Membership, Roster, roster::SeenNode};
use crate::{
    caller::Backend,
    error::store_problem,
    http::{Json, Problem},
    router::AppState,
};
use axum::extract::State;
use countersign_api_types::node::{NodeItem, NodeList, VerifierItem};
use countersign_core::{VerifierId, api_key::Scope};
use std::{sync::Arc, time::Duration};
use utoipa_axum::{router::OpenApiRouter, routes};

pub(crate) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list_nodes))
}

/// Lists the nodes, and the verifiers that follow the one that is asked.
#[utoipa::path(
    get, path = "/v1/nodes", operation_id = "list_nodes", tag = "nodes",
    security(("api_key" = [])),
    responses((status = 200, description = "Who takes part now.", body = NodeList)),
)]
async fn list_nodes(
    State(membership): State<Arc<Membership>>,
    backend: Backend,
) -> Result<Json<NodeList>, Problem> {
    backend.require(Scope::NodesRead)?;
    let roster = membership.roster().await.map_err(store_problem)?;
    Ok(Json(roster.into()))
}

impl From<Roster> for NodeList {
    fn from(roster: Roster) -> Self {
        Self {
            nodes: roster.nodes.into_iter().map(item).collect(),
            verifiers: roster.verifiers.into_iter().map(verifier).collect(),
        }
    }
}

fn item(seen: SeenNode) -> NodeItem {
    NodeItem {
        node_id: seen.row.id,
        host: seen.row.host,
        version: seen.row.version,
        joined_at: seen.row.joined_at,
        is_this: seen.is_this,
        acknowledged: seen.row.acknowledged.map(|extent| extent.to_string()),
        still_for_ms: millis(seen.still_for),
    }
}

fn verifier((verifier_id, left): (VerifierId, Duration)) -> VerifierItem {
    VerifierItem {
        verifier_id,
        lapses_in_ms: millis(left),
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
