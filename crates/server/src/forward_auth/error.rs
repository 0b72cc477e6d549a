//! Why a proxy is told no, and how each family is told.

use super::Family;
use crate::{caller::refuse, http::Problem, signing::IssueError, verify::Gate, verify::JudgeError};
use ::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use countersign_api_types::{ErrorCode, verify::Scheme};
use countersign_core::decision::Refusal;

/// Why a request may not go on.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ForwardAuthError {
    /// Whoever asks is none of the trusted proxies.
    #[error("the caller is not one of server.trusted_proxies")]
    ProxyNotTrusted,
    /// The proxy's configuration asks for something that there is not.
    #[error("the rule is not a list of session, key, compliant, trusted, corporate, assertion")]
    InvalidRule,
    /// The proxy must set it.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// Perhaps a client's own beside the proxy's.
    #[error("{0} is there more than once, or is not text")]
    Ambiguous(&'static str),
    /// It cannot be part of a request, or could be read in two ways.
    #[error("{0} is not one that is accepted")]
    Malformed(&'static str),
    /// The app is not called under this scheme, host and port.
    #[error("the request is for none of forward_auth.origins")]
    UnknownOrigin,
    /// Judged, and refused.
    #[error("refused: {0}")]
    Refused(Refusal, Scheme),
    /// No judgement was possible.
    #[error("the request could not be judged")]
    NotJudged(#[source] JudgeError),
    /// The app asked for an assertion.
    #[error("the assertion could not be signed")]
    NotAsserted(#[source] IssueError),
}

/// The code of a refusal, for proxies that give their client a body of their own.
const REFUSAL: HeaderName = HeaderName::from_static("x-device-refusal");

impl ForwardAuthError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::ProxyNotTrusted => ErrorCode::ProxyNotTrusted,
            Self::InvalidRule
            | Self::Missing(_)
            | Self::Ambiguous(_)
            | Self::Malformed(_)
            | Self::UnknownOrigin => ErrorCode::ForwardedRequestInvalid,
            Self::Refused(refusal, _) => (*refusal).into(),
            Self::NotJudged(_) | Self::NotAsserted(_) => ErrorCode::Unavailable,
        }
    }

    /// The answer that the family's proxies turn into a refusal.
    pub(crate) fn answer(self, family: Family, gate: &Gate) -> Response {
        let code = self.code();
        let problem = match self {
            Self::Refused(refusal, scheme) => refuse(gate, refusal, scheme),
            Self::NotJudged(_) | Self::NotAsserted(_) => Problem::new(code)
                .with_status(family.unavailable())
                .caused_by(self),
            _ => Problem::new(code).with_detail(self.to_string()),
        };
        let refusal = HeaderValue::from_static(code.as_str());
        ([(REFUSAL, refusal)], problem).into_response()
    }
}

impl Family {
    /// The status for "not now". To nginx everything but 401 and 403 is an error of its own.
    const fn unavailable(self) -> StatusCode {
        match self {
            Self::Nginx => StatusCode::FORBIDDEN,
            Self::Caddy | Self::Traefik | Self::Envoy => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}
