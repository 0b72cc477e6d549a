//! Which address a request really came from.

use super::Network;
use http::HeaderMap;
use std::net::{IpAddr, SocketAddr};

const FORWARDED_FOR: &str = "x-forwarded-for";
/// More hops than any real chain has; what stands further left is not looked at.
const MAX_HOPS: usize = 32;

/// The proxies whose word is taken for where a request came from. None by default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<Network>);

impl TrustedProxies {
    /// Trusts the addresses of these networks.
    pub fn new(networks: Vec<Network>) -> Self {
        Self(networks)
    }

    /// Whether the address is a trusted proxy's.
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(address))
    }

    /// The right-most address of `X-Forwarded-For` that is no trusted proxy's, starting with the
    /// peer: everything left of it could have been written by anyone.
    ///
    /// An entry that is no address ends the search at the proxy that reported it.
    pub fn client_ip(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut client = peer.to_canonical();
        // The usual case, without looking at a header.
        if !self.contains(client) {
            return client;
        }
        let lines = headers.get_all(FORWARDED_FOR).into_iter().rev();
        let entries = lines.flat_map(|line| line.as_bytes().rsplit(|byte| *byte == b','));
        for entry in entries.take(MAX_HOPS) {
            let Some(address) = parse_entry(entry) else {
                return client;
            };
            client = address;
            if !self.contains(client) {
                return client;
            }
        }
        client
    }
}

impl FromIterator<Network> for TrustedProxies {
    fn from_iter<T: IntoIterator<Item = Network>>(networks: T) -> Self {
        Self(networks.into_iter().collect())
    }
}

/// Reads `address`, `address:port`, `[address]` or `[address]:port`.
fn parse_entry(entry: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(entry).ok()?.trim();
    let bracketed = text
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'));
    let address = match text.parse() {
        Ok(address) => address,
        Err(_) => match bracketed {
            Some(inner) => IpAddr::V6(inner.parse().ok()?),
            None => text.parse::<SocketAddr>().ok()?.ip(),
        },
    };
    Some(address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;
    use proptest::prelude::*;

    fn proxies() -> TrustedProxies {
        let networks = ["10.0.0.0/8", "fd00::/8", "192.0.2.1"];
        networks.iter().map(|text| text.parse().unwrap()).collect()
    }

    fn headers(lines: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(FORWARDED_FOR, HeaderValue::from_str(line).unwrap());
        }
        headers
    }

    #[test]
    fn the_right_most_untrusted_address_is_the_clients() {
        for (peer, lines, client) in [
            ("203.0.113.7", &["198.51.100.1"][..], "203.0.113.7"),
            ("10.0.0.1", &[], "10.0.0.1"),
            ("10.0.0.1", &["203.0.113.7"], "203.0.113.7"),
            (
                "10.0.0.1",
                &["1.1.1.1, 203.0.113.7, 10.0.0.2"],
                "203.0.113.7",
            ),
            (
                "10.0.0.1",
                &["1.1.1.1", "203.0.113.7 ,10.0.0.2"],
                "203.0.113.7",
            ),
            ("10.0.0.1", &["10.0.0.9,10.0.0.2"], "10.0.0.9"),
            ("10.0.0.1", &["1.1.1.1, unknown, 10.0.0.2"], "10.0.0.2"),
            ("10.0.0.1", &["1.1.1.1,"], "10.0.0.1"),
            ("10.0.0.1", &["203.0.113.7:4711"], "203.0.113.7"),
            ("10.0.0.1", &["[2001:db8::7]:4711"], "2001:db8::7"),
            ("10.0.0.1", &["[2001:db8::7]"], "2001:db8::7"),
            ("fd00::1", &["2001:db8::7"], "2001:db8::7"),
            ("::ffff:10.0.0.1", &["::ffff:203.0.113.7"], "203.0.113.7"),
            ("10.0.0.1", &["203.0.113.7, ::ffff:10.0.0.2"], "203.0.113.7"),
        ] {
            let found = proxies().client_ip(peer.parse().unwrap(), &headers(lines));
            assert_eq!(found, client.parse::<IpAddr>().unwrap(), "{peer} {lines:?}");
        }
    }

    #[test]
    fn nobody_is_trusted_by_default() {
        let peer = "127.0.0.1".parse().unwrap();
        let found = TrustedProxies::default().client_ip(peer, &headers(&["1.1.1.1"]));
        assert_eq!(found, peer);
    }

    proptest! {
        #[test]
        fn what_a_client_writes_itself_changes_nothing(
            peer in any::<[u8; 4]>(), written in "[ -~]{0,60}", hops in 0usize..4,
        ) {
            let client = IpAddr::from(peer);
            prop_assume!(!proxies().contains(client));
            // The client's own header, then what honest proxies append.
            let mut line = format!("{written},{client}");
            for hop in 0..hops {
                line = format!("{line}, 10.0.0.{hop}");
            }
            let headers = headers(&[&line]);
            prop_assert_eq!(proxies().client_ip("10.9.9.9".parse().unwrap(), &headers), client);
            prop_assert_eq!(proxies().client_ip(client, &headers), client);
        }

        #[test]
        fn any_header_gives_an_address_that_stands_in_it_or_the_peer(
            lines in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..80), 0..4),
        ) {
            let mut headers = HeaderMap::new();
            for line in lines {
                if let Ok(value) = HeaderValue::from_bytes(&line) {
                    headers.append(FORWARDED_FOR, value);
                }
            }
            let peer = "10.0.0.1".parse().unwrap();
            let found = proxies().client_ip(peer, &headers);
            let stands = headers.get_all(FORWARDED_FOR).iter().any(|line| {
                line.as_bytes().split(|byte| *byte == b',').any(|entry| parse_entry(entry) == Some(found))
            });
            prop_assert!(found == peer || stands);
        }
    }
}
