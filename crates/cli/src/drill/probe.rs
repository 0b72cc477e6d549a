//! What is asked whether it lets the drill's device in.

use anyhow::Context as _;
use countersign_api_types::{
    Secret,
    verify::{Scheme, VerifyRequest, VerifyResponse},
};
use countersign_client::{ClientError, Device, Endpoint, HeaderMap, ServiceClient, Url};
use countersign_core::decision::Refusal;
use http::header::{AUTHORIZATION, HeaderName, HeaderValue};

/// The path that nodes and sidecars are asked at.
const VERIFY: &str = "/v1/verify";

/// The request that nodes and sidecars are asked about.
const JUDGED: &str = "https://drill.invalid/";

const DPOP: HeaderName = HeaderName::from_static("dpop");

/// A node, a sidecar, or an app behind either.
#[derive(Debug)]
pub(crate) struct Probe {
    /// What it is called in metrics and logs: its URL.
    pub(crate) name: String,
    way: Way,
}

#[derive(Debug)]
enum Way {
    /// Asked as an app's backend asks.
    Judge(ServiceClient),
    /// Called as the device calls its app.
    App(Endpoint),
}

/// What came of one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Seen {
    Accepted,
    Refused,
    /// Neither: it could not be reached, or said something else.
    Unclear(String),
}

/// What one answer said.
enum Said {
    Seen(Seen),
    /// Nothing yet: it wants this nonce in the proof.
    Nonce(String),
}

impl Probe {
    /// `url` ends in `/v1/verify` where a node or a sidecar is asked; everything else is an app.
    pub(crate) fn new(url: &Url, api_key: &Secret) -> anyhow::Result<Self> {
        let name = url.to_string();
        let way = match url.path().strip_suffix(VERIFY) {
            Some(base) => {
                let mut service = url.clone();
                service.set_path(base);
                Way::Judge(ServiceClient::new(Endpoint::new(service)?, api_key)?)
            }
            None => Way::App(Endpoint::new(url.clone())?),
        };
        Ok(Self { name, way })
    }

    /// Asks once, and once more if a nonce is missing.
    pub(crate) async fn ask(&self, device: &Device, token: &str) -> Seen {
        match self.ask_once(device, token).await {
            Ok(Said::Seen(seen)) => seen,
            Ok(Said::Nonce(nonce)) => {
                device.learn_nonce(&nonce);
                match self.ask_once(device, token).await {
                    Ok(Said::Seen(seen)) => seen,
                    Ok(Said::Nonce(_)) => Seen::Unclear("no nonce is good enough".to_owned()),
                    Err(error) => Seen::Unclear(format!("{error:#}")),
                }
            }
            Err(error) => Seen::Unclear(format!("{error:#}")),
        }
    }

    async fn ask_once(&self, device: &Device, token: &str) -> anyhow::Result<Said> {
        match &self.way {
            Way::Judge(service) => judge(service, device, token).await,
            Way::App(endpoint) => call(endpoint, device, token).await,
        }
    }
}

async fn judge(service: &ServiceClient, device: &Device, token: &str) -> anyhow::Result<Said> {
    let request = VerifyRequest {
        token: token.into(),
        scheme: Some(Scheme::DPoP),
        proof: Some(proof(device, JUDGED, token)?.into()),
        method: Some("GET".into()),
        url: Some(JUDGED.into()),
        min_trust: None,
        require_compliant: false,
        require_key: false,
        strict: false,
        client_ip: None,
    };
    Ok(match service.verify(&request).await {
        Ok(VerifyResponse::Allowed(_)) => Said::Seen(Seen::Accepted),
        Ok(VerifyResponse::Refused(refused)) => match refused.dpop_nonce {
            Some(nonce) if refused.code == Refusal::UseDpopNonce => Said::Nonce(nonce.to_string()),
            _ => Said::Seen(Seen::Refused),
        },
        Err(error) => Said::Seen(unclear(&error)),
    })
}

async fn call(endpoint: &Endpoint, device: &Device, token: &str) -> anyhow::Result<Said> {
    let mut authorization = HeaderValue::try_from(format!("DPoP {token}"))?;
    authorization.set_sensitive(true);
    let proof = HeaderValue::try_from(proof(device, endpoint.base().as_str(), token)?)?;
    let headers = HeaderMap::from_iter([(AUTHORIZATION, authorization), (DPOP, proof)]);
    Ok(match endpoint.get(headers).await {
        Ok(answer) => match (answer.status, answer.demanded_nonce) {
            (401, Some(nonce)) => Said::Nonce(nonce),
            (401 | 403, _) => Said::Seen(Seen::Refused),
            (200..=299, _) => Said::Seen(Seen::Accepted),
            (status, _) => Said::Seen(Seen::Unclear(format!("answered {status}"))),
        },
        Err(error) => Said::Seen(unclear(&error)),
    })
}

fn proof(device: &Device, url: &str, token: &str) -> anyhow::Result<String> {
    let proof = device.proof("GET", url, Some(token))?;
    proof.context("the drill's device has no key")
}

fn unclear(error: &ClientError) -> Seen {
    Seen::Unclear(format!("{error:#}"))
}
