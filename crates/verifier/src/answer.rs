//! What the service said of a request: whatever is not exactly a yes or a no is neither.

use crate::{
    refused::Refused,
    service::{Answer, ServiceError},
    session::DeviceSession,
};
use countersign_api_types::verify::Allowed;
use http::{HeaderValue, StatusCode};
use serde_json::{Map, Value};

const MAX_CODE_BYTES: usize = 64;

/// A judgement.
#[derive(Debug)]
pub(crate) enum Answered {
    Yes {
        session: DeviceSession,
        nonce: Option<HeaderValue>,
    },
    No(Refused),
}

/// Reads the answer of `POST /v1/verify`.
///
/// # Errors
/// For whatever is not exactly a yes or a no.
pub(crate) fn read(answer: &Answer) -> Result<Answered, ServiceError> {
    match answer.status {
        200 => {}
        401 => return Err(ServiceError::KeyRefused),
        403 => return Err(ServiceError::ScopeMissing),
        status => return Err(ServiceError::Status(status)),
    }
    let value: Value = serde_json::from_slice(&answer.body).map_err(|_| ServiceError::Shape)?;
    match value.get("allowed") {
        Some(Value::Bool(true)) => yes(&answer.body),
        Some(Value::Bool(false)) => value.as_object().ok_or(ServiceError::Shape).and_then(no),
        _ => Err(ServiceError::Shape),
    }
}

fn yes(body: &[u8]) -> Result<Answered, ServiceError> {
    let allowed: Allowed<'_> = serde_json::from_slice(body).map_err(|_| ServiceError::Shape)?;
    if allowed.user_id.is_empty() {
        return Err(ServiceError::Shape);
    }
    Ok(Answered::Yes {
        nonce: header(allowed.dpop_nonce.as_deref())?,
        session: DeviceSession::from(allowed),
    })
}

/// By hand, so that a code from a newer service is handed on and not called broken.
fn no(refused: &Map<String, Value>) -> Result<Answered, ServiceError> {
    let code = text(refused, "code")?.ok_or(ServiceError::Shape)?;
    let is_code = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
    if code.is_empty() || code.len() > MAX_CODE_BYTES || !code.bytes().all(is_code) {
        return Err(ServiceError::Shape);
    }
    let status = match refused.get("status").and_then(Value::as_u64) {
        Some(401) => StatusCode::UNAUTHORIZED,
        Some(403) => StatusCode::FORBIDDEN,
        _ => return Err(ServiceError::Shape),
    };
    let challenge = header(text(refused, "www_authenticate")?)?;
    let nonce = header(text(refused, "dpop_nonce")?)?;
    Ok(Answered::No(Refused::told(code, status, challenge, nonce)))
}

fn text<'a>(refused: &'a Map<String, Value>, name: &str) -> Result<Option<&'a str>, ServiceError> {
    match refused.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(ServiceError::Shape),
    }
}

/// What may be sent as a header: nothing that could end its line.
fn header(text: Option<&str>) -> Result<Option<HeaderValue>, ServiceError> {
    let text = text.filter(|text| !text.is_empty());
    let value = text.map(HeaderValue::from_str).transpose();
    value.map_err(|_| ServiceError::Shape)
}
