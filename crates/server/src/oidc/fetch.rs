//! Fetching an issuer's metadata and keys, with a bound on everything it can send back.

use countersign_attestation::id_token::{InvalidKeySet, IssuerKeys};
use countersign_core::trusted_issuer::{EndpointUrl, IssuerUrl, TrustedIssuer};
use reqwest::{StatusCode, header::ACCEPT, redirect};
use rustls::{ClientConfig, crypto::aws_lc_rs};
use rustls_platform_verifier::BuilderVerifierExt;
use serde::Deserialize;
use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

/// How long one document may take, from the connection to its last byte: a login waits for it.
const TIMEOUT: Duration = Duration::from_secs(5);

/// The longest document: 64 keys with their certificates fit.
const MAX_BODY_BYTES: usize = 256 * 1024;

/// Calls issuers over HTTP. The client is built at the first call, so that a service that trusts
/// no issuer needs no trust anchors.
#[derive(Debug, Default)]
pub(super) struct Fetcher(OnceLock<reqwest::Client>);

/// An issuer's keys could not be had.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FetchError {
    /// TLS or HTTP could not be set up.
    #[error("calls to issuers cannot be set up")]
    SetUp(#[source] Box<dyn std::error::Error + Send + Sync>),
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
    #[error("{0} answered with more than 262144 bytes")]
    TooLong(String),
    /// The metadata are not those of the issuer.
    #[error("the metadata at {0} are not those of the issuer")]
    InvalidMetadata(String),
    /// The key set cannot be read.
    #[error("the keys at {url} are not usable")]
    InvalidKeys {
        /// Where they are.
        url: String,
        /// Why.
        #[source]
        source: InvalidKeySet,
    },
    /// The key set has no key that could verify an ID token.
    #[error("there is no usable key at {0}")]
    NoKeys(String),
    /// The last attempt failed a moment ago.
    #[error("the issuer could not be reached a moment ago")]
    TriedJustNow,
    /// The task that fetched ended early: the service is stopping.
    #[error("fetching was cut off")]
    CutOff,
}

/// The members of an issuer's metadata that are read (OpenID Connect Discovery section 3).
#[derive(Deserialize)]
struct Metadata {
    issuer: String,
    jwks_uri: String,
}

impl Fetcher {
    /// The issuer's keys as they are now.
    pub(super) async fn fetch(&self, issuer: &TrustedIssuer) -> Result<IssuerKeys, FetchError> {
        let uri = match &issuer.jwks_uri {
            Some(uri) => uri.clone(),
            None => self.discover(&issuer.issuer).await?,
        };
        let url = uri.as_str().to_owned();
        let body = self.get(&url).await?;
        match IssuerKeys::parse(&body) {
            Ok(keys) if keys.is_empty() => Err(FetchError::NoKeys(url)),
            Ok(keys) => Ok(keys),
            Err(source) => Err(FetchError::InvalidKeys { url, source }),
        }
    }

    async fn discover(&self, issuer: &IssuerUrl) -> Result<EndpointUrl, FetchError> {
        let url = issuer.discovery_url();
        let body = self.get(&url).await?;
        let metadata: Option<Metadata> = serde_json::from_slice(&body).ok();
        // Without this, whoever can place a document somewhere could speak for another issuer
        // (OpenID Connect Discovery section 4.3).
        let own = metadata.filter(|metadata| metadata.issuer == issuer.as_str());
        let uri: Option<EndpointUrl> = own.and_then(|metadata| metadata.jwks_uri.parse().ok());
        uri.filter(|uri| issuer.may_use(uri))
            .ok_or(FetchError::InvalidMetadata(url))
    }

    async fn get(&self, url: &str) -> Result<Vec<u8>, FetchError> {
        let transport = |source: reqwest::Error| FetchError::Transport {
            url: url.to_owned(),
            source: source.without_url(),
        };
        let request = self.client()?.get(url).header(ACCEPT, "application/json");
        let mut response = request.send().await.map_err(transport)?;
        if response.status() != StatusCode::OK {
            return Err(FetchError::Status {
                url: url.to_owned(),
                status: response.status().as_u16(),
            });
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(transport)? {
            if body.len() + chunk.len() > MAX_BODY_BYTES {
                return Err(FetchError::TooLong(url.to_owned()));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }

    fn client(&self) -> Result<&reqwest::Client, FetchError> {
        if let Some(client) = self.0.get() {
            return Ok(client);
        }
        let client = reqwest::Client::builder()
            .timeout(TIMEOUT)
            // Another host was never configured, and a loopback one was not meant.
            .redirect(redirect::Policy::none())
            .referer(false)
            .no_proxy()
            .tls_backend_preconfigured(tls().map_err(|error| FetchError::SetUp(error.into()))?)
            .build()
            .map_err(|error| FetchError::SetUp(error.into()))?;
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
