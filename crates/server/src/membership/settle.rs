//! Endings that wait until nobody can accept what they ended.

use super::{Membership, RENEWED_EVERY, Receipt};
use countersign_barrier::{Barrier, Extent, Mark, Position};
use countersign_core::{NodeId, ids::RenewalId};
use countersign_storage::{Node as NodeRow, StoreError};
use std::{
    sync::{
        Arc, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{sync::Mutex, time::timeout};

/// So many endings at a time look at the rows together, when the others have acknowledged.
const MANY: usize = 3;

/// When an ending looks at the rows although somebody who had one is still silent: it may have left.
const FIRST_LOOK: Duration = Duration::from_millis(100);

/// The nodes' rows, read once for all endings that committed before the read began.
#[derive(Debug, Default)]
pub(super) struct Rows {
    begun: AtomicU64,
    latest: Mutex<(u64, Arc<[NodeRow]>)>,
    /// Whose rows the last read brought.
    seen: std::sync::Mutex<Arc<[NodeId]>>,
}

impl Rows {
    /// Who had a row lately.
    fn seen(&self) -> Arc<[NodeId]> {
        Arc::clone(&self.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Rows read by a statement that began after this call.
    pub(super) async fn read(&self, membership: &Membership) -> Result<Arc<[NodeRow]>, StoreError> {
        let wanted = self.begun.load(Ordering::SeqCst) + 1;
        let mut latest = self.latest.lock().await;
        if latest.0 < wanted {
            let number = self.begun.fetch_add(1, Ordering::SeqCst) + 1;
            let rows = membership.store.read().await?.list_nodes().await?;
            let seen = rows.iter().map(|row| row.id).collect();
            *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = seen;
            *latest = (number, rows.into());
        }
        Ok(Arc::clone(&latest.1))
    }
}

impl Membership {
    /// Waits until no node and no verifier can accept what a transaction ended.
    ///
    /// `position` is where its entries stand. Without one the transaction found its work done, and
    /// everything that was committed before is waited for.
    pub(crate) async fn settle(&self, position: Option<Position>) -> Receipt {
        let committed = self.now();
        let mark = match position {
            Some(position) => Mark::At(position),
            None => Mark::All(self.extent_now().await),
        };
        // Its own commit is in this node's memory already, in this batch or an earlier one.
        let batch = position.map(|_| self.standing().newest());
        let mut barrier = Barrier::committed(mark, committed, &self.timing);
        if position.is_none() {
            self.say_hint();
            self.read_in_time(&barrier).await;
        }
        let mut news = self.news.subscribe();
        let waiting = Arc::clone(&self.waiting);
        // One owner is the node.
        let are_many = Arc::strong_count(&waiting) > MANY;
        let mut rows_due = committed;
        if are_many {
            rows_due = committed.plus(FIRST_LOOK);
        }
        loop {
            self.listen(&mut barrier, batch);
            // One acknowledgement covers many endings; they read the rows together, when it is here.
            let is_heard = barrier.has_heard(&self.rows.seen());
            if is_heard && !barrier.is_through() || self.now() >= rows_due {
                if let Some(rows) = self.rows_in_time(&barrier).await {
                    barrier.rows(rows.iter().map(|row| (row.id, row.acknowledged.as_ref())));
                }
                rows_due = self.now().plus(RENEWED_EVERY);
            }
            let now = self.now();
            if let Some(outcome) = barrier.outcome(now) {
                return Receipt::new(outcome, committed.until(now), self.clock.now());
            }
            let pause = now.until(barrier.deadline().min(rows_due));
            let pause = pause.max(Duration::from_millis(1));
            // Whatever comes first; each turn looks at everything again.
            let _ = timeout(pause, news.changed()).await;
        }
    }

    /// Reads what others ended, for an ending that found its work done; not after its deadline.
    async fn read_in_time(&self, barrier: &Barrier<NodeId>) {
        let left = self.now().until(barrier.deadline());
        if let Ok(Err(error)) = timeout(left, self.read()).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "feed not read");
        }
    }

    /// The rows, if the store answers before the deadline: a store that hangs holds up no ending
    /// that is committed.
    async fn rows_in_time(&self, barrier: &Barrier<NodeId>) -> Option<Arc<[NodeRow]>> {
        let left = self.now().until(barrier.deadline());
        timeout(left, self.rows.read(self)).await.ok()?.ok()
    }

    /// Another node says what it acknowledges, or this one does.
    pub(super) fn hear(&self, node: NodeId, extent: &Extent) {
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        let known = heard.entry(node).or_default();
        if !known.covers(extent) {
            *known = extent.clone();
            drop(heard);
            self.news();
        }
    }

    /// Nothing a node said matters once its row is gone.
    fn forget_gone(&self, rows: &[(NodeId, RenewalId)]) {
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        heard.retain(|node, _| rows.iter().any(|(id, _)| id == node));
    }

    fn listen(&self, barrier: &mut Barrier<NodeId>, batch: Option<countersign_barrier::Batch>) {
        let heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        for (node, extent) in heard.iter() {
            barrier.acknowledged(*node, extent);
        }
        drop(heard);
        let mut standing = self.standing();
        if let (Some(batch), Some(id)) = (batch, standing.id())
            && standing.has_delivered(batch, self.now())
        {
            barrier.reached(id);
        }
    }

    /// What is committed now. Where that cannot be read, nothing will ever include it, and the
    /// ending waits for every lease.
    async fn extent_now(&self) -> Extent {
        let read = async { self.store.read().await?.feed_extent().await };
        let read: Result<Result<_, StoreError>, _> = timeout(self.timing.lease, read).await;
        let read = read.ok().and_then(Result::ok);
        read.unwrap_or_else(|| Extent::new(u64::MAX, []))
    }
}

/// Deletes the rows of processes that are gone, by this process's own clock.
pub(super) async fn delete_dead(membership: &Membership) -> Result<(), StoreError> {
    let rows = membership.rows.read(membership).await?;
    let seen = membership.observe(&rows);
    let dead = {
        let watch = membership.watch.lock();
        let watch = watch.unwrap_or_else(PoisonError::into_inner);
        watch.dead(membership.now(), &membership.timing)
    };
    membership.forget_gone(&seen);
    for (id, renewal) in dead {
        let deleted: Result<bool, StoreError> = membership
            .store
            .write((id, renewal), |tx, (id, renewal)| {
                Box::pin(async move { tx.delete_dead_node(*id, *renewal).await })
            })
            .await;
        if deleted? {
            tracing::warn!(node.id = %id, "deleted the row of a node that is gone");
            membership.news();
        }
    }
    Ok(())
}
