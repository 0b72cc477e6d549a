//! Who judges.

use crate::{
    answer::{Answered, read},
    service::{Service, ServiceError},
};
use countersign_api_types::verify::VerifyRequest;

/// A way of judging what was presented.
#[derive(Debug)]
pub(crate) enum Judge {
    /// The service is asked about each request.
    Remote(Service),
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
        }
    }
}
