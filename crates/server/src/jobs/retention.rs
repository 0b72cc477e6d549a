//! Deleting what is past its retention.

use super::JobError;
use crate::{app::App, config::Retention};
use countersign_core::{Timestamp, ids::FeedEntryId, lifetime::Lifetimes};
use countersign_storage::{Prunable, StoreError};

/// Rows per transaction, so that nobody waits long behind a deletion.
const BATCH: i64 = 500;

/// Deletes, table by table, everything whose retention is over.
pub(super) async fn retain(app: &App) -> Result<(), JobError> {
    let now = app.now();
    mark_feed(app, now).await?;
    for table in Prunable::ALL {
        let before = cut(table, &app.retention, now);
        loop {
            let deleted: Result<u64, StoreError> = app
                .store()
                .write((table, before), |tx, (table, before)| {
                    Box::pin(tx.prune(*table, *before, BATCH))
                })
                .await;
            if deleted? < BATCH.unsigned_abs() {
                break;
            }
        }
    }
    Ok(())
}

/// Notes what the feed holds, so that an hour from now it can be told what nobody needs any more.
async fn mark_feed(app: &App, now: Timestamp) -> Result<(), StoreError> {
    let id = FeedEntryId::generate(now, &*app.ledger.rng);
    app.store()
        .write(id, move |tx, id| Box::pin(tx.mark_feed(*id, now)))
        .await
}

fn cut(table: Prunable, retention: &Retention, now: Timestamp) -> Timestamp {
    match table {
        Prunable::ProofUses
        | Prunable::Challenges
        | Prunable::LimitTickets
        | Prunable::SigningKeys => now,
        // A node reads the feed every 250 ms; an hour covers the longest access token too.
        Prunable::Feed => now.minus(Lifetimes::LONGEST_ACCESS),
        Prunable::Sessions => now.minus(retention.sessions),
        Prunable::Ownerships => now.minus(retention.ownerships),
        Prunable::Activity | Prunable::TrustEvidence => now.minus(retention.activity),
        Prunable::ApiKeys => now.minus(retention.api_keys),
    }
}
