//! Devices that are cut off at the same time share a transaction.
//!
//! Whoever comes while others' endings are being written waits for these, and then writes all that
//! wait with it. Such a transaction takes only rows that nobody has locked, so that one device that
//! is busy holds no other one up; what it passes over is ended alone.

use super::{DeviceEnding, Ended, endings::target_of};
use crate::{
    journal::Journal,
    session::ending::{self, ToEnd},
};
use countersign_barrier::Position;
use countersign_core::{DeviceId, device::OwnershipEndCause, user::ExternalUserId};
use countersign_storage::{Store, StoreError, Tx};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::oneshot::{self, error::TryRecvError};
use tokio_util::task::TaskTracker;

/// The most devices that one transaction ends.
const MOST: usize = 64;

/// A user's device that is to be cut off.
#[derive(Debug, Clone)]
pub(super) struct Cut {
    pub(super) journal: Journal,
    pub(super) user_id: ExternalUserId,
    pub(super) device_id: DeviceId,
    pub(super) how: DeviceEnding,
}

/// Where those who end devices meet.
#[derive(Debug, Default)]
pub(crate) struct Desk {
    waiting: Mutex<Vec<Waiting>>,
    /// Held by whoever writes.
    turn: tokio::sync::Mutex<()>,
    /// What is written for others goes on when its caller leaves; the store waits for it at the end.
    writes: TaskTracker,
}

#[derive(Debug)]
struct Waiting {
    cut: Cut,
    answer: oneshot::Sender<Fate>,
}

/// What came of an ending that shared a transaction.
#[derive(Debug)]
enum Fate {
    /// It was written.
    Written(Written),
    /// It was not: it has to be ended alone.
    Alone,
    /// It may have been written.
    Unknown,
}

/// An ending that shared a transaction and is not known to be written.
#[derive(Debug)]
pub(super) enum NotWritten {
    /// Nothing was: it has to be ended alone.
    Alone(Cut),
    /// It may have been: ending it again would find it gone and say so.
    Unknown,
}

/// What was ended, and where the transaction's entries stand in the feed.
type Written = (Ended, Position);

impl Desk {
    /// Ends the device's session together with others.
    pub(super) async fn end(&self, store: &Store, cut: Cut) -> Result<Written, NotWritten> {
        let (answer, mut answered) = oneshot::channel();
        let waiting = Waiting {
            cut: cut.clone(),
            answer,
        };
        self.lock_waiting().push(waiting);
        let fate = tokio::select! {
            biased;
            fate = &mut answered => fate.unwrap_or(Fate::Unknown),
            _turn = self.turn.lock() => self.write_until(store, &mut answered).await,
        };
        match fate {
            Fate::Written(written) => Ok(written),
            Fate::Alone => Err(NotWritten::Alone(cut)),
            Fate::Unknown => Err(NotWritten::Unknown),
        }
    }

    /// Writes what waits until the answer is there: the one whose turn it was before may have given
    /// it, or have left before it was this one's.
    async fn write_until(&self, store: &Store, answered: &mut oneshot::Receiver<Fate>) -> Fate {
        loop {
            match answered.try_recv() {
                Ok(fate) => return fate,
                Err(TryRecvError::Closed) => return Fate::Unknown,
                Err(TryRecvError::Empty) => self.write(store).await,
            }
        }
    }

    /// Writes what waits now, and answers everybody, also if its own caller does not wait for it.
    async fn write(&self, store: &Store) {
        let waiting: Vec<_> = {
            let mut all = self.lock_waiting();
            let count = all.len().min(MOST);
            all.drain(..count).collect()
        };
        let written = self.writes.spawn(write_all(store.clone(), waiting));
        if let Err(error) = written.await {
            tracing::error!(%error, "whether endings were written is not known");
        }
    }

    fn lock_waiting(&self) -> std::sync::MutexGuard<'_, Vec<Waiting>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn write_all(store: Store, waiting: Vec<Waiting>) {
    let (cuts, answers): (Vec<_>, Vec<_>) = waiting
        .into_iter()
        .map(|waiting| (waiting.cut, waiting.answer))
        .unzip();
    let cuts: Arc<[Cut]> = cuts.into();
    let written: Result<_, StoreError> = store
        .write_placed(cuts, |tx, cuts| Box::pin(end_free(tx, cuts)))
        .await;
    let fates = match written {
        Ok((ended, position)) => {
            let fate = |ended: Option<Ended>| match ended.zip(position) {
                Some(written) => Fate::Written(written),
                None => Fate::Alone,
            };
            ended.into_iter().map(fate).collect()
        }
        Err(error) => {
            tracing::debug!(%error, "endings could not be written together");
            let fate = || match error {
                StoreError::OutcomeUnknown => Fate::Unknown,
                _ => Fate::Alone,
            };
            answers.iter().map(|_| fate()).collect::<Vec<_>>()
        }
    };
    for (answer, fate) in answers.into_iter().zip(fates) {
        // Nobody listens any more: the caller went away.
        let _ = answer.send(fate);
    }
}

/// Ends those whose rows nobody has locked; `None` for each of the others.
async fn end_free(tx: &mut Tx, cuts: &[Cut]) -> Result<Vec<Option<Ended>>, StoreError> {
    let mut numbers = HashMap::with_capacity(cuts.len());
    for (number, cut) in cuts.iter().enumerate() {
        numbers.entry(cut.device_id).or_insert(number);
    }
    let wanted = numbers.values().map(|number| {
        let cut = &cuts[*number];
        (cut.device_id, &cut.user_id)
    });
    let ownerships = tx
        .try_lock_users_ownerships(&wanted.collect::<Vec<_>>())
        .await?;
    let ownerships: HashMap<_, _> = ownerships.iter().map(|each| (each.id, each)).collect();
    let ids: Vec<_> = ownerships.keys().copied().collect();
    let sessions = tx.try_lock_ownerships_sessions(&ids).await?;
    let mut ended = vec![None; cuts.len()];
    let mut endings = Vec::with_capacity(sessions.len());
    for session in &sessions {
        let (Some(ownership), Some(number)) = (
            ownerships.get(&session.ownership_id),
            numbers.get(&session.device_id),
        ) else {
            continue;
        };
        let cut = &cuts[*number];
        if cut.how == DeviceEnding::Remove {
            let (cause, now) = (OwnershipEndCause::Removed, cut.journal.now);
            tx.end_ownership(ownership.id, cause, now).await?;
        }
        cut.journal
            .record(tx, cut.how.action(), target_of(ownership), None);
        ended[*number] = Some(Ended {
            sessions: vec![session.id],
        });
        endings.push(ToEnd {
            journal: &cut.journal,
            session,
            cause: cut.how.cause(),
        });
    }
    ending::end_each(tx, &endings).await?;
    Ok(ended)
}
