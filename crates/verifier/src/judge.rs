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
        match self.way(presented) {
            Way::Ask(service) => read(&service.ask(presented).await?),
            Way::Remember(leased) => answered(leased.judge(presented).await?),
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
        match self.way(presented) {
            Way::Ask(service) => {
                let answer = service.ask(presented).await?;
                read(&answer)?;
                let response: Result<VerifyResponse<'_>, _> = serde_json::from_slice(&answer.body);
                let response = response.map_err(|_| ServiceError::Shape)?;
                Ok(response.into_owned())
            }
            Way::Remember(leased) => leased.judge(presented).await,
        }
    }

    /// A strict question is never answered from memory.
    fn way(&self, presented: &VerifyRequest<'_>) -> Way<'_> {
        match self {
            Self::Remote(service) => Way::Ask(service),
            Self::Leased(leased) if presented.strict => Way::Ask(leased.service()),
            Self::Leased(leased) => Way::Remember(leased),
        }
    }
}

enum Way<'a> {
    Ask(&'a Service),
    Remember(&'a Leased),
}
