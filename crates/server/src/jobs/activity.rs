//! Last-seen times: coalesced in memory, written in batches.

use super::JobError;
use crate::app::App;
use countersign_cluster::Seen;
use countersign_core::Timestamp;
use countersign_storage::{StoreError, Tx};
use std::collections::BTreeMap;

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
    // One order for all: devices, then ownerships, then sessions, each by id and each once. A row that a
    // transaction writes twice has its foreign keys checked, which locks the client and the user after the
    // device.
    for (device, at) in newest(batch, |seen| seen.device) {
        tx.touch_device(device, at).await?;
    }
    for (ownership, at) in newest(batch, |seen| seen.ownership) {
        tx.touch_ownership(ownership, at).await?;
    }
    for (session, at) in newest(batch, |seen| seen.session) {
        tx.touch_session(session, at).await?;
    }
    Ok(())
}

/// When each was seen last, by id.
fn newest<Id: Ord>(batch: &[Seen], id: impl Fn(&Seen) -> Id) -> BTreeMap<Id, Timestamp> {
    let mut newest = BTreeMap::new();
    for seen in batch {
        let at = newest.entry(id(seen)).or_insert(seen.at);
        *at = seen.at.max(*at);
    }
    newest
}
