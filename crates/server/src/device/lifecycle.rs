//! Suspending, resuming and revoking a device, whoever has it.

use super::{DeviceError, Devices};
use crate::{
    journal::Journal,
    membership::Receipt,
    session::{ending, registration},
};
use countersign_core::{
    DeviceId, SessionId, Timestamp,
    activity::{Action, Actor},
    admission::BadProofRecord,
    device::{Device, DeviceState},
    feed::Subject,
    session::EndingCause,
};
use countersign_storage::{StoreError, Tx};

/// What is to become of a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Cut off until it is resumed.
    Suspend,
    /// In use again.
    Resume,
    /// This generation's key is dead for good.
    Revoke,
}

impl Step {
    /// What it is called in the activity log and on receipts.
    pub(super) const fn action(self) -> Action {
        match self {
            Self::Suspend => Action::DeviceSuspended,
            Self::Resume => Action::DeviceResumed,
            Self::Revoke => Action::DeviceRevoked,
        }
    }
}

/// A device that stands elsewhere now.
#[derive(Debug)]
pub struct Stepped {
    /// The device.
    pub device: Device,
    /// The sessions that ended.
    pub ended: Vec<SessionId>,
}

/// The most suspensions that one run lifts.
const BATCH: i64 = 500;

impl Devices {
    /// Changes where a device stands, and answers when everybody knows. Repeating it changes nothing.
    ///
    /// # Errors
    /// [`DeviceError::NotFound`]; [`DeviceError::State`] for a device that this cannot be done to.
    pub async fn step(
        &self,
        id: DeviceId,
        step: Step,
        actor: Actor,
    ) -> Result<(Stepped, Receipt), DeviceError> {
        let journal = self.ledger.journal(actor);
        self.ledger
            .settle((journal, id, step), |tx, (journal, id, step)| {
                Box::pin(change(tx, journal, *id, *step))
            })
            .await
    }

    /// Lifts suspensions whose time is over.
    pub(crate) async fn lift_suspensions(&self) -> Result<(), DeviceError> {
        let now = self.ledger.clock.now();
        let mut conn = self.ledger.store.read().await?;
        let lifting = conn.find_lifting(now, BATCH).await?;
        drop(conn);
        for id in lifting {
            let journal = self.ledger.journal(Actor::System);
            let lifted: Result<(), StoreError> = self
                .ledger
                .store
                .write((journal, id), |tx, (journal, id)| {
                    Box::pin(lift_if_over(tx, journal, *id))
                })
                .await;
            lifted?;
        }
        Ok(())
    }
}

async fn change(
    tx: &mut Tx,
    journal: &Journal,
    id: DeviceId,
    step: Step,
) -> Result<Stepped, DeviceError> {
    let device = lock(tx, id).await?.ok_or(DeviceError::NotFound)?;
    let mut ended = Vec::new();
    let (from, until) = (device.state, device.suspended_until);
    let device = match (step, from) {
        (Step::Suspend, DeviceState::Active | DeviceState::Suspended) => {
            suspend(tx, journal, device, None).await?
        }
        (Step::Resume, DeviceState::Active | DeviceState::Suspended) => {
            tx.update_bad_proofs(id, &BadProofRecord::default()).await?;
            set_state(tx, journal, device, DeviceState::Active, None).await?
        }
        (Step::Revoke, DeviceState::Banned) | (Step::Suspend | Step::Resume, _) => {
            return Err(DeviceError::State(from));
        }
        (Step::Revoke, _) => {
            let sessions = tx.lock_devices_sessions(id).await?;
            ended = ending::end(tx, journal, &sessions, EndingCause::DeviceRevoked).await?;
            set_state(tx, journal, device, DeviceState::Revoked, None).await?
        }
    };
    if (from, until) != (device.state, device.suspended_until) {
        let target = registration::target(&device);
        journal.record(tx, step.action(), target, None);
    }
    Ok(Stepped { device, ended })
}

/// Locks a device after its client: a row that is written twice has its foreign keys checked, which
/// locks the client.
pub(crate) async fn lock(tx: &mut Tx, id: DeviceId) -> Result<Option<Device>, StoreError> {
    let Some(device) = tx.find_device(id).await? else {
        return Ok(None);
    };
    tx.lock_client(device.client_id).await?;
    tx.lock_device(id).await
}

/// Cuts a locked device off until it is resumed, or until then. Its sessions stay.
pub(crate) async fn suspend(
    tx: &mut Tx,
    journal: &Journal,
    device: Device,
    until: Option<Timestamp>,
) -> Result<Device, StoreError> {
    set_state(tx, journal, device, DeviceState::Suspended, until).await
}

async fn set_state(
    tx: &mut Tx,
    journal: &Journal,
    device: Device,
    state: DeviceState,
    suspended_until: Option<Timestamp>,
) -> Result<Device, StoreError> {
    let device = Device {
        state,
        suspended_until,
        ..device
    };
    tx.update_device(&device).await?;
    for session in tx.find_devices_sessions(device.id).await? {
        journal.changed(tx, Subject::Session(session));
    }
    Ok(device)
}

async fn lift_if_over(tx: &mut Tx, journal: &Journal, id: DeviceId) -> Result<(), StoreError> {
    let Some(device) = lock(tx, id).await? else {
        return Ok(());
    };
    let is_over = device.state_at(journal.now) == DeviceState::Active;
    if device.state == DeviceState::Suspended && is_over {
        lift(tx, journal, device).await?;
    }
    Ok(())
}

/// Lets a locked device go on whose suspension is over, and tells everybody.
pub(crate) async fn lift(
    tx: &mut Tx,
    journal: &Journal,
    device: Device,
) -> Result<Device, StoreError> {
    let until = device.suspended_until;
    let device = set_state(tx, journal, device, DeviceState::Active, until).await?;
    let target = registration::target(&device);
    journal.record(tx, Action::DeviceResumed, target, Some("time"));
    Ok(device)
}
