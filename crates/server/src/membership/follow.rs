//! Following the feed: joining, renewing the lease, reading on a hint, leaving.

use super::{Membership, RENEWED_EVERY, last_of, settle::delete_dead};
use countersign_barrier::{Extent, Moment, Renewal};
use countersign_core::{
    NodeId,
    ids::{FeedEntryId, RenewalId},
};
use countersign_storage::{FeedRead, Node as NodeRow, StoreError, Tx};
use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};
use tokio::time::{MissedTickBehavior, interval, sleep};
use tokio_util::sync::CancellationToken;

/// More renewals in a row whose outcome is unknown make the node join anew.
const MOST_DOUBTFUL: usize = 32;

/// More changes than this before the start are not taken in: what other nodes left from before it
/// is passed over.
const MOST_CHANGED: i64 = 65_536;

/// How long entries are asked for again after they were read. Much less than the hour that the
/// feed is kept, so that an entry that was pruned is not taken for a lost one.
const ASKED_AGAIN_FOR: Duration = Duration::from_mins(10);

/// A read that brought so many was one of many endings at a time: the next one lets more gather, so
/// that they share it and its commit.
const MANY: usize = 4;

/// From the beginning of such a read to that of the next one on a hint.
const GATHERED_FOR: Duration = Duration::from_millis(8);

/// Where this process stands in the feed. Whoever holds it is the only one who reads.
#[derive(Debug, Default)]
pub(super) struct Reader {
    id: Option<NodeId>,
    /// What the own row may hold: the last renewal known to be committed, then those in doubt.
    left: Vec<RenewalId>,
    known: Extent,
    /// The number of the last renewal whose read is applied.
    renewed: u64,
    /// The newest entries read, and when: if one is gone soon after, so is the history it was in.
    last: (Moment, Vec<FeedEntryId>),
    /// When the last read began, and how many entries it brought.
    brought: (Moment, usize),
}

impl Reader {
    /// What the next read asks for again.
    fn last(&self, now: Moment) -> &[FeedEntryId] {
        let (read_at, last) = &self.last;
        if read_at.until(now) < ASKED_AGAIN_FOR {
            last
        } else {
            &[]
        }
    }

    /// How long a read on a hint still waits.
    fn gathers_for(&self, now: Moment) -> Duration {
        match self.brought {
            (begun, MANY..) => now.until(begun.plus(GATHERED_FOR)),
            _ => Duration::ZERO,
        }
    }

    /// What was read does not count any more: the next renewal joins anew.
    fn lose(&mut self) {
        *self = Self::default();
    }
}

impl Membership {
    /// Renews the lease and applies what others wrote.
    ///
    /// # Errors
    /// When the store fails; the lease that there is runs on.
    pub(crate) async fn renew(&self) -> Result<(), StoreError> {
        let mut reader = self.reader.lock().await;
        self.renew_with(&mut reader, false).await.map(drop)
    }

    /// Waits for a renewal that begins after this call.
    pub(super) async fn renew_after_now(&self) -> Result<(), StoreError> {
        let wanted = self.renewals.load(Ordering::SeqCst) + 1;
        let mut reader = self.reader.lock().await;
        if reader.renewed >= wanted {
            return Ok(());
        }
        self.renew_or_join_anew(&mut reader).await
    }

    /// Renews unless somebody else did while this caller waited.
    pub(super) async fn renew_if_lapsed(&self) -> Result<(), StoreError> {
        let mut reader = self.reader.lock().await;
        if self.lease.is_held() {
            return Ok(());
        }
        self.renew_or_join_anew(&mut reader).await
    }

    /// Renews for somebody who waits: a node that lost its place takes a new one at once.
    async fn renew_or_join_anew(&self, reader: &mut Reader) -> Result<(), StoreError> {
        if !self.renew_with(reader, false).await? {
            self.renew_with(reader, false).await?;
        }
        Ok(())
    }

    /// Renews; false if the node lost its place and must join anew.
    async fn renew_with(&self, reader: &mut Reader, is_awaited: bool) -> Result<bool, StoreError> {
        let id = match reader.id {
            Some(id) => id,
            None => self.join(reader).await?,
        };
        // The clock first: what is committed after this moment may be missing from the read.
        let begun_at = self.now();
        let renewal = Renewal::begin(begun_at);
        let number = self.renewals.fetch_add(1, Ordering::SeqCst) + 1;
        let begun = self.node.resolver().recent().begin_read();
        let next = self.new_renewal();
        let left = reader.left.clone();
        reader.left.push(next);
        let input = RenewalInput {
            id,
            left,
            next,
            acknowledged: self.standing().acknowledged(self.now()),
            known: reader.known.clone(),
            last: reader.last(self.now()).to_vec(),
        };
        let written = self.store.write(input, |tx, input| {
            Box::pin(async move { renew(tx, input).await })
        });
        match written.await {
            Ok(Some(read)) if read.is_continuous => {
                reader.left = vec![next];
                reader.renewed = number;
                reader.brought = (begun_at, read.entries.len());
                self.apply(reader, read, renewal, is_awaited);
                self.node.resolver().recent().read(begun, &reader.known);
                Ok(true)
            }
            Ok(_) => {
                tracing::warn!(node.id = %id, "the node's row or the feed is not as it left it");
                self.lose(reader);
                Ok(false)
            }
            Err(error) => {
                if reader.left.len() > MOST_DOUBTFUL {
                    self.lose(reader);
                }
                Err(error)
            }
        }
    }

    /// Reads what others wrote, before the next renewal is due.
    ///
    /// It is a renewal all the same, because what a read included may be relied on only when a
    /// commit after it is on disk: the number of a transaction that came to nothing is given out
    /// again by a server that crashed before it had written that down.
    ///
    /// # Errors
    /// As for [`renew`](Self::renew).
    pub(super) async fn read(&self) -> Result<(), StoreError> {
        let mut reader = self.reader.lock().await;
        if reader.id.is_none() {
            return Ok(());
        }
        self.renew_with(&mut reader, true).await.map(drop)
    }

    /// Follows until told to stop: renews in time, reads on a hint, and deletes rows of the dead.
    pub(crate) async fn follow(self: Arc<Self>, stop: CancellationToken) {
        let mut ticks = interval(RENEWED_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut since_watched = 0_u32;
        loop {
            let done = tokio::select! {
                () = stop.cancelled() => return,
                _ = ticks.tick() => {
                    since_watched += 1;
                    self.renew().await
                }
                () = self.hint.notified() => {
                    let gathering = self.reader.lock().await.gathers_for(self.now());
                    sleep(gathering).await;
                    self.read().await
                }
            };
            if let Err(error) = done {
                tracing::warn!(error = &error as &dyn std::error::Error, "feed not read");
            }
            if since_watched >= 4 {
                since_watched = 0;
                if let Err(error) = delete_dead(&self).await {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "rows not looked at"
                    );
                }
            }
        }
    }

    /// Stops answering, and takes the row away when no verifier's lease runs any more.
    pub(crate) async fn leave(&self) {
        // No renewal may be under way: it would give the lease again.
        let mut reader = self.reader.lock().await;
        self.lease.set(Moment::default());
        let from = self.standing().leave();
        while self.now() < from {
            sleep(self.now().until(from).min(Duration::from_millis(50))).await;
        }
        let Some(id) = reader.id else {
            return;
        };
        reader.lose();
        let deleted: Result<(), StoreError> = self
            .store
            .write(id, |tx, id| {
                Box::pin(async move { tx.delete_node(*id).await })
            })
            .await;
        if let Err(error) = deleted {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "the node's row stays"
            );
        }
    }

    /// Makes a row under a new id, then begins with an empty memory and the denylist.
    async fn join(&self, reader: &mut Reader) -> Result<NodeId, StoreError> {
        let row = NodeRow {
            id: NodeId::generate(self.clock.now(), &*self.rng),
            renewal: self.new_renewal(),
            acknowledged: None,
            host: self.host.clone(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            joined_at: self.clock.now(),
        };
        let (id, renewal) = (row.id, row.renewal);
        let recent = self.node.resolver().recent();
        recent.forget_all();
        // Committed before anything is read: an ending that does not see the row is seen by the
        // reads that follow.
        let made: Result<Extent, StoreError> = self
            .store
            .write(row, |tx, row| {
                Box::pin(async move {
                    tx.insert_node(row).await?;
                    tx.feed_extent().await
                })
            })
            .await;
        let known = made?;
        let mut conn = self.store.read().await?;
        let denied = conn.load_denylist(self.clock.now()).await?;
        let history = conn.feed_history(MOST_CHANGED).await?;
        drop(conn);
        self.standing().joined(id);
        self.node.forget_all();
        self.node.apply(&denied);
        match history {
            Some(history) => recent.begin(known.clone(), history.since, history.changed),
            None => recent.begin(known.clone(), known.clone(), []),
        }
        tracing::info!(node.id = %id, sessions.denied = denied.len(), "joined");
        *reader = Reader {
            id: Some(id),
            left: vec![renewal],
            known,
            renewed: 0,
            last: (Moment::default(), Vec::new()),
            brought: (Moment::default(), 0),
        };
        Ok(id)
    }

    /// Memory first, then the protocol, then the lease, then the acknowledgement.
    fn apply(&self, reader: &mut Reader, read: FeedRead, renewal: Renewal, is_awaited: bool) {
        let new = self.node.apply(&read.entries);
        if let Some(last) = last_of(&read.entries) {
            reader.last = (self.now(), last);
        }
        reader.known = read.extent.clone();
        let mut standing = self.standing();
        let has_news = !new.is_empty();
        standing.took(new);
        let until = standing.renewed(renewal, read.extent);
        self.lease.set(until);
        drop(standing);
        if has_news {
            self.news();
        }
        // Somebody waits only for what is new, or after a hint.
        self.acknowledge(has_news || is_awaited);
    }

    /// Notes what this node and its verifiers have, and says it to the others if they may wait.
    pub(super) fn acknowledge(&self, is_awaited: bool) {
        let mut standing = self.standing();
        let (id, extent) = (standing.id(), standing.acknowledged(self.now()));
        drop(standing);
        if let (Some(id), Some(extent)) = (id, extent) {
            self.hear(id, &extent);
            if is_awaited {
                self.signals.say_acknowledged(id, extent);
            }
        }
    }

    fn lose(&self, reader: &mut Reader) {
        self.lease.set(Moment::default());
        self.standing().lost();
        self.node.resolver().recent().forget_all();
        self.node.forget_all();
        reader.lose();
    }
}

struct RenewalInput {
    id: NodeId,
    left: Vec<RenewalId>,
    next: RenewalId,
    acknowledged: Option<Extent>,
    known: Extent,
    last: Vec<FeedEntryId>,
}

/// Updates the own row, then reads the feed. `None` when the row is not as this node left it.
async fn renew(tx: &mut Tx, input: &RenewalInput) -> Result<Option<FeedRead>, StoreError> {
    let acknowledged = input.acknowledged.as_ref();
    let is_ours = tx
        .renew_node(input.id, &input.left, input.next, acknowledged)
        .await?;
    if !is_ours {
        return Ok(None);
    }
    tx.read_feed(&input.known, &input.last).await.map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn a_read_on_a_hint_waits_only_after_one_that_brought_many() {
        let begun = Moment::default().plus(Duration::from_secs(5));
        let soon = begun.plus(Duration::from_millis(3));
        let reader = |entries| Reader {
            brought: (begun, entries),
            ..Reader::default()
        };
        assert_eq!(reader(MANY - 1).gathers_for(soon), Duration::ZERO);
        assert_eq!(reader(MANY).gathers_for(soon), Duration::from_millis(5));
        let later = begun.plus(GATHERED_FOR);
        assert_eq!(reader(MANY).gathers_for(later), Duration::ZERO);
    }

    #[test]
    fn what_was_read_is_asked_for_again_until_it_could_have_been_pruned() {
        let read_at = Moment::default().plus(Duration::from_secs(5));
        let id = FeedEntryId::from_uuid(Uuid::from_u128(1));
        let reader = Reader {
            last: (read_at, vec![id]),
            ..Reader::default()
        };
        let later = |after| read_at.plus(after);
        let almost = ASKED_AGAIN_FOR.saturating_sub(Duration::from_nanos(1));
        assert_eq!(reader.last(later(almost)), [id]);
        assert!(reader.last(later(ASKED_AGAIN_FOR)).is_empty());
    }
}
