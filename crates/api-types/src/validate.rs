//! Finding everything that is wrong with a body, at once.

use countersign_core::text;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// One thing that is wrong with a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct FieldError {
    /// Where: a JSON pointer into the body (RFC 6901), or `?name` for a query parameter.
    #[schema(value_type = String, example = "/device/name")]
    pub pointer: Cow<'static, str>,
    /// What is wrong with it.
    #[schema(value_type = String)]
    pub detail: Cow<'static, str>,
}

impl FieldError {
    /// Says what is wrong at the pointer.
    pub fn new(
        pointer: impl Into<Cow<'static, str>>,
        detail: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            pointer: pointer.into(),
            detail: detail.into(),
        }
    }
}

/// A request body that can be checked beyond its shape.
pub trait Validate {
    /// Everything that is wrong; empty when nothing is.
    fn validate(&self) -> Vec<FieldError>;
}

/// Adds an error unless the text is 1 to `max` characters without control characters.
pub(crate) fn check_text(
    errors: &mut Vec<FieldError>,
    pointer: impl Into<Cow<'static, str>>,
    text: &str,
    max: usize,
) {
    if let Err(error) = text::check(text, max) {
        errors.push(FieldError::new(pointer, error.to_string()));
    }
}

/// Like [`check_text`], for a text that may be absent.
pub(crate) fn check_optional(
    errors: &mut Vec<FieldError>,
    pointer: &'static str,
    text: Option<&String>,
    max: usize,
) {
    if let Some(text) = text {
        check_text(errors, pointer, text, max);
    }
}

/// Adds an error if a list has more than `max` members.
pub(crate) fn check_count(
    errors: &mut Vec<FieldError>,
    pointer: &'static str,
    count: usize,
    max: usize,
) {
    if count > max {
        let detail = format!("at most {max} are allowed");
        errors.push(FieldError::new(pointer, detail));
    }
}

/// Adds an error if a secret or signed text is empty or has more than `max` bytes.
pub(crate) fn check_opaque(
    errors: &mut Vec<FieldError>,
    pointer: &'static str,
    text: &str,
    max: usize,
) {
    if text.is_empty() || text.len() > max {
        let detail = format!("must be 1 to {max} bytes");
        errors.push(FieldError::new(pointer, detail));
    }
}
