//! The way to Countersign: one JSON call, within a time, over connections that are kept open.

mod feed;

use crate::{config::ConfigError, public_url::base_url};
use countersign_api_types::{Secret, verify::VerifyRequest};
use http::{
    HeaderValue,
    header::{AUTHORIZATION, CONTENT_TYPE},
};
use reqwest::{Client, ClientBuilder, Response, Url, redirect};
use rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs};
use rustls_platform_verifier::BuilderVerifierExt;
use std::{fmt, path::PathBuf, sync::Arc, time::Duration};
use tokio::time;

/// A judgement has less than 1 KiB.
const MAX_ANSWER_BYTES: usize = 64 * 1024;

/// Below the 15 s and more for which servers keep an idle connection.
const IDLE: Duration = Duration::from_secs(10);

const MAX_IDLE_CONNECTIONS: usize = 64;

/// A Countersign service or sidecar.
pub(crate) struct Service {
    base: Url,
    verify: Url,
    authorization: HeaderValue,
    timeout: Duration,
    kept: Client,
    single: Client,
}

/// Where the service is, and as whom to call it.
#[derive(Clone, Copy)]
pub(crate) struct Connection<'a> {
    pub(crate) service_url: &'a str,
    pub(crate) api_key: &'a Secret,
    pub(crate) timeout: Duration,
}

/// One call.
struct Call<'a> {
    url: &'a Url,
    body: Vec<u8>,
    within: Duration,
    max_bytes: usize,
}

/// What the service answered.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
}

/// Why there is no judgement; the text holds nothing of the request.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum ServiceError {
    #[error("no answer in time")]
    Late,
    // While connecting, nothing of the request has been handed over yet.
    #[error("no connection: {0}")]
    NoConnection(String),
    #[error("the connection broke")]
    Broken,
    #[error("the answer is too long")]
    TooLong,
    #[error("the API key was refused")]
    KeyRefused,
    #[error("the API key lacks a scope")]
    ScopeMissing,
    #[error("status {0}")]
    Status(u16),
    #[error("the answer has an unknown shape")]
    Shape,
    #[error("a session could not be read: {0}")]
    Unread(String),
}

impl Service {
    /// # Errors
    /// [`ConfigError`] for options that cannot be right.
    pub(crate) fn new(config: &Connection<'_>) -> Result<Self, ConfigError> {
        let address = Address::parse(config.service_url).ok_or(ConfigError::ServiceUrl)?;
        if config.timeout.is_zero() {
            return Err(ConfigError::Timeout);
        }
        Ok(Self {
            authorization: bearer(config.api_key.reveal()).ok_or(ConfigError::ApiKey)?,
            timeout: config.timeout,
            kept: client(&address, MAX_IDLE_CONNECTIONS)?,
            single: client(&address, 0)?,
            verify: address.below("verify"),
            base: address.base,
        })
    }

    /// Asks for a judgement; again at once, over a new connection, if a kept one may have gone.
    ///
    /// A question that did arrive the first time is answered `proof_replayed` the second time.
    pub(crate) async fn ask(&self, question: &VerifyRequest<'_>) -> Result<Answer, ServiceError> {
        self.call(Call {
            url: &self.verify,
            body: serde_json::to_vec(question).map_err(|_| ServiceError::Shape)?,
            within: self.timeout,
            max_bytes: MAX_ANSWER_BYTES,
        })
        .await
    }

    async fn call(&self, call: Call<'_>) -> Result<Answer, ServiceError> {
        let answering = async {
            match self.send(&self.kept, call.url, call.body.clone()).await {
                Err(ServiceError::Broken) => self.send(&self.single, call.url, call.body).await?,
                sent => sent?,
            }
            .read(call.max_bytes)
            .await
        };
        let answer = time::timeout(call.within, answering).await;
        answer.map_err(|_| ServiceError::Late)?
    }

    async fn send(
        &self,
        client: &Client,
        url: &Url,
        body: Vec<u8>,
    ) -> Result<Answering, ServiceError> {
        let request = client
            .post(url.clone())
            .header(AUTHORIZATION, self.authorization.clone())
            .header(CONTENT_TYPE, "application/json")
            .body(body);
        match request.send().await {
            Ok(response) => Ok(Answering(response)),
            Err(error) if error.is_connect() => Err(ServiceError::NoConnection(root(&error))),
            Err(_) => Err(ServiceError::Broken),
        }
    }
}

/// An answer whose body has not been read.
struct Answering(Response);

impl Answering {
    async fn read(mut self, max_bytes: usize) -> Result<Answer, ServiceError> {
        let mut body = Vec::new();
        while let Some(chunk) = self.0.chunk().await.map_err(|_| ServiceError::Broken)? {
            if body.len().saturating_add(chunk.len()) > max_bytes {
                return Err(ServiceError::TooLong);
            }
            body.extend_from_slice(&chunk);
        }
        let status = self.0.status().as_u16();
        Ok(Answer { status, body })
    }
}

impl fmt::Debug for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Service")
            .field("url", &self.base.as_str())
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

/// Where the service listens.
struct Address {
    base: Url,
    socket: Option<PathBuf>,
}

impl Address {
    fn parse(text: &str) -> Option<Self> {
        let (base, socket) = match text.strip_prefix("unix:") {
            Some(path) if path.starts_with('/') => ("http://localhost", Some(PathBuf::from(path))),
            _ => (text, None),
        };
        let base = base_url(base)?;
        (!base.cannot_be_a_base()).then_some(Self { base, socket })
    }

    fn below(&self, name: &str) -> Url {
        below(&self.base, &[name])
    }
}

/// A path of the API.
fn below(base: &Url, names: &[&str]) -> Url {
    let mut url = base.clone();
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().push("v1").extend(names);
    }
    url
}

fn bearer(api_key: &str) -> Option<HeaderValue> {
    let is_sendable = !api_key.is_empty() && api_key.bytes().all(|byte| byte.is_ascii_graphic());
    let text = is_sendable.then(|| format!("Bearer {api_key}"))?;
    let mut value = HeaderValue::try_from(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// HTTP/1.1: a question that is given up takes its connection with it, and no other question.
fn client(address: &Address, max_idle: usize) -> Result<Client, ConfigError> {
    let mut builder = ClientBuilder::new()
        .http1_only()
        .pool_idle_timeout(IDLE)
        .pool_max_idle_per_host(max_idle)
        .redirect(redirect::Policy::none())
        .referer(false)
        .no_proxy()
        .tls_backend_preconfigured(tls(&address.base).map_err(ConfigError::Tls)?);
    if let Some(socket) = &address.socket {
        builder = builder.unix_socket(socket.as_path());
    }
    builder.build().map_err(ConfigError::Http)
}

/// The provider is named here: no process-wide default is read or set.
fn tls(url: &Url) -> Result<ClientConfig, rustls::Error> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let builder =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(if url.scheme() == "https" {
        builder.with_platform_verifier()?.with_no_client_auth()
    } else {
        // Never used, and a machine that calls loopback only may have no trust anchors.
        builder
            .with_root_certificates(RootCertStore::empty())
            .with_no_client_auth()
    })
}

/// What the first of all causes says: a refused connection, a certificate.
fn root(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}
