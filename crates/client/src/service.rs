//! A backend's and an admin's calls to the internal listener, with an API key.

mod admin;
mod admission;
mod users;

pub use admin::Versioned;

use crate::{BackendAnswer, ClientError, Endpoint, answer::Answer, endpoint::Call};
use countersign_api_types::{
    Secret,
    assertion::{Assert, Asserted},
    oauth::{Introspection, TokenForm},
    session::{AdoptedTokens, RegisterSession, RegisteredSession, TokensReplaced},
    verify::{VerifyRequest, VerifyResponse},
};
use countersign_core::SessionId;
use reqwest::{
    Method,
    header::{AUTHORIZATION, HeaderMap, HeaderValue},
};
use serde::Serialize;
use std::fmt::Write;

/// Calls with one API key; cheap to clone.
#[derive(Debug, Clone)]
pub struct ServiceClient {
    endpoint: Endpoint,
    authorization: HeaderValue,
}

/// The API key cannot stand in a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an API key")]
pub struct InvalidApiKey;

impl ServiceClient {
    /// Calls the internal listener at `endpoint` with an API key, `csak_…`.
    ///
    /// # Errors
    /// [`InvalidApiKey`] for text that no header can hold.
    pub fn new(endpoint: Endpoint, api_key: &Secret) -> Result<Self, InvalidApiKey> {
        let mut text = String::from("Bearer ");
        let _ = text.write_str(api_key.reveal());
        let mut authorization = HeaderValue::try_from(text).map_err(|_| InvalidApiKey)?;
        authorization.set_sensitive(true);
        Ok(Self {
            endpoint,
            authorization,
        })
    }

    /// Where it calls.
    pub const fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Registers a login, signup or refresh: `POST /v1/sessions`.
    ///
    /// What a backend's login route does once it has checked the password, in axum:
    ///
    /// ```
    /// use axum::{Json, http::{HeaderMap, HeaderValue, StatusCode}, response::{IntoResponse, Response}};
    /// use countersign_client::{ClientError, ServiceClient, api_types::{ErrorCode, Problem}};
    /// use countersign_client::api_types::session::{DeviceReport, RegisterSession, RelayedProof, SessionEvent};
    /// # use countersign_core::{ClientId, user::ExternalUserId};
    ///
    /// async fn logged_in(
    ///     service: &ServiceClient, client_id: ClientId, user_id: ExternalUserId, device: DeviceReport, headers: &HeaderMap,
    /// ) -> Response {
    ///     let proof = headers.get("dpop").and_then(|value| value.to_str().ok());
    ///     let request = RegisterSession {
    ///         event: SessionEvent::Login, client_id, user_id, amr: vec!["pwd".to_owned()], roles: None, device,
    ///         proof: proof.map(|jwt| RelayedProof {
    ///             jwt: jwt.to_owned(), htm: "POST".to_owned(), htu: "https://shop.example/login".to_owned(),
    ///         }),
    ///         refresh_token: None, tokens: None, client_ip: None, user_agent: None,
    ///     };
    ///     match service.register_session(&request).await {
    ///         Ok(session) => (StatusCode::CREATED, [("cache-control", "no-store")], Json(session)).into_response(),
    ///         // About this backend's own API key: nothing that a device could do anything about.
    ///         Err(error) if matches!(error.code(), Some(ErrorCode::Unauthenticated | ErrorCode::InsufficientScope)) =>
    ///             StatusCode::SERVICE_UNAVAILABLE.into_response(),
    ///         Err(ClientError::Refused(problem)) => refused(*problem),
    ///         Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    ///     }
    /// }
    ///
    /// /// With what the device needs to do better.
    /// fn refused(problem: Problem) -> Response {
    ///     let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
    ///     let told = [("www-authenticate", &problem.www_authenticate), ("dpop-nonce", &problem.dpop_nonce)];
    ///     let mut headers = HeaderMap::new();
    ///     for (name, value) in told {
    ///         if let Some(value) = value.as_deref().and_then(|value| HeaderValue::from_str(value).ok()) {
    ///             headers.insert(name, value);
    ///         }
    ///     }
    ///     (status, headers, Json(problem)).into_response()
    /// }
    /// ```
    ///
    /// # Errors
    /// As for every call here: [`ClientError`]. A refusal's problem carries the exact headers to
    /// hand to the device.
    pub async fn register_session(
        &self,
        request: &RegisterSession,
    ) -> Result<RegisteredSession, ClientError> {
        self.register_dated(request).await.outcome
    }

    /// Replaces the backend's own tokens of a session: `PUT /v1/sessions/{session_id}/tokens`.
    ///
    /// # Errors
    /// `token_ended` when the session is over; otherwise as for every call.
    pub async fn replace_tokens(
        &self,
        session: SessionId,
        tokens: &AdoptedTokens,
    ) -> Result<TokensReplaced, ClientError> {
        let path = ["v1", "sessions", &session.to_string(), "tokens"];
        self.send(self.call(Method::PUT, &path)?.with_json(tokens)?)
            .await?
            .json()
    }

    /// Asks whether a request may go through: `POST /v1/verify`.
    ///
    /// # Errors
    /// As for every call. A refused request is an answer, not an error.
    pub async fn verify(
        &self,
        request: &VerifyRequest<'_>,
    ) -> Result<VerifyResponse<'static>, ClientError> {
        let answer = self.post(&["v1", "verify"], request).await?;
        answer.read_json().map(VerifyResponse::into_owned)
    }

    /// Hands on what a session's device asserts for the action that is about to be done, once:
    /// `POST /v1/sessions/{session_id}/assertions`.
    ///
    /// # Errors
    /// `attestation_invalid` for what is not of this device, action or challenge, and as for every call.
    pub async fn assert(
        &self,
        session: SessionId,
        assert: &Assert,
    ) -> Result<Asserted, ClientError> {
        let path = ["v1", "sessions", &session.to_string(), "assertions"];
        self.post(&path, assert).await?.json()
    }

    /// Asks what a token is worth (RFC 7662).
    ///
    /// # Errors
    /// As for every call. A token that is worth nothing is an answer, not an error.
    pub async fn introspect(&self, token: &TokenForm) -> Result<Introspection, ClientError> {
        self.post_form("introspect", token).await?.json()
    }

    /// Ends the session of a token (RFC 7009); a token that is worth nothing is fine.
    ///
    /// # Errors
    /// As for every call.
    pub async fn revoke(&self, token: &TokenForm) -> Result<(), ClientError> {
        self.post_form("revoke", token).await?.check()
    }

    /// Registers a session and says what time the server had.
    pub(crate) async fn register_dated(&self, request: &RegisterSession) -> BackendAnswer {
        match self.post(&["v1", "sessions"], request).await {
            Ok(answer) => BackendAnswer {
                date: answer.date(),
                outcome: answer.json(),
            },
            Err(error) => BackendAnswer {
                date: None,
                outcome: Err(error),
            },
        }
    }

    async fn post_form(&self, endpoint: &str, form: &TokenForm) -> Result<Answer, ClientError> {
        let mut fields = vec![("token", form.token.reveal())];
        fields.extend(
            form.token_type_hint
                .as_deref()
                .map(|hint| ("token_type_hint", hint)),
        );
        let call = self
            .call(Method::POST, &["oauth", endpoint])?
            .with_form(&fields);
        self.send(call).await
    }

    async fn post(&self, path: &[&str], body: &impl Serialize) -> Result<Answer, ClientError> {
        self.send(self.call(Method::POST, path)?.with_json(body)?)
            .await
    }

    async fn send(&self, call: Call) -> Result<Answer, ClientError> {
        self.endpoint.send(call).await
    }

    fn call(&self, method: Method, path: &[&str]) -> Result<Call, ClientError> {
        let headers = HeaderMap::from_iter([(AUTHORIZATION, self.authorization.clone())]);
        Ok(Call::new(method, self.endpoint.url(path)?, headers))
    }
}
