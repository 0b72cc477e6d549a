//! Sessions past their absolute limit, and memory of what is over.

use super::JobError;
use crate::{app::App, journal::Journal, session::ending};
use countersign_core::{SessionId, activity::Actor, session::EndingCause};
use countersign_storage::{StoreError, Tx};

const BATCH: i64 = 500;

/// Ends expired sessions and drops expired denials, snapshots and tokens from memory.
pub(super) async fn sweep(app: &App) -> Result<(), JobError> {
    let now = app.now();
    app.node.prune(now);
    app.gate.tokens.prune(now);
    loop {
        let expired = app
            .store()
            .read()
            .await?
            .find_expired_sessions(now, BATCH)
            .await?;
        if expired.is_empty() {
            return Ok(());
        }
        let journal = app.ledger.journal(Actor::System);
        let ended: Result<(), StoreError> = app
            .store()
            .write((journal, expired), |tx, (journal, expired)| {
                Box::pin(expire(tx, journal, expired))
            })
            .await;
        ended?;
    }
}

async fn expire(tx: &mut Tx, journal: &Journal, expired: &[SessionId]) -> Result<(), StoreError> {
    let mut expired = expired.to_vec();
    expired.sort_unstable();
    for id in expired {
        let session = tx
            .lock_session(id)
            .await?
            .filter(|session| !session.is_live(journal.now));
        ending::end(tx, journal, session.as_slice(), EndingCause::Expired).await?;
    }
    Ok(())
}
