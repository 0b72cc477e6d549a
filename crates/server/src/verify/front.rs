//! The way in for `POST /v1/verify` without the router: finding a route, and the boxes around each
//! layer of it, would cost more than the judgement.

use super::http::verify;
use crate::{
    caller::Backend,
    http::{JsonBytes, Problem, Shell, Shelled},
    router::AppState,
};
use axum::{
    Router,
    extract::{FromRef, FromRequest, FromRequestParts, Request, State},
    response::{IntoResponse, Response},
    routing::future::RouteFuture,
};
use http::Method;
use pin_project_lite::pin_project;
use std::{
    convert::Infallible,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};
use tower::Service;

const PATH: &str = "/v1/verify";

/// A router with a short way to `/v1/verify`. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Front {
    verify: Shelled<Verify>,
    router: Router,
}

impl Front {
    /// `router` has the same route, for every method but POST and for the API's description.
    pub(crate) fn new(state: AppState, shell: &Shell, router: Router) -> Self {
        Self {
            verify: shell.around(PATH, Verify(state)),
            router,
        }
    }
}

impl Service<Request> for Front {
    type Response = Response;
    type Error = Infallible;
    type Future = Answering;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Answering {
        if request.method() == Method::POST && request.uri().path() == PATH {
            Answering::Verify {
                answer: self.verify.call(request),
            }
        } else {
            Answering::Routed {
                answer: self.router.call(request),
            }
        }
    }
}

pin_project! {
    /// The answer of a [`Front`].
    #[project = Projected]
    pub(crate) enum Answering {
        Verify { #[pin] answer: <Shelled<Verify> as Service<Request>>::Future },
        Routed { #[pin] answer: RouteFuture<Infallible> },
    }
}

impl Future for Answering {
    type Output = Result<Response, Infallible>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project() {
            Projected::Verify { answer } => answer.poll(cx),
            Projected::Routed { answer } => answer.poll(cx),
        }
    }
}

/// The handler as a service.
#[derive(Debug, Clone)]
pub(crate) struct Verify(AppState);

impl Service<Request> for Verify {
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let state = self.0.clone();
        Box::pin(async move { Ok(judge(state, request).await.into_response()) })
    }
}

async fn judge(state: AppState, request: Request) -> Result<Response, Problem> {
    let (mut parts, body) = request.into_parts();
    let backend = Backend::from_request_parts(&mut parts, &state).await?;
    let body = JsonBytes::from_request(Request::from_parts(parts, body), &state).await?;
    verify(State(FromRef::from_ref(&state)), backend, body).await
}
