//! What a verifier that answers from memory asks of the node that it follows.

use super::{Answer, Call, Service, ServiceError, below};
use countersign_api_types::feed::{
    FeedAnswer, FeedRequest, FeedSeenRequest, FeedSessionAnswer, FeedSessionRequest,
};
use countersign_cluster::ResolveError;
use serde::{Serialize, de::DeserializeOwned};
use std::{error::Error, time::Duration};

/// A denylist of half a million sessions.
const MAX_FEED_BYTES: usize = 64 * 1024 * 1024;

impl Service {
    /// Asks what is new; waits as long as the question does, and its own time.
    pub(crate) async fn pull(&self, request: &FeedRequest) -> Result<FeedAnswer, ServiceError> {
        let within = self.timeout + Duration::from_millis(request.wait_ms);
        read(&self.post(&["feed"], request, within).await?)
    }

    /// Reads a session, or what a token stands for.
    pub(crate) async fn read_session(
        &self,
        request: &FeedSessionRequest,
    ) -> Result<FeedSessionAnswer, ServiceError> {
        let within = self.timeout;
        read(&self.post(&["feed", "session"], request, within).await?)
    }

    /// Says who was active.
    pub(crate) async fn report_seen(&self, report: &FeedSeenRequest) -> Result<(), ServiceError> {
        let within = self.timeout;
        check(&self.post(&["feed", "seen"], report, within).await?, 204)
    }

    async fn post<T: Serialize + Sync>(
        &self,
        path: &[&str],
        body: &T,
        within: Duration,
    ) -> Result<Answer, ServiceError> {
        self.call(Call {
            url: &below(&self.base, path),
            body: serde_json::to_vec(body).map_err(|_| ServiceError::Shape)?,
            within,
            max_bytes: MAX_FEED_BYTES,
        })
        .await
    }
}

fn read<T: DeserializeOwned>(answer: &Answer) -> Result<T, ServiceError> {
    check(answer, 200)?;
    serde_json::from_slice(&answer.body).map_err(|_| ServiceError::Shape)
}

fn check(answer: &Answer, expected: u16) -> Result<(), ServiceError> {
    match answer.status {
        status if status == expected => Ok(()),
        401 => Err(ServiceError::KeyRefused),
        403 => Err(ServiceError::ScopeMissing),
        status => Err(ServiceError::Status(status)),
    }
}

impl From<ResolveError> for ServiceError {
    fn from(error: ResolveError) -> Self {
        let text = error
            .source()
            .map_or_else(|| error.to_string(), ToString::to_string);
        Self::Unread(text)
    }
}
