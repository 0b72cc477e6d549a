//! How a call reaches the service: in process, or over TCP to a process that may be killed.

use countersign_test_support::{Answer, TestApp};
use futures_util::future::join;
use http::Request;
use http_body_util::BodyExt;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tokio::{net::TcpStream, time::timeout};

/// A way to the internal listener.
#[derive(Clone)]
pub(crate) enum Link {
    InProcess(Arc<TestApp>),
    Tcp {
        address: SocketAddr,
        api_key: String,
    },
}

/// What came back.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: Value,
}

/// Longer than any limit of the server.
const PATIENCE: Duration = Duration::from_mins(1);

impl Link {
    /// Sends a call; `None` when no whole answer came back.
    pub(crate) async fn call(&self, method: &str, path: &str, body: &Value) -> Option<Reply> {
        match self {
            Self::InProcess(app) => {
                let call = app.internal(method, path);
                let call = if body.is_null() {
                    call
                } else {
                    call.json(body)
                };
                Some(call.send().await.into())
            }
            Self::Tcp { address, api_key } => {
                let request = Request::builder()
                    .method(method)
                    .uri(path)
                    .header("host", "localhost")
                    .header("authorization", format!("Bearer {api_key}"))
                    .header("content-type", "application/json")
                    .body(if body.is_null() {
                        String::new()
                    } else {
                        body.to_string()
                    })
                    .expect("a request");
                let answer = timeout(PATIENCE, exchange(*address, request)).await;
                answer.expect("an answer or a lost connection")
            }
        }
    }
}

impl Reply {
    pub(crate) fn text(&self, member: &str) -> String {
        let Some(text) = self.body[member].as_str() else {
            unreachable!("no {member} in {} {}", self.status, self.body)
        };
        text.to_owned()
    }

    /// The problem's or judgement's code; empty without one.
    pub(crate) fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }

    pub(crate) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Fails on an answer that says that the service, not the caller, went wrong.
    #[track_caller]
    pub(crate) fn expect_no_fault(&self) {
        assert!(self.status < 500, "{} {}", self.status, self.body);
    }

    #[track_caller]
    pub(crate) fn expect_status(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.body);
        self
    }
}

impl From<Answer> for Reply {
    fn from(answer: Answer) -> Self {
        Self {
            status: answer.status.as_u16(),
            body: answer.body,
        }
    }
}

async fn exchange(address: SocketAddr, request: Request<String>) -> Option<Reply> {
    let stream = TcpStream::connect(address).await.ok()?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .ok()?;
    let answer = async move {
        let response = sender.send_request(request).await.ok()?;
        let status = response.status().as_u16();
        let body = response.into_body().collect().await.ok()?.to_bytes();
        Some(Reply {
            status,
            body: serde_json::from_slice(&body).unwrap_or(Value::Null),
        })
    };
    join(answer, connection).await.0
}
