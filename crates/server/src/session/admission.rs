//! Who is not let in, or not yet: bans, and devices that an admin has to look at.
//!
//! A ban and a device that comes with what it names take the same lock, so that a ban of what was never
//! seen and its first enrollment cannot miss each other. The order: machine, key, then devices.

use super::{SessionError, registration};
use crate::journal::Journal;
use countersign_core::{
    ApprovalId, Thumbprint,
    activity::{Action, Target},
    admission::{Activation, AfterBan, Approval, ApprovalCause, ApprovalDecision},
    client::Client,
    device::{Device, HardwareIdentity},
    user::User,
};
use countersign_storage::{StoreError, Tx};
use std::time::Duration;

/// Refuses a key that is banned; to be asked before a device with it is made.
pub(crate) async fn check_key(tx: &mut Tx, jkt: &Thumbprint) -> Result<(), SessionError> {
    tx.lock_key(jkt).await?;
    if tx.is_key_banned(jkt).await? {
        return Err(SessionError::DeviceBanned);
    }
    Ok(())
}

/// Refuses a machine that is banned.
pub(crate) async fn check_hardware(
    tx: &mut Tx,
    identity: &HardwareIdentity,
) -> Result<(), SessionError> {
    tx.lock_hardware(identity).await?;
    if tx.is_hardware_banned(identity).await? {
        return Err(SessionError::DeviceBanned);
    }
    Ok(())
}

/// Whether a ban that is in force covers the device: itself, its key or its machine.
pub(crate) async fn is_banned(tx: &mut Tx, device: &Device) -> Result<bool, StoreError> {
    if tx.is_device_banned(device.id).await? {
        return Ok(true);
    }
    if let Some(jkt) = &device.jkt
        && tx.is_key_banned(jkt).await?
    {
        return Ok(true);
    }
    match &device.hardware_identity {
        Some(machine) => tx.is_hardware_banned(machine).await,
        None => Ok(false),
    }
}

/// Whether a user may begin to use a device: neither banned on it nor waiting.
pub(super) async fn check_user(
    tx: &mut Tx,
    client: &Client,
    user: &User,
    device: &Device,
) -> Result<(), SessionError> {
    if tx.is_banned_on(device.id, user.id).await? {
        return Err(SessionError::DeviceBanned);
    }
    if is_pending(tx, device).await? {
        return Err(SessionError::ApprovalPending(ApprovalCause::Activation));
    }
    if client.admission.after_ban == AfterBan::Allow || !tx.has_ban_around(user.id).await? {
        return Ok(());
    }
    let cause = ApprovalCause::AfterBan;
    let asked = tx.find_approval_of_user(device.id, user.id, cause).await?;
    match asked.and_then(|asked| asked.decided) {
        Some((ApprovalDecision::Approved, _)) => Ok(()),
        Some(_) => Err(SessionError::ApprovalRejected),
        None => Err(SessionError::ApprovalPending(cause)),
    }
}

/// Whether the device itself still waits.
pub(crate) async fn is_pending(tx: &mut Tx, device: &Device) -> Result<bool, StoreError> {
    let asked = tx.find_approval_of_device(device.id).await?;
    Ok(asked.is_some_and(|asked| asked.decided.is_none()))
}

/// How many requests of one user may be open: more would only hide others' from the admin.
const MOST_OPEN: i64 = 10;

/// Asks that a new device be let in, where its client wants to be asked.
pub(super) async fn ask_for_new(
    tx: &mut Tx,
    journal: &Journal,
    client: &Client,
    user: Option<&User>,
    device: &Device,
) -> Result<(), SessionError> {
    match client.admission.activation {
        Activation::Automatic => Ok(()),
        Activation::Approval => {
            ask(tx, journal, client, device, user, ApprovalCause::Activation).await
        }
    }
}

/// Asks that a user be let in on a device, unless somebody is asked already.
pub(super) async fn ask_for_user(
    tx: &mut Tx,
    journal: &Journal,
    client: &Client,
    user: &User,
    device: &Device,
    cause: ApprovalCause,
) -> Result<(), SessionError> {
    if is_pending(tx, device).await? {
        return Ok(());
    }
    let asked = tx.find_approval_of_user(device.id, user.id, cause).await?;
    let is_open = match asked.map(|asked| asked.decided) {
        None => false,
        // One that was used up does not speak for the user any more.
        Some(Some((ApprovalDecision::Approved, at))) if cause == ApprovalCause::Limit => {
            !tx.has_owned_since(device.id, user.id, at).await?
        }
        Some(_) => true,
    };
    if is_open {
        return Ok(());
    }
    ask(tx, journal, client, device, Some(user), cause).await
}

async fn ask(
    tx: &mut Tx,
    journal: &Journal,
    client: &Client,
    device: &Device,
    user: Option<&User>,
    cause: ApprovalCause,
) -> Result<(), SessionError> {
    // The user's row is locked, so no other login counts at the same time.
    if let Some(user) = user
        && tx.count_open_approvals(user.id).await? >= MOST_OPEN
    {
        return Err(SessionError::ApprovalPending(cause));
    }
    let patience = Duration::from_secs(client.admission.approval_secs);
    let approval = Approval {
        id: ApprovalId::generate(journal.now, &*journal.rng),
        client_id: client.id,
        device_id: device.id,
        device_state: device.state,
        user: user.map(|user| (user.id, user.external_id.clone())),
        cause,
        asked_at: journal.now,
        expires_at: journal.now.plus(patience),
        decided: None,
    };
    tx.insert_approval(&approval).await?;
    let target = Target {
        user: user.map(|user| user.id),
        ..registration::target(device)
    };
    journal.record(tx, Action::ApprovalAsked, target, Some(cause.as_str()));
    Ok(())
}
