//! A device without a key, from the login that asked for approval to the one that is let in.
//!
//! A key would say that it is the same device; what a device without one is known by, its secret, is
//! handed out by the login that is let in. Until then it is known by its user and the installation id.
//! That id is no secret, but nothing can be taken over with it here: the user was authenticated just
//! now, the request for approval names that user, and the device never had a secret or a session,
//! which its row shows by having neither key nor secret. So only the user's own place in the queue
//! is found. The first login that is let in writes a secret to the locked row; from then on, and for
//! one that raced it, the device is like any other whose installation id is presented.

use super::{
    DeviceClaim, SessionError,
    registration::{Registered, check_state, new_secret, with_facts},
};
use crate::journal::Journal;
use countersign_core::{client::Client, device::Device, token::PlainToken, user::User};
use countersign_storage::{StoreError, Tx};
use uuid::Uuid;

/// The device that an earlier login of this user, without a key, left to an admin.
pub(super) async fn find(
    tx: &mut Tx,
    journal: &Journal,
    client: &Client,
    user: &User,
    installation_id: Uuid,
) -> Result<Option<Device>, SessionError> {
    let found = tx.lock_waiting_device(client.id, installation_id, user.id);
    match found.await? {
        Some(device) => check_state(tx, journal, device).await.map(Some),
        None => Ok(None),
    }
}

/// The same device, with the secret that it gets if it is let in.
pub(super) async fn go_on(
    tx: &mut Tx,
    journal: &Journal,
    device: Device,
    claim: &DeviceClaim,
) -> Result<Registered, SessionError> {
    let secret = new_secret(claim, &*journal.rng);
    let device = Device {
        secret: secret.as_ref().map(PlainToken::hash),
        ..with_facts(device, &claim.facts, journal)
    };
    tx.update_device(&device).await?;
    Ok(Registered {
        device,
        is_new: false,
        secret,
    })
}

/// Takes back the secret that a refused login does not hand out.
pub(super) async fn keep(tx: &mut Tx, registered: Registered) -> Result<Device, StoreError> {
    if registered.secret.is_none() {
        return Ok(registered.device);
    }
    let device = Device {
        secret: None,
        ..registered.device
    };
    tx.update_device(&device).await?;
    Ok(device)
}
