//! Client applications and their settings.

use crate::{
    ClientId, Timestamp,
    admission::Admission,
    attestation::policy::AttestationPolicy,
    device::Platform,
    lifetime::Lifetimes,
    limit::DeviceLimits,
    text::{self, text_enum},
    trust::TrustPolicy,
    trusted_issuer::TrustedIssuer,
};
use std::net::Ipv6Addr;

/// A client application: what an app's developer registers once per platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// `client_id` in OAuth and the API.
    pub id: ClientId,
    /// What people call it.
    pub name: String,
    /// What its devices are.
    pub platform: Platform,
    /// Whether its devices must have a key.
    pub proof_of_possession: ProofOfPossession,
    /// When its devices must put a server nonce into their proofs.
    pub nonce_policy: NoncePolicy,
    /// Origins whose URLs a proof may name (`htu`), and that browsers may call from.
    pub origins: Vec<Origin>,
    /// Issuers whose ID tokens its devices may log in with; none unless it says so.
    pub issuers: Vec<TrustedIssuer>,
    /// What its devices have to show of themselves.
    pub attestation: AttestationPolicy,
    /// Who waits for approval, and what bad proofs cost.
    pub admission: Admission,
    /// What counts as a confirmation by a user.
    pub trust: TrustPolicy,
    /// How many devices its users may have.
    pub limits: DeviceLimits,
    /// `aud` of its access tokens.
    pub audience: String,
    /// How long its sessions and tokens live.
    pub lifetimes: Lifetimes,
    /// Raised to end all its sessions at once; every session carries the epoch it began in.
    pub epoch: i64,
    /// When it was registered.
    pub created_at: Timestamp,
    /// Counts changes; the `ETag` of the resource.
    pub version: i64,
    /// Set once the client is disabled: nothing of it is accepted.
    pub disabled_at: Option<Timestamp>,
}

impl Client {
    /// The most origins one client may list.
    pub const MAX_ORIGINS: usize = 32;
}

text_enum! {
    /// Whether a client's devices prove possession of a key.
    ProofOfPossession {
        /// Every device has a key and every request a proof.
        Required = "required",
        /// A device without a key may hold sessions; its trust never passes `unknown`.
        Optional = "optional",
    }
}

text_enum! {
    /// When a proof must carry a server nonce (RFC 9449 section 8).
    NoncePolicy {
        /// When the replay cache alone could not notice a replay: after a start, or when full.
        WhenNeeded = "when_needed",
        /// On every proof.
        Always = "always",
    }
}

/// A web origin: `https://host[:port]`, lower case, no path. `http` is for loopback only.
#[derive(Debug, Clone, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Origin(String);

/// The text is not an origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an origin is https://host[:port] without a path (http for loopback only)")]
pub struct InvalidOrigin;

impl Origin {
    /// The origin's text, without a trailing slash.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for Origin {
    type Err = InvalidOrigin;

    fn from_str(text: &str) -> Result<Self, InvalidOrigin> {
        text::check(text, 255).map_err(|_| InvalidOrigin)?;
        let (scheme, authority) = text.split_once("://").ok_or(InvalidOrigin)?;
        let host = match authority.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => {
                let number: u16 = port.parse().map_err(|_| InvalidOrigin)?;
                let canonical = number.to_string() == port;
                let default =
                    (scheme, number) == ("https", 443) || (scheme, number) == ("http", 80);
                if !canonical || default || number == 0 {
                    return Err(InvalidOrigin);
                }
                host
            }
            _ => authority,
        };
        let loopback = matches!(host, "localhost" | "127.0.0.1" | "[::1]");
        if !(scheme == "https" || scheme == "http" && loopback) || !is_host(host) {
            return Err(InvalidOrigin);
        }
        Ok(Self(text.to_owned()))
    }
}

impl TryFrom<String> for Origin {
    type Error = InvalidOrigin;

    fn try_from(text: String) -> Result<Self, InvalidOrigin> {
        text.parse()
    }
}

impl From<Origin> for String {
    fn from(origin: Origin) -> Self {
        origin.0
    }
}

fn is_host(host: &str) -> bool {
    let name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-');
    let v6 = |c: char| c.is_ascii_hexdigit() || c == ':';
    // In its one form, as the URLs of proofs are compared with.
    let is_v6 = |address: &str| {
        let read = address.parse::<Ipv6Addr>();
        address.chars().all(v6) && read.is_ok_and(|read| read.to_string() == address)
    };
    match host
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
    {
        Some(address) => is_v6(address),
        None => !host.is_empty() && host.chars().all(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_canonical() {
        for good in [
            "https://app.example",
            "https://app.example:8443",
            "http://localhost:3000",
            "http://[::1]:1",
            "https://[2001:db8::1]",
        ] {
            assert!(good.parse::<Origin>().is_ok(), "{good}");
        }
        for bad in [
            "https://app.example/",
            "https://app.example:443",
            "https://App.example",
            "app.example",
            "http://app.example",
            "https://",
            "https://a:b",
            "https://a b",
            "https://user@host",
            "https://app.example:0443",
            "ftp://localhost",
            "https://a?b",
            "https://[zz]",
            "https://[e404:1c]",
            "https://[::0]",
            "https://[2001:DB8::1]",
        ] {
            assert_eq!(bad.parse::<Origin>(), Err(InvalidOrigin), "{bad}");
        }
    }
}
