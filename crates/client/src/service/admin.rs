//! Clients, API keys and nodes.

use super::ServiceClient;
use crate::ClientError;
use countersign_api_types::{
    api_key::{ApiKeyItem, CreateApiKey, CreatedApiKey, RevokedApiKey},
    client::{ClientItem, CreateClient, UpdateClient},
    node::NodeList,
    page::{OffsetPage, OffsetQuery},
};
use countersign_core::{ApiKeyId, ClientId};
use reqwest::{
    Method,
    header::{HeaderValue, IF_MATCH},
};

/// Something with the version that a change of it must name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Versioned<T> {
    /// The thing.
    pub value: T,
    /// Its `ETag` (RFC 9110 section 8.8.3), as the server wrote it.
    pub etag: String,
}

impl ServiceClient {
    /// Registers a client.
    ///
    /// # Errors
    /// As for every call.
    pub async fn create_client(&self, client: &CreateClient) -> Result<ClientItem, ClientError> {
        self.post(&["v1", "clients"], client).await?.json()
    }

    /// One page of the clients.
    ///
    /// # Errors
    /// As for every call.
    pub async fn clients(
        &self,
        query: &OffsetQuery,
    ) -> Result<OffsetPage<ClientItem>, ClientError> {
        let call = self
            .call(Method::GET, &["v1", "clients"])?
            .with_query(query)?;
        self.send(call).await?.json()
    }

    /// One client.
    ///
    /// # Errors
    /// As for every call.
    pub async fn client(&self, id: ClientId) -> Result<Versioned<ClientItem>, ClientError> {
        let answer = self
            .send(self.call(Method::GET, &["v1", "clients", &id.to_string()])?)
            .await?;
        let etag = answer.etag().unwrap_or_default().to_owned();
        Ok(Versioned {
            value: answer.json()?,
            etag,
        })
    }

    /// Changes a client that still is as it was read.
    ///
    /// # Errors
    /// `version_mismatch` when it has changed since; otherwise as for every call.
    pub async fn update_client(
        &self,
        read: &Versioned<ClientItem>,
        change: &UpdateClient,
    ) -> Result<Versioned<ClientItem>, ClientError> {
        let path = ["v1", "clients", &read.value.client_id.to_string()];
        let etag = HeaderValue::from_str(&read.etag)
            .map_err(|_| ClientError::Unsendable("the version is not an ETag"))?;
        let call = self.call(Method::PATCH, &path)?.with_header(IF_MATCH, etag);
        let answer = self.send(call.with_json(change)?).await?;
        let etag = answer.etag().unwrap_or_default().to_owned();
        Ok(Versioned {
            value: answer.json()?,
            etag,
        })
    }

    /// Who takes part, as the node that is called sees it.
    ///
    /// # Errors
    /// As for every call.
    pub async fn nodes(&self) -> Result<NodeList, ClientError> {
        let call = self.call(Method::GET, &["v1", "nodes"])?;
        self.send(call).await?.json()
    }

    /// Makes an API key, whose secret only this answer holds.
    ///
    /// # Errors
    /// As for every call.
    pub async fn create_api_key(&self, key: &CreateApiKey) -> Result<CreatedApiKey, ClientError> {
        self.post(&["v1", "api-keys"], key).await?.json()
    }

    /// One page of the API keys.
    ///
    /// # Errors
    /// As for every call.
    pub async fn api_keys(
        &self,
        query: &OffsetQuery,
    ) -> Result<OffsetPage<ApiKeyItem>, ClientError> {
        let call = self
            .call(Method::GET, &["v1", "api-keys"])?
            .with_query(query)?;
        self.send(call).await?.json()
    }

    /// Revokes an API key.
    ///
    /// # Errors
    /// As for every call.
    pub async fn revoke_api_key(&self, id: ApiKeyId) -> Result<RevokedApiKey, ClientError> {
        let call = self.call(Method::DELETE, &["v1", "api-keys", &id.to_string()])?;
        self.send(call).await?.json()
    }
}
