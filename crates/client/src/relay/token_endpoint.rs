//! The direct door: Countersign's token endpoint instead of a backend of the app's.

use super::{Backend, BackendAnswer, RelayedLogin, RelayedRefresh};
use crate::{ClientError, Endpoint, answer::Answer, endpoint::Call};
use countersign_api_types::{
    Secret,
    session::{DeviceReport, RelayedProof},
    token::{ID_TOKEN_TYPE, REFRESH_TOKEN, TOKEN_EXCHANGE},
};
use countersign_core::ClientId;
use reqwest::{
    Method,
    header::{HeaderMap, HeaderName, HeaderValue},
};
use serde_json::Value;
use url::Url;

/// RFC 9449 section 4.1.
const DPOP: HeaderName = HeaderName::from_static("dpop");

/// Logs in by ID tokens of an issuer that the client trusts, and refreshes; without a backend.
#[derive(Debug, Clone)]
pub struct TokenEndpoint {
    public: Endpoint,
    url: Url,
}

/// What an OpenID Connect issuer gave for a login.
#[derive(Debug, Clone)]
pub struct IdToken {
    /// The token.
    pub token: Secret,
    /// What the app gave the issuer as `nonce`, if it is to be compared.
    pub nonce: Option<String>,
}

impl TokenEndpoint {
    /// The token endpoint of Countersign's public listener.
    ///
    /// # Errors
    /// [`ClientError::Unsendable`] for a URL that can have no path.
    pub fn new(public: Endpoint) -> Result<Self, ClientError> {
        let url = public.url(&["oauth", "token"])?;
        Ok(Self { public, url })
    }

    async fn send(&self, proof: Option<&RelayedProof>, form: &[(&str, &str)]) -> BackendAnswer {
        match self.ask(proof, form).await {
            Ok(answer) => BackendAnswer {
                outcome: answer.session(),
                date: answer.date(),
            },
            Err(error) => BackendAnswer {
                outcome: Err(error),
                date: None,
            },
        }
    }

    async fn ask(
        &self,
        proof: Option<&RelayedProof>,
        form: &[(&str, &str)],
    ) -> Result<Answer, ClientError> {
        let mut headers = HeaderMap::new();
        if let Some(proof) = proof {
            let value = HeaderValue::from_str(&proof.jwt)
                .map_err(|_| ClientError::Unsendable("the proof cannot stand in a header"))?;
            headers.insert(DPOP, value);
        }
        let call = Call::new(Method::POST, self.url.clone(), headers).with_form(form);
        self.public.send(call).await
    }
}

impl Backend for TokenEndpoint {
    type Credentials = IdToken;

    fn login_url(&self) -> &Url {
        &self.url
    }

    fn refresh_url(&self) -> &Url {
        &self.url
    }

    async fn login(&self, login: RelayedLogin, id_token: &IdToken) -> BackendAnswer {
        let said = Said::new(login.client_id, &login.device);
        let mut form = said.form(TOKEN_EXCHANGE);
        form.push(("subject_token", id_token.token.reveal()));
        form.push(("subject_token_type", ID_TOKEN_TYPE));
        form.push(("installation_id", &said.installation_id));
        if let Some(nonce) = &id_token.nonce {
            form.push(("nonce", nonce));
        }
        self.send(login.proof.as_ref(), &form).await
    }

    async fn refresh(&self, refresh: RelayedRefresh) -> BackendAnswer {
        let said = Said::new(refresh.client_id, &refresh.device);
        let mut form = said.form(REFRESH_TOKEN);
        form.push(("refresh_token", refresh.refresh_token.reveal()));
        self.send(refresh.proof.as_ref(), &form).await
    }
}

/// What a device says in every form.
struct Said {
    client_id: String,
    installation_id: String,
    device: Option<String>,
}

impl Said {
    fn new(client_id: ClientId, device: &DeviceReport) -> Self {
        let report = serde_json::to_value(device).ok();
        let report = report.map(|mut report| {
            if let Value::Object(members) = &mut report {
                // It has a parameter of its own.
                members.remove("installation_id");
            }
            report.to_string()
        });
        Self {
            client_id: client_id.to_string(),
            installation_id: device.installation_id.to_string(),
            device: report,
        }
    }

    fn form<'s>(&'s self, grant_type: &'s str) -> Vec<(&'s str, &'s str)> {
        let mut form = vec![("grant_type", grant_type), ("client_id", &self.client_id)];
        form.extend(self.device.as_deref().map(|device| ("device", device)));
        form
    }
}
