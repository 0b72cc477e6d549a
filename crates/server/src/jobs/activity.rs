//! Last-seen times: coalesced in memory, written in batches.

use super::JobError;
use crate::app::App;
use countersign_cluster::Seen;
use countersign_storage::{StoreError, Tx};

/// The most sessions written in one transaction.
const BATCH: usize = 500;

/// Writes the newest activity of every session seen since the last call.
pub(super) async fn flush(app: &App) -> Result<(), JobError> {
    let seen = app.node.drain_activity();
    for batch in seen.chunks(BATCH) {
        let written: Result<(), StoreError> = app
            .store()
            .write(batch.to_vec(), |tx, batch| Box::pin(write(tx, batch)))
            .await;
        written?;
    }
    Ok(())
}

async fn write(tx: &mut Tx, batch: &[Seen]) -> Result<(), StoreError> {
    // One order for all: devices, then ownerships, then sessions, each by id.
    let mut batch = batch.to_vec();
    batch.sort_by_key(|seen| (seen.device, seen.ownership, seen.session));
    for seen in &batch {
        tx.touch_device(seen.device, seen.at).await?;
    }
    batch.sort_by_key(|seen| (seen.ownership, seen.session));
    for seen in &batch {
        tx.touch_ownership(seen.ownership, seen.at).await?;
    }
    batch.sort_by_key(|seen| seen.session);
    for seen in &batch {
        tx.touch_session(seen.session, seen.at).await?;
    }
    Ok(())
}
