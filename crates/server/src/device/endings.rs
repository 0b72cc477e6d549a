//! Logging devices out, removing them, and renaming them.

use super::{
    DeviceError, Devices,
    desk::{Cut, NotWritten},
};
use crate::{journal::Journal, membership::Receipt, session::ending};
use countersign_core::{
    DeviceId, SessionId,
    activity::{Action, Target},
    device::{Ownership, OwnershipEndCause},
    session::EndingCause,
    user::ExternalUserId,
};
use countersign_storage::{StoreError, Tx};

/// How a user's device is cut off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeviceEnding {
    /// Its session ends; the device stays in the list.
    LogOut,
    /// Its session ends and it leaves the list.
    Remove,
}

impl DeviceEnding {
    /// What it is called in the activity log and on receipts.
    pub(super) const fn action(self) -> Action {
        match self {
            Self::LogOut => Action::DeviceLoggedOut,
            Self::Remove => Action::DeviceRemoved,
        }
    }

    /// Why the session ended.
    pub(super) const fn cause(self) -> EndingCause {
        match self {
            Self::LogOut => EndingCause::RemoteLogout,
            Self::Remove => EndingCause::Removed,
        }
    }
}

/// A new name for a user's device.
#[derive(Debug)]
pub struct Rename {
    /// Who makes the change, and when.
    pub journal: Journal,
    /// The user.
    pub user_id: ExternalUserId,
    /// The device.
    pub device_id: DeviceId,
    /// The name.
    pub name: String,
}

/// All sessions of a user but one are to end.
#[derive(Debug)]
pub struct OtherSessions {
    /// Who makes the change, and when.
    pub journal: Journal,
    /// The user.
    pub user_id: ExternalUserId,
    /// The session that stays.
    pub except: SessionId,
}

/// What an ending ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// The sessions.
    pub sessions: Vec<SessionId>,
}

impl Devices {
    /// Cuts a user's device off. Repeating it changes nothing.
    ///
    /// # Errors
    /// [`DeviceError::NotFound`] unless the user has the device now.
    pub async fn end(
        &self,
        journal: Journal,
        user_id: ExternalUserId,
        device_id: DeviceId,
        how: DeviceEnding,
    ) -> Result<(Ended, Receipt), DeviceError> {
        let cut = Cut {
            journal,
            user_id,
            device_id,
            how,
        };
        let ledger = &self.ledger;
        match self.desk.end(&ledger.store, cut).await {
            Ok((ended, position)) => Ok((ended, ledger.membership.settle(Some(position)).await)),
            Err(NotWritten::Unknown) => Err(StoreError::OutcomeUnknown.into()),
            Err(NotWritten::Alone(cut)) => {
                ledger
                    .settle(cut, |tx, cut| Box::pin(end_device(tx, cut)))
                    .await
            }
        }
    }

    /// Ends all other sessions of the user.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn end_others(&self, others: OtherSessions) -> Result<(Ended, Receipt), DeviceError> {
        self.ledger
            .settle(others, |tx, others| Box::pin(end_others(tx, others)))
            .await
    }

    /// Ends the caller's own session.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn log_out(
        &self,
        journal: Journal,
        session: SessionId,
        cause: EndingCause,
    ) -> Result<(Ended, Receipt), DeviceError> {
        self.ledger
            .settle(
                (journal, session, cause),
                |tx, (journal, session, cause)| {
                    Box::pin(async move {
                        let session = tx.lock_session(*session).await?;
                        let sessions = ending::end(tx, journal, session.as_slice(), *cause).await?;
                        Ok(Ended { sessions })
                    })
                },
            )
            .await
    }

    /// Gives a user's device a name of the user's own.
    ///
    /// # Errors
    /// [`DeviceError::NotFound`] unless the user has the device now.
    pub async fn rename(&self, rename: Rename) -> Result<(), DeviceError> {
        self.ledger
            .store
            .write(rename, |tx, rename| {
                Box::pin(async move {
                    let ownership = lock(tx, &rename.user_id, rename.device_id).await?;
                    tx.rename_ownership(ownership.id, &rename.name).await?;
                    let target = target_of(&ownership);
                    rename
                        .journal
                        .record(tx, Action::DeviceRenamed, target, None);
                    Ok(())
                })
            })
            .await
    }
}

async fn end_device(tx: &mut Tx, cut: &Cut) -> Result<Ended, DeviceError> {
    let ownership = lock(tx, &cut.user_id, cut.device_id).await?;
    Ok(end_owned(tx, &cut.journal, &ownership, cut.how).await?)
}

/// Cuts off a device whose ownership the transaction has locked.
pub(crate) async fn end_owned(
    tx: &mut Tx,
    journal: &Journal,
    ownership: &Ownership,
    how: DeviceEnding,
) -> Result<Ended, StoreError> {
    let session = tx.lock_ownerships_session(ownership.id).await?;
    let is_removal = how == DeviceEnding::Remove;
    if is_removal {
        tx.end_ownership(ownership.id, OwnershipEndCause::Removed, journal.now)
            .await?;
    }
    let sessions = ending::end(tx, journal, session.as_slice(), how.cause()).await?;
    // A removal ended the ownership; a log-out of what is logged out already did nothing.
    if is_removal || !sessions.is_empty() {
        journal.record(tx, how.action(), target_of(ownership), None);
    }
    Ok(Ended { sessions })
}

async fn end_others(tx: &mut Tx, others: &OtherSessions) -> Result<Ended, DeviceError> {
    let user = tx
        .lock_user(&others.user_id)
        .await?
        .ok_or(DeviceError::NotFound)?;
    let mut sessions = tx.lock_users_sessions(user.id).await?;
    sessions.retain(|session| session.id != others.except);
    let journal = &others.journal;
    let sessions = ending::end(tx, journal, &sessions, EndingCause::EndedOthers).await?;
    if !sessions.is_empty() {
        let target = Target {
            user: Some(user.id),
            session: Some(others.except),
            ..Target::default()
        };
        journal.record(tx, Action::SessionsEndedOthers, target, None);
    }
    Ok(Ended { sessions })
}

/// Locks the ownership; to a stranger the device does not exist.
async fn lock(
    tx: &mut Tx,
    user_id: &ExternalUserId,
    device_id: DeviceId,
) -> Result<Ownership, DeviceError> {
    let ownership = tx.lock_users_ownership(device_id, user_id).await?;
    ownership.ok_or(DeviceError::NotFound)
}

/// The ownership and all it hangs on, for an activity record.
pub(crate) fn target_of(ownership: &Ownership) -> Target {
    Target {
        client: Some(ownership.client_id),
        user: Some(ownership.user_id),
        device: Some(ownership.device_id),
        ownership: Some(ownership.id),
        ..Target::default()
    }
}
