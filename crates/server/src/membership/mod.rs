//! This node among the others: its lease, what it has read, and the endings that wait for it.
//!
//! Everything that decides is in `countersign_barrier`; here is what drives it. All reads of the
//! feed go through one [`Reader`], one after another. What is read is applied to the node's
//! memory first, then said to the protocol, then the lease is given.

mod follow;
pub(crate) mod http;
mod pull;
mod receipt;
mod roster;
mod settle;
mod signals;
mod standing;

pub(crate) use pull::Pull;
pub use receipt::Receipt;
pub use roster::{Roster, SeenNode};
pub(crate) use standing::Answer;

use crate::{redis::Redis, source::StoreSource};
use countersign_barrier::{Extent, Moment, Timing, Watch};
use countersign_cluster::{Lease, Node};
use countersign_core::{
    Clock, NodeId, Rng,
    feed::FeedEntry,
    ids::{FeedEntryId, RenewalId},
};
use countersign_storage::{Store, StoreError};
use follow::Reader;
use signals::Signals;
use standing::Standing;
use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError, atomic::AtomicU64},
    time::Duration,
};
use tokio::sync::{self, Notify, watch};

/// How often a lease is renewed.
pub(crate) const RENEWED_EVERY: Duration = Duration::from_millis(250);

/// How long a request waits for a lease when there is none.
const PATIENCE: Duration = Duration::from_secs(3);

/// This node's part in the protocol.
pub(crate) struct Membership {
    store: Store,
    node: Arc<Node<StoreSource>>,
    lease: Arc<Lease>,
    timing: Timing,
    clock: Arc<dyn Clock>,
    rng: Arc<dyn Rng>,
    host: String,
    reader: sync::Mutex<Reader>,
    /// How many renewals have begun.
    renewals: AtomicU64,
    standing: Mutex<Standing>,
    rows: settle::Rows,
    /// One more owner for each ending that waits.
    waiting: Arc<()>,
    watch: Mutex<Watch<NodeId, RenewalId>>,
    /// What each node acknowledged last, as far as was heard.
    heard: Mutex<BTreeMap<NodeId, Extent>>,
    /// Changes whenever a waiting ending should look again.
    news: watch::Sender<u64>,
    /// Somebody wrote to the feed.
    hint: Notify,
    signals: Signals,
    redis: Option<Arc<Redis>>,
}

/// No lease could be had in time: the request must be refused.
#[derive(Debug, thiserror::Error)]
#[error("this node may not answer: it holds no lease")]
pub struct NoLease(#[source] Option<StoreError>);

/// What a membership is made of.
pub(crate) struct Parts {
    pub(crate) store: Store,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) rng: Arc<dyn Rng>,
    pub(crate) node: Arc<Node<StoreSource>>,
    pub(crate) lease: Arc<Lease>,
    pub(crate) timing: Timing,
    pub(crate) host: String,
    pub(crate) signal_key: [u8; 32],
    pub(crate) redis: Option<Arc<Redis>>,
}

impl Membership {
    /// A node that has joined nobody yet and may not answer.
    pub(crate) fn new(parts: Parts) -> Self {
        Self {
            store: parts.store,
            node: parts.node,
            lease: parts.lease,
            timing: parts.timing,
            clock: parts.clock,
            rng: parts.rng,
            host: parts.host,
            reader: sync::Mutex::default(),
            renewals: AtomicU64::new(0),
            standing: Mutex::new(Standing::new(parts.timing)),
            rows: settle::Rows::default(),
            waiting: Arc::default(),
            watch: Mutex::default(),
            heard: Mutex::default(),
            news: watch::Sender::new(0),
            hint: Notify::new(),
            signals: Signals::new(parts.signal_key),
            redis: parts.redis,
        }
    }

    /// Waits until this node may answer: at once while its lease runs, else for one renewal that
    /// all who wait share.
    ///
    /// # Errors
    /// [`NoLease`] after three seconds, or when the store refuses.
    pub(crate) async fn hold(&self) -> Result<(), NoLease> {
        if self.lease.is_held() {
            return Ok(());
        }
        self.with_patience(self.renew_if_lapsed()).await
    }

    /// Waits for a renewal that begins after this call, and that all share who called before it
    /// began: what is in memory then rests on no clock.
    ///
    /// # Errors
    /// As for [`hold`](Self::hold).
    pub(crate) async fn read_afresh(&self) -> Result<(), NoLease> {
        self.with_patience(self.renew_after_now()).await
    }

    /// Waits for a renewal, but not for ever.
    async fn with_patience(
        &self,
        renewal: impl Future<Output = Result<(), StoreError>>,
    ) -> Result<(), NoLease> {
        match tokio::time::timeout(PATIENCE, renewal).await {
            Ok(Ok(())) if self.lease.is_held() => Ok(()),
            Ok(Ok(())) | Err(_) => Err(NoLease(None)),
            Ok(Err(error)) => Err(NoLease(Some(error))),
        }
    }

    /// Whether this node may answer now.
    pub(crate) fn holds(&self) -> bool {
        self.lease.is_held()
    }

    /// Takes a commit of this process in, before its caller hears of it.
    pub(crate) fn committed(&self, entries: &[FeedEntry]) {
        let new = self.node.apply(entries);
        self.standing().took(new);
        self.news();
        self.say_hint();
    }

    /// What may or may not have been committed is forgotten, and read again.
    pub(crate) fn outcome_unknown(&self, entries: &[FeedEntry]) {
        self.node.forget(entries);
        self.hint.notify_one();
    }

    fn standing(&self) -> MutexGuard<'_, Standing> {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> Moment {
        self.lease.now()
    }

    /// Lets every ending that waits look again.
    fn news(&self) {
        self.news
            .send_modify(|number| *number = number.wrapping_add(1));
    }

    fn new_renewal(&self) -> RenewalId {
        RenewalId::generate(self.clock.now(), &*self.rng)
    }
}

impl fmt::Debug for Membership {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Membership");
        debug.field("lease", &self.lease).finish_non_exhaustive()
    }
}

/// The ids of the entries that a read brought, few enough to ask for again.
fn last_of(entries: &[FeedEntry]) -> Option<Vec<FeedEntryId>> {
    const MOST: usize = 16;
    let newest = entries.iter().rev().take(MOST);
    (!entries.is_empty()).then(|| newest.map(|entry| entry.id).collect())
}
