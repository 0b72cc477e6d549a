//! How a device reaches its app's backend, which relays logins and refreshes to Countersign.

pub(crate) mod direct;
pub(crate) mod token_endpoint;

use crate::ClientError;
use countersign_api_types::{
    Secret, secret,
    session::{DeviceReport, RegisterSession, RegisteredSession, RelayedProof, SessionEvent},
    text::as_text,
};
use countersign_core::{ClientId, Timestamp, user::ExternalUserId};
use serde::{Deserialize, Serialize};
use std::fmt;
use url::Url;

/// The app's own backend, as the device sees it.
///
/// An implementation sends what it is given to the backend, together with whatever the app needs,
/// and gives back what Countersign answered. It need not retry: the session does.
pub trait Backend: Send + Sync {
    /// What a user logs in with; the app's own.
    type Credentials: Sync;

    /// The URL that logins are posted to, on an origin of the client: what the proof names.
    fn login_url(&self) -> &Url;

    /// The URL that refreshes are posted to, likewise.
    fn refresh_url(&self) -> &Url;

    /// Posts a login.
    fn login(
        &self,
        login: RelayedLogin,
        credentials: &Self::Credentials,
    ) -> impl Future<Output = BackendAnswer> + Send;

    /// Posts a refresh.
    fn refresh(&self, refresh: RelayedRefresh) -> impl Future<Output = BackendAnswer> + Send;
}

/// What came back from the backend.
#[derive(Debug)]
pub struct BackendAnswer {
    /// What Countersign answered, as the backend handed it on.
    pub outcome: Result<RegisteredSession, ClientError>,
    /// The answer's `Date`, from which a device with a wrong clock learns the time.
    pub date: Option<Timestamp>,
}

/// What a device adds to a login.
#[derive(Clone, Serialize, Deserialize)]
pub struct RelayedLogin {
    /// The client application.
    pub client_id: ClientId,
    /// What the device says of itself.
    pub device: DeviceReport,
    /// The proof of its key; none from a device without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<RelayedProof>,
}

/// What a device sends to have its tokens rotated.
#[derive(Clone, Serialize, Deserialize)]
pub struct RelayedRefresh {
    /// The client application.
    pub client_id: ClientId,
    /// The user whose session it is, as the login named them.
    #[serde(with = "as_text")]
    pub user_id: ExternalUserId,
    /// What the device says of itself.
    pub device: DeviceReport,
    /// The proof of its key; none from a device without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<RelayedProof>,
    /// The refresh token.
    #[serde(serialize_with = "secret::hand_out")]
    pub refresh_token: Secret,
}

impl RelayedLogin {
    /// What the backend registers once it has authenticated the user, by the methods in `amr`.
    pub fn into_request(
        self,
        event: SessionEvent,
        user_id: ExternalUserId,
        amr: Vec<String>,
    ) -> RegisterSession {
        RegisterSession {
            event,
            client_id: self.client_id,
            user_id,
            amr,
            roles: None,
            device: self.device,
            proof: self.proof,
            refresh_token: None,
            tokens: None,
            client_ip: None,
            user_agent: None,
        }
    }
}

impl RelayedRefresh {
    /// What the backend registers.
    pub fn into_request(self) -> RegisterSession {
        RegisterSession {
            event: SessionEvent::Refresh,
            client_id: self.client_id,
            user_id: self.user_id,
            amr: Vec::new(),
            roles: None,
            device: self.device,
            proof: self.proof,
            refresh_token: Some(self.refresh_token),
            tokens: None,
            client_ip: None,
            user_agent: None,
        }
    }
}

/// Leaves the proof out: until it is used, whoever reads it can use it.
impl fmt::Debug for RelayedLogin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RelayedLogin")
            .field("client_id", &self.client_id)
            .field("device", &self.device)
            .field("has_proof", &self.proof.is_some())
            .finish()
    }
}

/// Leaves the proof out, likewise.
impl fmt::Debug for RelayedRefresh {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RelayedRefresh")
            .field("client_id", &self.client_id)
            .field("user_id", &self.user_id)
            .field("device", &self.device)
            .field("has_proof", &self.proof.is_some())
            .field("refresh_token", &self.refresh_token)
            .finish()
    }
}
