//! Devices, their keys, and users' ownerships of them.

use crate::{
    AppId, ClientId, DeviceId, OwnershipId, Thumbprint, Timestamp, UserId,
    fingerprint::Fingerprint, text::text_enum, token::HashedToken,
};
use std::net::IpAddr;
use uuid::Uuid;

text_enum! {
    /// What kind of machine a client runs on.
    Platform {
        /// iPhone, iPad and their relatives.
        Ios = "ios",
        /// Android.
        Android = "android",
        /// A browser.
        Web = "web",
        /// A program on Windows, macOS or Linux.
        Desktop = "desktop",
    }
}

text_enum! {
    /// Where a device stands in its lifecycle.
    DeviceState {
        /// In use.
        Active = "active",
        /// Cut off for now; its record and key are kept.
        Suspended = "suspended",
        /// This generation's key is dead for good.
        Revoked = "revoked",
        /// Revoked, and refused when it comes back.
        Banned = "banned",
    }
}

text_enum! {
    /// Whether the device says that its storage is encrypted.
    Encryption {
        /// It is.
        Enabled = "enabled",
        /// It is not.
        Disabled = "disabled",
        /// The device does not say.
        Unknown = "unknown",
    }
}

text_enum! {
    /// Which service delivers pushes to an address.
    PushProvider {
        /// Apple Push Notification service.
        Apns = "apns",
        /// Firebase Cloud Messaging.
        Fcm = "fcm",
    }
}

impl DeviceState {
    /// Whether this generation's key is dead for good.
    pub const fn is_dead(self) -> bool {
        matches!(self, Self::Revoked | Self::Banned)
    }
}

impl PushProvider {
    /// The provider of a platform's push addresses when none is named; browsers and desktops have none.
    pub const fn of(platform: Platform) -> Option<Self> {
        match platform {
            Platform::Ios => Some(Self::Apns),
            Platform::Android => Some(Self::Fcm),
            Platform::Web | Platform::Desktop => None,
        }
    }
}

/// What a device says of itself at each registration; none of it is authority.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Facts {
    /// Its own name, like `iPhone 17`.
    pub name: Option<String>,
    /// Hardware model.
    pub model: Option<String>,
    /// Operating system version as the platform writes it.
    pub os_version: Option<String>,
    /// The app's version.
    pub app_version: Option<String>,
    /// Whether its storage is encrypted.
    pub encryption: Option<Encryption>,
    /// Recognition hint.
    pub fingerprint: Option<Fingerprint>,
}

impl Facts {
    /// What is known after `newer` came in: what it leaves out stays as it was.
    #[must_use]
    pub fn updated_by(self, newer: Self) -> Self {
        Self {
            name: newer.name.or(self.name),
            model: newer.model.or(self.model),
            os_version: newer.os_version.or(self.os_version),
            app_version: newer.app_version.or(self.app_version),
            encryption: newer.encryption.or(self.encryption),
            fingerprint: newer.fingerprint.or(self.fingerprint),
        }
    }
}

/// Where a request came from, as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Origin {
    /// The device's address, relayed by the backend or seen through trusted proxies.
    pub ip: Option<IpAddr>,
    /// Its user agent.
    pub user_agent: Option<String>,
    /// City, when a GeoIP database is configured.
    pub city: Option<String>,
    /// ISO 3166-1 country code, likewise.
    pub country: Option<String>,
}

/// One installation of a client on one machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// Its identity, given by the server.
    pub id: DeviceId,
    /// The client it is an installation of.
    pub client_id: ClientId,
    /// The UUID that the app keeps: a handle for upserts, unique within the client.
    pub installation_id: Uuid,
    /// Names the current generation.
    pub app_id: AppId,
    /// Counts generations from 1.
    pub generation: i64,
    /// The current key; once a device has had one it is never accepted without.
    pub jkt: Option<Thumbprint>,
    /// Hash of the device secret, for a device without a key.
    pub secret: Option<HashedToken>,
    /// The machine, where its platform attested which one it is.
    pub hardware_identity: Option<HardwareIdentity>,
    /// Where it stands.
    pub state: DeviceState,
    /// When a suspension lifts by itself, if it does, or when the last one did.
    pub suspended_until: Option<Timestamp>,
    /// What it said last.
    pub facts: Facts,
    /// When it first came.
    pub created_at: Timestamp,
    /// When it last came, coalesced.
    pub last_seen_at: Timestamp,
}

/// SHA-256 of what a platform attests of the machine itself; survives a reinstall.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct HardwareIdentity([u8; 32]);

impl HardwareIdentity {
    /// The identity with this hash.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The hash.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl Device {
    /// Where it stands at this time: a suspension may have lifted by itself.
    pub fn state_at(&self, now: Timestamp) -> DeviceState {
        match self.state {
            DeviceState::Suspended if self.suspended_until.is_some_and(|until| now >= until) => {
                DeviceState::Active
            }
            state => state,
        }
    }
}

/// A user on a device. Past ones are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ownership {
    /// Its identity.
    pub id: OwnershipId,
    /// The device.
    pub device_id: DeviceId,
    /// The user.
    pub user_id: UserId,
    /// The client of the device, for limits and lists.
    pub client_id: ClientId,
    /// The user's own name for the device; takes precedence over the device's.
    pub name: Option<String>,
    /// A device of this user with the same fingerprint was known at the first login.
    pub is_recognised: bool,
    /// When the user first logged in on the device.
    pub created_at: Timestamp,
    /// When the user was last active on it, coalesced.
    pub last_active_at: Timestamp,
    /// Where the user's last login or refresh on it came from. Another owner never sees it.
    pub last_origin: Origin,
    /// How and when it ended, once it has.
    pub ended: Option<OwnershipEnd>,
}

/// How an ownership ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OwnershipEnd {
    /// When.
    pub at: Timestamp,
    /// Why.
    pub cause: OwnershipEndCause,
}

text_enum! {
    /// Why an ownership ended.
    OwnershipEndCause {
        /// The user or an admin removed the device.
        Removed = "removed",
        /// The device limit made room.
        Evicted = "evicted",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_left_out_stay_as_they_were() {
        let old = Facts {
            name: Some("Phone".to_owned()),
            model: Some("A".to_owned()),
            ..Facts::default()
        };
        let new = Facts {
            model: Some("B".to_owned()),
            ..Facts::default()
        };
        let merged = old.updated_by(new);
        assert_eq!(
            (merged.name.as_deref(), merged.model.as_deref()),
            (Some("Phone"), Some("B"))
        );
    }

    #[test]
    fn push_provider_follows_the_platform() {
        assert_eq!(PushProvider::of(Platform::Ios), Some(PushProvider::Apns));
        assert_eq!(PushProvider::of(Platform::Android), Some(PushProvider::Fcm));
        assert_eq!(PushProvider::of(Platform::Web), None);
    }
}
