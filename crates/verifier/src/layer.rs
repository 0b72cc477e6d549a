//! The tower layer: for axum, tonic, hyper and whatever else takes an `http::Request`.

use crate::{
    earlier::Earlier,
    refused::{DPOP_NONCE, Refused},
    verifier::{Admitted, Verdict, Verifier},
};
use bytes::Bytes;
use countersign_api_types::verify::Scheme;
use countersign_core::{
    decision::{Demands, Refusal},
    trust::TrustLevel,
};
use http::{Request, Response, header::CONTENT_TYPE, request::Parts};
use http_body_util::{Either, Full};
use std::{
    mem,
    pin::Pin,
    task::{Context, Poll},
};
use tower::{Layer, Service};

/// Lets a request on with its [`DeviceSession`](crate::DeviceSession), or answers it.
///
/// Around a whole app or around single routes. A layer inside another one of the same [`Verifier`]
/// holds its own demands against the judgement of the outer one.
///
/// A refusal is a problem (RFC 9457), or a gRPC status where the request is a gRPC call.
#[derive(Debug, Clone)]
pub struct DeviceLayer {
    verifier: Verifier,
    demands: Demands,
    nobody: Nobody,
}

/// What becomes of a request without `Authorization`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Nobody {
    Refused,
    GoesOn,
}

/// What [`DeviceLayer`] makes of a service.
#[derive(Debug, Clone)]
pub struct DeviceService<S> {
    inner: S,
    layer: DeviceLayer,
}

/// The app's own body, or that of a refusal.
pub type GuardedBody<B> = Either<B, Full<Bytes>>;

impl DeviceLayer {
    /// Lets requests of live sessions through, and no others.
    pub fn new(verifier: Verifier) -> Self {
        Self {
            verifier,
            demands: Demands::default(),
            nobody: Nobody::Refused,
        }
    }

    /// Demands all of this, in place of what was demanded so far.
    #[must_use]
    pub const fn require(mut self, demands: Demands) -> Self {
        self.demands = demands;
        self
    }

    /// Demands that the device be trusted at least so far, else 403 `insufficient_trust`.
    #[must_use]
    pub const fn min_trust(mut self, least: TrustLevel) -> Self {
        self.demands.min_trust = Some(least);
        self
    }

    /// Demands that the device be known to meet the rules, else 403 `not_compliant`.
    #[must_use]
    pub const fn require_compliant(mut self) -> Self {
        self.demands.require_compliant = true;
        self
    }

    /// Demands that the session be bound to a device key, else 403 `key_required`.
    #[must_use]
    pub const fn require_key(mut self) -> Self {
        self.demands.require_key = true;
        self
    }

    /// Demands that the answer rest on a read of the store that began after the request came, at the
    /// price of asking the service. A layer further in can demand it only if this one does too.
    #[must_use]
    pub const fn strict(mut self) -> Self {
        self.demands.strict = true;
        self
    }

    /// Lets a request without `Authorization` on, without a device; a bad token is refused as ever.
    #[must_use]
    pub const fn optional(mut self) -> Self {
        self.nobody = Nobody::GoesOn;
        self
    }

    async fn judge(&self, request: &Parts) -> Result<Option<Box<Admitted>>, Refused> {
        match self.verifier.verify_once(request, self.demands).await {
            Verdict::Allowed(admitted) => Ok(Some(admitted)),
            Verdict::Refused(refused) => Err(refused),
            Verdict::Nobody if self.nobody == Nobody::GoesOn => Ok(None),
            Verdict::Nobody => Err(Refused::local(Refusal::TokenInvalid, Scheme::DPoP)),
        }
    }
}

impl<S> Layer<S> for DeviceLayer {
    type Service = DeviceService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        DeviceService {
            inner,
            layer: self.clone(),
        }
    }
}

impl<S, B, R> Service<Request<B>> for DeviceService<S>
where
    S: Service<Request<B>, Response = Response<R>> + Clone + Send + 'static,
    S::Future: Send,
    B: Send + 'static,
    R: 'static,
{
    type Response = Response<GuardedBody<R>>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        // The one that is ready is used up; its copy may have to become ready first.
        let next = self.inner.clone();
        let inner = mem::replace(&mut self.inner, next);
        Box::pin(guard(self.layer.clone(), inner, request))
    }
}

async fn guard<S, B, R>(
    layer: DeviceLayer,
    mut inner: S,
    request: Request<B>,
) -> Result<Response<GuardedBody<R>>, S::Error>
where
    S: Service<Request<B>, Response = Response<R>>,
{
    let (mut parts, body) = request.into_parts();
    let admitted = match layer.judge(&parts).await {
        Ok(admitted) => admitted,
        Err(refused) => {
            return Ok(refused
                .answer(parts.headers.get(CONTENT_TYPE))
                .map(Either::Right));
        }
    };
    let nonce = note(&mut parts, layer, admitted);
    let request = Request::from_parts(parts, body);
    let mut response = inner.call(request).await?;
    // A refusal further in says what the device needs, which may be no nonce.
    if let Some(nonce) = nonce
        && response.extensions().get::<Refused>().is_none()
    {
        response.headers_mut().entry(DPOP_NONCE).or_insert(nonce);
    }
    Ok(response.map(Either::Left))
}

/// Leaves the judgement in the request; gives the nonce for its answer.
fn note(
    request: &mut Parts,
    layer: DeviceLayer,
    admitted: Option<Box<Admitted>>,
) -> Option<http::HeaderValue> {
    let (session, nonce) = match admitted {
        Some(admitted) => (Some(admitted.session), admitted.nonce),
        None => (None, None),
    };
    match &session {
        Some(session) => drop(request.extensions.insert(session.clone())),
        // Whoever put one there did not judge this request.
        None => drop(request.extensions.remove::<crate::DeviceSession>()),
    }
    request.extensions.insert(Earlier {
        verifier: layer.verifier,
        strict: layer.demands.strict,
        session,
    });
    nonce
}
