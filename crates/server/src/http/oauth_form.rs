//! Forms of the OAuth endpoints, whose errors have their own shape.

use super::{
    MAX_BODY_BYTES, Problem,
    body::{checked, media_type, parse_form, read},
};
use axum::extract::{FromRequest, Request};
use countersign_api_types::{ErrorCode, Validate};
use http::StatusCode;
use serde::de::DeserializeOwned;

/// A checked form body as RFC 6749 section 3.2 has it: a parameter without a value is as good as
/// absent, an unknown one is ignored, a repeated one is refused.
#[derive(Debug, Clone, Copy)]
pub struct OAuthForm<T>(pub T);

const FORM: &str = "application/x-www-form-urlencoded";

impl<S: Sync, T: DeserializeOwned + Validate> FromRequest<S> for OAuthForm<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Problem> {
        let form = take(request).await;
        form.map(Self)
            .map_err(|problem| problem.as_oauth("invalid_request", StatusCode::BAD_REQUEST))
    }
}

async fn take<T: DeserializeOwned + Validate>(request: Request) -> Result<T, Problem> {
    if !media_type(request.headers()).is_some_and(|text| text.eq_ignore_ascii_case(FORM)) {
        let detail = "send the body as application/x-www-form-urlencoded";
        return Err(Problem::new(ErrorCode::UnsupportedMediaType).with_detail(detail));
    }
    let bytes = read(request.into_body(), MAX_BODY_BYTES).await?;
    parse_form(&without_empty(&bytes), "/").and_then(checked)
}

/// The parameters that have a value.
fn without_empty(form: &[u8]) -> Vec<u8> {
    let pairs = form.split(|byte| *byte == b'&');
    let valued: Vec<&[u8]> = pairs
        .filter(|pair| matches!(pair.iter().position(|byte| *byte == b'='), Some(at) if at + 1 < pair.len()))
        .collect();
    valued.join(&b'&')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_without_a_value_are_left_out() {
        for (form, left) in [
            ("a=1&b=&c", "a=1"),
            ("&a=1&&b=2&", "a=1&b=2"),
            ("a==", "a=="),
            ("", ""),
        ] {
            assert_eq!(without_empty(form.as_bytes()), left.as_bytes(), "{form}");
        }
    }
}
