//! The one body of every error answer (RFC 9457).

use crate::{ErrorCode, FieldError, limit::LimitTicketItem, schema};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// A problem (RFC 9457): the body of every answer outside 2xx, as `application/problem+json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Problem {
    /// `https://countersign.dev/problems/<code>`.
    #[serde(rename = "type")]
    #[schema(value_type = String, format = "uri")]
    pub type_uri: Cow<'static, str>,
    /// The code's summary, the same every time.
    #[schema(value_type = String)]
    pub title: Cow<'static, str>,
    /// The HTTP status.
    pub status: u16,
    /// What happened this time.
    #[schema(value_type = String)]
    pub detail: Cow<'static, str>,
    /// The resource it happened to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// The closed code to branch on.
    #[schema(value_type = schema::ErrorCode)]
    pub code: ErrorCode,
    /// Names the request in the server's log; also in `X-Request-Id`.
    #[serde(default)]
    pub request_id: String,
    /// What is wrong where, for an invalid request.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// `error` of RFC 6749 section 5.2, at the OAuth endpoints only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub error: Option<Cow<'static, str>>,
    /// The exact `WWW-Authenticate` value to hand to the device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub www_authenticate: Option<String>,
    /// The exact `DPoP-Nonce` value to hand to the device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dpop_nonce: Option<String>,
    /// With `device_limit_reached`: what lets the user remove a device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket: Option<LimitTicketItem>,
}

impl Problem {
    /// The media type (RFC 9457 section 6.1).
    pub const MEDIA_TYPE: &'static str = "application/problem+json";

    /// A problem with the code's own sentence as its detail and no request id yet.
    pub fn new(code: ErrorCode) -> Self {
        Self {
            type_uri: Cow::Borrowed(code.type_uri()),
            title: Cow::Borrowed(code.title()),
            status: code.status(),
            detail: Cow::Borrowed(code.description()),
            instance: None,
            code,
            request_id: String::new(),
            errors: Vec::new(),
            error: None,
            www_authenticate: None,
            dpop_nonce: None,
            ticket: None,
        }
    }
}
