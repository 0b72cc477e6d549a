//! What the shell knows of a request, for whoever handles it.

use super::RequestId;
use axum::extract::FromRequestParts;
use http::request::Parts;
use std::{
    convert::Infallible,
    net::{IpAddr, SocketAddr},
};

/// The other end of the connection; put into each request by the listener.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PeerAddress(pub SocketAddr);

/// What the shell knows of a request. As an extractor it never fails: without a shell, all of it
/// is unknown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RequestContext {
    /// The request's name.
    pub request_id: Option<RequestId>,
    /// Where it came from: the peer, or what trusted proxies say.
    pub client_ip: Option<IpAddr>,
}

impl<S: Sync> FromRequestParts<S> for RequestContext {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get().cloned().unwrap_or_default())
    }
}
