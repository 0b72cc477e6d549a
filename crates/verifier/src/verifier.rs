//! Judging a request, whatever the framework.

use crate::{
    answer::Answered,
    config::{ConfigError, RemoteConfig, Site},
    earlier::Earlier,
    judge::Judge,
    leased::{Leased, LeasedConfig},
    presented::present,
    refused::Refused,
    service::{Connection, Service, ServiceError},
    session::DeviceSession,
};
use countersign_api_types::{
    ErrorCode,
    verify::{VerifyRequest, VerifyResponse},
};
use countersign_core::decision::Demands;
use http::{HeaderValue, request::Parts};
use std::sync::Arc;

/// The one object that an app asks; keep it for the life of the process. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Verifier(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    site: Site,
    judge: Judge,
}

/// No judgement was possible.
#[derive(Debug, thiserror::Error)]
#[error("no judgement was possible")]
pub struct Unjudged(#[source] ServiceError);

/// What is to become of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It may go on, and this is whose it is.
    Allowed(Box<Admitted>),
    /// It has no `Authorization`: nobody's, if that is good enough.
    Nobody,
    /// It goes no further.
    Refused(Refused),
}

/// A request that may go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admitted {
    /// Whose it is.
    pub session: DeviceSession,
    /// The `DPoP-Nonce` header for the app's answer.
    pub nonce: Option<HeaderValue>,
}

impl Verifier {
    /// Asks the service about each request.
    ///
    /// # Errors
    /// [`ConfigError`] for an option that cannot be right.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "a configuration is written down where it is used"
    )]
    pub fn remote(config: RemoteConfig) -> Result<Self, ConfigError> {
        Ok(Self(Arc::new(Inner {
            site: Site::new(&config.public_url, config.trust_proxy)?,
            judge: Judge::Remote(Box::new(Service::new(&Connection {
                service_url: &config.service_url,
                api_key: &config.api_key,
                timeout: config.timeout,
            })?)),
        })))
    }

    /// Answers from memory, under what remains of the lease of the node that it follows. Must be
    /// called in a tokio runtime; what it starts there ends with the last clone.
    ///
    /// An ending that has returned is never accepted again. When the node is gone, requests are
    /// answered until the lease ends, and refused with 503 then.
    ///
    /// # Errors
    /// [`ConfigError`] for an option that cannot be right.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "a configuration is written down where it is used"
    )]
    pub fn leased(config: LeasedConfig) -> Result<Self, ConfigError> {
        Ok(Self(Arc::new(Inner {
            site: Site::new(&config.public_url, config.trust_proxy)?,
            judge: Judge::Leased(Leased::start(&config)?),
        })))
    }

    /// Judges a request; for what is no tower service, since [`DeviceLayer`](crate::DeviceLayer) does
    /// it for those.
    ///
    /// A proof serves once: judging the same request again refuses it.
    ///
    /// # Cancel safety
    /// Dropping it gives the question up; its proof may be used up.
    pub async fn verify(&self, request: &Parts, demands: Demands) -> Verdict {
        let presented = match present(request, &self.0.site, demands) {
            Ok(Some(presented)) => presented,
            Ok(None) => return Verdict::Nobody,
            Err(refused) => return Verdict::Refused(refused),
        };
        match self.0.judge.judge(&presented).await {
            Ok(Answered::Yes { session, nonce }) => {
                Verdict::Allowed(Box::new(Admitted { session, nonce }))
            }
            Ok(Answered::No(refused)) => Verdict::Refused(refused),
            Err(cause) => {
                tracing::error!(%cause, "countersign could not judge a request");
                Verdict::Refused(Refused::of(ErrorCode::Unavailable))
            }
        }
    }

    /// Answers the body of `POST /v1/verify` as the service would, for what stands between an app and
    /// the service: the question names its own URL.
    ///
    /// # Errors
    /// [`Unjudged`]: the request must be refused.
    ///
    /// # Cancel safety
    /// As for [`verify`](Self::verify).
    pub async fn answer(
        &self,
        question: &VerifyRequest<'_>,
    ) -> Result<VerifyResponse<'static>, Unjudged> {
        self.0.judge.answer(question).await.map_err(Unjudged)
    }

    /// Whether it may answer from memory now; always true of one that asks the service each time.
    pub fn is_ready(&self) -> bool {
        match &self.0.judge {
            Judge::Remote(_) => true,
            Judge::Leased(leased) => leased.is_ready(),
        }
    }

    /// Judges a request unless it did so before, further out.
    pub(crate) async fn verify_once(&self, request: &Parts, demands: Demands) -> Verdict {
        match request.extensions.get::<Earlier>() {
            Some(earlier) if self.is(&earlier.verifier) => earlier.clone().again(demands),
            _ => self.verify(request, demands).await,
        }
    }

    fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}
