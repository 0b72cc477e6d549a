//! Connections: accepting them, bounding what each may do, and letting them finish at shutdown.
//!
//! axum's own `serve` sets no limits, hence hyper directly.

use super::{
    RequestContext,
    streams::{Joined, Pulse, Streams},
};
use crate::telemetry::{Metric, Metrics};
use axum::body::Body;
use futures_util::stream::{FuturesUnordered, StreamExt};
use http::{Request, Response};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{rt::TokioTimer, server::conn::auto};
use std::{convert::Infallible, io, net::SocketAddr, pin::pin, sync::Arc, time::Duration};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::Service;

/// What one listener allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Connections at a time; further ones wait to be accepted.
    pub connections: usize,
    /// A connection on which no request begins and nothing is written for this long, at most twice
    /// as long, is closed; so is one whose request's head does not come. Longer than any request
    /// may take, and than proxies keep idle connections (nginx: 60 s), or they would send a
    /// request into a closing one.
    pub idle_timeout: Duration,
    /// Bytes of a request's head. It has at most 100 header fields; another number of them would
    /// cost every request an allocation.
    pub header_bytes: u32,
    /// Requests at a time on one HTTP/2 connection.
    pub streams: u32,
    /// How long requests may finish after the shutdown.
    pub grace: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 10_000,
            idle_timeout: Duration::from_secs(75),
            header_bytes: 32 * 1024,
            streams: 128,
            grace: Duration::from_secs(30),
        }
    }
}

/// Serves HTTP/1.1 and HTTP/2 (prior knowledge) until shutdown, then until every request is
/// answered or the grace period is over.
///
/// `name` labels the listener in the metrics.
pub async fn serve<S>(
    name: &'static str,
    listener: TcpListener,
    service: S,
    limits: Limits,
    metrics: &Metrics,
    shutdown: CancellationToken,
) where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
    S: Clone + Send + Sync + 'static,
    S::Future: Send + 'static,
{
    let tasks = TaskTracker::new();
    let door = Arc::new(Door {
        limits,
        tasks: tasks.clone(),
        service,
        open: metrics.gauge(Metric::HttpConnections, &[("listener", name)]),
        shutdown: shutdown.clone(),
    });
    let slots = Arc::new(Semaphore::new(limits.connections));
    let accepting = async {
        // The semaphore is never closed.
        while let Ok(slot) = slots.clone().acquire_owned().await {
            let (stream, peer) = accept(&listener).await;
            let door = door.clone();
            tasks.spawn(async move {
                door.serve(stream, peer).await;
                drop(slot);
            });
        }
    };
    shutdown.run_until_cancelled(accepting).await;
    drop(listener);
    tasks.close();
    // A connection's own patience ends at the grace period; a request behind it may still run.
    let last = limits.grace + Duration::from_secs(1);
    if tokio::time::timeout(last, tasks.wait()).await.is_err() {
        tracing::warn!(
            listener = name,
            tasks = tasks.len(),
            "requests were cut off by the shutdown"
        );
    }
}

struct Door<S> {
    limits: Limits,
    tasks: TaskTracker,
    service: S,
    open: metrics::Gauge,
    shutdown: CancellationToken,
}

impl<S> Door<S>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible> + Clone,
    S::Future: Send + 'static,
{
    async fn serve(&self, stream: TcpStream, peer: SocketAddr) {
        self.open.increment(1.0);
        // Answers are written whole, so waiting for more to send only costs time.
        let _ = stream.set_nodelay(true);
        let pulse = Pulse::default();
        let service = service_fn(|request: Request<Incoming>| {
            pulse.beat();
            let mut request = request.map(Body::new);
            let context = RequestContext::from_peer(peer);
            request.extensions_mut().insert(context);
            self.service.clone().call(request)
        });
        let streams = Streams::new(self.tasks.clone());
        let builder = builder(&self.limits, streams.clone());
        let mut connection =
            pin!(builder.serve_connection(Joined::new(stream, pulse.clone()), service));
        let mut end = self.end(&pulse);
        // How a connection ends is the client's affair; what went wrong in a request was logged.
        tokio::select! {
            biased;
            _ = streams.drive(connection.as_mut()) => {}
            Some(end) = end.next() => if matches!(end, End::Shutdown) {
                connection.as_mut().graceful_shutdown();
                let ending = streams.drive(connection);
                let _ = tokio::time::timeout(self.limits.grace, ending).await;
            },
        }
        self.open.decrement(1.0);
    }

    /// Why to close a connection. One future in a set, which asks it only when it was woken, and not
    /// with every request.
    fn end(&self, pulse: &Pulse) -> FuturesUnordered<impl Future<Output = End>> {
        let (shutdown, pulse) = (self.shutdown.clone(), pulse.clone());
        let idle_timeout = self.limits.idle_timeout;
        let end = async move {
            tokio::select! {
                () = shutdown.cancelled() => End::Shutdown,
                () = pulse.stopped(idle_timeout) => End::Idle,
            }
        };
        FuturesUnordered::from_iter([end])
    }
}

enum End {
    Shutdown,
    Idle,
}

fn builder(limits: &Limits, streams: Streams) -> auto::Builder<Streams> {
    let mut builder = auto::Builder::new(streams);
    builder
        .http1()
        // Looked after for the whole connection: a timer per request would cost as much as all else
        // that is done around it.
        .header_read_timeout(None)
        .max_buf_size(limits.header_bytes as usize);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(limits.streams)
        .max_header_list_size(limits.header_bytes)
        .keep_alive_interval(Duration::from_secs(30))
        .keep_alive_timeout(Duration::from_secs(20));
    builder
}

/// Accepts one connection, whatever it takes.
async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(error) if is_of_the_connection(&error) => {}
            Err(error) => {
                // Most often out of file descriptors: give the open connections time to end.
                tracing::error!(error.cause = %error, "accepting a connection failed");
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
    }
}

fn is_of_the_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
    )
}
