//! The headers (Fetch Standard, section 3.3.3).

use super::AllowedOrigins;
use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use countersign_core::ClientId;
use http::{
    HeaderMap, HeaderValue, Method, StatusCode,
    header::{
        ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
        ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD,
        ORIGIN, VARY,
    },
};
use std::sync::Arc;

/// Put on an answer: whose call it was. Only that client's own pages may read it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CallOf(pub ClientId);

const METHODS: HeaderValue = HeaderValue::from_static("GET, POST, PATCH, DELETE");
const REQUEST_HEADERS: HeaderValue =
    HeaderValue::from_static("Authorization, DPoP, Content-Type, If-Match");
/// `Date` beside what the API says in headers: a device learns the time from it.
const EXPOSED: HeaderValue =
    HeaderValue::from_static("DPoP-Nonce, WWW-Authenticate, X-Request-Id, Retry-After, Link, Date");
/// Ten minutes: a page asks once while it is used, and a preflight lets nothing be read.
const MAX_AGE: HeaderValue = HeaderValue::from_static("600");
const VARY_ORIGIN: HeaderValue = HeaderValue::from_static("Origin");
const ANY: HeaderValue = HeaderValue::from_static("*");

/// What is the same for everyone.
const DOCUMENTS: [&str; 3] = [
    "/.well-known/jwks.json",
    "/.well-known/oauth-authorization-server",
    "/openapi.json",
];

/// Answers preflights, and lets the pages of clients read answers.
pub(crate) async fn apply(
    State(origins): State<Arc<AllowedOrigins>>,
    request: Request,
    next: Next,
) -> Response {
    let is_document = DOCUMENTS.contains(&request.uri().path());
    let origin = request.headers().get(ORIGIN).cloned();
    let is_preflight = request.method() == Method::OPTIONS
        && request
            .headers()
            .contains_key(ACCESS_CONTROL_REQUEST_METHOD);
    let allowed = match &origin {
        _ if is_document => Allowed::Anyone,
        Some(origin) => find(&origins, origin).await,
        None => Allowed::Nobody,
    };
    if is_preflight && !matches!(allowed, Allowed::Nobody) {
        let mut response = StatusCode::NO_CONTENT.into_response();
        allowed.dress(response.headers_mut(), origin);
        let headers = response.headers_mut();
        headers.insert(ACCESS_CONTROL_ALLOW_METHODS, METHODS);
        headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, REQUEST_HEADERS);
        headers.insert(ACCESS_CONTROL_MAX_AGE, MAX_AGE);
        return response;
    }
    let mut response = next.run(request).await;
    let caller = response.extensions().get().copied();
    allowed
        .narrowed_to(caller)
        .dress(response.headers_mut(), origin);
    response
}

enum Allowed {
    /// A page of any origin.
    Anyone,
    /// A page of this request's origin, which these clients list.
    Clients(Arc<[ClientId]>),
    Nobody,
}

impl Allowed {
    fn narrowed_to(self, caller: Option<CallOf>) -> Self {
        match (self, caller) {
            (Self::Clients(clients), Some(CallOf(caller))) if !clients.contains(&caller) => {
                Self::Nobody
            }
            (allowed, _) => allowed,
        }
    }

    fn dress(&self, headers: &mut HeaderMap, origin: Option<HeaderValue>) {
        let value = match (self, origin) {
            (Self::Anyone, _) => ANY,
            (_, origin) => {
                // Also where nothing is allowed: a cache must not keep that for another origin.
                headers.append(VARY, VARY_ORIGIN);
                match (self, origin) {
                    (Self::Clients(_), Some(origin)) => origin,
                    _ => return,
                }
            }
        };
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, value);
        headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    }
}

/// A store that cannot be read allows nothing.
async fn find(origins: &AllowedOrigins, origin: &HeaderValue) -> Allowed {
    let Ok(origin) = origin.to_str() else {
        return Allowed::Nobody;
    };
    match origins.clients_at(origin).await {
        Ok(Some(clients)) => Allowed::Clients(clients),
        Ok(None) => Allowed::Nobody,
        Err(error) => {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(error, "origins not read");
            Allowed::Nobody
        }
    }
}
