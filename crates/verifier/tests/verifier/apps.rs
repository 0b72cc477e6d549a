//! A tiny app in each framework: every route of the table answers with its device.

use crate::table::Route;
use axum::{Json, Router, routing::any};
use bytes::Bytes;
use countersign_verifier::{DeviceLayer, DeviceService, DeviceSession, Verifier};
use http::{Request, Response};
use http_body_util::Full;
use hyper::{body::Incoming, server::conn::http1};
use hyper_util::{rt::TokioIo, service::TowerToHyperService};
use serde_json::{Value, json};
use std::{collections::BTreeMap, convert::Infallible};
use tokio::{net::TcpListener, task::JoinSet};
use tower::{Layer, Service, ServiceExt, service_fn};

type Routes = BTreeMap<String, Route>;

/// A running app; stops when dropped.
pub(crate) struct App {
    pub(crate) url: String,
    tasks: JoinSet<()>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Framework {
    /// Each route with a layer of its own, which sends the demands to the service.
    Axum,
    /// One layer around all of them: the inner one must not present the proof again.
    AxumInLayers,
    /// Each route as a nested router, which sees only the rest of the path.
    AxumNested,
    Hyper,
    HyperInLayers,
}

impl App {
    pub(crate) async fn start(framework: Framework, verifier: &Verifier, routes: &Routes) -> Self {
        let optional = DeviceLayer::new(verifier.clone()).optional();
        match framework {
            Framework::Axum => Self::axum(axum_app(verifier, routes)).await,
            Framework::AxumInLayers => Self::axum(axum_app(verifier, routes).layer(optional)).await,
            Framework::AxumNested => Self::axum(nested_app(verifier, routes)).await,
            Framework::Hyper => Self::hyper(hyper_app(verifier, routes)).await,
            Framework::HyperInLayers => {
                Self::hyper(optional.layer(hyper_app(verifier, routes))).await
            }
        }
    }

    pub(crate) async fn axum(router: Router) -> Self {
        let (listener, mut app) = Self::listen().await;
        app.tasks
            .spawn(async move { axum::serve(listener, router).await.unwrap() });
        app
    }

    /// Any tower service, by hyper alone.
    async fn hyper<S, B>(service: S) -> Self
    where
        S: Service<Request<Incoming>, Response = Response<B>> + Clone + Send + Sync + 'static,
        S::Future: Send,
        S::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
        B: hyper::body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    {
        let (listener, mut app) = Self::listen().await;
        app.tasks.spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                let (socket, _) = listener.accept().await.unwrap();
                let service = TowerToHyperService::new(service.clone());
                let connection =
                    http1::Builder::new().serve_connection(TokioIo::new(socket), service);
                connections.spawn(async move { drop(connection.await) });
            }
        });
        app
    }

    async fn listen() -> (TcpListener, Self) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let tasks = JoinSet::new();
        (listener, Self { url, tasks })
    }
}

fn axum_app(verifier: &Verifier, routes: &Routes) -> Router {
    let mut app = Router::new();
    for (path, route) in routes {
        for pattern in [path.clone(), format!("{path}/{{*rest}}")] {
            let guarded = any(show).layer(route.layer(verifier));
            app = app.route(&pattern, guarded);
        }
    }
    app
}

fn nested_app(verifier: &Verifier, routes: &Routes) -> Router {
    let mut app = Router::new();
    for (path, route) in routes {
        let guarded = Router::new().fallback(show).layer(route.layer(verifier));
        app = app.nest(path, guarded);
    }
    app
}

async fn show(device: Option<DeviceSession>) -> Json<Value> {
    Json(shown(device.as_ref()))
}

fn hyper_app(
    verifier: &Verifier,
    routes: &Routes,
) -> impl Service<
    Request<Incoming>,
    Response = Response<countersign_verifier::GuardedBody<Full<Bytes>>>,
    Error = Infallible,
    Future: Send,
> + Clone
+ Send
+ Sync
+ 'static {
    let guarded = |(path, route): (&String, &Route)| {
        let service = route.layer(verifier).layer(Plain);
        (path.clone(), service)
    };
    let services: Vec<(String, DeviceService<Plain>)> = routes.iter().map(guarded).collect();
    service_fn(move |request: Request<Incoming>| {
        let path = request.uri().path();
        let found = services.iter().find(|(start, _)| path.starts_with(start));
        let (_, service) = found.expect("a route of the table");
        service.clone().oneshot(request)
    })
}

/// An app that knows no framework.
#[derive(Clone)]
struct Plain;

impl<B> Service<Request<B>> for Plain {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = std::future::Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(
        &mut self,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Result<(), Infallible>> {
        std::task::Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let shown = shown(request.extensions().get::<DeviceSession>());
        std::future::ready(Ok(Response::new(Full::from(shown.to_string()))))
    }
}

fn shown(device: Option<&DeviceSession>) -> Value {
    let Some(device) = device else {
        return json!({ "device": null });
    };
    json!({ "device": {
        "session_id": device.session_id, "user_id": device.user_id,
        "client_id": device.client_id, "device_id": device.device_id, "app_id": device.app_id,
        "trust": device.trust, "compliance": device.compliance, "platform": device.platform,
        "app_version": device.app_version, "amr": device.amr, "key_bound": device.key_bound,
        "expires_at": device.expires_at,
    } })
}
