//! Real connections to a listener on a free port.

use super::App;
use crate::http::{Limits, RequestContext, serve};
use axum::{Router, body::Body, routing::get};
use http::{Request, StatusCode};
use http_body_util::BodyExt;
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;

struct Running {
    address: SocketAddr,
    shutdown: CancellationToken,
    /// Requests to `/wait` that have begun.
    begun: Arc<Semaphore>,
    /// A permit lets one of them finish.
    finish: Arc<Semaphore>,
    tasks: JoinSet<()>,
}

async fn start(limits: Limits) -> Running {
    let (begun, finish) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
    let (saw, may) = (begun.clone(), finish.clone());
    let wait = async move || {
        saw.add_permits(1);
        may.acquire().await.unwrap().forget();
        "done"
    };
    let whoami = async |context: RequestContext| context.client_ip.unwrap().to_string();
    let router = Router::new()
        .route("/", get(whoami))
        .route("/wait", get(wait));
    let app = App::new(router);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let shutdown = CancellationToken::new();
    let stop = shutdown.clone();
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        serve("public", listener, app.router, limits, &app.metrics, stop).await;
    });
    Running {
        address,
        shutdown,
        begun,
        finish,
        tasks,
    }
}

impl Running {
    async fn begun(&self) {
        self.begun.acquire().await.unwrap().forget();
    }

    async fn ended(&mut self) {
        self.tasks.join_next().await.unwrap().unwrap();
    }

    async fn http2(&mut self) -> http2::SendRequest<Body> {
        let stream = TcpStream::connect(self.address).await.unwrap();
        let connection = http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await;
        let (sender, connection) = connection.unwrap();
        self.tasks.spawn(async move {
            let _ = connection.await;
        });
        sender
    }

    async fn http1(&self, path: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let head = format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        stream
    }
}

async fn until_closed(mut stream: TcpStream) -> String {
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes).await;
    String::from_utf8(bytes).unwrap()
}

fn request(path: &str) -> Request<Body> {
    Request::get(format!("http://x{path}"))
        .body(Body::empty())
        .unwrap()
}

#[tokio::test]
async fn both_versions_are_spoken_and_the_peer_is_known() {
    let mut running = start(Limits::default()).await;
    let mut sender = running.http2().await;
    let answer = sender.send_request(request("/")).await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert!(answer.headers().contains_key("x-request-id"));
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    assert_eq!(body, "127.0.0.1");
    drop(sender);
    let stream = running.http1("/").await;
    running.shutdown.cancel();
    let answer = until_closed(stream).await;
    assert!(
        answer.is_empty() || answer.starts_with("HTTP/1.1 200 OK\r\n"),
        "{answer}"
    );
    while running.tasks.join_next().await.is_some() {}
}

#[tokio::test]
async fn a_shutdown_lets_requests_finish() {
    let mut running = start(Limits::default()).await;
    let stream = running.http1("/wait").await;
    running.begun().await;
    let mut sender = running.http2().await;
    let waiting = sender.send_request(request("/wait"));
    let second = async {
        running.begun().await;
        running.shutdown.cancel();
        running.finish.add_permits(2);
    };
    let (answer, ()) = tokio::join!(waiting, second);
    let body = answer
        .unwrap()
        .into_body()
        .collect()
        .await
        .unwrap()
        .to_bytes();
    assert_eq!(body, "done");
    assert!(until_closed(stream).await.ends_with("\r\n\r\ndone"));
    drop(sender);
    while running.tasks.join_next().await.is_some() {}
    assert!(TcpStream::connect(running.address).await.is_err());
}

#[tokio::test]
async fn a_shutdown_waits_no_longer_than_the_grace_period() {
    let limits = Limits {
        grace: Duration::from_millis(20),
        ..Limits::default()
    };
    let mut running = start(limits).await;
    let stream = running.http1("/wait").await;
    running.begun().await;
    running.shutdown.cancel();
    running.ended().await;
    assert_eq!(until_closed(stream).await, "");
}

#[tokio::test]
async fn a_head_that_does_not_come_closes_the_connection() {
    let limits = Limits {
        idle_timeout: Duration::from_millis(20),
        ..Limits::default()
    };
    let running = start(limits).await;
    let mut stream = TcpStream::connect(running.address).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nhost: ").await.unwrap();
    assert_eq!(until_closed(stream).await, "");
    // Nor may a connection idle, neither before its first byte nor after an answer.
    let silent = TcpStream::connect(running.address).await.unwrap();
    assert_eq!(until_closed(silent).await, "");
    let mut served = TcpStream::connect(running.address).await.unwrap();
    served
        .write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
        .await
        .unwrap();
    assert!(until_closed(served).await.ends_with("127.0.0.1"));
}

#[tokio::test]
async fn streams_of_one_connection_are_answered_side_by_side() {
    let mut running = start(Limits::default()).await;
    let client = running.http2().await;
    let ask = |path: &'static str| {
        let mut client = client.clone();
        async move {
            let answer = client.send_request(request(path)).await.unwrap();
            answer.into_body().collect().await.unwrap().to_bytes()
        }
    };
    // Those that wait hold nobody up.
    let at_once = async {
        let answers = futures_util::future::join_all((0..16).map(|_| ask("/"))).await;
        running.finish.add_permits(2);
        answers
    };
    let waiting = futures_util::future::join_all([ask("/wait"), ask("/wait")]);
    let (waited, answers) = futures_util::future::join(waiting, at_once).await;
    assert!(answers.iter().all(|answer| answer == "127.0.0.1"));
    assert_eq!(waited, ["done", "done"]);
}

#[tokio::test]
async fn a_head_with_too_much_in_it_is_refused() {
    let running = start(Limits::default()).await;
    let fields = |count: usize, bytes: usize| format!("h: {}\r\n", "x".repeat(bytes)).repeat(count);
    for (count, bytes) in [(101, 1), (10, 8000)] {
        let mut stream = TcpStream::connect(running.address).await.unwrap();
        let head = format!("GET / HTTP/1.1\r\nhost: x\r\n{}\r\n", fields(count, bytes));
        let _ = stream.write_all(head.as_bytes()).await;
        let answer = until_closed(stream).await;
        assert!(
            answer.starts_with("HTTP/1.1 431 "),
            "{count} {bytes}: {answer}"
        );
    }
}

#[tokio::test]
async fn connections_beyond_the_limit_wait() {
    let limits = Limits {
        connections: 1,
        ..Limits::default()
    };
    let mut running = start(limits).await;
    let first = running.http1("/wait").await;
    running.begun().await;
    let second = running.http1("/wait").await;
    running.finish.add_permits(2);
    assert_eq!(running.begun.available_permits(), 0);
    drop(first);
    running.begun().await;
    running.shutdown.cancel();
    assert!(until_closed(second).await.ends_with("done"));
    running.ended().await;
}
