//! Who takes part, for people.

use super::Membership;
use countersign_core::{NodeId, VerifierId, ids::RenewalId};
use countersign_storage::{Node as NodeRow, StoreError};
use std::{sync::PoisonError, time::Duration};

/// The nodes and the verifiers that one process knows of.
#[derive(Debug, Clone)]
pub struct Roster {
    /// Every node there is, by its id.
    pub nodes: Vec<SeenNode>,
    /// Who follows this process, and for how long their leases may still run.
    pub verifiers: Vec<(VerifierId, Duration)>,
}

/// A node, as this process sees it.
#[derive(Debug, Clone)]
pub struct SeenNode {
    /// Its row.
    pub row: NodeRow,
    /// Whether it is this process.
    pub is_this: bool,
    /// For how long this process has not seen it renew.
    pub still_for: Duration,
}

impl Membership {
    /// Who takes part now.
    ///
    /// # Errors
    /// When the store fails.
    pub(crate) async fn roster(&self) -> Result<Roster, StoreError> {
        let rows = self.rows.read(self).await?;
        self.observe(&rows);
        let watch = self.watch.lock().unwrap_or_else(PoisonError::into_inner);
        let (standing, now) = (self.standing(), self.now());
        let nodes = rows.iter().map(|row| SeenNode {
            row: row.clone(),
            is_this: standing.id() == Some(row.id),
            still_for: watch.still_for(row.id, now).unwrap_or_default(),
        });
        Ok(Roster {
            nodes: nodes.collect(),
            verifiers: standing.verifiers(now),
        })
    }

    /// Notes which rows were renewed since they were last read; answers what they hold.
    pub(super) fn observe(&self, rows: &[NodeRow]) -> Vec<(NodeId, RenewalId)> {
        let seen: Vec<_> = rows.iter().map(|row| (row.id, row.renewal)).collect();
        let mut watch = self.watch.lock().unwrap_or_else(PoisonError::into_inner);
        watch.observe(&seen, self.now());
        seen
    }
}
