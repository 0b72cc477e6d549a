//! What the shell knows of a request, for whoever handles it.

use axum::extract::FromRequestParts;
use http::request::Parts;
use std::{
    convert::Infallible,
    net::{IpAddr, SocketAddr},
};

/// What the shell knows of a request. As an extractor it never fails: without a shell, all of it
/// is unknown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RequestContext {
    /// The other end of the connection; put into each request by the listener.
    pub peer: Option<SocketAddr>,
    /// Where it came from: the peer, or what trusted proxies say.
    pub client_ip: Option<IpAddr>,
}

impl RequestContext {
    /// What the listener knows.
    pub fn from_peer(peer: SocketAddr) -> Self {
        Self {
            peer: Some(peer),
            ..Self::default()
        }
    }
}

impl<S: Sync> FromRequestParts<S> for RequestContext {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get().copied().unwrap_or_default())
    }
}
