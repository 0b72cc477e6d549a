//! The defaults of the sections, and what the server takes of them.

use super::sections::{
    AttestationSection, LogFormat, LogSection, MemorySection, RetentionSection, ServerSection,
    StoreSection,
};
use countersign_server::{GoogleApi, Memory, Retention};
use std::{net::SocketAddr, time::Duration};

const DAY: Duration = Duration::from_hours(24);

impl From<&MemorySection> for Memory {
    fn from(section: &MemorySection) -> Self {
        Self {
            sessions: section.sessions,
            tokens: section.tokens,
            proofs: section.proofs,
        }
    }
}

impl From<&RetentionSection> for Retention {
    fn from(section: &RetentionSection) -> Self {
        Self {
            sessions: DAY * section.sessions_days,
            ownerships: DAY * section.ownerships_days,
            activity: DAY * section.activity_days,
            api_keys: DAY * section.api_keys_days,
        }
    }
}

impl Default for ServerSection {
    fn default() -> Self {
        let loopback = |port| SocketAddr::from(([127, 0, 0, 1], port));
        Self {
            public_url: String::new(),
            public_listen: loopback(8080),
            internal_listen: loopback(8081),
            metrics_listen: Some(loopback(9090)),
            trusted_proxies: Vec::new(),
        }
    }
}

impl Default for AttestationSection {
    fn default() -> Self {
        let GoogleApi {
            play_integrity_url,
            token_url,
            timeout,
        } = GoogleApi::default();
        Self {
            android_status_url: "https://android.googleapis.com/attestation/status".to_owned(),
            play_integrity_url,
            google_token_url: token_url,
            play_integrity_timeout_ms: u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX),
        }
    }
}

impl Default for StoreSection {
    fn default() -> Self {
        Self {
            url: "sqlite:countersign.db".to_owned(),
            url_file: String::new(),
            direct_url: String::new(),
            direct_url_file: String::new(),
            password_file: String::new(),
            readers: 8,
            writers: 16,
        }
    }
}

impl Default for MemorySection {
    fn default() -> Self {
        let Memory {
            sessions,
            tokens,
            proofs,
        } = Memory::default();
        Self {
            sessions,
            tokens,
            proofs,
        }
    }
}

impl Default for RetentionSection {
    fn default() -> Self {
        let Retention {
            sessions,
            ownerships,
            activity,
            api_keys,
        } = Retention::default();
        let days =
            |time: Duration| u32::try_from(time.as_secs() / DAY.as_secs()).unwrap_or(u32::MAX);
        Self {
            sessions_days: days(sessions),
            ownerships_days: days(ownerships),
            activity_days: days(activity),
            api_keys_days: days(api_keys),
        }
    }
}

impl Default for LogSection {
    fn default() -> Self {
        Self {
            level: "info".to_owned(),
            format: LogFormat::Auto,
        }
    }
}
