//! Who judges.

use crate::{
    answer::{Answered, read},
    leased::{Leased, answered},
    service::{Service, ServiceError},
};
use countersign_api_types::verify::{VerifyRequest, VerifyResponse};

/// A way of judging what was presented.
#[derive(Debug)]
pub(crate) enum Judge {
    /// The service is asked about each request.
    Remote(Box<Service>),
    /// Memory answers, under what remains of a node's lease.
    Leased(Leased),
}

impl Judge {
    /// Says yes or no.
    ///
    /// # Errors
    /// When it can say neither, with a text that may be logged: the request is then refused.
    pub(crate) async fn judge(
        &self,
        presented: &VerifyRequest<'_>,
    ) -> Result<Answered, ServiceError> {
        match self {
            Self::Remote(service) => read(&service.ask(presented).await?),
            Self::Leased(leased) => answered(leased.judge(presented).await?),
        }
    }

    /// Answers as the service does.
    ///
    /// # Errors
    /// As for [`judge`](Self::judge).
    pub(crate) async fn answer(
        &self,
        presented: &VerifyRequest<'_>,
    ) -> Result<VerifyResponse<'static>, ServiceError> {
        match self {
            Self::Remote(service) => {
                let answer = service.ask(presented).await?;
                read(&answer)?;
                let response: Result<VerifyResponse<'_>, _> = serde_json::from_slice(&answer.body);
                let response = response.map_err(|_| ServiceError::Shape)?;
                Ok(response.into_owned())
            }
            Self::Leased(leased) => leased.judge(presented).await,
        }
    }
}
