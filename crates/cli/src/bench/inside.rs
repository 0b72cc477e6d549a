//! Calls without sockets: the routes themselves, in this process.

use anyhow::{Context as _, bail};
use axum::{Router, body::Body};
use countersign_api_types::Secret;
use countersign_core::{Clock, SystemClock, SystemRng};
use countersign_server::{
    App, AppState,
    http::{RequestContext, Shell, ShellSettings},
    telemetry::Metrics,
};
use http::{HeaderName, Request, header};
use http_body_util::BodyExt as _;
use serde::{Serialize, de::DeserializeOwned};
use std::{net::SocketAddr, sync::Arc};
use tower::ServiceExt as _;

/// RFC 9449 section 4.1.
const DPOP: HeaderName = HeaderName::from_static("dpop");

/// A listener's routes; cheap to clone.
#[derive(Debug, Clone)]
pub(super) struct Inside {
    router: Router,
    authorization: Option<String>,
}

impl Inside {
    /// The internal listener, for a backend with this key.
    pub(super) fn of(app: &Arc<App>, api_key: &Secret) -> Self {
        Self {
            router: countersign_server::internal(AppState(Arc::clone(app))).layer(shell()),
            authorization: Some(format!("Bearer {}", api_key.reveal())),
        }
    }

    /// The public listener, for devices.
    pub(super) fn public(app: &Arc<App>) -> Self {
        Self {
            router: countersign_server::public(AppState(Arc::clone(app))).layer(shell()),
            authorization: None,
        }
    }

    /// Posts JSON and reads JSON.
    pub(super) async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> anyhow::Result<T> {
        let from = SocketAddr::from(([127, 0, 0, 1], 1));
        self.post_as(from, None, path, body).await
    }

    /// The same as somebody at an address, who may have a proof.
    pub(super) async fn post_as<T: DeserializeOwned>(
        &self,
        from: SocketAddr,
        proof: Option<&str>,
        path: &str,
        body: &impl Serialize,
    ) -> anyhow::Result<T> {
        let mut request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/json")
            .extension(RequestContext::from_peer(from));
        for (name, value) in [
            (header::AUTHORIZATION, self.authorization.as_deref()),
            (DPOP, proof),
        ] {
            if let Some(value) = value {
                request = request.header(name, value);
            }
        }
        let request = request.body(Body::from(serde_json::to_vec(body)?))?;
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

fn shell() -> Shell {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    Shell::new(ShellSettings::default(), clock, &SystemRng, Metrics::new())
}
