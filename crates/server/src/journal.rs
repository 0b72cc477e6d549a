//! What every change writes beside itself: its activity record and its feed entries.

use crate::membership::{Membership, Receipt};
use countersign_core::{
    ActivityId, Clock, Rng, Timestamp,
    activity::{Action, Activity, Actor, Target},
    feed::{FeedEntry, FeedEvent, Subject},
    ids::FeedEntryId,
};
use countersign_storage::{Store, StoreError, Tx};
use futures_util::future::BoxFuture;
use std::sync::Arc;

/// What every use case reads and writes with: the store, the time, and where ids come from.
#[derive(Debug, Clone)]
pub(crate) struct Ledger {
    pub(crate) store: Store,
    pub(crate) membership: Arc<Membership>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) rng: Arc<dyn Rng>,
}

impl Ledger {
    /// The context of a change that this actor makes now.
    pub(crate) fn journal(&self, actor: Actor) -> Journal {
        Journal {
            now: self.clock.now(),
            actor,
            rng: Arc::clone(&self.rng),
        }
    }

    /// Runs a write that ends or lowers something, and answers when nobody can accept that any
    /// more (invariant I1). Repeating it waits as the first time.
    ///
    /// # Errors
    /// As for [`Store::write`].
    pub(crate) async fn settle<F, I, T, E>(&self, input: I, closure: F) -> Result<(T, Receipt), E>
    where
        F: for<'a> Fn(&'a mut Tx, &'a I) -> BoxFuture<'a, Result<T, E>> + Send + Sync + 'static,
        I: Send + Sync + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (value, position) = self.store.write_placed(input, closure).await?;
        let receipt = self.membership.settle(position).await;
        Ok((value, receipt))
    }

    /// As [`Self::settle`], for a write that only sometimes ends or lowers something.
    ///
    /// # Errors
    /// As for [`Store::write`].
    pub(crate) async fn settle_if<F, I, T, E>(
        &self,
        input: I,
        closure: F,
        lowers: impl Fn(&T) -> bool + Send,
    ) -> Result<T, E>
    where
        F: for<'a> Fn(&'a mut Tx, &'a I) -> BoxFuture<'a, Result<T, E>> + Send + Sync + 'static,
        I: Send + Sync + 'static,
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (value, position) = self.store.write_placed(input, closure).await?;
        if lowers(&value) {
            self.membership.settle(position).await;
        }
        Ok(value)
    }
}

/// Who changes something, and when: the context of one transaction's records (invariant I10).
#[derive(Debug, Clone)]
pub struct Journal {
    /// The time of the change.
    pub now: Timestamp,
    /// Who makes it.
    pub actor: Actor,
    /// Where ids come from.
    pub rng: Arc<dyn Rng>,
}

impl Journal {
    /// The same change, made by somebody who is known only now.
    pub(crate) fn by(&self, actor: Actor) -> Self {
        Self {
            actor,
            ..self.clone()
        }
    }

    /// Appends an activity record; `reason` is a closed code where the action alone says too little.
    pub(crate) fn record(
        &self,
        tx: &mut Tx,
        action: Action,
        target: Target,
        reason: Option<&'static str>,
    ) {
        let id = ActivityId::generate(self.now, &*self.rng);
        tx.append_activity(Activity {
            id,
            at: self.now,
            action,
            actor: self.actor,
            target,
            reason,
        });
    }

    /// Tells every node to forget what it knew of the subject.
    pub(crate) fn changed(&self, tx: &mut Tx, subject: Subject) {
        self.announce(tx, FeedEvent::Changed(subject));
    }

    /// Appends an entry to the feed.
    pub(crate) fn announce(&self, tx: &mut Tx, event: FeedEvent) {
        let id = FeedEntryId::generate(self.now, &*self.rng);
        tx.append_feed(FeedEntry { id, event }, self.now);
    }
}
