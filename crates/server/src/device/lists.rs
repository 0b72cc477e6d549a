//! The lists of a user's devices.

use super::{DeviceError, Devices};
use crate::caller::Caller;
use countersign_core::{DeviceId, OwnershipId, Timestamp, user::ExternalUserId};
use countersign_storage::{DeviceFilter, ListedDevice, Standing};
use uuid::Uuid;

/// One page of a user's own list.
#[derive(Debug)]
pub(crate) struct OwnPage {
    /// The devices, newest first.
    pub devices: Vec<ListedDevice>,
    /// Continues the list, when there is more.
    pub next_cursor: Option<String>,
    /// How many sessions of the user are active, on all devices.
    pub active_sessions: i64,
    /// How many of the user's devices count against the limit of the caller's client.
    pub used: i64,
    /// How many may.
    pub max: Option<u32>,
    /// Since when nothing may change.
    pub frozen_at: Option<Timestamp>,
}

/// One page of an admin's list.
#[derive(Debug)]
pub struct AdminPage {
    /// The devices, newest first.
    pub devices: Vec<ListedDevice>,
    /// How many the filter finds in all.
    pub total: i64,
}

impl Devices {
    /// One page of the user's devices, active or past.
    ///
    /// # Errors
    /// [`DeviceError::ForeignCursor`] when the cursor was given for another list.
    pub(crate) async fn list_own(
        &self,
        caller: &Caller,
        standing: Standing,
        cursor: Option<&str>,
        limit: usize,
    ) -> Result<OwnPage, DeviceError> {
        let now = self.ledger.clock.now();
        let mut conn = self.ledger.store.read().await?;
        let user = conn
            .find_user(caller.user_id())
            .await?
            .ok_or(DeviceError::NotFound)?;
        let client = conn.find_client(caller.client_id()).await?;
        let before = match cursor {
            None => OwnershipId::from_uuid(Uuid::max()),
            Some(cursor) => self
                .cursors
                .read(user.id, standing, cursor)
                .ok_or(DeviceError::ForeignCursor)?,
        };
        // One more than asked for tells whether there is more.
        let more = i64::try_from(limit + 1).unwrap_or(i64::MAX);
        let mut devices = conn
            .list_devices(user.id, standing, before, more, now)
            .await?;
        let has_more = devices.len() > limit;
        devices.truncate(limit);
        let last = devices.last().filter(|_| has_more);
        Ok(OwnPage {
            next_cursor: last
                .map(|device| self.cursors.issue(user.id, standing, device.ownership_id)),
            active_sessions: conn.count_active_sessions(user.id, now).await?,
            used: conn
                .count_active_ownerships(user.id, caller.client_id())
                .await?,
            frozen_at: user.frozen_at,
            max: client.and_then(|client| client.limits.of(&user.external_id, &user.roles)),
            devices,
        })
    }

    /// Whether the user may change their devices.
    ///
    /// # Errors
    /// [`DeviceError::AccountFrozen`] when not.
    pub(super) async fn check_changeable(&self, caller: &Caller) -> Result<(), DeviceError> {
        let mut conn = self.ledger.store.read().await?;
        let user = conn.find_user(caller.user_id()).await?;
        match user.ok_or(DeviceError::NotFound)?.frozen_at {
            None => Ok(()),
            Some(_) => Err(DeviceError::AccountFrozen),
        }
    }

    /// One page of any user's devices; a user never seen has none.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn search(
        &self,
        user_id: &ExternalUserId,
        filter: DeviceFilter,
        limit: i64,
        offset: i64,
    ) -> Result<AdminPage, DeviceError> {
        let now = self.ledger.clock.now();
        let mut conn = self.ledger.store.read().await?;
        let Some(user) = conn.find_user(user_id).await? else {
            return Ok(AdminPage {
                devices: Vec::new(),
                total: 0,
            });
        };
        Ok(AdminPage {
            devices: conn
                .search_devices(user.id, filter, limit, offset, now)
                .await?,
            total: conn.count_devices(user.id, filter).await?,
        })
    }

    /// One of the user's active devices.
    ///
    /// # Errors
    /// [`DeviceError::NotFound`] unless the user has it now.
    pub async fn find(
        &self,
        user_id: &ExternalUserId,
        device_id: DeviceId,
    ) -> Result<ListedDevice, DeviceError> {
        let mut conn = self.ledger.store.read().await?;
        let user = conn
            .find_user(user_id)
            .await?
            .ok_or(DeviceError::NotFound)?;
        let found = conn
            .find_users_device(user.id, device_id, self.ledger.clock.now())
            .await?;
        found.ok_or(DeviceError::NotFound)
    }
}
