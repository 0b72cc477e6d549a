//! Who is calling: a backend by its API key, or a user by a bound access token.

use crate::{
    api_key::{ApiKeyError, ApiKeys},
    http::{Problem, RateLimiter, RequestContext},
    verify::{Admitted, Gate, Judged, Refused, Request},
};
use axum::extract::{FromRef, FromRequestParts};
use base64::{Engine, engine::general_purpose::STANDARD};
use countersign_api_types::{ErrorCode, challenge::challenge, verify::Scheme};
use countersign_core::{
    SessionId,
    activity::Actor,
    api_key::{ApiKey, Scope},
    decision::{Demands, Refusal},
    user::ExternalUserId,
};
use http::{HeaderMap, HeaderName, HeaderValue, header::AUTHORIZATION, request::Parts};
use std::{borrow::Cow, net::IpAddr, sync::Arc};

/// A backend or admin, authenticated by its API key.
#[derive(Debug, Clone)]
pub(crate) struct Backend(Arc<ApiKey>);

impl Backend {
    /// Lets the call go on if the key has the scope.
    ///
    /// # Errors
    /// `insufficient_scope`, naming it.
    pub(crate) fn require(&self, scope: Scope) -> Result<Actor, Problem> {
        if self.0.allows(scope) {
            Ok(Actor::ApiKey(self.0.id))
        } else {
            let detail = format!("the API key lacks the scope {scope}");
            Err(Problem::new(ErrorCode::InsufficientScope).with_detail(detail))
        }
    }
}

/// A user, through a session of theirs, on the device that the session is bound to.
#[derive(Debug)]
pub(crate) struct Caller(Admitted);

impl Caller {
    /// The user.
    pub(crate) fn user_id(&self) -> &ExternalUserId {
        &self.0.live.snapshot.user_id
    }

    /// The session.
    pub(crate) fn session_id(&self) -> SessionId {
        self.0.live.snapshot.session_id
    }

    /// The session's device.
    pub(crate) fn device_id(&self) -> countersign_core::DeviceId {
        self.0.live.snapshot.device_id
    }

    /// The session's client.
    pub(crate) fn client_id(&self) -> countersign_core::ClientId {
        self.0.live.snapshot.kind.client_id
    }

    /// The user, as the one who makes a change.
    pub(crate) fn actor(&self) -> Actor {
        Actor::User(self.0.live.snapshot.user)
    }
}

/// The public URL, which proofs must name whatever the `Host` header says.
#[derive(Debug, Clone)]
pub(crate) struct PublicUrl(pub Arc<str>);

pub(crate) const DPOP: HeaderName = HeaderName::from_static("dpop");

impl<S: Send + Sync> FromRequestParts<S> for Backend
where
    Arc<ApiKeys>: FromRef<S>,
    RateLimiter: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let presented = api_key(&parts.headers);
        let result = match &presented {
            Some(presented) => presented.authenticate(&Arc::from_ref(state)).await,
            None => Err(ApiKeyError::Unknown),
        };
        match result {
            Ok(key) => Ok(Self(key)),
            Err(ApiKeyError::Unknown) => Err(refuse_backend(parts, state)),
            Err(error) => Err(Problem::new(error.code()).caused_by(error)),
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller
where
    Arc<Gate>: FromRef<S>,
    PublicUrl: FromRef<S>,
    RateLimiter: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let gate = Arc::<Gate>::from_ref(state);
        let presented = access_token(&parts.headers);
        let (scheme, token) = presented.unwrap_or((Scheme::DPoP, ""));
        let url = format!("{}{}", PublicUrl::from_ref(state).0, parts.uri.path());
        let proof = single(&parts.headers, &DPOP)
            .map_err(|Several| refuse(&gate, Refusal::ProofInvalid, scheme))?;
        let request = Request {
            token,
            scheme: Some(scheme),
            proof,
            method: parts.method.as_str(),
            url: &url,
            demands: Demands::default(),
        };
        match gate.judge(&request).await {
            Ok(Judged::Admitted(admitted)) => Ok(Self(admitted)),
            Ok(Judged::Refused(Refused {
                refusal, session, ..
            })) => {
                // Only what carries no genuine token counts against its address.
                if session.is_none() {
                    throttle(parts, state)?;
                }
                Err(refuse(&gate, refusal, scheme))
            }
            Err(error) => Err(Problem::new(ErrorCode::Unavailable).caused_by(error)),
        }
    }
}

fn refuse_backend<S>(parts: &Parts, state: &S) -> Problem
where
    RateLimiter: FromRef<S>,
{
    let context = parts.extensions.get::<RequestContext>();
    let address = context.and_then(|context| context.client_ip);
    anonymous(&RateLimiter::from_ref(state), address)
}

/// The answer to a caller without credentials, which counts against its address.
pub(crate) fn anonymous(limiter: &RateLimiter, address: Option<IpAddr>) -> Problem {
    let challenge = HeaderValue::from_static(r#"Bearer realm="countersign""#);
    match limiter.check(address) {
        Ok(()) => Problem::new(ErrorCode::Unauthenticated).with_challenge(challenge),
        Err(wait) => wait.into(),
    }
}

fn throttle<S>(parts: &Parts, state: &S) -> Result<(), Problem>
where
    RateLimiter: FromRef<S>,
{
    let context = parts.extensions.get::<RequestContext>();
    let address = context.and_then(|context| context.client_ip);
    Ok(RateLimiter::from_ref(state).check(address)?)
}

/// The answer to a device itself: challenge and, where one is asked for, the nonce.
pub(crate) fn refuse(gate: &Gate, refusal: Refusal, scheme: Scheme) -> Problem {
    let mut problem = Problem::from(refusal);
    if let Some(value) = challenge(refusal, scheme).and_then(|text| text.try_into().ok()) {
        problem = problem.with_challenge(value);
    }
    if matches!(refusal, Refusal::UseDpopNonce | Refusal::ProofExpired)
        && let Ok(nonce) = gate.issue_nonce().try_into()
    {
        problem = problem.with_dpop_nonce(nonce);
    }
    problem
}

/// An API key as it was presented.
struct Presented<'h> {
    secret: Cow<'h, str>,
    /// Which key it is said to be, with Basic.
    id: Option<String>,
}

impl Presented<'_> {
    async fn authenticate(&self, keys: &ApiKeys) -> Result<Arc<ApiKey>, ApiKeyError> {
        let key = keys.authenticate(&self.secret).await?;
        match &self.id {
            Some(id) if *id != key.id.to_string() => Err(ApiKeyError::Unknown),
            _ => Ok(key),
        }
    }
}

/// `Bearer <key>`, or Basic with the key's id and the key (RFC 6749 section 2.3.1).
fn api_key(headers: &HeaderMap) -> Option<Presented<'_>> {
    let value = single(headers, &AUTHORIZATION).ok()??;
    // As nearly everybody writes it; the search for the space would cost as much as the look-up.
    let (scheme, credentials) = match value.strip_prefix("Bearer ") {
        Some(credentials) => ("bearer", credentials),
        None => value.split_once(' ')?,
    };
    if scheme.eq_ignore_ascii_case("bearer") {
        let secret = Cow::Borrowed(credentials.trim_start());
        return Some(Presented { secret, id: None });
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let decoded = STANDARD.decode(credentials.trim()).ok()?;
    let (id, password) = std::str::from_utf8(&decoded).ok()?.split_once(':')?;
    let (secret, id) = (Cow::Owned(form_decoded(password)), Some(form_decoded(id)));
    Some(Presented { secret, id })
}

/// Both are form-encoded within Basic, which some libraries do to every character but letters and
/// digits (RFC 6749 section 2.3.1).
fn form_decoded(text: &str) -> String {
    let mut pairs = form_urlencoded::parse(text.as_bytes());
    pairs
        .next()
        .map_or_else(String::new, |(name, _)| name.into_owned())
}

pub(crate) fn access_token(headers: &HeaderMap) -> Option<(Scheme, &str)> {
    let (scheme, token) = single(headers, &AUTHORIZATION).ok()??.split_once(' ')?;
    Some((Scheme::parse(scheme)?, token.trim_start()))
}

/// The header is there more than once, or is not text.
pub(crate) struct Several;

/// The header's only value; a header sent twice is never picked from.
pub(crate) fn single<'h>(
    headers: &'h HeaderMap,
    name: &HeaderName,
) -> Result<Option<&'h str>, Several> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value.to_str().map(Some).map_err(|_| Several),
        (Some(_), Some(_)) => Err(Several),
    }
}
