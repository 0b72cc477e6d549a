//! The outermost layer: one pass around each request for id, address, time limit, panics,
//! problems, metrics and log.
//!
//! One layer and not seven, because each one costs a boxed future and a clone of the route.

mod future;

use super::{RequestContext, RequestId, RequestIds, TrustedProxies};
use crate::telemetry::{Metric, Metrics};
use axum::{
    extract::{MatchedPath, Request},
    response::Response,
};
use countersign_core::{Clock, Rng, Timestamp};
use future::ShellFuture;
use http::{HeaderMap, Method};
use std::{
    convert::Infallible,
    net::IpAddr,
    sync::{Arc, OnceLock},
    task::{Context, Poll},
    time::Duration,
};
use tower::{Layer, Service};

/// The layer; put it around the finished router with `router.layer(shell)`. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Shell(Arc<Shared>);

/// What the shell needs.
#[derive(Debug, Clone)]
pub struct ShellSettings {
    /// Whose `X-Forwarded-For` and `X-Request-Id` are believed.
    pub trusted_proxies: TrustedProxies,
    /// How long an answer may take.
    pub timeout: Duration,
    /// Routes whose handlers log nothing at info or above: a span for the sake of the request id
    /// would cost them more than all else the shell does, so they get one at debug only.
    pub quiet_routes: &'static [&'static str],
    /// Routes whose errors have the form of RFC 6749 section 5.2, also when their handler did not
    /// come to an end.
    pub oauth_routes: &'static [&'static str],
}

impl Default for ShellSettings {
    /// Nobody is trusted; 30 seconds; the hot path is quiet; the token endpoint speaks OAuth.
    fn default() -> Self {
        Self {
            trusted_proxies: TrustedProxies::default(),
            timeout: Duration::from_secs(30),
            quiet_routes: &["/v1/verify"],
            oauth_routes: &["/oauth/token"],
        }
    }
}

#[derive(Debug)]
struct Shared {
    settings: ShellSettings,
    ids: RequestIds,
    clock: Arc<dyn Clock>,
    metrics: Metrics,
    panics: metrics::Counter,
}

impl Shell {
    /// A shell with its own sequence of request ids.
    pub fn new(
        settings: ShellSettings,
        clock: Arc<dyn Clock>,
        rng: &dyn Rng,
        metrics: Metrics,
    ) -> Self {
        Self(Arc::new(Shared {
            settings,
            ids: RequestIds::new(rng),
            clock,
            panics: metrics.counter(Metric::HttpPanics, &[]),
            metrics,
        }))
    }
}

impl Shell {
    /// Puts the shell around a service that is reached without a router; `route` is its template.
    pub fn around<S>(&self, route: &'static str, inner: S) -> Shelled<S> {
        Shelled {
            inner,
            shared: self.0.clone(),
            handles: Arc::default(),
            route: Some(route),
        }
    }
}

impl<S> Layer<S> for Shell {
    type Service = Shelled<S>;

    fn layer(&self, inner: S) -> Shelled<S> {
        Shelled {
            inner,
            shared: self.0.clone(),
            handles: Arc::default(),
            route: None,
        }
    }
}

/// One route inside the shell.
#[derive(Debug, Clone)]
pub struct Shelled<S> {
    inner: S,
    shared: Arc<Shared>,
    handles: Arc<Handles>,
    /// The route's template, where no router tells it.
    route: Option<&'static str>,
}

impl<S> Service<Request> for Shelled<S>
where
    S: Service<Request, Response = Response, Error = Infallible>,
{
    type Response = Response;
    type Error = Infallible;
    type Future = ShellFuture<S::Future>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request) -> Self::Future {
        let route = match self.route {
            Some(template) => Route::Fixed(template),
            None => Route::of(&request),
        };
        let begun = Begun::new(&self.shared, &self.handles, route, &mut request);
        let inner = begun.span.in_scope(|| self.inner.call(request));
        ShellFuture::new(inner, begun)
    }
}

/// A request on its way.
#[derive(Debug)]
struct Begun {
    shared: Arc<Shared>,
    handles: Arc<Handles>,
    request_id: RequestId,
    client_ip: Option<IpAddr>,
    method: Method,
    route: Route,
    at: Timestamp,
    span: tracing::Span,
}

/// The template of a request's route.
#[derive(Debug)]
enum Route {
    Fixed(&'static str),
    Matched(MatchedPath),
    Unmatched,
}

impl Route {
    fn of(request: &Request) -> Self {
        let matched = request.extensions().get::<MatchedPath>().cloned();
        matched.map_or(Self::Unmatched, Self::Matched)
    }

    fn as_str(&self) -> &str {
        match self {
            Self::Fixed(template) => template,
            Self::Matched(path) => path.as_str(),
            Self::Unmatched => "unmatched",
        }
    }
}

impl Begun {
    fn new(
        shared: &Arc<Shared>,
        handles: &Arc<Handles>,
        route: Route,
        request: &mut Request,
    ) -> Self {
        let extensions = request.extensions();
        let peer = extensions
            .get()
            .and_then(|context: &RequestContext| context.peer);
        let (request_id, client_ip) = shared.origin(peer.map(|peer| peer.ip()), request.headers());
        let context = request
            .extensions_mut()
            .get_or_insert_default::<RequestContext>();
        context.client_ip = client_ip;
        let quiet = shared.settings.quiet_routes.contains(&route.as_str());
        let span = if quiet && !tracing::enabled!(tracing::Level::DEBUG) {
            tracing::Span::none()
        } else if quiet {
            tracing::debug_span!("http.request", request.id = request_id.as_str())
        } else {
            tracing::info_span!("http.request", request.id = request_id.as_str())
        };
        Self {
            span,
            shared: shared.clone(),
            handles: handles.clone(),
            request_id,
            client_ip,
            method: request.method().clone(),
            route,
            at: shared.clock.now(),
        }
    }
}

impl Shared {
    fn origin(&self, peer: Option<IpAddr>, headers: &HeaderMap) -> (RequestId, Option<IpAddr>) {
        let proxies = &self.settings.trusted_proxies;
        let given = peer
            .filter(|peer| proxies.contains(*peer))
            .and_then(|_| headers.get(RequestId::HEADER))
            .and_then(RequestId::accept);
        let request_id = given.unwrap_or_else(|| self.ids.make());
        (
            request_id,
            peer.map(|peer| proxies.client_ip(peer, headers)),
        )
    }
}

/// The metric handles of one route, looked up once: a router layers each route by itself.
#[derive(Debug, Default)]
struct Handles([OnceLock<Box<MethodHandles>>; METHODS.len() + 1]);

#[derive(Debug)]
struct MethodHandles {
    answered: [OnceLock<metrics::Counter>; CLASSES.len()],
    seconds: metrics::Histogram,
}

/// Known methods; all others count as one, since anyone can invent some.
const METHODS: [Method; 7] = [
    Method::GET,
    Method::POST,
    Method::PUT,
    Method::PATCH,
    Method::DELETE,
    Method::HEAD,
    Method::OPTIONS,
];
const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

impl Handles {
    fn observe(&self, begun: &Begun, status: u16, took: Duration) {
        let known = METHODS.iter().position(|method| *method == begun.method);
        let method = known
            .and_then(|index| METHODS.get(index))
            .map_or("other", Method::as_str);
        let Some(slot) = self.0.get(known.unwrap_or(METHODS.len())) else {
            return;
        };
        let metrics = &begun.shared.metrics;
        let labels = [("method", method), ("route", begun.route.as_str())];
        let handles = slot.get_or_init(|| {
            Box::new(MethodHandles {
                answered: Default::default(),
                seconds: metrics.histogram(Metric::HttpRequestSeconds, &labels),
            })
        });
        handles.seconds.record(took);
        let class = usize::from(status / 100)
            .saturating_sub(1)
            .min(CLASSES.len() - 1);
        if let (Some(answered), Some(name)) = (handles.answered.get(class), CLASSES.get(class)) {
            let [method, route] = labels;
            let labels = [method, route, ("status", name)];
            let counter = answered.get_or_init(|| metrics.counter(Metric::HttpRequests, &labels));
            counter.increment(1);
        }
    }
}
