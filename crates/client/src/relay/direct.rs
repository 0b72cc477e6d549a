//! A backend that believes everybody: for demonstrations, tests and measurements.

use super::{Backend, BackendAnswer, RelayedLogin, RelayedRefresh};
use crate::{ClientError, ServiceClient};
use countersign_api_types::session::{RegisterSession, SessionEvent};
use countersign_core::user::ExternalUserId;
use std::net::IpAddr;
use url::Url;

/// Plays an app's backend in the device's own process: it holds an API key and registers sessions.
///
/// It takes any user's word for who they are, and a device that holds an API key is no device:
/// never ship it.
#[derive(Debug, Clone)]
pub struct DirectRelay {
    service: ServiceClient,
    login_url: Url,
    refresh_url: Url,
    client_ip: Option<IpAddr>,
    user_agent: Option<String>,
}

/// A user who says who they are.
#[derive(Debug, Clone)]
pub struct AssertedUser {
    /// Whether this is their first time; not `Refresh`.
    pub event: SessionEvent,
    /// The app's own id of the user.
    pub user_id: ExternalUserId,
    /// How they are said to have authenticated (RFC 8176).
    pub amr: Vec<String>,
}

impl AssertedUser {
    /// A user who logs in with a password.
    pub fn with_password(user_id: ExternalUserId) -> Self {
        Self {
            event: SessionEvent::Login,
            user_id,
            amr: vec!["pwd".to_owned()],
        }
    }
}

impl DirectRelay {
    /// Plays the backend of the app at `app_url`, an origin of the client.
    ///
    /// # Errors
    /// [`ClientError::Unsendable`] for a URL that can have no path.
    pub fn new(service: ServiceClient, app_url: &Url) -> Result<Self, ClientError> {
        let below = |path| {
            app_url
                .join(path)
                .map_err(|_| ClientError::Unsendable("not the URL of an app"))
        };
        Ok(Self {
            login_url: below("/login")?,
            refresh_url: below("/refresh")?,
            service,
            client_ip: None,
            user_agent: None,
        })
    }

    /// Says where the device's requests come from.
    #[must_use]
    pub fn seen_from(self, client_ip: Option<IpAddr>, user_agent: Option<String>) -> Self {
        Self {
            client_ip,
            user_agent,
            ..self
        }
    }

    async fn register(&self, request: RegisterSession) -> BackendAnswer {
        let request = RegisterSession {
            client_ip: self.client_ip,
            user_agent: self.user_agent.clone(),
            ..request
        };
        self.service.register_dated(&request).await
    }
}

impl Backend for DirectRelay {
    type Credentials = AssertedUser;

    fn login_url(&self) -> &Url {
        &self.login_url
    }

    fn refresh_url(&self) -> &Url {
        &self.refresh_url
    }

    async fn login(&self, login: RelayedLogin, user: &AssertedUser) -> BackendAnswer {
        let request = login.into_request(user.event, user.user_id.clone(), user.amr.clone());
        self.register(request).await
    }

    async fn refresh(&self, refresh: RelayedRefresh) -> BackendAnswer {
        self.register(refresh.into_request()).await
    }
}
