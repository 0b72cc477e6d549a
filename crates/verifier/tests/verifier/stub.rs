//! A service that misbehaves, as a row of `services` in the table says.

use crate::table::{Server, Service, Then};
use std::time::Duration;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinSet,
    time,
};

/// Stops when dropped.
pub(crate) struct Stub {
    pub(crate) url: String,
    _tasks: JoinSet<()>,
}

impl Stub {
    /// Listens on a free port; for `none`, on one on which nothing listens any more.
    pub(crate) async fn start(row: &Service, countersign: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let mut tasks = JoinSet::new();
        if row.server == Server::Stub {
            let text = sent(row).replace("{countersign}", countersign);
            tasks.spawn(accept(listener, text, row.then.unwrap()));
        }
        Self { url, _tasks: tasks }
    }
}

async fn accept(listener: TcpListener, text: String, then: Then) {
    let mut connections = JoinSet::new();
    loop {
        let (socket, _) = listener.accept().await.unwrap();
        let text = text.clone();
        connections.spawn(async move {
            // The other side may hang up at any time.
            drop(answer(socket, &text, then).await);
        });
    }
}

async fn answer(mut socket: TcpStream, text: &str, then: Then) -> std::io::Result<()> {
    let mut first = vec![0; 64 * 1024];
    let _ = socket.read(&mut first).await?;
    socket.write_all(text.as_bytes()).await?;
    match then {
        Then::Close => socket.shutdown().await,
        Then::Hang => std::future::pending().await,
        Then::Trickle => repeat(socket, Duration::from_millis(100), 1).await,
        Then::Flood => repeat(socket, Duration::from_millis(10), 64 * 1024).await,
    }
}

async fn repeat(mut socket: TcpStream, every: Duration, bytes: usize) -> std::io::Result<()> {
    let mut interval = time::interval(every);
    loop {
        interval.tick().await;
        socket.write_all(&vec![b' '; bytes]).await?;
    }
}

fn sent(row: &Service) -> String {
    if let Some(text) = &row.sends {
        return text.clone();
    }
    let body = row.body.as_ref().unwrap().to_string();
    let status = row.status.as_deref().unwrap_or("200 OK");
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    )
}
