//! The request that a proxy holds back, as its family tells it.

use super::ForwardAuthError::{self, Ambiguous, Malformed, Missing};
use crate::caller::{Several, single};
use ::http::{HeaderName, header::HOST, request::Parts};

/// Proxies that tell a request in the same way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    /// `auth_request`: only what the configuration sets.
    Nginx,
    /// `forward_auth`: `X-Forwarded-*`, which it overwrites.
    Caddy,
    /// `forwardAuth`: `X-Forwarded-*`, which it overwrites.
    Traefik,
    /// `ext_authz` over HTTP: the request's own method and path, behind a prefix.
    Envoy,
}

/// A request that a proxy holds back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Held<'r> {
    /// Its method.
    pub(crate) method: &'r str,
    /// How its client reached the proxy: `http` or `https`.
    pub(crate) scheme: &'r str,
    /// The host, with the port if that is not the scheme's own.
    pub(crate) host: &'r str,
    /// Path and query, as they came.
    pub(crate) target: &'r str,
}

/// What stands before the client's path at Envoy's endpoint.
pub(super) const ENVOY_PREFIX: &str = "/auth/envoy";

/// The header names of a family that tells all in headers.
struct Names {
    method: &'static str,
    scheme: &'static str,
    host: &'static str,
    target: &'static str,
}

const ORIGINAL: Names = Names {
    method: "x-original-method",
    scheme: "x-original-proto",
    host: "x-original-host",
    target: "x-original-uri",
};

const FORWARDED: Names = Names {
    method: "x-forwarded-method",
    scheme: "x-forwarded-proto",
    host: "x-forwarded-host",
    target: "x-forwarded-uri",
};

const MAX_METHOD_BYTES: usize = 32;
const MAX_TARGET_BYTES: usize = 8 * 1024;

impl Family {
    /// Reads what this family sets, and nothing that another one does.
    ///
    /// # Errors
    /// What is missing, there twice, or not to be trusted.
    pub(crate) fn held(self, call: &Parts) -> Result<Held<'_>, ForwardAuthError> {
        let held = match self {
            Self::Nginx => told_in(call, &ORIGINAL)?,
            Self::Caddy | Self::Traefik => told_in(call, &FORWARDED)?,
            Self::Envoy => told_by(call)?,
        };
        held.check()
    }
}

fn told_in<'r>(call: &'r Parts, names: &Names) -> Result<Held<'r>, ForwardAuthError> {
    Ok(Held {
        method: only(call, names.method)?,
        scheme: scheme(only(call, names.scheme)?),
        host: only(call, names.host)?,
        target: only(call, names.target)?,
    })
}

fn told_by(call: &Parts) -> Result<Held<'_>, ForwardAuthError> {
    let path_and_query = call.uri.path_and_query();
    let target = path_and_query.and_then(|whole| whole.as_str().strip_prefix(ENVOY_PREFIX));
    let host = match (call.uri.host(), call.headers.contains_key(HOST)) {
        // HTTP/2 has it in the URI; a second one would be one too many.
        (Some(_), false) => call.uri.authority().map(::http::uri::Authority::as_str),
        (None, _) => Some(only(call, HOST.as_str())?),
        (Some(_), true) => return Err(Ambiguous("host")),
    };
    Ok(Held {
        method: call.method.as_str(),
        scheme: scheme(only(call, FORWARDED.scheme)?),
        host: host.ok_or(Missing("host"))?,
        target: target.ok_or(Malformed("the path"))?,
    })
}

/// A handshake of a WebSocket is an HTTP request (RFC 6455 section 4.1), and so is its proof.
fn scheme(told: &str) -> &str {
    match told {
        "ws" => "http",
        "wss" => "https",
        other => other,
    }
}

/// The one value of a header that the proxy must set.
pub(super) fn only<'r>(call: &'r Parts, name: &'static str) -> Result<&'r str, ForwardAuthError> {
    match single(&call.headers, &HeaderName::from_static(name)) {
        Ok(None | Some("")) => Err(Missing(name)),
        Ok(Some(value)) => Ok(value),
        Err(Several) => Err(Ambiguous(name)),
    }
}

impl Held<'_> {
    /// Its URL, as its client wrote it.
    pub(crate) fn url(&self) -> String {
        let Self {
            scheme,
            host,
            target,
            ..
        } = self;
        format!("{scheme}://{host}{target}")
    }

    fn check(self) -> Result<Self, ForwardAuthError> {
        let is_method = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if self.method.len() > MAX_METHOD_BYTES || !self.method.bytes().all(is_method) {
            return Err(Malformed("the method"));
        }
        if !matches!(self.scheme, "http" | "https") {
            return Err(Malformed("the scheme"));
        }
        // No byte that would make something else than a host of it.
        let is_host = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:[]".contains(&byte);
        if !self.host.bytes().all(is_host) {
            return Err(Malformed("the host"));
        }
        if self.target.len() > MAX_TARGET_BYTES || !is_plain(self.target) {
            return Err(Malformed("the path"));
        }
        Ok(self)
    }
}

/// Whether a request target is an absolute path with only one meaning.
///
/// A proof names the normal form of a URL. The proxy routes by it or by another one, and the app
/// may see the path as it came: where these could differ, a proof for one path would open another.
fn is_plain(target: &str) -> bool {
    let path = target.split('?').next().unwrap_or_default();
    let is_visible = |byte: u8| byte.is_ascii_graphic() && byte != b'#' && byte != b'\\';
    path.starts_with('/') && target.bytes().all(is_visible) && !path.split('/').any(is_dot_segment)
}

/// `.` or `..`, also with percent-encoding.
fn is_dot_segment(segment: &str) -> bool {
    let dots = segment.replace("%2e", ".").replace("%2E", ".");
    dots == "." || dots == ".."
}

#[cfg(test)]
mod tests {
    use super::*;
    use countersign_attestation::dpop::HtuUrl;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_plain_path_is_in_normal_form_but_for_its_encodings(
            target in "/[/.%2eE5cfFab?;#~-]{0,24}",
        ) {
            prop_assume!(is_plain(&target));
            if let Ok(normal) = HtuUrl::parse(&format!("https://a{target}")) {
                let path = target.split('?').next().unwrap_or_default();
                let normal = normal.as_str().trim_start_matches("https://a");
                prop_assert_eq!(normal.split('/').count(), path.split('/').count());
            }
        }
    }

    #[test]
    fn a_path_with_two_meanings_is_not_plain() {
        for plain in [
            "/",
            "/a//b",
            "/a?x=/../",
            "/...",
            "/a%2Fb",
            "/.well-known",
            "/a?",
        ] {
            assert!(is_plain(plain), "{plain}");
        }
        for twofold in [
            "",
            "*",
            "a",
            "http://api.example/a",
            "/a/../b",
            "/a/%2e%2E/b",
            "/a/.%2e",
            "/./a",
            "/a/%2e",
            "/a#b",
            "/a\\b",
            "/a b",
            "/a\u{e9}",
            "?/a",
        ] {
            assert!(!is_plain(twofold), "{twofold}");
        }
    }
}
