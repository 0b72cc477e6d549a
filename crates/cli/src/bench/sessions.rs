//! Sessions to measure with: real logins over HTTP.

use anyhow::Context as _;
use countersign_api_types::{
    Secret,
    client::{ClientItem, CreateClient, LifetimesChange},
    session::{DeviceReport, RegisterSession, RegisteredSession, RelayedProof, SessionEvent},
};
use countersign_client::{Device, DeviceKey, Endpoint, ServiceClient};
use countersign_core::{
    ClientId, Clock, Rng, SystemRng,
    client::ProofOfPossession,
    device::{Facts, Platform},
};
use countersign_server::Server;
use std::sync::Arc;
use uuid::Uuid;

const APP: &str = "https://app.example";
const LOGIN_URL: &str = "https://app.example/login";

/// A session of a device with a key, and its access token.
#[derive(Debug)]
pub(super) struct Keyed {
    pub(super) device: Device,
    pub(super) token: Secret,
}

/// The backend's side.
pub(super) fn service(server: &Server, api_key: &Secret) -> anyhow::Result<ServiceClient> {
    let url = format!("http://{}", server.addresses().internal).parse()?;
    Ok(ServiceClient::new(Endpoint::new(url)?, api_key)?)
}

/// A client whose devices may have a key, and whose tokens live as long as they can.
pub(super) fn client_request() -> anyhow::Result<CreateClient> {
    Ok(CreateClient {
        name: "bench".to_owned(),
        platform: Platform::Ios,
        audience: "https://api.example".to_owned(),
        proof_of_possession: Some(ProofOfPossession::Optional),
        nonce_policy: None,
        origins: vec![APP.parse()?],
        issuers: Vec::new(),
        admission: None,
        limits: None,
        trust: None,
        attestation: None,
        preset: None,
        lifetimes: Some(LifetimesChange {
            access_seconds: Some(3600),
            ..LifetimesChange::default()
        }),
    })
}

pub(super) async fn client(service: &ServiceClient) -> anyhow::Result<ClientItem> {
    Ok(service.create_client(&client_request()?).await?)
}

/// The login of a new installation.
pub(super) fn login_request(client_id: ClientId, user: &str) -> anyhow::Result<RegisterSession> {
    let mut random = [0; 16];
    SystemRng.fill(&mut random);
    Ok(RegisterSession {
        event: SessionEvent::Login,
        client_id,
        user_id: user.parse()?,
        amr: vec!["pwd".to_owned()],
        roles: None,
        device: report(uuid::Builder::from_random_bytes(random).into_uuid()),
        proof: None,
        refresh_token: None,
        tokens: None,
        client_ip: None,
        user_agent: None,
    })
}

/// Logs a user in on a new device without a key; answers the access token.
pub(super) async fn keyless(
    service: &ServiceClient,
    client_id: ClientId,
    user: &str,
) -> anyhow::Result<Secret> {
    token(
        service
            .register_session(&login_request(client_id, user)?)
            .await?,
    )
}

/// Logs a user in on a new device with a key.
pub(super) async fn keyed(
    service: &ServiceClient,
    client_id: ClientId,
    user: &str,
    clock: &Arc<dyn Clock>,
) -> anyhow::Result<Keyed> {
    let key = Some(DeviceKey::generate()?);
    let rng = Arc::new(SystemRng);
    let device = Device::new(client_id, key, Facts::default(), Arc::clone(clock), rng);
    let jwt = device
        .proof("POST", LOGIN_URL, None)?
        .context("a device with a key makes proofs")?;
    let request = RegisterSession {
        device: report(device.installation_id()),
        proof: Some(RelayedProof {
            jwt,
            htm: "POST".to_owned(),
            htu: LOGIN_URL.to_owned(),
        }),
        ..login_request(client_id, user)?
    };
    Ok(Keyed {
        token: token(service.register_session(&request).await?)?,
        device,
    })
}

fn token(registered: RegisteredSession) -> anyhow::Result<Secret> {
    registered
        .access_token
        .context("the login answered no access token")
}

pub(super) fn report(installation_id: Uuid) -> DeviceReport {
    DeviceReport {
        installation_id,
        name: Some("Bench".to_owned()),
        model: None,
        os_version: None,
        app_version: Some("1.0".to_owned()),
        encryption: None,
        fingerprint: None,
        device_secret: None,
        push: None,
    }
}
