//! Finding what goes on, and locking it in the documented order.

use super::Refresh;
use crate::session::{SessionError, adoption, registration};
use countersign_core::{
    ClientId, client::Client, device::Device, session::Session, token::PlainToken,
};
use countersign_storage::Tx;
use uuid::Uuid;

pub(super) async fn lock_client(tx: &mut Tx, id: ClientId) -> Result<Client, SessionError> {
    let client = tx
        .lock_client(id)
        .await?
        .ok_or(SessionError::ClientUnknown)?;
    match client.disabled_at {
        None => Ok(client),
        Some(_) => Err(SessionError::ClientDisabled),
    }
}

pub(super) async fn find_by_token(
    tx: &mut Tx,
    refresh: &Refresh,
    token: &PlainToken,
) -> Result<(Session, Device), SessionError> {
    let id = tx
        .find_refresh_token(&token.hash())
        .await?
        .ok_or(SessionError::RefreshUnknown)?;
    let unlocked = tx
        .find_session(id)
        .await?
        .ok_or(SessionError::RefreshUnknown)?;
    if unlocked.client_id != refresh.client_id {
        return Err(SessionError::RefreshUnknown);
    }
    let device = tx
        .lock_device(unlocked.device_id)
        .await?
        .ok_or(SessionError::RefreshUnknown)?;
    // It is written to at the end, and comes before the session in the order of locks.
    tx.lock_active_ownership(unlocked.device_id, unlocked.user_id)
        .await?;
    let session = tx
        .lock_session(id)
        .await?
        .ok_or(SessionError::RefreshUnknown)?;
    Ok((session, device))
}

/// The backend's own refresh: the device is found by its key or installation id.
pub(super) async fn find_by_device(
    tx: &mut Tx,
    refresh: &Refresh,
    installation_id: Uuid,
) -> Result<(Session, Device), SessionError> {
    let user = match &refresh.user_id {
        Some(id) => tx.find_user(id).await?,
        None => None,
    };
    let user = user.ok_or(SessionError::SessionEnded)?;
    let found = if let Some(proof) = &refresh.proof {
        tx.lock_device_by_key(refresh.client_id, &proof.jkt).await?
    } else {
        registration::find_by_installation(tx, refresh.client_id, user.id, installation_id).await?
    };
    let device = found.ok_or(SessionError::SessionEnded)?;
    let ownership = tx
        .lock_active_ownership(device.id, user.id)
        .await?
        .ok_or(SessionError::SessionEnded)?;
    let session = tx
        .lock_ownerships_session(ownership.id)
        .await?
        .ok_or(SessionError::SessionEnded)?;
    adoption::check_continues(&session, refresh.journal.now)?;
    Ok((session, device))
}
