//! axum: `DeviceSession` and `Option<DeviceSession>` as arguments of a handler.

use crate::{earlier::Earlier, refused::Refused, session::DeviceSession};
use axum::{
    body::Body,
    extract::{FromRequestParts, OptionalFromRequestParts},
    response::{IntoResponse, Response},
};
use countersign_api_types::{ErrorCode, verify::Scheme};
use countersign_core::decision::Refusal;
use http::request::Parts;

impl<S: Sync> FromRequestParts<S> for DeviceSession {
    /// The 401 for nobody, where an optional layer let them through; a 500 without any layer.
    type Rejection = Refused;

    async fn from_request_parts(request: &mut Parts, _state: &S) -> Result<Self, Refused> {
        session(request)?.ok_or_else(|| Refused::local(Refusal::TokenInvalid, Scheme::DPoP))
    }
}

impl<S: Sync> OptionalFromRequestParts<S> for DeviceSession {
    /// A 500 without any layer: else nobody would be told from anybody.
    type Rejection = Refused;

    async fn from_request_parts(request: &mut Parts, _state: &S) -> Result<Option<Self>, Refused> {
        session(request)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        self.to_response().map(Body::new)
    }
}

fn session(request: &Parts) -> Result<Option<DeviceSession>, Refused> {
    let session = request.extensions.get::<DeviceSession>();
    if session.is_none() && request.extensions.get::<Earlier>().is_none() {
        tracing::error!("a handler takes a DeviceSession, but no DeviceLayer is around it");
        return Err(Refused::of(ErrorCode::Internal));
    }
    Ok(session.cloned())
}
