//! Calls of the internal API without sockets: the routes themselves, in this process.

use anyhow::{Context as _, bail};
use axum::{Router, body::Body};
use countersign_api_types::Secret;
use countersign_core::{Clock, SystemClock, SystemRng};
use countersign_server::{
    App, AppState,
    http::{RequestContext, Shell, ShellSettings},
    telemetry::Metrics,
};
use http::{Request, header};
use http_body_util::BodyExt as _;
use serde::{Serialize, de::DeserializeOwned};
use std::{net::SocketAddr, sync::Arc};
use tower::ServiceExt as _;

/// The internal listener's routes; cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Inside {
    router: Router,
    authorization: String,
}

impl Inside {
    pub(super) fn of(app: &Arc<App>, api_key: &Secret) -> Self {
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let shell = Shell::new(ShellSettings::default(), clock, &SystemRng, Metrics::new());
        Self {
            router: countersign_server::internal(AppState(Arc::clone(app))).layer(shell),
            authorization: format!("Bearer {}", api_key.reveal()),
        }
    }

    /// Posts JSON and reads JSON.
    pub(super) async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> anyhow::Result<T> {
        let request = Request::post(path)
            .header(header::AUTHORIZATION, &self.authorization)
            .header(header::CONTENT_TYPE, "application/json")
            .extension(RequestContext::from_peer(SocketAddr::from((
                [127, 0, 0, 1],
                1,
            ))))
            .body(Body::from(serde_json::to_vec(body)?))?;
        let response = self.router.clone().oneshot(request).await?;
        let status = response.status();
        let bytes = response.into_body().collect().await?.to_bytes();
        if !status.is_success() {
            bail!(
                "{path} answered {status}: {}",
                String::from_utf8_lossy(&bytes)
            );
        }
        serde_json::from_slice(&bytes).context("an answer of another shape")
    }
}
