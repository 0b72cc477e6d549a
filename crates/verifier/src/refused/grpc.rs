//! A refusal as a gRPC status (gRPC over HTTP/2, "Responses": Trailers-Only).

use super::Refused;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response, StatusCode, header::CONTENT_TYPE};
use http_body_util::Full;

/// gRPC and gRPC-Web, which reads a status without messages from the headers as well.
const MEDIA_TYPES: [&str; 3] = [
    "application/grpc",
    "application/grpc-web",
    "application/grpc-web-text",
];

const STATUS: HeaderName = HeaderName::from_static("grpc-status");
const MESSAGE: HeaderName = HeaderName::from_static("grpc-message");
/// The closed code, since many of them share a gRPC status.
const CODE: HeaderName = HeaderName::from_static("countersign-code");

/// The media type to answer a gRPC call with; `None` for a request that is none.
pub(super) fn media_type(request_type: &HeaderValue) -> Option<&'static str> {
    let text = request_type.to_str().ok()?.to_ascii_lowercase();
    let essence = text.split(';').next()?.trim();
    let plain = essence.split('+').next()?;
    MEDIA_TYPES.into_iter().find(|known| *known == plain)
}

/// A status without messages.
pub(super) fn response(refused: &Refused, media_type: &'static str) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(STATUS, status(refused.0.status));
    // Titles and codes are plain ASCII without a percent sign, so nothing needs encoding.
    for (name, text) in [(MESSAGE, &refused.0.title), (CODE, &refused.0.code)] {
        if let Ok(value) = HeaderValue::from_str(text) {
            headers.insert(name, value);
        }
    }
    response
}

/// `UNAUTHENTICATED`, `PERMISSION_DENIED`, `UNAVAILABLE`, `INTERNAL` (gRPC status codes).
fn status(status: StatusCode) -> HeaderValue {
    HeaderValue::from_static(match status {
        StatusCode::UNAUTHORIZED => "16",
        StatusCode::FORBIDDEN => "7",
        StatusCode::SERVICE_UNAVAILABLE => "14",
        _ => "13",
    })
}
