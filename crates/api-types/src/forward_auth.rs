//! `/auth/…`: what reverse proxies ask before a request goes on.

use serde::Deserialize;

/// A rule in a path.
#[derive(Debug, Clone, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Path)]
pub struct RulePath {
    /// What is asked of the request: words of `session`, `key`, `compliant`, `trusted` or
    /// `corporate`, and `assertion`, with commas between them.
    #[param(example = "key,trusted,assertion")]
    pub rule: String,
}
