//! One server to call: its base URL and the HTTP client, built once.

use crate::{ClientError, answer::Answer};
use reqwest::{
    Method,
    header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue},
    redirect,
};
use rustls::{ClientConfig, crypto::aws_lc_rs};
use rustls_platform_verifier::BuilderVerifierExt;
use serde::Serialize;
use serde_json::Value;
use std::{sync::Arc, time::Duration};
use url::Url;

/// How long a connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a call may take: an ending waits for every node, a couple of seconds at the most.
const CALL_TIMEOUT: Duration = Duration::from_secs(15);

/// A server and how to reach it; cheap to clone, clones share their connections.
#[derive(Debug, Clone)]
pub struct Endpoint {
    base: Url,
    http: reqwest::Client,
}

/// The endpoint cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum EndpointError {
    /// The URL is not `http` or `https` with a host, or has user information, query or fragment.
    #[error("not a base URL: {0}")]
    InvalidUrl(Url),
    /// The system's trust anchors could not be loaded.
    #[error("cannot set up TLS")]
    Tls(#[source] rustls::Error),
    /// The HTTP client could not be built.
    #[error("cannot set up HTTP")]
    Http(#[source] reqwest::Error),
}

/// What an app's own API answered, as far as it shows who was let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiAnswer {
    /// The status.
    pub status: u16,
    /// The nonce that the next proof must have, where the answer asks for one (RFC 9449 section 9).
    pub demanded_nonce: Option<String>,
}

impl Endpoint {
    /// Sets up calls to the server at `base`, which may have a path.
    ///
    /// HTTP/1.1 and HTTP/2, TLS by the system's trust anchors, no proxy and no redirects.
    ///
    /// # Errors
    /// [`EndpointError`] for a URL that is none of a server, and where TLS cannot be set up.
    pub fn new(base: Url) -> Result<Self, EndpointError> {
        let http = reqwest::Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(CALL_TIMEOUT)
            .redirect(redirect::Policy::none())
            .referer(false)
            .no_proxy()
            .tls_backend_preconfigured(tls(&base).map_err(EndpointError::Tls)?)
            .build()
            .map_err(EndpointError::Http)?;
        Self::with_client(base, http)
    }

    /// Takes an HTTP client of the caller's own: for a proxy, or other trust anchors.
    ///
    /// It must not follow redirects, which would carry tokens elsewhere, and should have time-outs.
    ///
    /// # Errors
    /// [`EndpointError::InvalidUrl`].
    pub fn with_client(base: Url, http: reqwest::Client) -> Result<Self, EndpointError> {
        let is_plain = base.query().is_none() && base.fragment().is_none();
        let is_anonymous = base.username().is_empty() && base.password().is_none();
        if matches!(base.scheme(), "http" | "https") && base.has_host() && is_plain && is_anonymous
        {
            Ok(Self { base, http })
        } else {
            Err(EndpointError::InvalidUrl(base))
        }
    }

    /// The base URL.
    pub fn base(&self) -> &Url {
        &self.base
    }

    /// The URL of a path below the base, each segment encoded.
    ///
    /// # Errors
    /// [`ClientError::Unsendable`] for a segment that no URL can hold: `.` and `..`.
    pub(crate) fn url(&self, segments: &[&str]) -> Result<Url, ClientError> {
        if segments
            .iter()
            .any(|segment| matches!(*segment, "." | ".." | ""))
        {
            return Err(ClientError::Unsendable(
                "a path segment is empty or only dots",
            ));
        }
        let mut url = self.base.clone();
        let mut path = url
            .path_segments_mut()
            .map_err(|()| ClientError::Unsendable("the base URL has no path"))?;
        path.pop_if_empty().extend(segments);
        drop(path);
        Ok(url)
    }

    /// Calls an app's own API at the base URL itself, with what `Device` or `Session` signed.
    ///
    /// # Errors
    /// [`ClientError`] when there is no answer. A refusal is an answer.
    pub async fn get(&self, headers: HeaderMap) -> Result<ApiAnswer, ClientError> {
        let call = Call::new(Method::GET, self.base.clone(), headers);
        let answer = self.send(call).await?;
        Ok(ApiAnswer {
            status: answer.status(),
            demanded_nonce: answer.nonce().filter(|_| answer.demands_nonce()),
        })
    }

    /// Sends a request and reads the whole answer.
    pub(crate) async fn send(&self, call: Call) -> Result<Answer, ClientError> {
        let mut request = self
            .http
            .request(call.method, call.url)
            .headers(call.headers);
        if let Some(body) = call.body {
            request = request
                .header(CONTENT_TYPE, body.media_type)
                .body(body.bytes);
        }
        let response = request.send().await.map_err(transport)?;
        Answer::read(response).await
    }
}

/// One request.
#[derive(Debug)]
pub(crate) struct Call {
    method: Method,
    url: Url,
    headers: HeaderMap,
    body: Option<Body>,
}

struct Body {
    media_type: HeaderValue,
    bytes: Vec<u8>,
}

impl std::fmt::Debug for Body {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Body({} bytes)", self.bytes.len())
    }
}

impl Call {
    pub(crate) fn new(method: Method, url: Url, headers: HeaderMap) -> Self {
        Self {
            method,
            url,
            headers,
            body: None,
        }
    }

    pub(crate) fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// Adds the members of `query` that are there, by their JSON names.
    pub(crate) fn with_query(mut self, query: &impl Serialize) -> Result<Self, ClientError> {
        let value = serde_json::to_value(query)
            .map_err(|_| ClientError::Unsendable("the query cannot be written"))?;
        let members = value.as_object().into_iter().flatten();
        let mut pairs = self.url.query_pairs_mut();
        for (name, value) in members {
            match value {
                Value::Null => {}
                Value::String(text) => {
                    pairs.append_pair(name, text);
                }
                other => {
                    pairs.append_pair(name, &other.to_string());
                }
            }
        }
        drop(pairs);
        Ok(self)
    }

    /// Adds a JSON body.
    pub(crate) fn with_json(self, body: &impl Serialize) -> Result<Self, ClientError> {
        let bytes = serde_json::to_vec(body)
            .map_err(|_| ClientError::Unsendable("the body cannot be written as JSON"))?;
        Ok(self.with_body(HeaderValue::from_static("application/json"), bytes))
    }

    /// Adds a form as a body.
    pub(crate) fn with_form(self, fields: &[(&str, &str)]) -> Self {
        let form = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let media_type = HeaderValue::from_static("application/x-www-form-urlencoded");
        self.with_body(media_type, form.into_bytes())
    }

    fn with_body(self, media_type: HeaderValue, bytes: Vec<u8>) -> Self {
        Self {
            body: Some(Body { media_type, bytes }),
            ..self
        }
    }
}

/// Keeps the URL, which may name a user, out of the error.
pub(crate) fn transport(error: reqwest::Error) -> ClientError {
    ClientError::Transport(Arc::new(error.without_url()))
}

/// The provider is named here: no process-wide default is read or set.
fn tls(base: &Url) -> Result<ClientConfig, rustls::Error> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let builder =
        ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    let mut config = if base.scheme() == "https" {
        builder.with_platform_verifier()?.with_no_client_auth()
    } else {
        // Never used, and a machine that calls loopback only may have no trust anchors.
        builder
            .with_root_certificates(rustls::RootCertStore::empty())
            .with_no_client_auth()
    };
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(base: &str) -> Result<Endpoint, EndpointError> {
        Endpoint::new(base.parse().unwrap())
    }

    #[test]
    fn paths_are_below_the_base_and_encoded() {
        for base in ["http://localhost/api", "http://localhost/api/"] {
            let endpoint = endpoint(base).unwrap();
            let url = endpoint.url(&["v1", "users", "a/b?c#d"]).unwrap();
            assert_eq!(url.as_str(), "http://localhost/api/v1/users/a%2Fb%3Fc%23d");
        }
    }

    #[test]
    fn a_segment_that_would_change_the_path_is_not_sent() {
        let endpoint = endpoint("http://localhost").unwrap();
        for segment in ["", ".", ".."] {
            assert!(matches!(
                endpoint.url(&["v1", "users", segment, "disable"]),
                Err(ClientError::Unsendable(_))
            ));
        }
    }

    #[test]
    fn only_base_urls_are_taken() {
        assert!(endpoint("https://api.example").is_ok());
        for bad in [
            "ftp://a",
            "http://a?b",
            "http://a#b",
            "http://u@a",
            "http://u:p@a",
            "data:x",
        ] {
            assert!(
                matches!(endpoint(bad), Err(EndpointError::InvalidUrl(_))),
                "{bad}"
            );
        }
    }
}
