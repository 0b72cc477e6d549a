//! What stands between a verifier and its nodes: it may be cut, held up, and led elsewhere.

use crate::scene::http_client;
use axum::{
    Router,
    body::Bytes,
    extract::{OriginalUri, State},
    http::{HeaderMap, StatusCode, header::AUTHORIZATION},
    response::{IntoResponse, Response},
};
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};
use tokio::{net::TcpListener, sync::watch, task::JoinSet};

/// Stops when dropped.
pub(crate) struct Relay {
    pub(crate) url: String,
    road: Arc<Road>,
    _tasks: JoinSet<()>,
}

struct Road {
    /// Where questions for news go; `None` when cut.
    feed: watch::Sender<Option<String>>,
    /// Where sessions are read.
    sessions: watch::Sender<Option<String>>,
    /// Whether answers to questions for news are kept back.
    held: watch::Sender<bool>,
    /// How many answers were or are kept back.
    kept: watch::Sender<usize>,
    asked: AtomicUsize,
    client: reqwest::Client,
}

impl Relay {
    pub(crate) async fn to(node: &str) -> Self {
        let road = Arc::new(Road {
            feed: watch::Sender::new(Some(node.to_owned())),
            sessions: watch::Sender::new(Some(node.to_owned())),
            held: watch::Sender::new(false),
            kept: watch::Sender::new(0),
            asked: AtomicUsize::new(0),
            client: http_client(),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let app = Router::new().fallback(pass).with_state(Arc::clone(&road));
        let mut tasks = JoinSet::new();
        tasks.spawn(async move { axum::serve(listener, app).await.unwrap() });
        Self {
            url,
            road,
            _tasks: tasks,
        }
    }

    /// From now on nothing gets through.
    pub(crate) fn cut(&self) {
        self.road.feed.send_replace(None);
        self.road.sessions.send_replace(None);
    }

    /// From now on everything goes to another node.
    pub(crate) fn lead_to(&self, node: &str) {
        self.road.feed.send_replace(Some(node.to_owned()));
        self.read_from(node);
    }

    /// From now on sessions are read of another node.
    pub(crate) fn read_from(&self, node: &str) {
        self.road.sessions.send_replace(Some(node.to_owned()));
    }

    /// Keeps answers back, or lets them go.
    pub(crate) fn hold(&self, held: bool) {
        self.road.held.send_replace(held);
    }

    /// Waits until an answer is kept back.
    pub(crate) async fn has_kept(&self) {
        let mut kept = self.road.kept.subscribe();
        kept.wait_for(|kept| *kept > 0).await.unwrap();
    }

    /// How many questions for news came.
    pub(crate) fn asked(&self) -> usize {
        self.road.asked.load(Ordering::SeqCst)
    }
}

async fn pass(
    State(road): State<Arc<Road>>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let is_feed = uri.path() == "/v1/feed";
    if is_feed {
        road.asked.fetch_add(1, Ordering::SeqCst);
    }
    let target = if is_feed { &road.feed } else { &road.sessions };
    let Some(target) = target.borrow().clone() else {
        return StatusCode::BAD_GATEWAY.into_response();
    };
    let request = road.client.post(format!("{target}{}", uri.path()));
    let request = request
        .header(AUTHORIZATION, headers[AUTHORIZATION].clone())
        .header("content-type", "application/json");
    let Ok(answer) = request.body(body).send().await else {
        return StatusCode::BAD_GATEWAY.into_response();
    };
    let (status, body) = (answer.status(), answer.bytes().await.unwrap());
    if is_feed && *road.held.borrow() {
        road.kept.send_modify(|kept| *kept += 1);
        let mut held = road.held.subscribe();
        held.wait_for(|held| !held).await.unwrap();
    }
    (status, body).into_response()
}
