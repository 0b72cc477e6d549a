//! What an app configures once.

use crate::public_url::PublicUrl;
use countersign_api_types::Secret;
use std::{fmt, time::Duration};

/// Where the service is, and where devices reach the app.
///
/// `service_url`, `api_key` and `public_url` have no default that is accepted.
#[derive(Clone)]
pub struct RemoteConfig {
    /// Countersign's internal address: `http://…`, `https://…` or `unix:/path/of/a/socket`.
    pub service_url: String,
    /// An API key with the scope `verify`.
    pub api_key: Secret,
    /// What devices put in front of a path; with a path of its own if a proxy takes that away.
    /// Never taken from a request.
    pub public_url: String,
    /// For one judgement, connecting included: 1 s.
    pub timeout: Duration,
    /// How many proxies in front append to `X-Forwarded-For`, which is read for the device's
    /// address only: 0.
    pub trust_proxy: usize,
}

/// An option that cannot be right; its text names the option and never its value.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// Not a base URL without user information, nor `unix:` and an absolute path.
    #[error("service_url must be http://…, https://… or unix:/…")]
    ServiceUrl,
    /// Empty, or no header could hold it.
    #[error("api_key must be an API key, without line end")]
    ApiKey,
    /// Not what devices put in front of a path.
    #[error("public_url must be http(s)://host, without query")]
    PublicUrl,
    /// Nothing is answered in no time.
    #[error("timeout must not be zero")]
    Timeout,
    /// Memory is kept by a task, which needs a runtime.
    #[error("must be made in a tokio runtime")]
    Runtime,
    /// The system's trust anchors could not be loaded.
    #[error("cannot set up TLS")]
    Tls(#[source] rustls::Error),
    /// The HTTP client could not be built.
    #[error("cannot set up HTTP")]
    Http(#[source] reqwest::Error),
}

/// Where requests come in.
#[derive(Debug)]
pub(crate) struct Site {
    pub(crate) public_url: PublicUrl,
    pub(crate) trust_proxy: usize,
}

impl Site {
    /// # Errors
    /// [`ConfigError::PublicUrl`].
    pub(crate) fn new(public_url: &str, trust_proxy: usize) -> Result<Self, ConfigError> {
        Ok(Self {
            public_url: PublicUrl::parse(public_url).ok_or(ConfigError::PublicUrl)?,
            trust_proxy,
        })
    }
}

impl Default for RemoteConfig {
    fn default() -> Self {
        Self {
            service_url: String::new(),
            api_key: Secret::from(String::new()),
            public_url: String::new(),
            timeout: Duration::from_secs(1),
            trust_proxy: 0,
        }
    }
}

impl fmt::Debug for RemoteConfig {
    /// Without the URL of the service, which may hold a password by mistake.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RemoteConfig")
            .field("public_url", &self.public_url)
            .field("timeout", &self.timeout)
            .field("trust_proxy", &self.trust_proxy)
            .finish_non_exhaustive()
    }
}
