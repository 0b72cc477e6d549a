//! A device's next generation: the same record with another key, and the old key dead for good.

use super::{
    DeviceClaim, SessionError, ending,
    registration::{Registered, identify, new_secret, target, with_facts},
};
use crate::journal::Journal;
use countersign_core::{
    AppId, activity::Action, device::Device, session::EndingCause, token::PlainToken, user::User,
};
use countersign_storage::{ConstraintKind, StoreError, Tx};

/// The device is back without what proved it: a new generation. The old key is dead, and
/// so is everything that hung on it.
pub(super) async fn renew(
    tx: &mut Tx,
    journal: &Journal,
    device: Device,
    user: Option<&User>,
    claim: &DeviceClaim,
    app_id: AppId,
) -> Result<Registered, SessionError> {
    // The login writes to it later, and it comes before the sessions in the order of locks.
    if let Some(user) = user {
        tx.lock_active_ownership(device.id, user.id).await?;
    }
    if let Some(old) = &device.jkt {
        tx.retire_key(&device, old, journal.now).await?;
    }
    let sessions = tx.lock_devices_sessions(device.id).await?;
    ending::end(tx, journal, &sessions, EndingCause::KeyReplaced).await?;
    let secret = new_secret(claim, &*journal.rng);
    let mut device = with_facts(
        identify(device, claim.hardware_identity)?,
        &claim.facts,
        journal,
    );
    device.jkt = claim.jkt;
    device.secret = secret.as_ref().map(PlainToken::hash);
    device.app_id = app_id;
    device.generation += 1;
    match tx.update_device(&device).await {
        // Another login brought the same new key a moment ago.
        Err(StoreError::Constraint {
            kind: ConstraintKind::Unique,
            ..
        }) => return Err(SessionError::Raced),
        updated => updated?,
    }
    // What was said of it before may not be true of what is there now.
    tx.forget_postures(device.id, journal.now).await?;
    journal.record(tx, Action::DeviceRekeyed, target(&device), None);
    Ok(Registered {
        device,
        is_new: false,
        secret,
    })
}

/// The user's device is back, and has enrolled as another before its user was known: what that one
/// has and showed becomes the next generation of the user's device, and its own record is closed.
pub(super) async fn absorb(
    tx: &mut Tx,
    journal: &Journal,
    device: Device,
    user: &User,
    claim: &DeviceClaim,
    enrolled: Device,
) -> Result<Registered, SessionError> {
    let left = AppId::generate(journal.now, &*journal.rng);
    tx.absorb_device(&enrolled, device.id, device.generation + 1, left)
        .await?;
    journal.record(tx, Action::DeviceAbsorbed, target(&enrolled), None);
    let facts = enrolled.facts.updated_by(claim.facts.clone());
    let claim = &DeviceClaim {
        facts,
        hardware_identity: enrolled.hardware_identity,
        ..claim.clone()
    };
    renew(tx, journal, device, Some(user), claim, enrolled.app_id).await
}
