//! What a device is told when its request goes no further.

mod grpc;

use bytes::Bytes;
use countersign_api_types::{ErrorCode, Problem, challenge::challenge, verify::Scheme};
use countersign_core::decision::Refusal;
use http::{
    HeaderMap, HeaderName, HeaderValue, Response, StatusCode,
    header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE},
};
use http_body_util::Full;
use serde_json::json;
use std::borrow::Cow;

/// RFC 9449 section 8.1.
pub(crate) const DPOP_NONCE: HeaderName = HeaderName::from_static("dpop-nonce");

const RETRY_AFTER_SECONDS: HeaderValue = HeaderValue::from_static("1");

/// An answer to give in place of the app's own.
///
/// [`DeviceLayer`](crate::DeviceLayer) gives it, and leaves it in the answer's extensions for a layer
/// outside that counts refusals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused(Box<Told>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Told {
    code: Cow<'static, str>,
    title: Cow<'static, str>,
    status: StatusCode,
    challenge: Option<HeaderValue>,
    nonce: Option<HeaderValue>,
}

impl Refused {
    /// The closed code to branch on: one of [`ErrorCode`], or of a newer service.
    pub fn code(&self) -> &str {
        &self.0.code
    }

    /// 401 for what a better token or proof could change, 403, or 503 when nobody could judge.
    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    /// The answer over HTTP: a problem (RFC 9457), with the challenge and nonce for the device.
    pub fn to_response(&self) -> Response<Full<Bytes>> {
        let problem = json!({
            "type": format!("https://countersign.dev/problems/{}", self.0.code),
            "title": self.0.title,
            "status": self.0.status.as_u16(),
            "detail": self.0.title,
            "code": self.0.code,
        });
        let mut response = Response::new(Full::from(problem.to_string()));
        *response.status_mut() = self.0.status;
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(Problem::MEDIA_TYPE));
        self.add_headers(headers);
        response.extensions_mut().insert(self.clone());
        response
    }

    /// The answer over gRPC: a status without messages, with the same headers as metadata.
    pub fn to_grpc_response(&self) -> Response<Full<Bytes>> {
        self.to_grpc("application/grpc")
    }

    /// The answer in the form that the request's content type asks for.
    pub(crate) fn answer(&self, request_type: Option<&HeaderValue>) -> Response<Full<Bytes>> {
        match request_type.and_then(grpc::media_type) {
            Some(media_type) => self.to_grpc(media_type),
            None => self.to_response(),
        }
    }

    fn to_grpc(&self, media_type: &'static str) -> Response<Full<Bytes>> {
        let mut response = grpc::response(self, media_type);
        self.add_headers(response.headers_mut());
        response.extensions_mut().insert(self.clone());
        response
    }

    /// What the service could only refuse, with the challenge that it would give itself.
    pub(crate) fn local(refusal: Refusal, scheme: Scheme) -> Self {
        let mut refused = Self::of(refusal.into());
        let challenge = challenge(refusal, scheme).and_then(|text| text.try_into().ok());
        refused.0.challenge = challenge;
        refused
    }

    /// A refusal without a challenge.
    pub(crate) fn of(code: ErrorCode) -> Self {
        let status = StatusCode::from_u16(code.status());
        Self(Box::new(Told {
            code: Cow::Borrowed(code.as_str()),
            title: Cow::Borrowed(code.title()),
            status: status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            challenge: None,
            nonce: None,
        }))
    }

    /// A refusal as the service gave it.
    pub(crate) fn told(
        code: &str,
        status: StatusCode,
        challenge: Option<HeaderValue>,
        nonce: Option<HeaderValue>,
    ) -> Self {
        let known = code.parse::<ErrorCode>().ok();
        let title = known.map(|code| Cow::Borrowed(code.title()));
        Self(Box::new(Told {
            code: Cow::Owned(code.to_owned()),
            title: title.unwrap_or_else(|| Cow::Owned(code.replace('_', " "))),
            status,
            challenge,
            nonce,
        }))
    }

    fn add_headers(&self, headers: &mut HeaderMap) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(challenge) = &self.0.challenge {
            headers.insert(WWW_AUTHENTICATE, challenge.clone());
        }
        if let Some(nonce) = &self.0.nonce {
            headers.insert(DPOP_NONCE, nonce.clone());
        }
        if self.0.status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(RETRY_AFTER, RETRY_AFTER_SECONDS);
        }
    }
}
