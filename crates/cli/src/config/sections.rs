//! The sections and their keys.

use super::{fault::Fault, optional, store_url::StoreUrl};
use countersign_server::{RedisUrl, http::Network};
use serde::{Deserialize, Serialize};
use std::net::SocketAddr;
use url::Url;

/// Everything that can be configured.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Config {
    pub(crate) server: ServerSection,
    pub(crate) forward_auth: ForwardAuthSection,
    pub(crate) store: StoreSection,
    pub(crate) redis: RedisSection,
    pub(crate) security: SecuritySection,
    pub(crate) memory: MemorySection,
    pub(crate) retention: RetentionSection,
    pub(crate) geoip: GeoipSection,
    pub(crate) attestation: AttestationSection,
    pub(crate) log: LogSection,
}

/// Where the server is reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ServerSection {
    /// As devices see it; empty: the public listener itself.
    pub(crate) public_url: String,
    pub(crate) public_listen: SocketAddr,
    pub(crate) internal_listen: SocketAddr,
    #[serde(with = "optional")]
    pub(crate) metrics_listen: Option<SocketAddr>,
    pub(crate) trusted_proxies: Vec<String>,
}

/// What reverse proxies ask for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ForwardAuthSection {
    pub(crate) origins: Vec<String>,
}

/// Where state is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StoreSection {
    pub(crate) url: String,
    pub(crate) url_file: String,
    pub(crate) direct_url: String,
    pub(crate) direct_url_file: String,
    pub(crate) password_file: String,
    pub(crate) readers: u32,
    pub(crate) writers: u32,
}

/// What nodes leave for each other.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RedisSection {
    pub(crate) url: String,
    pub(crate) url_file: String,
}

/// What evidence is judged by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AttestationSection {
    /// Where the list of Android certificates that Google took back is fetched, once a client names
    /// apps on Android; empty: nowhere.
    pub(crate) android_status_url: String,
    /// Where Google decodes tokens of Play Integrity for clients that have an account there.
    pub(crate) play_integrity_url: String,
    /// Where such an account gets its access tokens.
    pub(crate) google_token_url: String,
    /// How long an enrollment waits for both together: 100 to 5000.
    pub(crate) play_integrity_timeout_ms: u64,
}

/// Secrets.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SecuritySection {
    pub(crate) key_encryption_key_file: String,
}

/// Bounds of what is kept in memory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct MemorySection {
    pub(crate) sessions: usize,
    pub(crate) tokens: usize,
    pub(crate) proofs: usize,
}

/// How long ended things are kept, in days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_field_names, reason = "a raw number carries its unit")]
pub(crate) struct RetentionSection {
    pub(crate) sessions_days: u32,
    pub(crate) ownerships_days: u32,
    pub(crate) activity_days: u32,
    pub(crate) api_keys_days: u32,
}

/// Places of addresses.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct GeoipSection {
    pub(crate) path: String,
}

/// What is logged, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LogSection {
    /// A level, or a filter like `info,countersign_server=debug`.
    pub(crate) level: String,
    pub(crate) format: LogFormat,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogFormat {
    /// Text on a terminal, otherwise JSON.
    Auto,
    /// One JSON object a line.
    Json,
    /// For people.
    Text,
}

impl Config {
    /// All that is wrong with the values.
    pub(super) fn validate(&self) -> Vec<Fault> {
        let mut faults = self.server.validate();
        faults.extend(self.forward_auth.validate());
        faults.extend(self.store.validate());
        faults.extend(self.redis.validate());
        faults.extend(self.memory.validate());
        faults.extend(self.retention.validate());
        faults.extend(self.attestation.validate());
        faults.extend(self.log.validate());
        faults
    }
}

impl ServerSection {
    fn validate(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        if !self.public_url.is_empty() && !is_base_url(&self.public_url) {
            let problem = "must be https://host[:port] without a path or a slash at the end";
            faults.push(Fault::new("server.public_url", problem));
        }
        if self.metrics_listen.is_some_and(|metrics| {
            metrics.port() != 0
                && (metrics == self.public_listen || metrics == self.internal_listen)
        }) {
            let problem = "needs a port of its own: metrics are nobody else's business";
            faults.push(Fault::new("server.metrics_listen", problem));
        }
        for proxy in &self.trusted_proxies {
            if let Err(error) = proxy.parse::<Network>() {
                faults.push(Fault::new(
                    "server.trusted_proxies",
                    format!("{proxy:?} is {error}"),
                ));
            }
        }
        faults
    }
}

impl ForwardAuthSection {
    fn validate(&self) -> Vec<Fault> {
        let wrong = self.origins.iter().filter(|origin| !is_base_url(origin));
        wrong
            .map(|origin| {
                let problem =
                    format!("{origin:?} is not https://host[:port] without a slash at the end");
                Fault::new("forward_auth.origins", problem)
            })
            .collect()
    }
}

impl AttestationSection {
    fn validate(&self) -> Vec<Fault> {
        let is_safe = |text: &str| {
            Url::parse(text).is_ok_and(|url| url.scheme() == "https" && url.has_host())
        };
        let status = self.android_status_url.as_str();
        let mut faults = Vec::new();
        if !status.is_empty() && !is_safe(status) {
            let problem = "must be an https URL, or empty";
            faults.push(Fault::new("attestation.android_status_url", problem));
        }
        for (key, url) in [
            ("attestation.play_integrity_url", &self.play_integrity_url),
            ("attestation.google_token_url", &self.google_token_url),
        ] {
            if !is_safe(url) {
                faults.push(Fault::new(key, "must be an https URL"));
            }
        }
        if !(100..=5000).contains(&self.play_integrity_timeout_ms) {
            let key = "attestation.play_integrity_timeout_ms";
            faults.push(Fault::new(key, "must be 100 to 5000"));
        }
        faults
    }
}

fn is_base_url(text: &str) -> bool {
    let Ok(url) = Url::parse(text) else {
        return false;
    };
    matches!(url.scheme(), "http" | "https")
        && url.username().is_empty()
        && url.password().is_none()
        // What the parser would change would not be what tokens and proofs are compared with.
        && url.as_str().strip_suffix('/') == Some(text)
        && url.path() == "/"
}

impl StoreSection {
    fn validate(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        for (key, url) in [
            ("store.url", &self.url),
            ("store.direct_url", &self.direct_url),
        ] {
            if let Err(problem) = StoreUrl::parse(url).map(drop)
                && !url.is_empty()
            {
                faults.push(Fault::new(key, problem));
            }
        }
        if self.url.is_empty() && self.url_file.is_empty() {
            faults.push(Fault::new(
                "store.url",
                "is empty, and so is store.url_file",
            ));
        }
        if !self.direct_url.is_empty() && !self.direct_url_file.is_empty() {
            faults.push(Fault::new(
                "store.direct_url_file",
                "store.direct_url is set as well",
            ));
        }
        for (key, number) in [
            ("store.readers", self.readers),
            ("store.writers", self.writers),
        ] {
            if !(1..=1000).contains(&number) {
                faults.push(Fault::new(key, "must be 1 to 1000"));
            }
        }
        faults
    }
}

impl RedisSection {
    fn validate(&self) -> Vec<Fault> {
        if self.url.is_empty() {
            return Vec::new();
        }
        let wrong = RedisUrl::parse(&self.url).err();
        let wrong = wrong.map(|error| Fault::new("redis.url", format!("is {error}")));
        wrong.into_iter().collect()
    }
}

impl MemorySection {
    fn validate(&self) -> Vec<Fault> {
        let all = [
            ("memory.sessions", self.sessions),
            ("memory.tokens", self.tokens),
            ("memory.proofs", self.proofs),
        ];
        let wrong = all
            .into_iter()
            .filter(|(_, number)| !(1_000..=1_000_000_000).contains(number));
        wrong
            .map(|(key, _)| Fault::new(key, "must be 1,000 to 1,000,000,000"))
            .collect()
    }
}

impl RetentionSection {
    fn validate(&self) -> Vec<Fault> {
        let all = [
            ("retention.sessions_days", self.sessions_days, 31),
            ("retention.ownerships_days", self.ownerships_days, 1),
            ("retention.activity_days", self.activity_days, 1),
            ("retention.api_keys_days", self.api_keys_days, 1),
        ];
        let wrong = all
            .into_iter()
            .filter(|(_, days, least)| !(*least..=36_500).contains(days));
        wrong
            .map(|(key, _, least)| Fault::new(key, format!("must be {least} to 36500")))
            .collect()
    }
}

impl LogSection {
    fn validate(&self) -> Vec<Fault> {
        match crate::logging::filter(&self.level) {
            Ok(_) => Vec::new(),
            Err(error) => vec![Fault::new("log.level", error.to_string())],
        }
    }
}
