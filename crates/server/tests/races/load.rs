//! Users who log in, refresh and are cut off without pause, and remember what they were told.

use crate::{account::Account, link::Reply, world::World};
use serde_json::{Value, json};
use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};
use tokio::{
    sync::Semaphore,
    task::{JoinSet, yield_now},
};

/// What users were told so far.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) logins: AtomicUsize,
    pub(crate) refreshes: AtomicUsize,
    pub(crate) endings: AtomicUsize,
    /// Nothing was changed, says the answer.
    pub(crate) refused: AtomicUsize,
    /// Of these because the disk is full.
    pub(crate) full: AtomicUsize,
    /// No answer, or one that leaves it open.
    pub(crate) unknown: AtomicUsize,
}

/// Shared by the users of one load.
pub(crate) struct Load {
    pub(crate) tally: Tally,
    /// One permit for each acknowledged change.
    pub(crate) acknowledged: Semaphore,
    /// One permit for each change refused because the disk is full.
    pub(crate) full: Semaphore,
    stop: AtomicBool,
}

/// What an answer says of the change.
pub(crate) enum Told {
    Done(Reply),
    /// It was not made.
    Refused,
    /// It may have been made.
    Unknown,
}

impl Load {
    pub(crate) fn new() -> Self {
        Self {
            tally: Tally::default(),
            acknowledged: Semaphore::new(0),
            full: Semaphore::new(0),
            stop: AtomicBool::new(false),
        }
    }

    /// Lets every account go on in a task of its own until [`stop`](Self::stop).
    pub(crate) fn start(
        self: &Arc<Self>,
        world: &World,
        accounts: Vec<Account>,
    ) -> JoinSet<Account> {
        self.stop.store(false, Ordering::SeqCst);
        let mut tasks = JoinSet::new();
        for mut account in accounts {
            let (load, world) = (Arc::clone(self), world.clone());
            tasks.spawn(async move {
                while !load.stop.load(Ordering::SeqCst) {
                    account.step(&world, &load).await;
                    yield_now().await;
                }
                account
            });
        }
        tasks
    }

    pub(crate) fn stop(&self) {
        self.stop.store(true, Ordering::SeqCst);
    }

    /// Returns after so many more acknowledged changes.
    pub(crate) async fn after(&self, changes: usize) {
        let changes = u32::try_from(changes).expect("few");
        let permits = self.acknowledged.acquire_many(changes).await;
        permits.expect("nobody closes it").forget();
    }

    /// Counts an acknowledged change.
    pub(crate) fn tell(&self, kind: &AtomicUsize) {
        kind.fetch_add(1, Ordering::Relaxed);
        self.acknowledged.add_permits(1);
    }

    /// What an answer means. A fault that no caller should see fails the test.
    pub(crate) fn judge(&self, answer: Option<Reply>) -> Told {
        let tally = &self.tally;
        let Some(answer) = answer else {
            tally.unknown.fetch_add(1, Ordering::Relaxed);
            // The service is gone: whoever calls again would only hear that.
            self.stop();
            return Told::Unknown;
        };
        match (answer.status, answer.code()) {
            (200..300, _) => Told::Done(answer),
            (507, "storage_full") => {
                tally.full.fetch_add(1, Ordering::Relaxed);
                self.full.add_permits(1);
                Told::Refused
            }
            (503, "unavailable") => {
                tally.refused.fetch_add(1, Ordering::Relaxed);
                Told::Refused
            }
            (503, "outcome_unknown" | "timeout") => {
                tally.unknown.fetch_add(1, Ordering::Relaxed);
                Told::Unknown
            }
            (status, _) => unreachable!("{status} {}", answer.body),
        }
    }
}

impl Tally {
    pub(crate) fn told(&self) -> Value {
        let count = |number: &AtomicUsize| number.load(Ordering::Relaxed);
        json!({
            "logins": count(&self.logins), "refreshes": count(&self.refreshes),
            "endings": count(&self.endings), "refused": count(&self.refused),
            "storage_full": count(&self.full), "outcome_unknown": count(&self.unknown),
        })
    }
}
