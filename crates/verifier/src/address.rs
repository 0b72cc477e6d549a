//! The device's address.

use http::{HeaderMap, HeaderName, request::Parts};
use std::net::IpAddr;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The other end of a request's connection, for a server that is not axum with `ConnectInfo`: insert
/// it into the request's extensions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer(pub IpAddr);

/// The connection's address, or behind `trust_proxy` proxies the one that the first of them saw.
///
/// What stands further left in `X-Forwarded-For` is the client's own writing.
pub(crate) fn client_address(request: &Parts, trust_proxy: usize) -> Option<IpAddr> {
    let peer = peer(request).map(|address| address.to_canonical());
    let mut chain: Vec<Option<IpAddr>> = forwarded(&request.headers).collect();
    chain.push(peer);
    let place = chain.len().saturating_sub(trust_proxy.saturating_add(1));
    chain.get(place).copied().flatten().or(peer)
}

fn forwarded(headers: &HeaderMap) -> impl Iterator<Item = Option<IpAddr>> {
    headers
        .get_all(X_FORWARDED_FOR)
        .into_iter()
        .flat_map(|value| value.as_bytes().split(|byte| *byte == b','))
        .map(<[u8]>::trim_ascii)
        .filter(|entry| !entry.is_empty())
        .map(|entry| parse(std::str::from_utf8(entry).ok()?))
}

/// Without a zone (RFC 4007 section 11), and IPv4 as IPv4 (RFC 4291 section 2.5.5.2).
fn parse(text: &str) -> Option<IpAddr> {
    let plain = text.split('%').next()?;
    Some(plain.parse::<IpAddr>().ok()?.to_canonical())
}

fn peer(request: &Parts) -> Option<IpAddr> {
    match request.extensions.get::<Peer>() {
        Some(Peer(address)) => Some(*address),
        None => connected(request),
    }
}

#[cfg(feature = "axum")]
fn connected(request: &Parts) -> Option<IpAddr> {
    use axum::extract::ConnectInfo;
    use std::net::SocketAddr;

    let ConnectInfo(address) = request.extensions.get::<ConnectInfo<SocketAddr>>()?;
    Some(address.ip())
}

#[cfg(not(feature = "axum"))]
fn connected(_request: &Parts) -> Option<IpAddr> {
    None
}
