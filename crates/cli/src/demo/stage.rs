//! The server under the demo, the four clients, and the app's backend.

use super::{
    DemoOptions, DemoTarget,
    check::{self, DemoError, failed},
    narrator::{Narrator, Tone},
    tally::Tally,
};
use countersign_client::{
    AssertedUser, Device, DeviceKey, DirectRelay, Endpoint, HeaderMap, ServiceClient, Url,
    api_types::{
        Secret,
        admission::AdmissionItem,
        attestation_policy::{AppleAppItem, AttestationPolicyItem, DemandItem},
        client::CreateClient,
        verify::{Scheme, VerifyRequest, VerifyResponse},
    },
};
use countersign_core::{
    ClientId, Clock, Rng, Timestamp,
    admission::AfterBan,
    attestation::{
        AttestationEnvironment, AttestationLevel,
        policy::{ApplePlatform, AttestationMode},
    },
    client::Origin,
    device::{Encryption, Facts, Platform},
    user::ExternalUserId,
};
use std::{sync::Arc, time::Duration};

/// The app: where its users log in, and the API that their requests go to.
const APP: &str = "https://app.example";
pub(super) const API: &str = "https://api.app.example/messages";
pub(super) const OTHER_API: &str = "https://api.app.example/payments";

/// What everybody plays on.
pub(super) struct Stage {
    /// The app's backend and the admin, by the demo's API key.
    pub(super) service: ServiceClient,
    /// The way of the devices to the app's backend.
    pub(super) relay: DirectRelay,
    pub(super) public: Endpoint,
    pub(super) tally: Tally,
    clients: Clients,
    internal_url: Url,
    api_key: Secret,
    clock: Arc<dyn Clock>,
    rng: Arc<dyn Rng>,
}

struct Clients {
    ios: ClientId,
    android: ClientId,
    web: ClientId,
    desktop: ClientId,
}

/// What a request carries, as the app's backend receives it.
#[derive(Clone)]
pub(super) struct Presented {
    pub(super) scheme: Scheme,
    pub(super) token: String,
    pub(super) proof: Option<String>,
    pub(super) url: &'static str,
}

impl Stage {
    /// Registers one client a platform.
    pub(super) async fn set(
        options: DemoOptions,
        target: &DemoTarget,
        out: &mut Narrator<'_>,
    ) -> Result<Self, DemoError> {
        let internal = Endpoint::new(target.internal_url.clone())?;
        let service = ServiceClient::new(internal, &target.api_key)?;
        out.scene("An app with four clients")?;
        let clients = Clients {
            ios: register(&service, Platform::Ios, out).await?,
            android: register(&service, Platform::Android, out).await?,
            web: register(&service, Platform::Web, out).await?,
            desktop: register(&service, Platform::Desktop, out).await?,
        };
        Ok(Self {
            relay: relay(service.clone())?,
            service,
            public: Endpoint::new(target.public_url.clone())?,
            tally: Tally::default(),
            clients,
            internal_url: target.internal_url.clone(),
            api_key: target.api_key.clone(),
            clock: options.clock,
            rng: options.rng,
        })
    }

    /// A device that was never seen, with a key of its own.
    pub(super) fn new_device(
        &self,
        platform: Platform,
        name: &str,
    ) -> Result<Arc<Device>, DemoError> {
        let key = DeviceKey::generate()?;
        Ok(self.device(platform, Some(key), name))
    }

    /// The same installation after its key was lost, with a new one.
    pub(super) fn reinstalled(&self, device: &Device) -> Result<Arc<Device>, DemoError> {
        let key = DeviceKey::generate()?;
        let (clock, rng) = (Arc::clone(&self.clock), Arc::clone(&self.rng));
        let (saved, facts) = (device.save(), Facts::default());
        Ok(Arc::new(Device::restore(
            saved,
            Some(key),
            facts,
            clock,
            rng,
        )))
    }

    /// A device that has no key.
    pub(super) fn keyless_device(&self, platform: Platform) -> Arc<Device> {
        self.device(platform, None, "curl")
    }

    /// A way to the app's backend by another address than the server's own.
    pub(super) fn relay_by(&self, internal_url: Url) -> Result<DirectRelay, DemoError> {
        relay(ServiceClient::new(
            Endpoint::new(internal_url)?,
            &self.api_key,
        )?)
    }

    pub(super) fn internal_url(&self) -> &Url {
        &self.internal_url
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(super) fn since(&self, start: Timestamp) -> Duration {
        self.clock.now().since(start)
    }

    /// The app's backend receives a request and asks whether it may go through.
    pub(super) async fn judge(
        &self,
        presented: &Presented,
    ) -> Result<VerifyResponse<'static>, DemoError> {
        let request = VerifyRequest {
            token: presented.token.as_str().into(),
            scheme: Some(presented.scheme),
            proof: presented.proof.as_deref().map(Into::into),
            method: Some("GET".into()),
            url: Some(presented.url.into()),
            min_trust: None,
            require_compliant: false,
            require_key: false,
            strict: false,
            client_ip: None,
        };
        let start = self.now();
        let verdict = self
            .service
            .verify(&request)
            .await
            .map_err(failed("verifying a request"))?;
        let took = self.since(start);
        let mut numbers = self.tally.lock();
        numbers.verifications.push(took);
        match &verdict {
            VerifyResponse::Allowed(_) => numbers.allowed += 1,
            VerifyResponse::Refused(_) => numbers.refused += 1,
        }
        Ok(verdict)
    }

    fn device(&self, platform: Platform, key: Option<DeviceKey>, name: &str) -> Arc<Device> {
        let client_id = match platform {
            Platform::Ios => self.clients.ios,
            Platform::Android => self.clients.android,
            Platform::Web => self.clients.web,
            Platform::Desktop => self.clients.desktop,
        };
        let facts = Facts {
            name: Some(name.to_owned()),
            app_version: Some("1.0.0".to_owned()),
            encryption: Some(Encryption::Enabled),
            ..Facts::default()
        };
        let (clock, rng) = (Arc::clone(&self.clock), Arc::clone(&self.rng));
        Arc::new(Device::new(client_id, key, facts, clock, rng))
    }
}

impl Presented {
    /// Reads a request's headers as a backend does.
    pub(super) fn read(headers: &HeaderMap, url: &'static str) -> Option<Self> {
        let text = |name: &str| headers.get(name)?.to_str().ok();
        let (scheme, token) = text("authorization")?.split_once(' ')?;
        Some(Self {
            scheme: Scheme::parse(scheme)?,
            token: token.to_owned(),
            proof: text("dpop").map(str::to_owned),
            url,
        })
    }
}

/// A user who logs in with a password.
pub(super) fn user(id: &ExternalUserId) -> AssertedUser {
    AssertedUser::with_password(id.clone())
}

fn relay(service: ServiceClient) -> Result<DirectRelay, DemoError> {
    let app = APP
        .parse()
        .map_err(|_| DemoError::Unusable("the URL of its app"))?;
    DirectRelay::new(service, &app).map_err(failed("finding the app"))
}

async fn register(
    service: &ServiceClient,
    platform: Platform,
    out: &mut Narrator<'_>,
) -> Result<ClientId, DemoError> {
    let step = "registering a client";
    let client = service
        .create_client(&client(platform)?)
        .await
        .map_err(failed(step))?;
    check::equal(step, &client.platform, &platform)?;
    let does = format!("registers the {platform} client");
    out.tell("admin", &does, Tone::Plain, &client.client_id.to_string())?;
    Ok(client.client_id)
}

/// App Attest may vouch for the app, and what is wrong is refused; who shows nothing is let in.
fn attested() -> AttestationPolicyItem {
    AttestationPolicyItem {
        apple: vec![AppleAppItem {
            app_id: "DEMO123456.example.app".to_owned(),
            platform: ApplePlatform::Ios,
            environment: AttestationEnvironment::Production,
        }],
        enroll: DemandItem {
            mode: AttestationMode::SoftFail,
            level: AttestationLevel::App,
            ..DemandItem::default()
        },
        ..AttestationPolicyItem::default()
    }
}

/// Who had a device banned gets in on the next one only when an admin says so.
fn watched() -> AdmissionItem {
    AdmissionItem {
        after_ban: AfterBan::Approval,
        ..AdmissionItem::default()
    }
}

fn client(platform: Platform) -> Result<CreateClient, DemoError> {
    let origin: Origin = APP
        .parse()
        .map_err(|_| DemoError::Unusable("the URL of its app"))?;
    Ok(CreateClient {
        name: format!("Demo for {platform}"),
        platform,
        audience: "https://api.app.example".to_owned(),
        proof_of_possession: None,
        nonce_policy: None,
        origins: vec![origin],
        issuers: Vec::new(),
        admission: (platform == Platform::Android).then(watched),
        limits: None,
        trust: None,
        attestation: (platform == Platform::Ios).then(attested),
        preset: None,
        lifetimes: None,
    })
}
