//! `/livez`, `/readyz` and `/metrics`.

use super::Json;
use crate::telemetry::Metrics;
use axum::{
    Router,
    response::{IntoResponse, Response},
    routing::get,
};
use futures_util::future::{BoxFuture, join_all};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use std::{fmt, future::Future, sync::Arc, time::Duration};

/// One thing that must hold before requests may come; `Err` says in public words why it doesn't.
#[derive(Clone)]
pub struct Check {
    name: &'static str,
    run: Arc<dyn Fn() -> BoxFuture<'static, Result<(), &'static str>> + Send + Sync>,
}

impl Check {
    /// Names a check. It may take two seconds.
    pub fn new<F>(name: &'static str, run: impl Fn() -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Result<(), &'static str>> + Send + 'static,
    {
        let run = Arc::new(move || Box::pin(run()) as BoxFuture<'static, _>);
        Self { name, run }
    }

    async fn report(&self) -> CheckReport {
        let result = tokio::time::timeout(PATIENCE, (self.run)()).await;
        let reason = result.unwrap_or(Err("no answer in time")).err();
        CheckReport {
            name: self.name,
            ok: reason.is_none(),
            reason,
        }
    }
}

impl fmt::Debug for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Check").field(&self.name).finish()
    }
}

/// All that must hold. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Checks(Arc<[Check]>);

impl FromIterator<Check> for Checks {
    fn from_iter<T: IntoIterator<Item = Check>>(checks: T) -> Self {
        Self(checks.into_iter().collect())
    }
}

const PATIENCE: Duration = Duration::from_secs(2);

#[derive(Serialize)]
struct Liveness {
    status: &'static str,
}

#[derive(Serialize)]
struct Readiness {
    status: &'static str,
    checks: Vec<CheckReport>,
}

#[derive(Serialize)]
struct CheckReport {
    name: &'static str,
    ok: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
}

/// `/livez` (the process answers) and `/readyz` (each check with its result; 503 unless all hold).
pub fn probes_router<S: Clone + Send + Sync + 'static>(checks: Checks) -> Router<S> {
    Router::new()
        .route(
            "/livez",
            get(async || Json::<_>(Liveness { status: "live" })),
        )
        .route("/readyz", get(move || readyz(checks.clone())))
}

/// `/metrics`.
pub fn metrics_router<S: Clone + Send + Sync + 'static>(metrics: Metrics) -> Router<S> {
    Router::new().route("/metrics", get(async move || exposition(&metrics)))
}

async fn readyz(checks: Checks) -> Response {
    let checks = join_all(checks.0.iter().map(Check::report)).await;
    let ready = checks.iter().all(|check| check.ok);
    let (code, status) = if ready {
        (StatusCode::OK, "ready")
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, "not_ready")
    };
    (code, Json::<_>(Readiness { status, checks })).into_response()
}

fn exposition(metrics: &Metrics) -> Response {
    let mut response = metrics.render().into_response();
    let format = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, format);
    response
}
