//! What an attestation shows.

use super::Provisioning;
use crate::jws::PublicKey;
use countersign_core::attestation::AttestationLevel;
use serde::{Deserialize, Serialize};

/// An attested key.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Verdict {
    /// `hardware`, or `strongbox` if the chain says so too.
    pub level: AttestationLevel,
    /// The key that the hardware made and keeps.
    pub key: PublicKey,
    /// What is to be kept.
    pub facts: Facts,
}

/// What an attestation says of device, system and app; bytes are in hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Facts {
    /// Every certificate's serial number, the leaf's first, as the status list has them.
    pub serials: Vec<String>,
    /// How the device came by the key that vouches.
    pub provisioning: Provisioning,
    /// The version of the attestation's format: 1 to 4, then 100, 200 and so on.
    pub attestation_version: u64,
    /// The version of the hardware's interface.
    pub keymint_version: u64,
    /// Where the key is by its own account, which for `strongbox` the chain may not support.
    pub security_level: SecurityLevel,
    /// What was started.
    pub boot_state: BootState,
    /// Whether the boot loader takes no other system.
    pub is_locked: bool,
    /// Whose system was started.
    pub boot_key: String,
    /// What was started, in newer attestations.
    pub boot_hash: Option<String>,
    /// The system's version, as `MMmmss`.
    pub os_version: Option<u64>,
    /// The system's patch level, as `YYYYMM`.
    pub os_patch_level: Option<u64>,
    /// The manufacturer's patch level, mostly as `YYYYMMDD`.
    pub vendor_patch_level: Option<u64>,
    /// The kernel's patch level, mostly as `YYYYMMDD`.
    pub boot_patch_level: Option<u64>,
    /// The app that asked for the key.
    pub package: String,
    /// Its version.
    pub package_version: u64,
    /// SHA-256 of the certificates that it is signed with.
    pub signing_digests: Vec<String>,
    /// Which machine it is, where the owner of a managed device let it say so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub machine: Option<Machine>,
}

/// What the hardware attests of the machine itself; bytes are in hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Machine {
    /// Its maker.
    pub manufacturer: Option<String>,
    /// The serial number.
    pub serial: Option<String>,
    /// The IMEI of the first slot.
    pub imei: Option<String>,
}

/// Where a key is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SecurityLevel {
    /// In the system's memory.
    Software,
    /// In the processor's trusted environment.
    Tee,
    /// In an element of its own.
    StrongBox,
}

/// Which system was started, by the boot loader's account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BootState {
    /// The manufacturer's.
    Verified,
    /// One signed with a key that the owner put in.
    SelfSigned,
    /// Any.
    Unverified,
    /// None that could be verified.
    Failed,
}

impl SecurityLevel {
    pub(super) const fn of(number: u64) -> Option<Self> {
        match number {
            0 => Some(Self::Software),
            1 => Some(Self::Tee),
            2 => Some(Self::StrongBox),
            _ => None,
        }
    }
}

impl BootState {
    pub(super) const fn of(number: u64) -> Option<Self> {
        match number {
            0 => Some(Self::Verified),
            1 => Some(Self::SelfSigned),
            2 => Some(Self::Unverified),
            3 => Some(Self::Failed),
            _ => None,
        }
    }
}
