//! What the app is told of a request that may go on.

use super::Passed;
use ::http::{HeaderMap, HeaderName, HeaderValue, header::CACHE_CONTROL};
use countersign_core::snapshot::Compliance;
use std::fmt::Write as _;

/// Every identity header. Each is in every yes, and empty where nothing is known: some proxies
/// leave a client's own header alone when the answer does not have it.
pub(super) const DEVICE: HeaderName = HeaderName::from_static("x-device-id");
const SESSION: HeaderName = HeaderName::from_static("x-device-session");
const USER: HeaderName = HeaderName::from_static("x-device-user");
const TENANT: HeaderName = HeaderName::from_static("x-device-tenant");
const TRUST: HeaderName = HeaderName::from_static("x-device-trust");
const COMPLIANT: HeaderName = HeaderName::from_static("x-device-compliant");
const ASSERTION: HeaderName = HeaderName::from_static("x-device-assertion");
const DPOP_NONCE: HeaderName = HeaderName::from_static("dpop-nonce");

/// The headers of a yes.
pub(super) fn headers(passed: &Passed) -> HeaderMap {
    let snapshot = &passed.admitted.live.snapshot;
    let compliant = match snapshot.compliance_at(passed.admitted.now) {
        Compliance::Compliant | Compliance::InGrace => "true",
        Compliance::NonCompliant => "false",
        Compliance::Unknown | Compliance::Unevaluated => "",
    };
    let trust = snapshot.trust_at(passed.admitted.now).as_str();
    let mut headers = HeaderMap::with_capacity(16);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(DEVICE, text(&snapshot.device_id.to_string()));
    headers.insert(SESSION, text(&snapshot.session_id.to_string()));
    headers.insert(USER, text(&encoded(snapshot.user_id.as_str())));
    headers.insert(TENANT, text(&snapshot.kind.client_id.to_string()));
    headers.insert(TRUST, HeaderValue::from_static(trust));
    headers.insert(COMPLIANT, HeaderValue::from_static(compliant));
    headers.insert(ASSERTION, text(passed.assertion.as_deref().unwrap_or("")));
    if let Some(nonce) = &passed.nonce {
        headers.insert(DPOP_NONCE, text(nonce));
    }
    headers
}

/// Ids, tokens and what is [`encoded`] have only bytes that a header may have.
fn text(value: &str) -> HeaderValue {
    HeaderValue::from_str(value).unwrap_or(HeaderValue::from_static(""))
}

/// A user's id as a header can carry it: what is not visible ASCII, and the percent sign, become
/// percent-encodings of UTF-8 (RFC 3986 section 2.1).
fn encoded(user: &str) -> String {
    let mut text = String::with_capacity(user.len());
    for byte in user.bytes() {
        if byte.is_ascii_graphic() && byte != b'%' {
            text.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_users_id_survives_being_a_header() {
        for (id, header) in [
            ("42", "42"),
            ("ann@example.com", "ann@example.com"),
            ("a b", "a%20b"),
            ("50%", "50%25"),
            ("ü", "%C3%BC"),
        ] {
            assert_eq!(encoded(id), header);
            assert_eq!(text(header), header);
        }
    }
}
