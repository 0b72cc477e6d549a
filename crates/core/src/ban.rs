//! Bans: what stays refused until an admin lifts it.

use crate::{
    BanId, ClientId, DeviceId, Thumbprint, Timestamp, UserId, device::HardwareIdentity,
    text::text_enum, user::ExternalUserId,
};

text_enum! {
    /// What a ban is about.
    BanScope {
        /// A device: its key, and its machine where the platform attests which one it is.
        Device = "device",
        /// A key, whether it was ever seen or not.
        Key = "key",
        /// One user on a device; others may go on with it.
        UserOnDevice = "user_on_device",
    }
}

/// A ban, in force or lifted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ban {
    /// Its identity.
    pub id: BanId,
    /// What it is about.
    pub scope: BanScope,
    /// The client, where it is about a device.
    pub client_id: Option<ClientId>,
    /// The device.
    pub device_id: Option<DeviceId>,
    /// The user on the device.
    pub user: Option<(UserId, ExternalUserId)>,
    /// The key that is refused.
    pub jkt: Option<Thumbprint>,
    /// The machine that is refused.
    pub hardware_identity: Option<HardwareIdentity>,
    /// What an admin wrote.
    pub reason: Option<String>,
    /// Since when.
    pub banned_at: Timestamp,
    /// When it was lifted.
    pub lifted_at: Option<Timestamp>,
}
