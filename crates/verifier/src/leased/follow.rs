//! The tasks: following a node, and telling it who was active.

use super::memory::Memory;
use crate::service::ServiceError;
use countersign_api_types::feed::{
    FeedPosition, FeedRequest, FeedSeenRequest, MOST_SEEN, MOST_WAIT_MILLIS, SeenSession,
};
use countersign_barrier::Follower;
use countersign_core::NodeId;
use std::{sync::Arc, time::Duration};
use tokio::time::{MissedTickBehavior, interval, timeout};

/// After a failure, unless a request wants a lease.
const PAUSE: Duration = Duration::from_millis(100);

const REPORTED_EVERY: Duration = Duration::from_secs(10);

/// Asks what is new, again and again.
pub(super) async fn follow(memory: Arc<Memory>) {
    let mut follower = Follower::new();
    let mut is_failing = false;
    loop {
        let number = memory.begin();
        let failed = pull(&memory, &mut follower).await.err();
        let fails = failed.is_some();
        match &failed {
            // Each request that is refused for it says so as an error.
            Some(cause) if !is_failing => tracing::debug!(%cause, "the node cannot be followed"),
            None if is_failing => tracing::debug!("the node is followed again"),
            _ => {}
        }
        is_failing = fails;
        memory.ended(number, failed);
        if fails {
            let _ = timeout(PAUSE, memory.wanted.notified()).await;
        }
    }
}

async fn pull(memory: &Memory, follower: &mut Follower<NodeId>) -> Result<(), ServiceError> {
    // The clock first: the lease counts from before the question.
    let question = follower.ask(memory.lease.now());
    let request = FeedRequest {
        verifier_id: memory.id,
        has: question.at().map(|(node_id, batch)| FeedPosition {
            node_id,
            upto: batch.get(),
        }),
        keys_id: memory.keys().map(|keys| keys.id.clone()),
        wait_ms: if memory.lease.is_held() {
            MOST_WAIT_MILLIS
        } else {
            0
        },
    };
    let answer = memory.service.pull(&request).await?;
    memory.take(follower, question, answer)
}

/// Tells the node who was active, so that nobody goes idle there, and drops what is over.
pub(super) async fn report(memory: Arc<Memory>) {
    let mut ticks = interval(REPORTED_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let seen: Vec<_> = memory.node.drain_activity();
        for some in seen.chunks(MOST_SEEN) {
            let some = some.iter().map(|seen| SeenSession {
                session_id: seen.session,
                at: seen.at,
            });
            let report = FeedSeenRequest {
                seen: some.collect(),
            };
            if let Err(cause) = memory.service.report_seen(&report).await {
                tracing::warn!(%cause, "activity not reported");
            }
        }
        let now = memory.clock.now();
        memory.node.prune(now);
        memory.tokens.prune(now);
    }
}
