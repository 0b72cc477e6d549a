//! A TCP proxy before the server that can lose answers, or everything.

use sqlx::{ConnectOptions as _, postgres::PgConnectOptions};
use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, Ordering},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _},
    net::{TcpListener, TcpStream, UnixStream},
};
use tokio_util::task::{AbortOnDropHandle, TaskTracker};

/// Forwards bytes until told to lose answers.
pub(super) struct Proxy {
    url: String,
    fate: Fate,
    _accepting: AbortOnDropHandle<()>,
}

/// What becomes of connections.
#[derive(Clone, Default)]
struct Fate {
    /// Whoever sends this gets no answer.
    fatal: Arc<Mutex<Option<&'static str>>>,
    /// Of the connections there are; those that come begin with another one.
    is_dumb: Arc<Mutex<Arc<AtomicBool>>>,
}

impl Proxy {
    /// Listens on a free port.
    pub(super) async fn before(url: &str) -> Self {
        let options: PgConnectOptions = url.parse().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let fate = Fate::default();
        let tasks = TaskTracker::new();
        let accepting = tasks.spawn(accept(
            listener,
            options.clone(),
            fate.clone(),
            tasks.clone(),
        ));
        let mut url = options
            .ssl_mode(sqlx::postgres::PgSslMode::Disable)
            .to_url_lossy();
        url.set_host(Some("127.0.0.1")).unwrap();
        url.set_port(Some(port)).unwrap();
        Self {
            url: url.to_string(),
            fate,
            _accepting: AbortOnDropHandle::new(accepting),
        }
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// From now on a connection that sends this text reaches the server with it, and is closed
    /// before the answer.
    pub(super) fn lose_answers_to(&self, text: &'static str) {
        *self.fate.fatal.lock().unwrap() = Some(text);
    }

    /// From now on nothing that is sent on the connections there are arrives, and nobody is told.
    pub(super) fn swallow(&self) {
        let mut is_dumb = self.fate.is_dumb.lock().unwrap();
        is_dumb.store(true, Ordering::SeqCst);
        *is_dumb = Arc::default();
    }
}

async fn accept(listener: TcpListener, server: PgConnectOptions, fate: Fate, tasks: TaskTracker) {
    while let Ok((client, _)) = listener.accept().await {
        let fate = fate.clone();
        if let Some(folder) = server.get_socket() {
            let socket = folder.join(format!(".s.PGSQL.{}", server.get_port()));
            let server = UnixStream::connect(socket).await.unwrap();
            tasks.spawn(forward(client, server, fate));
        } else {
            let server = TcpStream::connect((server.get_host(), server.get_port()))
                .await
                .unwrap();
            tasks.spawn(forward(client, server, fate));
        }
    }
}

async fn forward(client: TcpStream, server: impl AsyncRead + AsyncWrite, fate: Fate) {
    let is_dumb = fate.is_dumb.lock().unwrap().clone();
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = tokio::io::split(server);
    let asking = async {
        let mut bytes = vec![0; 65_536];
        loop {
            let read = from_client.read(&mut bytes).await.unwrap_or(0);
            let sent = &bytes[..read];
            if is_dumb.load(Ordering::SeqCst) && read > 0 {
                continue;
            }
            if read == 0 || to_server.write_all(sent).await.is_err() {
                return;
            }
            let fatal = *fate.fatal.lock().unwrap();
            let is_fatal =
                |text: &str| sent.windows(text.len()).any(|part| part == text.as_bytes());
            if fatal.is_some_and(is_fatal) {
                return;
            }
        }
    };
    // Ends with the side that ends first; dropping the other closes it.
    tokio::select! {
        biased;
        () = asking => {}
        _ = tokio::io::copy(&mut from_server, &mut to_client) => {}
    }
}
