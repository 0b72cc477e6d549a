//! Bans: what stays refused, and who lifts that.
//!
//! A ban takes effect in its own transaction: sessions end, records are marked, and whatever comes later
//! with the same key or machine is refused by `session::admission`.

pub(crate) mod http;

use crate::{
    journal::{Journal, Ledger},
    membership::Receipt,
    session::{admission, ending, registration},
};
use countersign_api_types::ErrorCode;
use countersign_core::{
    BanId, DeviceId, SessionId, Thumbprint,
    activity::{Action, Actor, Target},
    ban::{Ban, BanScope},
    device::{Device, DeviceState, HardwareIdentity, OwnershipEndCause},
    session::{EndingCause, Session},
    user::ExternalUserId,
};
use countersign_storage::{BanFilter, StoreError, Tx};
use std::sync::Arc;

/// The ban use cases.
#[derive(Debug)]
pub struct Bans {
    pub(crate) ledger: Ledger,
}

/// What is to be banned.
#[derive(Debug, Clone)]
pub(super) enum Subject {
    /// A device with its key and, where it is known, its machine.
    Device(DeviceId),
    /// One user on a device.
    UserOnDevice(DeviceId, ExternalUserId),
    /// The same, at that user's own word: nothing else of the account changes for now.
    NotMe(DeviceId, ExternalUserId),
    /// A key, seen or not.
    Key(Thumbprint),
}

/// A ban that is in force now.
#[derive(Debug)]
pub(super) struct Banned {
    pub(super) ban: Ban,
    pub(super) ended: Vec<SessionId>,
}

/// A ban did not come about, or was not lifted; nothing changed.
#[derive(Debug, thiserror::Error)]
pub enum BanError {
    /// There is no such ban, device, or user on it.
    #[error("there is no such ban or device")]
    NotFound,
    /// It is the device that makes the call.
    #[error("a device cannot be said not to be the one that says so")]
    Own,
    /// The device changed its key or machine while the ban was written, again and again.
    #[error("the device changes too fast")]
    Raced,
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] StoreError),
}

impl BanError {
    /// The closed code of the answer.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::NotFound => ErrorCode::NotFound,
            Self::Own => ErrorCode::Conflict,
            Self::Raced => ErrorCode::Unavailable,
            Self::Store(error) => crate::error::store_code(error),
        }
    }
}

/// How often a ban is written again after the device changed under it.
const RACE_RETRIES: usize = 4;

struct Input {
    journal: Journal,
    subject: Subject,
    reason: Option<String>,
}

impl Bans {
    /// Bans, and answers when nobody accepts what is banned any more.
    pub(super) async fn ban(
        &self,
        subject: Subject,
        reason: Option<String>,
        actor: Actor,
    ) -> Result<(Banned, Receipt), BanError> {
        let input = Arc::new(Input {
            journal: self.ledger.journal(actor),
            subject,
            reason,
        });
        for _ in 0..RACE_RETRIES {
            let input = Arc::clone(&input);
            let banned = self
                .ledger
                .settle(input, |tx, input| Box::pin(ban(tx, input)));
            match banned.await {
                Err(BanError::Raced) => {}
                result => return result,
            }
        }
        Err(BanError::Raced)
    }

    /// Lifts a ban. A device's generation stays dead: it may come back with another key.
    pub(super) async fn lift(&self, id: BanId, actor: Actor) -> Result<Ban, BanError> {
        let journal = self.ledger.journal(actor);
        self.ledger
            .store
            .write((journal, id), |tx, (journal, id)| {
                Box::pin(lift(tx, journal, *id))
            })
            .await
    }

    /// One page of bans, and how many there are.
    pub(super) async fn search(
        &self,
        filter: BanFilter,
        limit: i64,
        offset: i64,
    ) -> Result<(Vec<Ban>, i64), BanError> {
        let mut conn = self.ledger.store.read().await?;
        let bans = conn.search_bans(filter, limit, offset).await?;
        Ok((bans, conn.count_bans(filter).await?))
    }
}

async fn ban(tx: &mut Tx, input: &Input) -> Result<Banned, BanError> {
    let journal = &input.journal;
    let empty = Ban {
        id: BanId::generate(journal.now, &*journal.rng),
        scope: BanScope::Key,
        client_id: None,
        device_id: None,
        user: None,
        jkt: None,
        hardware_identity: None,
        reason: input.reason.clone(),
        banned_at: journal.now,
        lifted_at: None,
    };
    let (ban, ended) = match &input.subject {
        Subject::Device(id) => ban_device(tx, journal, *id, empty).await?,
        Subject::UserOnDevice(id, user) => ban_user(tx, journal, *id, user, empty).await?,
        Subject::NotMe(id, user) => {
            let banned = ban_user(tx, journal, *id, user, empty).await?;
            freeze(tx, journal, user).await?;
            banned
        }
        Subject::Key(jkt) => ban_key(tx, journal, jkt, empty).await?,
    };
    tx.insert_ban(&ban).await?;
    Ok(Banned { ban, ended })
}

async fn ban_device(
    tx: &mut Tx,
    journal: &Journal,
    id: DeviceId,
    empty: Ban,
) -> Result<(Ban, Vec<SessionId>), BanError> {
    let seen = find_device(tx, id).await?;
    let mut others = lock_alike(tx, seen.hardware_identity.as_ref(), seen.jkt.as_ref()).await?;
    others.retain(|other| other.id != id);
    let device = tx.lock_device(id).await?.ok_or(BanError::NotFound)?;
    if (device.jkt, device.hardware_identity) != (seen.jkt, seen.hardware_identity) {
        return Err(BanError::Raced);
    }
    let ban = Ban {
        scope: BanScope::Device,
        client_id: Some(device.client_id),
        device_id: Some(id),
        jkt: device.jkt,
        hardware_identity: device.hardware_identity,
        ..empty
    };
    let mut ended = Vec::new();
    for device in others.into_iter().chain([device]) {
        ended.extend(cut_off(tx, journal, device).await?);
    }
    Ok((ban, ended))
}

async fn ban_key(
    tx: &mut Tx,
    journal: &Journal,
    jkt: &Thumbprint,
    empty: Ban,
) -> Result<(Ban, Vec<SessionId>), BanError> {
    tx.lock_key(jkt).await?;
    let ban = Ban {
        jkt: Some(*jkt),
        ..empty
    };
    let mut ended = Vec::new();
    for device in tx.lock_devices_by_key(jkt).await? {
        ended.extend(cut_off(tx, journal, device).await?);
    }
    Ok((ban, ended))
}

async fn ban_user(
    tx: &mut Tx,
    journal: &Journal,
    id: DeviceId,
    user_id: &ExternalUserId,
    empty: Ban,
) -> Result<(Ban, Vec<SessionId>), BanError> {
    find_device(tx, id).await?;
    let user = tx.lock_user(user_id).await?.ok_or(BanError::NotFound)?;
    let device = tx.lock_device(id).await?.ok_or(BanError::NotFound)?;
    if !tx.has_owned(id, user.id).await? {
        return Err(BanError::NotFound);
    }
    let mut ended = Vec::new();
    if let Some(ownership) = tx.lock_active_ownership(id, user.id).await? {
        let session: Option<Session> = tx.lock_ownerships_session(ownership.id).await?;
        tx.end_ownership(ownership.id, OwnershipEndCause::Removed, journal.now)
            .await?;
        let cause = EndingCause::DeviceBanned;
        ended = ending::end(tx, journal, session.as_slice(), cause).await?;
    }
    let mut target = registration::target(&device);
    target.user = Some(user.id);
    journal.record(tx, Action::DeviceBanned, target, None);
    let ban = Ban {
        scope: BanScope::UserOnDevice,
        client_id: Some(device.client_id),
        device_id: Some(id),
        user: Some((user.id, user_id.clone())),
        ..empty
    };
    Ok((ban, ended))
}

async fn freeze(tx: &mut Tx, journal: &Journal, id: &ExternalUserId) -> Result<(), BanError> {
    let user = tx.lock_user(id).await?.ok_or(BanError::NotFound)?;
    if user.frozen_at.is_none() {
        tx.set_user_frozen(user.id, Some(journal.now)).await?;
        let target = Target {
            user: Some(user.id),
            ..Target::default()
        };
        journal.record(tx, Action::UserFrozen, target, None);
    }
    Ok(())
}

/// The device, unlocked; its client is locked, to which the ban's own row will refer.
async fn find_device(tx: &mut Tx, id: DeviceId) -> Result<Device, BanError> {
    let device = tx.find_device(id).await?.ok_or(BanError::NotFound)?;
    tx.lock_client(device.client_id).await?;
    Ok(device)
}

async fn cut_off(
    tx: &mut Tx,
    journal: &Journal,
    device: Device,
) -> Result<Vec<SessionId>, StoreError> {
    let sessions = tx.lock_devices_sessions(device.id).await?;
    let ended = ending::end(tx, journal, &sessions, EndingCause::DeviceBanned).await?;
    let device = Device {
        state: DeviceState::Banned,
        ..device
    };
    tx.update_device(&device).await?;
    let target = registration::target(&device);
    journal.record(tx, Action::DeviceBanned, target, None);
    Ok(ended)
}

async fn lift(tx: &mut Tx, journal: &Journal, id: BanId) -> Result<Ban, BanError> {
    let ban = tx.find_ban(id).await?.ok_or(BanError::NotFound)?;
    let mut devices = lock_alike(tx, ban.hardware_identity.as_ref(), ban.jkt.as_ref()).await?;
    if !tx.lift_ban(id, journal.now).await? {
        return Ok(ban);
    }
    if let (BanScope::Device, Some(id)) = (ban.scope, ban.device_id) {
        devices.extend(tx.lock_device(id).await?);
    }
    devices.sort_by_key(|device| device.id);
    devices.dedup_by_key(|device| device.id);
    for device in devices {
        free(tx, device).await?;
    }
    let mut target = Target {
        client: ban.client_id,
        device: ban.device_id,
        ..Default::default()
    };
    target.user = ban.user.as_ref().map(|(id, _)| *id);
    journal.record(tx, Action::BanLifted, target, None);
    let lifted_at = Some(journal.now);
    Ok(Ban { lifted_at, ..ban })
}

/// Locks a machine and a key, and every client's devices with them, each once.
async fn lock_alike(
    tx: &mut Tx,
    machine: Option<&HardwareIdentity>,
    jkt: Option<&Thumbprint>,
) -> Result<Vec<Device>, StoreError> {
    if let Some(machine) = machine {
        tx.lock_hardware(machine).await?;
    }
    if let Some(jkt) = jkt {
        tx.lock_key(jkt).await?;
    }
    let mut devices = Vec::new();
    if let Some(machine) = machine {
        devices.extend(tx.lock_devices_by_hardware(machine).await?);
    }
    if let Some(jkt) = jkt {
        devices.extend(tx.lock_devices_by_key(jkt).await?);
    }
    devices.sort_by_key(|device| device.id);
    devices.dedup_by_key(|device| device.id);
    Ok(devices)
}

/// A device that no ban names any more is revoked: it may come back, with another key.
async fn free(tx: &mut Tx, device: Device) -> Result<(), StoreError> {
    let is_banned =
        device.state != DeviceState::Banned || admission::is_banned(tx, &device).await?;
    if is_banned {
        return Ok(());
    }
    let state = DeviceState::Revoked;
    tx.update_device(&Device { state, ..device }).await
}
