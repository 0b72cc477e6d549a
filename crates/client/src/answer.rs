//! Reading an answer.

use crate::{ClientError, endpoint::transport};
use countersign_api_types::{
    Problem,
    session::RegisteredSession,
    token::{OAuthError, TokenAnswer},
};
use countersign_core::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use reqwest::{
    Response, StatusCode,
    header::{DATE, ETAG, HeaderMap, HeaderName, WWW_AUTHENTICATE},
};
use serde::{Deserialize, de::DeserializeOwned};

/// RFC 9449 section 8.1.
const DPOP_NONCE: HeaderName = HeaderName::from_static("dpop-nonce");

/// The longest body that is read; the longest list page is far below it.
const MAX_BODY_BYTES: usize = 4 * 1024 * 1024;

/// An answer that was read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Answer {
    pub(crate) async fn read(mut response: Response) -> Result<Self, ClientError> {
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(transport)? {
            if body.len().saturating_add(chunk.len()) > MAX_BODY_BYTES {
                let status = response.status().as_u16();
                return Err(ClientError::Unexpected {
                    status,
                    reason: "the body is too long",
                });
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Self {
            status: response.status(),
            headers: std::mem::take(response.headers_mut()),
            body,
        })
    }

    pub(crate) fn status(&self) -> u16 {
        self.status.as_u16()
    }

    /// Whether it says that only a nonce is missing.
    pub(crate) fn demands_nonce(&self) -> bool {
        let challenges = self.headers.get_all(WWW_AUTHENTICATE).iter();
        let mut texts = challenges.filter_map(|value| value.to_str().ok());
        self.status == StatusCode::UNAUTHORIZED && texts.any(|text| text.contains("use_dpop_nonce"))
    }

    /// When the server says it is.
    pub(crate) fn date(&self) -> Option<Timestamp> {
        let date = DateTimeParser::new()
            .parse_timestamp(self.text(&DATE)?)
            .ok()?;
        Some(Timestamp::from_secs(date.as_second()))
    }

    /// The nonce for the next proof.
    pub(crate) fn nonce(&self) -> Option<String> {
        self.text(&DPOP_NONCE).map(str::to_owned)
    }

    /// The version of what was read, as the server writes it.
    pub(crate) fn etag(&self) -> Option<&str> {
        self.text(&ETAG)
    }

    /// The body of a success, copied out.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, ClientError> {
        self.read_json()
    }

    /// The body of a success, read in place.
    pub(crate) fn read_json<'a, T: Deserialize<'a>>(&'a self) -> Result<T, ClientError> {
        self.check()?;
        serde_json::from_slice(&self.body)
            .map_err(|_| self.unexpected("the body is not what this call answers"))
    }

    /// Whether it is a success.
    pub(crate) fn check(&self) -> Result<(), ClientError> {
        if self.status.is_success() {
            return Ok(());
        }
        match serde_json::from_slice::<Problem>(&self.body) {
            Ok(problem) => Err(ClientError::Refused(Box::new(problem))),
            Err(_) => Err(self.unexpected("the body is not a problem of this API")),
        }
    }

    /// The session that a token endpoint answers, or its refusal as a problem; with the nonce of
    /// the headers, as if a backend had handed it on.
    pub(crate) fn session(&self) -> Result<RegisteredSession, ClientError> {
        if self.status.is_success() {
            let answer: TokenAnswer = self.read_json()?;
            return Ok(RegisteredSession {
                dpop_nonce: self.nonce(),
                ..answer.session
            });
        }
        match serde_json::from_slice::<OAuthError>(&self.body) {
            Ok(error) => Err(ClientError::Refused(Box::new(Problem {
                status: self.status.as_u16(),
                detail: error.error_description.into(),
                request_id: error.request_id,
                error: Some(error.error),
                dpop_nonce: self.nonce(),
                ..Problem::new(error.code)
            }))),
            // What comes before the endpoint answers problems, as elsewhere.
            Err(_) => Err(match self.check() {
                Err(error) => error,
                Ok(()) => self.unexpected("the body is not what this call answers"),
            }),
        }
    }

    fn unexpected(&self, reason: &'static str) -> ClientError {
        ClientError::Unexpected {
            status: self.status.as_u16(),
            reason,
        }
    }

    fn text(&self, name: &HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}
