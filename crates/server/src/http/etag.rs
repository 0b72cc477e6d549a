//! Versions as entity tags (RFC 9110 sections 8.8.3 and 13.1.1).

use super::Problem;
use countersign_api_types::ErrorCode;
use http::{HeaderMap, header::IF_MATCH};

/// The strong entity tag of a version.
pub(crate) fn etag(version: i64) -> String {
    format!("\"{version}\"")
}

/// The version that a change is made on; `None` for any.
///
/// # Errors
/// `version_mismatch` for a tag that no version ever had.
pub(crate) fn if_match(headers: &HeaderMap) -> Result<Option<i64>, Problem> {
    let Some(value) = headers.get(IF_MATCH) else {
        return Ok(None);
    };
    let tag = value.to_str().unwrap_or_default().trim();
    if tag == "*" {
        return Ok(None);
    }
    let version = tag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"'));
    match version.and_then(|version| version.parse().ok()) {
        Some(version) => Ok(Some(version)),
        None => Err(Problem::new(ErrorCode::VersionMismatch)),
    }
}
