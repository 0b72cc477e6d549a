//! What stands in a URL.

use super::{Problem, body::parse_form};
use axum::extract::{self, FromRequestParts, rejection::PathRejection};
use countersign_api_types::ErrorCode;
use http::request::Parts;
use serde::de::DeserializeOwned;

/// The parameters of the query; an error's pointer reads `?name`.
#[derive(Debug, Clone, Copy)]
pub struct Query<T>(pub T);

/// The parameters of the path. What is no id at all names nothing: `not_found`, as an unknown
/// id does.
#[derive(Debug, Clone, Copy)]
pub struct Path<T>(pub T);

impl<S: Sync, T: DeserializeOwned> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let query = parts.uri.query().unwrap_or_default();
        parse_form(query.as_bytes(), "?").map(Self)
    }
}

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        match extract::Path::from_request_parts(parts, &()).await {
            Ok(extract::Path(value)) => Ok(Self(value)),
            Err(PathRejection::FailedToDeserializePathParams(error))
                if error.status().is_client_error() =>
            {
                Err(Problem::new(ErrorCode::NotFound))
            }
            Err(rejection) => Err(Problem::internal(rejection)),
        }
    }
}
