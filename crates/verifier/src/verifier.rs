//! Judging a request, whatever the framework.

use crate::{
    answer::Answered,
    config::{ConfigError, RemoteConfig, Site},
    earlier::Earlier,
    judge::Judge,
    presented::present,
    refused::Refused,
    service::Service,
    session::DeviceSession,
};
use countersign_api_types::ErrorCode;
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
            judge: Judge::Remote(Service::new(&config)?),
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
