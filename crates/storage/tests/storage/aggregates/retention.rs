//! What is deleted at its end, and what is not before.

use super::{
    fixture::{device, ownership, session, store},
    read, write,
};
use crate::{
    harness::{NOW, entry},
    on_both_engines,
};
use countersign_core::{
    Timestamp,
    device::OwnershipEndCause,
    session::{Ending, EndingCause},
};
use countersign_storage::Prunable;
use std::time::Duration;

fn later(secs: u64) -> Timestamp {
    NOW.plus(Duration::from_secs(secs))
}

on_both_engines! {
    async fn an_empty_database_has_nothing_to_prune(harness) {
        for table in Prunable::ALL {
            assert_eq!(write!(harness, table, |tx, table| tx.prune(*table, NOW, 10).await), 0);
        }
    }

    async fn past_sessions_go_before_their_ownerships(harness) {
        store(harness, &[1, 2]).await;
        write!(harness, (), |tx, ()| {
            let ending = Ending { at: later(5), cause: EndingCause::Removed };
            tx.end_sessions(&[(session(1).id, ending)]).await?;
            tx.end_ownership(ownership(1).id, OwnershipEndCause::Removed, later(5)).await
        });
        let pruned = write!(harness, (), |tx, ()| Ok([
            tx.prune(Prunable::Sessions, later(4), 10).await?,
            tx.prune(Prunable::Ownerships, later(5), 10).await?,
            tx.prune(Prunable::Sessions, later(5), 10).await?,
            tx.prune(Prunable::Ownerships, later(5), 10).await?,
        ]));
        assert_eq!(pruned, [0, 0, 1, 1]);
        assert_eq!(read!(harness, |conn| conn.find_session(session(1).id)), None);
        assert_eq!(read!(harness, |conn| conn.find_session(session(2).id)), Some(session(2)));
        assert!(!read!(harness, |conn| conn.has_owned(device(1).id, ownership(1).user_id)));
    }

    async fn a_prune_is_bounded(harness) {
        write!(harness, (), |tx, ()| {
            for number in 1..=3 {
                tx.append_feed(entry(number), NOW);
                tx.use_proof(&[u8::try_from(number).unwrap_or(0); 32], NOW).await?;
            }
            Ok(())
        });
        write!(harness, (), |tx, ()| tx.mark_feed(entry(9).id, NOW).await);
        for table in [Prunable::Feed, Prunable::ProofUses] {
            let pruned = write!(harness, table, |tx, table| Ok([
                tx.prune(*table, NOW, 2).await?,
                tx.prune(*table, NOW, 2).await?,
            ]));
            assert_eq!(pruned, [2, 1]);
        }
    }
}
