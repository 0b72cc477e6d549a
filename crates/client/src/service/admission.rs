//! Who is kept out, and who waits to be let in.

use super::ServiceClient;
use crate::ClientError;
use countersign_api_types::{
    approval::{ApprovalItem, ApprovalsQuery},
    ban::{BanItem, CreateBan},
    page::OffsetPage,
};
use countersign_core::{ApprovalId, BanId};
use reqwest::Method;

impl ServiceClient {
    /// Bans a device, one user on it, or a key; returns when nobody lets it through any more.
    ///
    /// # Errors
    /// As for every call.
    pub async fn ban(&self, ban: &CreateBan) -> Result<BanItem, ClientError> {
        self.post(&["v1", "bans"], ban).await?.json()
    }

    /// Lifts a ban.
    ///
    /// # Errors
    /// As for every call.
    pub async fn lift_ban(&self, id: BanId) -> Result<BanItem, ClientError> {
        let call = self.call(Method::DELETE, &["v1", "bans", &id.to_string()])?;
        self.send(call).await?.json()
    }

    /// One page of the requests for approval.
    ///
    /// # Errors
    /// As for every call.
    pub async fn approvals(
        &self,
        query: &ApprovalsQuery,
    ) -> Result<OffsetPage<ApprovalItem>, ClientError> {
        let call = self
            .call(Method::GET, &["v1", "approvals"])?
            .with_query(query)?;
        self.send(call).await?.json()
    }

    /// Lets a device, or a user on one, in.
    ///
    /// # Errors
    /// `conflict` when it was decided otherwise before; otherwise as for every call.
    pub async fn approve(&self, id: ApprovalId) -> Result<ApprovalItem, ClientError> {
        self.decide(id, "approve").await
    }

    /// Does not let it in.
    ///
    /// # Errors
    /// `conflict` when it was decided otherwise before; otherwise as for every call.
    pub async fn reject(&self, id: ApprovalId) -> Result<ApprovalItem, ClientError> {
        self.decide(id, "reject").await
    }

    async fn decide(&self, id: ApprovalId, verb: &str) -> Result<ApprovalItem, ClientError> {
        let path = ["v1", "approvals", &id.to_string(), verb];
        self.send(self.call(Method::POST, &path)?).await?.json()
    }
}
