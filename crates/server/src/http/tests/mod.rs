//! The shell and its parts, driven as a client would.

mod answers;
mod bodies;
mod connections;

use super::{RequestContext, Shell, ShellSettings, TrustedProxies};
use crate::telemetry::Metrics;
use axum::{Router, body::Body, response::Response};
use countersign_core::{ManualClock, SystemRng, Timestamp};
use http::{Request, request};
use http_body_util::BodyExt;
use serde_json::Value;
use std::sync::Arc;
use tower::ServiceExt;

/// A router inside the shell, as every test calls it.
struct App {
    router: Router,
    metrics: Metrics,
    clock: Arc<ManualClock>,
}

impl App {
    fn new(router: Router) -> Self {
        Self::with_settings(router, |_| {})
    }

    fn with_settings(router: Router, change: impl FnOnce(&mut ShellSettings)) -> Self {
        let mut settings = ShellSettings {
            trusted_proxies: ["10.0.0.0/8".parse().unwrap()]
                .into_iter()
                .collect::<TrustedProxies>(),
            ..ShellSettings::default()
        };
        change(&mut settings);
        let metrics = Metrics::new();
        let clock = Arc::new(ManualClock::starting_at(Timestamp::from_secs(
            1_700_000_000,
        )));
        let shell = Shell::new(settings, clock.clone(), &SystemRng, metrics.clone());
        Self {
            router: router.layer(shell),
            metrics,
            clock,
        }
    }

    async fn call(&self, request: Request<Body>) -> Response {
        self.router.clone().oneshot(request).await.unwrap()
    }

    async fn get(&self, path: &str) -> Response {
        self.call(from("203.0.113.7").uri(path).body(Body::empty()).unwrap())
            .await
    }
}

/// A request whose peer is at the address.
fn from(address: &str) -> request::Builder {
    let peer = (address.parse::<std::net::IpAddr>().unwrap(), 4711).into();
    let peer = RequestContext::from_peer(peer);
    Request::builder().extension(peer)
}

async fn json(response: Response) -> Value {
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    serde_json::from_slice(&bytes).unwrap()
}

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response
        .headers()
        .get(name)
        .map_or("", |value| value.to_str().unwrap())
}
