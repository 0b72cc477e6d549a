//! A service that says what it is told to, and what it was asked.

use countersign_verifier::{RemoteConfig, Verifier};
use serde_json::{Value, json};
use std::{
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader},
    net::{TcpListener, UnixListener},
    task::JoinSet,
};

pub(crate) const API_KEY: &str = "csak_canary";
pub(crate) const PUBLIC_URL: &str = "https://api.example/v2/";

/// Stops when dropped.
pub(crate) struct Fake {
    url: String,
    shared: Arc<Shared>,
    _tasks: JoinSet<()>,
}

struct Shared {
    asked: Mutex<Vec<Asked>>,
    answer: Mutex<Value>,
    connections: AtomicUsize,
    hangs_up_next: AtomicBool,
}

/// A question.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) body: Value,
    /// Request line and headers.
    pub(crate) head: String,
    /// The number of the connection it came over.
    pub(crate) connection: usize,
}

/// A yes to a bound session that nothing is known of.
pub(crate) fn yes() -> Value {
    json!({
        "allowed": true, "session_id": "ses_01m8157kwffc4rwg7ydhjebgtx", "user_id": "42",
        "client_id": "cli_01m8157h74e158fkena8pgyxyh", "device_id": "dev_01m8157kwfek0bd0mke3wa6403",
        "app_id": "app_01m8157kwffdatnj7x55krhgd9", "trust": "trusted", "compliance": "unevaluated",
        "platform": "web", "amr": [], "key_bound": true, "expires_at": "2100-01-01T00:00:00Z",
    })
}

impl Fake {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let shared = Shared::new();
        let mut tasks = JoinSet::new();
        let serving = Arc::clone(&shared);
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                let (socket, _) = listener.accept().await.unwrap();
                connections.spawn(Arc::clone(&serving).serve(socket));
            }
        });
        Self {
            url,
            shared,
            _tasks: tasks,
        }
    }

    pub(crate) fn start_at(path: &Path) -> Self {
        let listener = UnixListener::bind(path).unwrap();
        let shared = Shared::new();
        let mut tasks = JoinSet::new();
        let serving = Arc::clone(&shared);
        tasks.spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                let (socket, _) = listener.accept().await.unwrap();
                connections.spawn(Arc::clone(&serving).serve(socket));
            }
        });
        Self {
            url: format!("unix:{}", path.display()),
            shared,
            _tasks: tasks,
        }
    }

    pub(crate) fn config(&self) -> RemoteConfig {
        RemoteConfig {
            service_url: self.url.clone(),
            api_key: API_KEY.to_owned().into(),
            public_url: PUBLIC_URL.to_owned(),
            ..RemoteConfig::default()
        }
    }

    pub(crate) fn verifier(&self) -> Verifier {
        Verifier::remote(self.config()).unwrap()
    }

    /// What it was asked so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.shared.asked.lock().unwrap().clone()
    }

    pub(crate) fn last_body(&self) -> Value {
        self.asked().pop().expect("a question").body
    }

    /// Answers all further questions with this.
    pub(crate) fn answer(&self, answer: Value) {
        *self.shared.answer.lock().unwrap() = answer;
    }

    /// Reads the next question and closes the connection.
    pub(crate) fn hang_up_next(&self) {
        self.shared.hangs_up_next.store(true, Ordering::SeqCst);
    }
}

impl Shared {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            asked: Mutex::default(),
            answer: Mutex::new(yes()),
            connections: AtomicUsize::new(0),
            hangs_up_next: AtomicBool::new(false),
        })
    }

    async fn serve(self: Arc<Self>, socket: impl AsyncRead + AsyncWrite + Unpin) {
        let connection = self.connections.fetch_add(1, Ordering::SeqCst);
        let mut socket = BufReader::new(socket);
        while let Some((head, body)) = read(&mut socket).await {
            self.asked.lock().unwrap().push(Asked {
                body,
                head,
                connection,
            });
            if self.hangs_up_next.swap(false, Ordering::SeqCst) {
                return;
            }
            let body = self.answer.lock().unwrap().to_string();
            let length = body.len();
            let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{body}");
            if socket.write_all(answer.as_bytes()).await.is_err() {
                return;
            }
        }
    }
}

/// One request, or the connection's end.
async fn read(socket: &mut (impl AsyncBufReadExt + Unpin)) -> Option<(String, Value)> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if socket.read_line(&mut head).await.ok()? == 0 {
            return None;
        }
    }
    let lower = head.to_ascii_lowercase();
    let length = lower.split("content-length: ").nth(1)?.lines().next()?;
    let mut body = vec![0; length.parse().ok()?];
    socket.read_exact(&mut body).await.ok()?;
    Some((head, serde_json::from_slice(&body).ok()?))
}
