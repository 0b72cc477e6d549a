//! One line per request: at debug when it succeeded, at info when it was refused, at error when
//! it failed here.

use http::{Method, StatusCode};
use std::{error::Error, fmt, net::IpAddr, time::Duration};

/// What is known of a request once it is answered.
#[derive(Debug)]
pub struct Served<'a> {
    /// Its method.
    pub method: &'a Method,
    /// The template of its route, never the path itself: a path holds ids.
    pub route: &'a str,
    /// The answer's status.
    pub status: StatusCode,
    /// The answer's error code.
    pub code: Option<&'static str>,
    /// What failed, with its sources.
    pub cause: Option<&'a (dyn Error + Send + Sync)>,
    /// From the request's head to the answer's.
    pub duration: Duration,
    /// The request's id.
    pub request_id: &'a str,
    /// Where it came from.
    pub client_ip: Option<IpAddr>,
}

impl Served<'_> {
    /// Writes the line.
    pub fn log(&self) {
        if self.status.is_success() && !tracing::enabled!(tracing::Level::DEBUG) {
            return;
        }
        let network = self.client_ip.map(Network).map(tracing::field::display);
        let duration_us = u64::try_from(self.duration.as_micros()).unwrap_or(u64::MAX);
        let cause = self.cause.map(Chain).map(tracing::field::display);
        // The level of an event must be constant, hence three of them.
        macro_rules! line {
            ($level:ident, $message:literal) => {
                tracing::$level!(
                    request.id = self.request_id,
                    http.method = self.method.as_str(),
                    http.route = self.route,
                    http.status = self.status.as_u16(),
                    client.network = network,
                    error.code = self.code,
                    error.cause = cause,
                    duration_us,
                    $message
                )
            };
        }
        if self.status.is_success() {
            line!(debug, "request served");
        } else if self.status.is_server_error() && self.cause.is_some() {
            line!(error, "request failed");
        } else {
            line!(info, "request refused");
        }
    }
}

/// An address cut to its network: /24 of IPv4, /48 of IPv6.
#[derive(Debug, Clone, Copy)]
pub struct Network(pub IpAddr);

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.to_canonical() {
            IpAddr::V4(address) => {
                let [a, b, c, _] = address.octets();
                write!(f, "{a}.{b}.{c}.0/24")
            }
            IpAddr::V6(address) => {
                let [a, b, c, ..] = address.segments();
                let network = std::net::Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0);
                write!(f, "{network}/48")
            }
        }
    }
}

/// An error followed by its sources.
struct Chain<'a>(&'a (dyn Error + Send + Sync));

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut source = self.0.source();
        while let Some(error) = source {
            write!(f, ": {error}")?;
            source = error.source();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_cut_to_its_network() {
        for (address, network) in [
            ("203.0.113.77", "203.0.113.0/24"),
            ("::ffff:203.0.113.77", "203.0.113.0/24"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"),
        ] {
            assert_eq!(Network(address.parse().unwrap()).to_string(), network);
        }
    }

    #[test]
    fn an_error_is_written_with_its_sources() {
        #[derive(Debug, thiserror::Error)]
        #[error("outer")]
        struct Outer(#[source] std::io::Error);
        let error = Outer(std::io::Error::other("inner"));
        assert_eq!(Chain(&error).to_string(), "outer: inner");
    }
}
