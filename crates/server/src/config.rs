//! What the server is started with: values only, read and checked by the caller.

use countersign_cluster::{BootClock, SystemBootClock, host_name};
use countersign_storage::StoreConfig;
use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};
use zeroize::Zeroizing;

use crate::{http::TrustedProxies, redis::RedisUrl};
use countersign_attestation::evidence::Anchors;

/// Everything that differs between two servers.
#[derive(Debug)]
pub struct ServerConfig {
    /// Where devices and users reach the server: scheme, host and port, no trailing slash. Port 0
    /// stands for the one that the public listener comes to listen on.
    pub public_url: String,
    /// Where the three listeners listen.
    pub listeners: Listeners,
    /// Where state is kept.
    pub store: StoreConfig,
    /// The key-encryption key.
    pub key_encryption_key: KeyEncryptionKey,
    /// Proxies whose forwarding headers are believed; none by default.
    pub trusted_proxies: TrustedProxies,
    /// Where the apps behind those proxies are reached: `https://host[:port]`; none by default.
    pub forward_auth_origins: Vec<String>,
    /// A MaxMind database with cities or countries.
    pub geoip: Option<PathBuf>,
    /// Who is believed when vouching for devices. The binary takes what is shipped: nobody
    /// configures a root.
    pub anchors: Anchors,
    /// Where the list of Android certificates that Google took back is fetched, if at all.
    pub android_status_url: Option<String>,
    /// Where Google reads tokens of Play Integrity.
    pub google: GoogleApi,
    /// This process among others on the same store.
    pub cluster: Cluster,
    /// What is kept in memory.
    pub memory: Memory,
    /// How long things are kept.
    pub retention: Retention,
}

/// Where Google's services are, for clients that have an account there.
#[derive(Debug, Clone)]
pub struct GoogleApi {
    /// Before `/v1/{package}:decodeIntegrityToken`.
    pub play_integrity_url: String,
    /// Where service accounts get access tokens.
    pub token_url: String,
    /// How long both may take together: an enrollment waits for it.
    pub timeout: Duration,
}

impl Default for GoogleApi {
    fn default() -> Self {
        Self {
            play_integrity_url: "https://playintegrity.googleapis.com".to_owned(),
            token_url: "https://oauth2.googleapis.com/token".to_owned(),
            timeout: Duration::from_secs(3),
        }
    }
}

/// How a process takes part in its cluster. All processes of a store must have the same lease.
#[derive(Debug, Clone)]
pub struct Cluster {
    /// How long it may answer on what it read: others wait at most a tenth longer for it.
    pub lease: Duration,
    /// The clock that leases run on.
    pub boot_clock: Arc<dyn BootClock>,
    /// What this machine is called in lists of nodes.
    pub host: String,
    /// Where nodes leave for each other what they loaded; the service works without.
    pub redis: Option<RedisUrl>,
}

impl Default for Cluster {
    fn default() -> Self {
        Self {
            lease: Duration::from_secs(2),
            boot_clock: Arc::new(SystemBootClock),
            host: host_name(),
            redis: None,
        }
    }
}

/// 32 secret bytes, never printed.
#[derive(Clone)]
pub struct KeyEncryptionKey(pub Zeroizing<[u8; 32]>);

impl std::fmt::Debug for KeyEncryptionKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("KeyEncryptionKey[redacted]")
    }
}

/// Addresses to listen on. The same address twice is one listener with both kinds of routes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listeners {
    /// Devices, users, OAuth metadata.
    pub public: SocketAddr,
    /// Backends and admins.
    pub internal: SocketAddr,
    /// Metrics and health.
    pub metrics: Option<SocketAddr>,
}

/// Bounds of what is kept in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Memory {
    /// Sessions.
    pub sessions: usize,
    /// Checked access tokens, and adopted ones.
    pub tokens: usize,
    /// Used proofs; when full, proofs must carry nonces.
    pub proofs: usize,
}

impl Default for Memory {
    fn default() -> Self {
        Self {
            sessions: 1_000_000,
            tokens: 1_000_000,
            proofs: 1_000_000,
        }
    }
}

/// How long ended things are kept; the tables without an entry go when they are useless.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Ended sessions with the hashes of their tokens: at least 31 days.
    pub sessions: Duration,
    /// Past ownerships.
    pub ownerships: Duration,
    /// Activity records.
    pub activity: Duration,
    /// Revoked and expired API keys.
    pub api_keys: Duration,
}

const DAY: u64 = 86_400;

impl Default for Retention {
    fn default() -> Self {
        Self {
            sessions: Duration::from_secs(90 * DAY),
            ownerships: Duration::from_secs(400 * DAY),
            activity: Duration::from_secs(400 * DAY),
            api_keys: Duration::from_secs(90 * DAY),
        }
    }
}
