//! Error answers.

use super::RequestId;
use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use countersign_api_types::{
    self as api, ErrorCode, FieldError, challenge::challenge, limit::LimitTicketItem,
    token::OAuthError, verify::Scheme,
};
use countersign_core::decision::Refusal;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use std::{borrow::Cow, error::Error, sync::Arc, time::Duration};

/// An error answer: a code, what happened, and for the log only, what caused it.
///
/// The shell adds the request id and logs the cause.
#[derive(Debug, Clone)]
pub struct Problem(Box<Parts>);

#[derive(Debug, Clone)]
struct Parts {
    body: api::Problem,
    headers: HeaderMap,
    cause: Option<Arc<dyn Error + Send + Sync>>,
    dialect: Dialect,
}

/// How the body is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Dialect {
    /// RFC 9457.
    Problem,
    /// RFC 6749 section 5.2.
    OAuth,
}

/// RFC 9449 section 8.1.
const DPOP_NONCE: HeaderName = HeaderName::from_static("dpop-nonce");

/// Seconds: a store that is being replaced, or a node that starts, is back soon or for long not.
const UNAVAILABLE_FOR: HeaderValue = HeaderValue::from_static("1");

impl Problem {
    /// A problem with the code's own sentence as its detail; `unavailable` says when to come back.
    pub fn new(code: ErrorCode) -> Self {
        let mut headers = HeaderMap::new();
        if code == ErrorCode::Unavailable {
            headers.insert(header::RETRY_AFTER, UNAVAILABLE_FOR);
        }
        Self(Box::new(Parts {
            body: api::Problem::new(code),
            headers,
            cause: None,
            dialect: Dialect::Problem,
        }))
    }

    /// An invalid request, with everything that is wrong with it.
    pub fn invalid(errors: Vec<FieldError>) -> Self {
        let mut problem = Self::new(ErrorCode::InvalidRequest);
        problem.0.body.errors = errors;
        problem
    }

    /// A failure here: the caller learns the request id, the log what happened.
    pub fn internal(cause: impl Error + Send + Sync + 'static) -> Self {
        Self::new(ErrorCode::Internal).caused_by(cause)
    }

    /// Hands out what lets the caller's user go on, if there is such a thing.
    #[must_use]
    pub fn with_ticket(mut self, ticket: Option<LimitTicketItem>) -> Self {
        self.0.body.ticket = ticket;
        self
    }

    /// Says what a device is to come back with after a refused proof, where that could change anything
    /// (RFC 9110 section 11.6.1), and gives it the nonce that it lacked.
    #[must_use]
    pub(crate) fn for_proof(
        mut self,
        refusal: Option<Refusal>,
        nonce: impl FnOnce() -> String,
    ) -> Self {
        let challenge = match refusal {
            Some(refusal) => challenge(refusal, Scheme::DPoP),
            None if self.code().status() == 401 => Some(r#"DPoP algs="ES256""#.to_owned()),
            None => None,
        };
        if let Some(challenge) = challenge.and_then(|text| HeaderValue::try_from(text).ok()) {
            self = self.with_challenge(challenge);
        }
        match HeaderValue::try_from(nonce()) {
            Ok(nonce) if self.code() == ErrorCode::UseDpopNonce => self.with_dpop_nonce(nonce),
            _ => self,
        }
    }

    /// Says what happened this time; safe to show to the caller.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<Cow<'static, str>>) -> Self {
        self.0.body.detail = detail.into();
        self
    }

    /// Keeps what caused it, for the log.
    #[must_use]
    pub fn caused_by(mut self, cause: impl Error + Send + Sync + 'static) -> Self {
        self.0.cause = Some(Arc::new(cause));
        self
    }

    /// Names the OAuth error (RFC 6749 section 5.2) beside the code.
    #[must_use]
    pub fn with_oauth_error(mut self, error: &'static str) -> Self {
        self.0.body.error = Some(Cow::Borrowed(error));
        self
    }

    /// Answers with a status that the caller understands, in place of the code's own.
    #[must_use]
    pub fn with_status(mut self, status: StatusCode) -> Self {
        self.0.body.status = status.as_u16();
        self
    }

    /// Answers as an OAuth token endpoint does (RFC 6749 section 5.2), with the status that belongs
    /// to the error there.
    #[must_use]
    pub fn as_oauth(mut self, error: &'static str, status: StatusCode) -> Self {
        self.0.dialect = Dialect::OAuth;
        self.0.body.status = status.as_u16();
        self.with_oauth_error(error)
    }

    /// Answers as an OAuth token endpoint does that cannot answer at all, with the code's own status.
    #[must_use]
    pub(super) fn with_oauth_form(self) -> Self {
        let status = self.code().status();
        let error = match status {
            503 => "temporarily_unavailable",
            _ => "server_error",
        };
        self.as_oauth(
            error,
            StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
        )
    }

    /// Adds a `WWW-Authenticate` header for the caller itself.
    #[must_use]
    pub fn with_challenge(mut self, challenge: HeaderValue) -> Self {
        self.0.headers.append(header::WWW_AUTHENTICATE, challenge);
        self
    }

    /// Sets the `DPoP-Nonce` header for the caller itself.
    #[must_use]
    pub fn with_dpop_nonce(mut self, nonce: HeaderValue) -> Self {
        self.0.headers.insert(DPOP_NONCE, nonce);
        self
    }

    /// Carries in the body the headers that a backend hands on to its device.
    ///
    /// The challenge is also a header of this very answer, as of every 401 (RFC 9110 section
    /// 15.5.2).
    #[must_use]
    pub fn for_device(mut self, www_authenticate: String, dpop_nonce: Option<String>) -> Self {
        if let Ok(challenge) = HeaderValue::from_str(&www_authenticate) {
            self = self.with_challenge(challenge);
        }
        self.0.body.www_authenticate = Some(www_authenticate);
        self.0.body.dpop_nonce = dpop_nonce;
        self
    }

    /// Says when to come back, in whole seconds, at least one.
    #[must_use]
    pub fn with_retry_after(mut self, wait: Duration) -> Self {
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        self.0
            .headers
            .insert(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)));
        self
    }

    /// Its code.
    pub fn code(&self) -> ErrorCode {
        self.0.body.code
    }

    /// What caused it.
    pub(super) fn cause(&self) -> Option<&(dyn Error + Send + Sync)> {
        self.0.cause.as_deref()
    }

    /// The problem that an answer without one stands for, by its status.
    pub(super) fn of_status(status: StatusCode) -> Self {
        let same = |code: &&ErrorCode| code.status() == status.as_u16();
        let code = match status {
            StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY => ErrorCode::InvalidRequest,
            StatusCode::UNAUTHORIZED => ErrorCode::Unauthenticated,
            StatusCode::FORBIDDEN => ErrorCode::InsufficientScope,
            StatusCode::CONFLICT => ErrorCode::Conflict,
            StatusCode::SERVICE_UNAVAILABLE => ErrorCode::Unavailable,
            _ => ErrorCode::ALL
                .iter()
                .find(same)
                .copied()
                .unwrap_or(ErrorCode::Internal),
        };
        Self::new(code)
    }

    /// The answer that names the request.
    pub(super) fn answer(mut self, request_id: &RequestId) -> Response {
        request_id.as_str().clone_into(&mut self.0.body.request_id);
        self.render()
    }

    fn render(&self) -> Response {
        let (body, media_type) = match self.0.dialect {
            Dialect::Problem => (serde_json::to_vec(&self.0.body), api::Problem::MEDIA_TYPE),
            Dialect::OAuth => (
                serde_json::to_vec(&OAuthError::from(&self.0.body)),
                OAuthError::MEDIA_TYPE,
            ),
        };
        let body = body.unwrap_or_default();
        let mut response = Response::new(Body::from(body));
        *response.status_mut() =
            StatusCode::from_u16(self.0.body.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        *response.headers_mut() = self.0.headers.clone();
        let headers = response.headers_mut();
        let media_type = HeaderValue::from_static(media_type);
        headers.insert(header::CONTENT_TYPE, media_type);
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }
}

impl IntoResponse for Problem {
    /// Complete but for the request id; the shell finds the problem in the extensions.
    fn into_response(self) -> Response {
        let mut response = self.render();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<ErrorCode> for Problem {
    fn from(code: ErrorCode) -> Self {
        Self::new(code)
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        Self::new(refusal.into())
    }
}
