//! What devices put in front of a path: configured, never read from a request.

use reqwest::Url;

/// A scheme, a host and perhaps a path, without a slash at its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PublicUrl(String);

impl PublicUrl {
    /// Reads `http(s)://host` or `http(s)://host/path`; `None` for anything else.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let url = base_url(text)?;
        let path = url.path().trim_end_matches('/');
        Some(Self(format!(
            "{}{path}",
            url.origin().ascii_serialization()
        )))
    }

    /// The URL of a path as it was sent, which begins with a slash.
    pub(crate) fn join(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }
}

/// An `http` or `https` URL without user information, query and fragment.
pub(crate) fn base_url(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let is_http = matches!(url.scheme(), "http" | "https") && url.has_host();
    let is_anonymous = url.username().is_empty() && url.password().is_none();
    let is_plain = url.query().is_none() && url.fragment().is_none();
    (is_http && is_anonymous && is_plain).then_some(url)
}
