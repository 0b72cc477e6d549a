//! Fetching an issuer's metadata and keys, with a bound on everything it can send back.

use crate::outside::{Outside, OutsideError};
use countersign_attestation::id_token::{InvalidKeySet, IssuerKeys};
use countersign_core::trusted_issuer::{EndpointUrl, IssuerUrl, TrustedIssuer};
use serde::Deserialize;

/// The longest document: 64 keys with their certificates fit.
const MAX_BODY_BYTES: usize = 256 * 1024;

/// Calls issuers.
#[derive(Debug, Default)]
pub(super) struct Fetcher(Outside);

/// An issuer's keys could not be had.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FetchError {
    /// A document of the issuer could not be had.
    #[error(transparent)]
    Outside(#[from] OutsideError),
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
        let body = self.0.get(&url, MAX_BODY_BYTES).await?;
        match IssuerKeys::parse(&body) {
            Ok(keys) if keys.is_empty() => Err(FetchError::NoKeys(url)),
            Ok(keys) => Ok(keys),
            Err(source) => Err(FetchError::InvalidKeys { url, source }),
        }
    }

    async fn discover(&self, issuer: &IssuerUrl) -> Result<EndpointUrl, FetchError> {
        let url = issuer.discovery_url();
        let body = self.0.get(&url, MAX_BODY_BYTES).await?;
        let metadata: Option<Metadata> = serde_json::from_slice(&body).ok();
        // Without this, whoever can place a document somewhere could speak for another issuer
        // (OpenID Connect Discovery section 4.3).
        let own = metadata.filter(|metadata| metadata.issuer == issuer.as_str());
        let uri: Option<EndpointUrl> = own.and_then(|metadata| metadata.jwks_uri.parse().ok());
        uri.filter(|uri| issuer.may_use(uri))
            .ok_or(FetchError::InvalidMetadata(url))
    }
}
