//! Documents of other services over HTTP, with a bound on everything that they can send back.

use reqwest::{
    RequestBuilder, StatusCode,
    header::{ACCEPT, CONTENT_TYPE},
    redirect,
};
use rustls::{ClientConfig, crypto::aws_lc_rs};
use rustls_platform_verifier::BuilderVerifierExt;
use std::{
    error::Error,
    sync::{Arc, OnceLock},
    time::Duration,
};

/// How long one document may take, from the connection to its last byte: a login may wait for it.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Calls other services. The client is built at the first call, so that a service that asks nobody
/// needs no trust anchors.
#[derive(Debug, Default)]
pub(crate) struct Outside(OnceLock<reqwest::Client>);

/// A document could not be had.
#[derive(Debug, thiserror::Error)]
pub enum OutsideError {
    /// TLS or HTTP could not be set up.
    #[error("calls to other services cannot be set up")]
    SetUp(#[source] Box<dyn Error + Send + Sync>),
    /// No complete answer came in time.
    #[error("no complete answer came from {url}")]
    Transport {
        /// What was asked.
        url: String,
        /// Why.
        #[source]
        source: reqwest::Error,
    },
    /// The answer is no success, or a redirect, which is not followed.
    #[error("{url} answered with status {status}")]
    Status {
        /// What was asked.
        url: String,
        /// What came back.
        status: u16,
    },
    /// The answer is too long.
    #[error("{url} answered with more than {most} bytes")]
    TooLong {
        /// What was asked.
        url: String,
        /// How long it may be.
        most: usize,
    },
}

/// What is sent to another service.
pub(crate) struct Post<'a> {
    /// Its media type.
    pub(crate) media_type: &'static str,
    /// It.
    pub(crate) body: Vec<u8>,
    /// The token that lets the service in.
    pub(crate) bearer: Option<&'a str>,
}

impl Outside {
    /// A JSON document of at most so many bytes.
    ///
    /// # Errors
    /// [`OutsideError`] says what went wrong.
    pub(crate) async fn get(&self, url: &str, most: usize) -> Result<Vec<u8>, OutsideError> {
        Self::read(self.client()?.get(url), url, most).await
    }

    /// The JSON document, of at most so many bytes, that is answered.
    ///
    /// # Errors
    /// [`OutsideError`] says what went wrong.
    pub(crate) async fn post(
        &self,
        url: &str,
        post: Post<'_>,
        most: usize,
    ) -> Result<Vec<u8>, OutsideError> {
        let request = self.client()?.post(url);
        let request = request
            .header(CONTENT_TYPE, post.media_type)
            .body(post.body);
        let request = match post.bearer {
            Some(token) => request.bearer_auth(token),
            None => request,
        };
        Self::read(request, url, most).await
    }

    async fn read(
        request: RequestBuilder,
        url: &str,
        most: usize,
    ) -> Result<Vec<u8>, OutsideError> {
        let transport = |source: reqwest::Error| OutsideError::Transport {
            url: url.to_owned(),
            source: source.without_url(),
        };
        let request = request.header(ACCEPT, "application/json");
        let mut response = request.send().await.map_err(transport)?;
        if response.status() != StatusCode::OK {
            return Err(OutsideError::Status {
                url: url.to_owned(),
                status: response.status().as_u16(),
            });
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(transport)? {
            if body.len() + chunk.len() > most {
                let url = url.to_owned();
                return Err(OutsideError::TooLong { url, most });
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }

    fn client(&self) -> Result<&reqwest::Client, OutsideError> {
        if let Some(client) = self.0.get() {
            return Ok(client);
        }
        let client = reqwest::Client::builder()
            .timeout(TIMEOUT)
            // Another host was never configured, and a loopback one was not meant.
            .redirect(redirect::Policy::none())
            .referer(false)
            .no_proxy()
            .tls_backend_preconfigured(tls().map_err(|error| OutsideError::SetUp(error.into()))?)
            .build()
            .map_err(|error| OutsideError::SetUp(error.into()))?;
        Ok(self.0.get_or_init(|| client))
    }
}

/// The system's trust anchors; the provider is named here, and no process-wide default is read.
fn tls() -> Result<ClientConfig, rustls::Error> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let builder =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let mut config = builder.with_platform_verifier()?.with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}
