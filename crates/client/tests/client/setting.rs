//! A device and its session with a fake server, everything under the test's control.

use crate::fake::{self, Fake};
use countersign_client::{
    AssertedUser, Device, DeviceKey, DirectRelay, Endpoint, ServiceClient, Session, SessionError,
    api_types::Secret,
};
use countersign_core::{
    ClientId, Clock, ManualClock, Rng, Timestamp, device::Facts, token::sha256,
};
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

/// What every clock shows at first: 2026-01-31T12:00:00Z.
pub(crate) const START: Timestamp = Timestamp::from_secs(1_769_860_800);

/// SHA-256 of a counter: the same numbers in every run.
#[derive(Debug)]
pub(crate) struct SeededRng(AtomicU64);

impl SeededRng {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed << 32))
    }
}

impl Rng for SeededRng {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(32) {
            let count = self.0.fetch_add(1, Ordering::Relaxed);
            chunk.copy_from_slice(&sha256(&count.to_be_bytes())[..chunk.len()]);
        }
    }
}

/// A server, a device, and the device's own clock.
pub(crate) struct Setting {
    pub(crate) server: Fake,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) device: Arc<Device>,
}

impl Setting {
    pub(crate) async fn start() -> Self {
        Self::with_key(Some(DeviceKey::generate().unwrap())).await
    }

    pub(crate) async fn with_key(key: Option<DeviceKey>) -> Self {
        let server = Fake::start().await;
        let clock = Arc::new(ManualClock::starting_at(START));
        let rng = Arc::new(SeededRng::new(1));
        let client_id = ClientId::generate(START, &*rng);
        let facts = Facts {
            name: Some("Phone".to_owned()),
            ..Facts::default()
        };
        let clock_of_device = Arc::clone(&clock) as Arc<dyn Clock>;
        let device = Device::new(client_id, key, facts, clock_of_device, rng);
        Self {
            server,
            clock,
            device: Arc::new(device),
        }
    }

    pub(crate) fn endpoint(&self) -> Endpoint {
        Endpoint::new(self.server.url().clone()).unwrap()
    }

    pub(crate) fn service(&self) -> ServiceClient {
        let key = Secret::from(fake::API_KEY.to_owned());
        ServiceClient::new(self.endpoint(), &key).unwrap()
    }

    pub(crate) fn relay(&self) -> DirectRelay {
        DirectRelay::new(self.service(), &"https://app.example".parse().unwrap()).unwrap()
    }

    pub(crate) async fn login(&self) -> Result<Session<DirectRelay>, SessionError> {
        let user = AssertedUser::with_password("42".parse().unwrap());
        Session::login(
            Arc::clone(&self.device),
            self.relay(),
            self.endpoint(),
            &user,
        )
        .await
    }
}
