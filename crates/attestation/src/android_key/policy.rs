//! What is demanded of a key and its device.

use countersign_core::Timestamp;
use std::time::Duration;

/// What an attestation has to show.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// What the app had to hand to the hardware: at most 128 bytes.
    pub challenge: &'a [u8],
    /// What is demanded.
    pub policy: &'a Policy,
    /// When it was presented: certificates with an end have to be valid then.
    pub presented_at: Timestamp,
    /// The time now: by it certificates are looked up in the status list.
    pub now: Timestamp,
}

/// What is demanded of every key of an app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// The apps that may ask for the key; one of them must have.
    pub apps: Vec<App>,
    /// Whether the hardware must be an element of its own.
    pub is_strongbox_required: bool,
    /// Keys of systems that are not the manufacturer's, but believed as if they were
    /// (`verifiedBootKey`); a locked device that started one of them is let in.
    pub self_signed_boot_keys: Vec<Vec<u8>>,
    /// The oldest patch level of the system, as `YYYYMM`.
    pub min_os_patch_level: Option<u32>,
    /// Whether the key must be usable only once its user was recognised.
    pub is_user_authentication_required: bool,
    /// Whether certificates are looked up in the status list.
    pub revocation: Revocation,
}

/// An app, as the system knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct App {
    /// Its package name.
    pub package: String,
    /// SHA-256 of the certificates that it may be signed with.
    pub signing_digests: Vec<[u8; 32]>,
    /// Its oldest version.
    pub min_version: Option<u64>,
}

/// What the status list is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Revocation {
    /// Every certificate is looked up, in a list that is not older than this.
    Checked {
        /// How old the list may be.
        max_age: Duration,
    },
    /// None is looked up: to read old evidence.
    Ignored,
}

impl Policy {
    /// The strict policy for one app: secure hardware, the manufacturer's system on a locked
    /// device, certificates looked up in a list of the last week.
    pub fn strict(app: App) -> Self {
        Self::strict_for(vec![app])
    }

    /// The strict policy for several apps.
    pub fn strict_for(apps: Vec<App>) -> Self {
        Self {
            apps,
            is_strongbox_required: false,
            self_signed_boot_keys: Vec::new(),
            min_os_patch_level: None,
            is_user_authentication_required: false,
            revocation: Revocation::Checked {
                max_age: Duration::from_hours(7 * 24),
            },
        }
    }
}
