//! What happens to a request from its handler's first poll to its answer.

use super::Begun;
use crate::{
    http::{Problem, RequestId},
    telemetry::access_log::Served,
};
use axum::response::Response;
use countersign_api_types::ErrorCode;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use pin_project_lite::pin_project;
use std::{
    any::Any,
    convert::Infallible,
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    task::{Context, Poll},
};
use tokio::time::{Sleep, sleep};

pin_project! {
    /// The answer of a route inside the shell.
    #[derive(Debug)]
    pub struct ShellFuture<F> {
        #[pin]
        inner: F,
        // Set when the handler first has to wait: most never do, and a timer takes a lock.
        #[pin]
        deadline: Option<Sleep>,
        begun: Begun,
    }
}

/// A handler panicked.
#[derive(Debug, thiserror::Error)]
#[error("the handler panicked: {0}")]
struct Panicked(String);

impl<F> ShellFuture<F> {
    pub(super) fn new(inner: F, begun: Begun) -> Self {
        Self {
            inner,
            deadline: None,
            begun,
        }
    }
}

impl<F: Future<Output = Result<Response, Infallible>>> Future for ShellFuture<F> {
    type Output = Result<Response, Infallible>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let _inside = this.begun.span.enter();
        // After a panic nothing of the future is used again.
        let polled = catch_unwind(AssertUnwindSafe(|| this.inner.poll(cx)));
        let answer = match polled {
            Ok(Poll::Ready(Ok(response))) => this.begun.finish(response),
            Ok(Poll::Ready(Err(never))) => match never {},
            Ok(Poll::Pending) => {
                if this.deadline.is_none() {
                    let deadline = sleep(this.begun.shared.settings.timeout);
                    this.deadline.set(Some(deadline));
                }
                match this
                    .deadline
                    .as_mut()
                    .as_pin_mut()
                    .map(|deadline| deadline.poll(cx))
                {
                    Some(Poll::Ready(())) => this.begun.fail(&Problem::new(ErrorCode::Timeout)),
                    _ => return Poll::Pending,
                }
            }
            Err(panic) => {
                this.begun.shared.panics.increment(1);
                this.begun
                    .fail(&Problem::internal(Panicked(text_of(&*panic))))
            }
        };
        Poll::Ready(Ok(answer))
    }
}

impl Begun {
    fn fail(&self, problem: &Problem) -> Response {
        let routes = self.shared.settings.oauth_routes;
        let answered = if routes.contains(&self.route.as_str()) {
            problem.clone().with_oauth_form()
        } else {
            problem.clone()
        };
        let mut response = answered.answer(&self.request_id);
        self.dress(response.headers_mut());
        self.report(response.status(), Some(problem));
        response
    }

    fn finish(&self, mut response: Response) -> Response {
        let status = response.status();
        let failed = status.is_client_error() || status.is_server_error();
        let problem = match response.extensions_mut().remove::<Problem>() {
            None if failed && !is_json(response.headers()) => Some(Problem::of_status(status)),
            problem => problem,
        };
        if let Some(problem) = &problem {
            // What a handler or axum added beside the problem, like `Allow`, stays.
            let mut headers = std::mem::take(response.headers_mut());
            response = problem.clone().answer(&self.request_id);
            headers.remove(header::CONTENT_LENGTH);
            headers.extend(std::mem::take(response.headers_mut()));
            *response.headers_mut() = headers;
        }
        self.dress(response.headers_mut());
        self.report(response.status(), problem.as_ref());
        response
    }

    /// Adds what every answer carries.
    fn dress(&self, headers: &mut HeaderMap) {
        const NOSNIFF: HeaderValue = HeaderValue::from_static("nosniff");
        const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
        const CONTENT_TYPE_OPTIONS: HeaderName = header::X_CONTENT_TYPE_OPTIONS;
        headers.insert(RequestId::HEADER, self.request_id.to_header());
        headers.insert(CONTENT_TYPE_OPTIONS, NOSNIFF);
        // What may be cached says so itself.
        headers.entry(header::CACHE_CONTROL).or_insert(NO_STORE);
    }

    fn report(&self, status: StatusCode, problem: Option<&Problem>) {
        let took = self.shared.clock.now().since(self.at);
        self.handles.observe(self, status.as_u16(), took);
        let served = Served {
            method: &self.method,
            route: self.route.as_str(),
            status,
            code: problem.map(|problem| problem.code().as_str()),
            cause: problem.and_then(Problem::cause),
            duration: took,
            request_id: self.request_id.as_str(),
            client_ip: self.client_ip,
        };
        served.log();
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
    value.is_some_and(|value| value.starts_with(b"application/json"))
}

fn text_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("no message").to_owned()
}
