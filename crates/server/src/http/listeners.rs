//! Connections: accepting them, bounding what each may do, and letting them finish at shutdown.
//!
//! axum's own `serve` sets no limits, hence hyper directly.

use super::PeerAddress;
use crate::telemetry::{Metric, Metrics};
use axum::{Router, body::Body};
use http::Request;
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::conn::auto,
};
use std::{
    future::Future,
    io,
    net::SocketAddr,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
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
    /// For a request's head to be there, and for a connection to stay idle. Longer than proxies
    /// keep idle connections (nginx: 60 s), or they would send a request into a closing one.
    pub header_read_timeout: Duration,
    /// Header fields of a request.
    pub headers: usize,
    /// Bytes of a request's head.
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
            header_read_timeout: Duration::from_secs(75),
            headers: 64,
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
pub async fn serve(
    name: &'static str,
    listener: TcpListener,
    router: Router,
    limits: Limits,
    metrics: &Metrics,
    shutdown: CancellationToken,
) {
    let tasks = TaskTracker::new();
    let door = Arc::new(Door {
        builder: builder(&limits, &tasks),
        // Else the router would build each handler's service, layers and all, for each request.
        router: router.with_state(()),
        open: metrics.gauge(Metric::HttpConnections, &[("listener", name)]),
        patience: limits.header_read_timeout,
        grace: limits.grace,
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

struct Door {
    builder: auto::Builder<Tracked>,
    router: Router,
    open: metrics::Gauge,
    patience: Duration,
    grace: Duration,
    shutdown: CancellationToken,
}

impl Door {
    async fn serve(&self, stream: TcpStream, peer: SocketAddr) {
        self.open.increment(1.0);
        // Answers are written whole, so waiting for more to send only costs time.
        let _ = stream.set_nodelay(true);
        let router = self.router.clone();
        let asked = AtomicBool::new(false);
        let service = service_fn(|request: Request<Incoming>| {
            asked.store(true, Ordering::Relaxed);
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(PeerAddress(peer));
            router.clone().call(request)
        });
        let mut connection = pin!(self.builder.serve_connection(TokioIo::new(stream), service));
        // How a connection ends is the client's affair; what went wrong in a request was logged.
        tokio::select! {
            biased;
            _ = connection.as_mut() => {}
            () = self.shutdown.cancelled() => {
                connection.as_mut().graceful_shutdown();
                let _ = tokio::time::timeout(self.grace, connection).await;
            }
            () = never_asked(self.patience, &asked) => {}
        }
        self.open.decrement(1.0);
    }
}

/// Completes if no request came in time. hyper itself waits for ever for the first bytes, from
/// which it tells HTTP/1 and HTTP/2 apart.
async fn never_asked(patience: Duration, asked: &AtomicBool) {
    tokio::time::sleep(patience).await;
    if asked.load(Ordering::Relaxed) {
        std::future::pending::<()>().await;
    }
}

fn builder(limits: &Limits, tasks: &TaskTracker) -> auto::Builder<Tracked> {
    let mut builder = auto::Builder::new(Tracked(tasks.clone()));
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_read_timeout)
        .max_headers(limits.headers)
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

/// Runs HTTP/2 streams as tracked tasks, so that shutdown waits for them.
#[derive(Debug, Clone)]
struct Tracked(TaskTracker);

impl<F> hyper::rt::Executor<F> for Tracked
where
    F: Future<Output: Send> + Send + 'static,
{
    fn execute(&self, task: F) {
        self.0.spawn(task);
    }
}
