//! Devices that are cut off at the same time share a transaction.
//!
//! Whoever comes while others' endings are being written waits for these, and then writes all that
//! wait with it. Such a transaction takes only rows that nobody has locked, so that one device that
//! is busy holds no other one up; what it passes over is ended alone.

use super::{DeviceEnding, Ended, endings::target};
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
}

#[derive(Debug)]
struct Waiting {
    cut: Cut,
    answer: oneshot::Sender<Option<Written>>,
}

/// What was ended, and where the transaction's entries stand in the feed.
type Written = (Ended, Position);

impl Desk {
    /// Ends the device's session together with others; gives back what has to be ended alone.
    pub(super) async fn end(&self, store: &Store, cut: Cut) -> Result<Written, Cut> {
        let (answer, mut answered) = oneshot::channel();
        let waiting = Waiting {
            cut: cut.clone(),
            answer,
        };
        self.lock_waiting().push(waiting);
        let written = tokio::select! {
            biased;
            written = &mut answered => written.ok().flatten(),
            _turn = self.turn.lock() => self.write_until(store, &mut answered).await,
        };
        written.ok_or(cut)
    }

    /// Writes what waits until the answer is there: the one whose turn it was before may have given
    /// it, or may be gone without a word, because its caller did not wait.
    async fn write_until(
        &self,
        store: &Store,
        answered: &mut oneshot::Receiver<Option<Written>>,
    ) -> Option<Written> {
        loop {
            match answered.try_recv() {
                Ok(written) => return written,
                Err(TryRecvError::Closed) => return None,
                Err(TryRecvError::Empty) => self.write(store).await,
            }
        }
    }

    /// Writes what waits now, and answers everybody.
    async fn write(&self, store: &Store) {
        let waiting: Vec<_> = {
            let mut all = self.lock_waiting();
            let count = all.len().min(MOST);
            all.drain(..count).collect()
        };
        let (cuts, answers): (Vec<_>, Vec<_>) = waiting
            .into_iter()
            .map(|waiting| (waiting.cut, waiting.answer))
            .unzip();
        let cuts: Arc<[Cut]> = cuts.into();
        let written = store
            .write_placed(Arc::clone(&cuts), |tx, cuts| Box::pin(end_free(tx, cuts)))
            .await;
        let (ended, position) = written.unwrap_or_else(|error: StoreError| {
            tracing::debug!(%error, "endings are tried one by one");
            (Vec::new(), None)
        });
        let ended = ended.into_iter().chain(std::iter::repeat(None));
        for (answer, ended) in answers.into_iter().zip(ended) {
            // Nobody listens any more: the caller went away.
            let _ = answer.send(ended.zip(position));
        }
    }

    fn lock_waiting(&self) -> std::sync::MutexGuard<'_, Vec<Waiting>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
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
            .record(tx, cut.how.action(), target(ownership), None);
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
