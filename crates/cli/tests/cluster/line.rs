//! A kept HTTP connection to a process that may be gone, or elsewhere when it is back.

use http::{HeaderMap, Request};
use http_body_util::BodyExt as _;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{net::TcpStream, task::JoinSet, time::timeout};

/// Where a process listens now.
#[derive(Debug, Clone)]
pub(crate) struct Place(Arc<Mutex<SocketAddr>>);

impl Place {
    pub(crate) fn new(address: SocketAddr) -> Self {
        Self(Arc::new(Mutex::new(address)))
    }

    pub(crate) fn set(&self, address: SocketAddr) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = address;
    }

    pub(crate) fn get(&self) -> SocketAddr {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One caller's connection; made when it is needed, and anew when it broke.
#[derive(Debug)]
pub(crate) struct Line {
    place: Place,
    open: Option<Open>,
}

#[derive(Debug)]
struct Open {
    address: SocketAddr,
    sender: SendRequest<String>,
    _carrier: JoinSet<()>,
}

/// What came back.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Reply {
    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    pub(crate) fn text(&self, member: &str) -> Option<String> {
        self.body[member].as_str().map(str::to_owned)
    }
}

impl Line {
    pub(crate) fn new(place: &Place) -> Self {
        Self {
            place: place.clone(),
            open: None,
        }
    }

    /// Sends a request; `None` when no whole answer came back in time.
    pub(crate) async fn send(
        &mut self,
        request: Request<String>,
        patience: Duration,
    ) -> Option<Reply> {
        let answer = timeout(patience, self.exchange(request)).await;
        let answer = answer.ok().flatten();
        if answer.is_none() {
            // The answer that was not waited for would be taken for the next one's.
            self.open = None;
        }
        answer
    }

    async fn exchange(&mut self, request: Request<String>) -> Option<Reply> {
        let address = self.place.get();
        let is_usable = self
            .open
            .as_ref()
            .is_some_and(|open| open.address == address && !open.sender.is_closed());
        if !is_usable {
            self.open = Some(Open::to(address).await?);
        }
        let open = self.open.as_mut()?;
        open.sender.ready().await.ok()?;
        let response = open.sender.send_request(request).await.ok()?;
        let (head, body) = response.into_parts();
        let body = body.collect().await.ok()?.to_bytes();
        Some(Reply {
            status: head.status.as_u16(),
            headers: head.headers,
            body: serde_json::from_slice(&body).unwrap_or(Value::Null),
        })
    }
}

impl Open {
    async fn to(address: SocketAddr) -> Option<Self> {
        let stream = TcpStream::connect(address).await.ok()?;
        stream.set_nodelay(true).ok()?;
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.ok()?;
        let mut carrier = JoinSet::new();
        carrier.spawn(async move {
            // How it ends, the caller hears.
            let _ = connection.await;
        });
        Some(Self {
            address,
            sender,
            _carrier: carrier,
        })
    }
}
