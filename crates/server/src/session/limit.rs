//! Device limits at a login (invariant I8): whether there is room, and whose device makes some.
//!
//! An ownership becomes active only in a login, which holds the lock of its user: no other login of
//! the user counts at the same time.

use super::{SessionError, ending};
use crate::{device::target_of, journal::Journal};
use countersign_core::{
    DeviceId, Timestamp,
    activity::{Action, Actor},
    admission::{ApprovalCause, ApprovalDecision},
    client::Client,
    device::{Ownership, OwnershipEndCause},
    limit::Room,
    session::EndingCause,
    user::User,
};
use countersign_storage::{Beyond, Tx};
use std::collections::BTreeSet;

/// A device that made room for another one of its user.
#[derive(Debug, Clone)]
pub(crate) struct Evicted {
    /// The device.
    pub(crate) device_id: DeviceId,
    /// The user's own name for it.
    pub(crate) name: Option<String>,
    /// When the user was last active on it.
    pub(crate) last_active_at: Timestamp,
}

/// A user who has just come to have, or has, a device.
pub(super) struct Coming<'a> {
    pub(super) client: &'a Client,
    pub(super) user: &'a User,
    pub(super) ownership: &'a Ownership,
    pub(super) is_new: bool,
}

/// Keeps the user's limit, at the cost of devices that were not used for longest, or refuses the login.
pub(super) async fn keep(
    tx: &mut Tx,
    journal: &Journal,
    coming: &Coming<'_>,
) -> Result<Vec<Evicted>, SessionError> {
    let Coming { client, user, .. } = coming;
    let Some(max) = client.limits.of(&user.external_id, &user.roles) else {
        return Ok(Vec::new());
    };
    let beyond = Beyond {
        user: user.id,
        client: client.id,
        except: coming.ownership.id,
        keep: max.saturating_sub(1),
    };
    let is_full = tx.has_devices_beyond(&beyond).await?;
    match client.limits.room(is_full, coming.is_new) {
        Room::Enough => return Ok(Vec::new()),
        Room::Made => {}
        Room::Refused => return Err(SessionError::DeviceLimitReached(None)),
        Room::Asked => check_approval(tx, coming).await?,
    }
    evict(tx, journal, &beyond).await
}

/// An approval lets a user in on a device once: whoever removes the device has to be approved again.
async fn check_approval(tx: &mut Tx, coming: &Coming<'_>) -> Result<(), SessionError> {
    let (device, user) = (coming.ownership.device_id, coming.user.id);
    let cause = ApprovalCause::Limit;
    let asked = tx.find_approval_of_user(device, user, cause).await?;
    let decided = match asked {
        None => return Err(SessionError::ApprovalPending(cause)),
        Some(asked) => asked.decided,
    };
    match decided {
        None => Err(SessionError::ApprovalPending(cause)),
        Some((ApprovalDecision::Approved, at)) => {
            if tx.has_owned_since(device, user, at).await? {
                return Err(SessionError::ApprovalPending(cause));
            }
            Ok(())
        }
        Some(_) => Err(SessionError::ApprovalRejected),
    }
}

async fn evict(
    tx: &mut Tx,
    journal: &Journal,
    beyond: &Beyond,
) -> Result<Vec<Evicted>, SessionError> {
    let journal = &journal.by(Actor::System);
    let owned = tx.lock_devices_beyond(beyond).await?;
    let ids: BTreeSet<_> = owned.iter().map(|ownership| ownership.id).collect();
    let mut sessions = tx.lock_users_sessions(beyond.user).await?;
    sessions.retain(|session| ids.contains(&session.ownership_id));
    let in_order: Vec<_> = ids.into_iter().collect();
    tx.end_ownerships(&in_order, OwnershipEndCause::Evicted, journal.now)
        .await?;
    ending::end(tx, journal, &sessions, EndingCause::Evicted).await?;
    for ownership in &owned {
        journal.record(tx, Action::DeviceEvicted, target_of(ownership), None);
    }
    let evicted = owned.into_iter().map(|ownership| Evicted {
        device_id: ownership.device_id,
        name: ownership.name,
        last_active_at: ownership.last_active_at,
    });
    Ok(evicted.collect())
}
