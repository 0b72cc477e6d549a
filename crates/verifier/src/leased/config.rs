//! What an app configures for judging from memory.

use countersign_api_types::Secret;
use countersign_cluster::{BootClock, SystemBootClock};
use countersign_core::{Clock, SystemClock};
use std::{fmt, sync::Arc, time::Duration};

/// Which node is followed, how much is remembered, and where devices reach the app.
///
/// `service_url`, `api_key` and `public_url` have no default that is accepted.
#[derive(Clone)]
pub struct LeasedConfig {
    /// The internal address of one node: `http://…`, `https://…` or `unix:/path/of/a/socket`. Not
    /// of a balancer that sends each call to another node.
    pub service_url: String,
    /// An API key with the scope `feed:read`. Its holder can make nonces.
    pub api_key: Secret,
    /// What devices put in front of a path; with a path of its own if a proxy takes that away.
    /// Never taken from a request.
    pub public_url: String,
    /// For one call of the service, and for a request that has to wait: 1 s.
    pub timeout: Duration,
    /// How many proxies in front append to `X-Forwarded-For`, which is read for the device's
    /// address only: 0.
    pub trust_proxy: usize,
    /// Sessions in memory, about a quarter of a kilobyte each: 50,000.
    pub sessions: usize,
    /// Checked tokens in memory, about 60 bytes each: 50,000.
    pub tokens: usize,
    /// Used proofs in memory: proofs per second × 65, 40 to 90 bytes each: 200,000.
    pub proofs: usize,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The clock that the lease runs on.
    pub boot_clock: Arc<dyn BootClock>,
}

impl Default for LeasedConfig {
    fn default() -> Self {
        Self {
            service_url: String::new(),
            api_key: Secret::from(String::new()),
            public_url: String::new(),
            timeout: Duration::from_secs(1),
            trust_proxy: 0,
            sessions: 50_000,
            tokens: 50_000,
            proofs: 200_000,
            clock: Arc::new(SystemClock),
            boot_clock: Arc::new(SystemBootClock),
        }
    }
}

impl fmt::Debug for LeasedConfig {
    /// Without the URL of the service, which may hold a password by mistake.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LeasedConfig")
            .field("public_url", &self.public_url)
            .field("timeout", &self.timeout)
            .field("trust_proxy", &self.trust_proxy)
            .finish_non_exhaustive()
    }
}
