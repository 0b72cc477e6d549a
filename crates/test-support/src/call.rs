//! Requests to the service, and what comes back.

use axum::{Router, body::Body};
use http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt;
use serde_json::Value;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use tower::ServiceExt;

/// A request about to be sent.
#[derive(Debug)]
pub struct Call<'a> {
    router: &'a Router,
    request: http::request::Builder,
    body: Body,
    peer: IpAddr,
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The JSON body, or null.
    pub body: Value,
    /// The body as it came.
    pub raw: String,
}

impl<'a> Call<'a> {
    pub(crate) fn new(router: &'a Router, method: &str, path: &str) -> Self {
        let request = Request::builder().method(method).uri(path);
        Self {
            router,
            request,
            body: Body::empty(),
            peer: Ipv4Addr::new(192, 0, 2, 1).into(),
        }
    }

    /// Adds a header.
    #[must_use]
    pub fn header(self, name: &str, value: &str) -> Self {
        Self {
            request: self.request.header(name, value),
            ..self
        }
    }

    /// Lets it come from another address.
    ///
    /// # Panics
    /// When that is none.
    #[must_use]
    pub fn from(self, address: &str) -> Self {
        let peer = address.parse().expect("an address");
        Self { peer, ..self }
    }

    /// Sets a JSON body.
    #[must_use]
    pub fn json(self, body: &Value) -> Self {
        let with_type = self.header("content-type", "application/json");
        Self {
            body: Body::from(body.to_string()),
            ..with_type
        }
    }

    /// Sets a form body.
    #[must_use]
    pub fn form(self, body: &str) -> Self {
        let with_type = self.header("content-type", "application/x-www-form-urlencoded");
        Self {
            body: Body::from(body.to_owned()),
            ..with_type
        }
    }

    /// Sets a body of another kind.
    #[must_use]
    pub fn text(self, body: &str, media_type: &str) -> Self {
        let with_type = self.header("content-type", media_type);
        Self {
            body: Body::from(body.to_owned()),
            ..with_type
        }
    }

    /// Sends it.
    ///
    /// # Panics
    /// When the request cannot be built.
    pub async fn send(self) -> Answer {
        let mut request = self.request.body(self.body).expect("a request");
        let peer = SocketAddr::new(self.peer, 50_000);
        request
            .extensions_mut()
            .insert(countersign_server::http::RequestContext::from_peer(peer));
        let Ok(response) = self.router.clone().oneshot(request).await;
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.expect("a body").to_bytes();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: serde_json::from_slice(&bytes).unwrap_or(Value::Null),
            raw: String::from_utf8_lossy(&bytes).into_owned(),
        }
    }
}

impl Answer {
    /// A text member of the body.
    ///
    /// # Panics
    /// When there is none.
    pub fn text(&self, member: &str) -> String {
        match &self.body[member] {
            Value::String(text) => text.clone(),
            other => panic!("{member} is {other} in {}", self.body),
        }
    }

    /// A header's value; empty without one.
    pub fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    /// The problem's or judgement's code; empty without one.
    pub fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }
}
