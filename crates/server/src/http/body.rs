//! Bodies: bounded, of the right media type, and with everything that is wrong named.

use super::Problem;
use axum::{
    body::{Body, Bytes, HttpBody},
    extract::{FromRequest, Request},
    response::{IntoResponse, Response},
};
use countersign_api_types::{ErrorCode, FieldError, Object, Validate};
use http::{HeaderMap, HeaderValue, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_path_to_error::{Path, Segment};
use std::{error::Error, fmt::Write};

/// The largest body unless a route says otherwise: 64 KiB.
pub const MAX_BODY_BYTES: usize = 64 * 1024;

/// A checked JSON body of at most `LIMIT` bytes; as an answer, a JSON body.
#[derive(Debug, Clone, Copy)]
pub struct Json<T, const LIMIT: usize = MAX_BODY_BYTES>(pub T);

/// A JSON body whose texts are to be read in place: [`JsonBytes::parse`].
#[derive(Debug, Clone)]
pub struct JsonBytes<const LIMIT: usize = MAX_BODY_BYTES>(Bytes);

/// A checked form body (`application/x-www-form-urlencoded`).
#[derive(Debug, Clone, Copy)]
pub struct Form<T, const LIMIT: usize = MAX_BODY_BYTES>(pub T);

impl<const LIMIT: usize> JsonBytes<LIMIT> {
    /// Reads and checks the body.
    ///
    /// # Errors
    /// `invalid_request`, with everything that is wrong.
    pub fn parse<'a, T: Deserialize<'a> + Validate>(&'a self) -> Result<T, Problem> {
        parse_json(&self.0).and_then(checked)
    }
}

impl<S: Sync, T: DeserializeOwned + Validate, const LIMIT: usize> FromRequest<S>
    for Json<T, LIMIT>
{
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let body = JsonBytes::<LIMIT>::from_request(request, state).await?;
        body.parse().map(Self)
    }
}

impl<S: Sync, const LIMIT: usize> FromRequest<S> for JsonBytes<LIMIT> {
    type Rejection = Problem;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Problem> {
        if !media_type(request.headers()).is_some_and(is_json) {
            let detail = "send the body as application/json";
            return Err(Problem::new(ErrorCode::UnsupportedMediaType).with_detail(detail));
        }
        read(request.into_body(), LIMIT).await.map(Self)
    }
}

impl<S: Sync, T: DeserializeOwned + Validate, const LIMIT: usize> FromRequest<S>
    for Form<T, LIMIT>
{
    type Rejection = Problem;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Problem> {
        const FORM: &str = "application/x-www-form-urlencoded";
        if !media_type(request.headers()).is_some_and(|text| text.eq_ignore_ascii_case(FORM)) {
            let detail = "send the body as application/x-www-form-urlencoded";
            return Err(Problem::new(ErrorCode::UnsupportedMediaType).with_detail(detail));
        }
        let bytes = read(request.into_body(), LIMIT).await?;
        parse_form(&bytes, "/").and_then(checked).map(Self)
    }
}

impl<T: Serialize, const LIMIT: usize> IntoResponse for Json<T, LIMIT> {
    fn into_response(self) -> Response {
        match serde_json::to_vec(&self.0) {
            Ok(body) => {
                let mut response = Response::new(Body::from(body));
                let json = HeaderValue::from_static("application/json");
                response.headers_mut().insert(header::CONTENT_TYPE, json);
                response
            }
            Err(error) => Problem::internal(error).into_response(),
        }
    }
}

/// Reads form-encoded text; `at` stands before a member's name in an error's pointer.
pub(super) fn parse_form<T: DeserializeOwned>(text: &[u8], at: &str) -> Result<T, Problem> {
    let pairs = serde_urlencoded::Deserializer::new(form_urlencoded::parse(text));
    serde_path_to_error::deserialize(pairs).map_err(|error| {
        let name = error.path().to_string();
        let pointer = if name == "." {
            String::new()
        } else {
            format!("{at}{name}")
        };
        let detail = safe_detail(&error.into_inner().to_string());
        Problem::invalid(vec![FieldError::new(pointer, detail)])
    })
}

pub(super) async fn read(body: Body, limit: usize) -> Result<Bytes, Problem> {
    let mut body = Limited::new(body, limit);
    let first = next_piece(&mut body, limit).await?;
    // Most bodies come in one piece, which is then not copied.
    if body.is_end_stream() {
        return Ok(first.unwrap_or_default());
    }
    let mut read = first.map(Vec::from).unwrap_or_default();
    while let Some(piece) = next_piece(&mut body, limit).await? {
        read.extend_from_slice(&piece);
    }
    Ok(read.into())
}

/// The body's next bytes; `None` at its end.
async fn next_piece(body: &mut Limited<Body>, limit: usize) -> Result<Option<Bytes>, Problem> {
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| unread(&*error, limit))?;
        // What is no data is a trailer, which nobody asked for.
        if let Ok(data) = frame.into_data() {
            return Ok(Some(data));
        }
    }
    Ok(None)
}

fn unread(error: &(dyn Error + 'static), limit: usize) -> Problem {
    if error.is::<LengthLimitError>() {
        let detail = format!("the body is larger than {limit} bytes");
        Problem::new(ErrorCode::PayloadTooLarge).with_detail(detail)
    } else {
        Problem::new(ErrorCode::InvalidRequest).with_detail("the body ended early")
    }
}

pub(super) fn checked<T: Validate>(value: T) -> Result<T, Problem> {
    let errors = value.validate();
    if errors.is_empty() {
        Ok(value)
    } else {
        Err(Problem::invalid(errors))
    }
}

fn parse_json<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, Problem> {
    match serde_json::from_slice(body) {
        Ok(Object(value)) => Ok(value),
        Err(error) => Err(explain::<T>(body, &error)),
    }
}

/// Reads again, this time noting where: the happy path need not pay for it.
#[cold]
fn explain<'a, T: Deserialize<'a>>(body: &'a [u8], error: &serde_json::Error) -> Problem {
    if !error.is_data() {
        // A syntax error names a line and column and quotes nothing.
        let detail = format!("the body is not JSON: {error}");
        return Problem::new(ErrorCode::InvalidRequest).with_detail(detail);
    }
    let reader = &mut serde_json::Deserializer::from_slice(body);
    let pointer = match serde_path_to_error::deserialize::<_, Object<T>>(reader) {
        Err(error) => json_pointer(error.path()),
        Ok(_) => String::new(),
    };
    let text = error.to_string();
    let text = text
        .rsplit_once(" at line ")
        .map_or(&*text, |(text, _)| text);
    Problem::invalid(vec![FieldError::new(pointer, safe_detail(text))])
}

/// RFC 6901.
fn json_pointer(path: &Path) -> String {
    let mut pointer = String::new();
    for segment in path {
        // Writing to a String cannot fail.
        let _ = match segment {
            Segment::Map { key } => {
                write!(pointer, "/{}", key.replace('~', "~0").replace('/', "~1"))
            }
            Segment::Seq { index } => write!(pointer, "/{index}"),
            Segment::Enum { .. } | Segment::Unknown => Ok(()),
        };
    }
    pointer
}

/// What serde says, without the value it says it of: that may be a secret (I12).
fn safe_detail(text: &str) -> String {
    let quotes = ["invalid type: ", "invalid value: ", "unknown variant `"];
    if quotes.iter().any(|start| text.starts_with(start)) {
        return match text.rsplit_once(", expected ") {
            Some((_, expected)) => format!("expected {expected}"),
            None => "not a valid value".to_owned(),
        };
    }
    if text.contains('"') {
        "not a valid value".to_owned()
    } else {
        text.to_owned()
    }
}

pub(super) fn media_type(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    let end = value.bytes().position(|byte| byte == b';');
    value.get(..end.unwrap_or(value.len())).map(str::trim)
}

fn is_json(media_type: &str) -> bool {
    if media_type == "application/json" {
        return true;
    }
    let suffix = media_type
        .len()
        .checked_sub(5)
        .and_then(|at| media_type.get(at..));
    media_type.eq_ignore_ascii_case("application/json")
        || suffix.is_some_and(|suffix| suffix.eq_ignore_ascii_case("+json"))
}
