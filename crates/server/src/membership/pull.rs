//! Verifiers that ask this node what is new.

use super::{Answer, Membership, NoLease};
use countersign_barrier::Batch;
use countersign_core::{NodeId, VerifierId};
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// A verifier's question.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pull {
    pub(crate) verifier: VerifierId,
    /// Whose batches it has applied, and up to which.
    pub(crate) has: Option<(NodeId, Batch)>,
    /// How long it waits for news.
    pub(crate) wait: Duration,
}

impl Membership {
    /// Answers a verifier: at once when there is something new, else when it has waited.
    ///
    /// # Errors
    /// [`NoLease`]: there is nothing to give a part of.
    pub(crate) async fn pull(&self, pull: Pull) -> Result<Answer, NoLease> {
        self.hold().await?;
        let mut news = self.news.subscribe();
        let deadline = Instant::now() + pull.wait;
        loop {
            // Marked before asking, so that what comes after the answer wakes.
            news.mark_unchanged();
            let answer = self.ask(pull).ok_or(NoLease(None))?;
            if answer.entries.as_ref().is_none_or(|new| !new.is_empty()) {
                return Ok(answer);
            }
            if !matches!(timeout_at(deadline, news.changed()).await, Ok(Ok(()))) {
                // The lease went on meanwhile.
                return self.ask(pull).ok_or(NoLease(None));
            }
        }
    }

    /// Whose batches a verifier must follow to use what is read here.
    ///
    /// # Errors
    /// [`NoLease`]: it has not joined.
    pub(crate) fn id(&self) -> Result<NodeId, NoLease> {
        self.standing().id().ok_or(NoLease(None))
    }

    /// What it says to have may be what endings wait for.
    fn ask(&self, pull: Pull) -> Option<Answer> {
        let now = self.now();
        let mut standing = self.standing();
        let before = standing.delivered(now);
        let answer = standing.asked(pull.verifier, pull.has, now);
        let has_moved = standing.delivered(now) != before;
        drop(standing);
        if has_moved {
            self.news();
            self.acknowledge(true);
        }
        answer
    }
}
