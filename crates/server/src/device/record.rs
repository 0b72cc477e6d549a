//! Everything that is known of one device, for admins.

use super::{DeviceError, Devices};
use countersign_core::{
    DeviceId, admission::Approval, ban::Ban, client::Client, device::Device, enrollment::Evidence,
};
use countersign_storage::{BanFilter, DeviceOwner, ListedTrust};

/// A device with what refers to it.
#[derive(Debug)]
pub(super) struct Record {
    pub(super) device: Device,
    pub(super) client: Client,
    pub(super) evidence: Option<Evidence>,
    pub(super) trust: Vec<ListedTrust>,
    pub(super) owners: Vec<DeviceOwner>,
    pub(super) approval: Option<Approval>,
    pub(super) bans: Vec<Ban>,
}

/// The most owners or bans that a record names.
const MOST: i64 = 100;

impl Devices {
    /// The record of a device.
    pub(super) async fn record(&self, id: DeviceId) -> Result<Record, DeviceError> {
        let mut conn = self.ledger.store.read().await?;
        let device = conn.find_device(id).await?.ok_or(DeviceError::NotFound)?;
        let client = conn.find_client(device.client_id).await?;
        let filter = BanFilter {
            is_active: Some(true),
            device: Some(id),
        };
        Ok(Record {
            client: client.ok_or(DeviceError::NotFound)?,
            evidence: conn.find_latest_evidence(id, device.generation).await?,
            trust: conn.list_trust_evidence(id, MOST).await?,
            owners: conn.list_owners(id, MOST).await?,
            approval: conn.find_approval_of_device(id).await?,
            bans: conn.search_bans(filter, MOST, 0).await?,
            device,
        })
    }
}
