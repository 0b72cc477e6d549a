//! Answering from memory, under what remains of a node's lease.

use crate::{
    relay::Relay,
    scene::{Device, Scene},
};
use countersign_barrier::Moment;
use countersign_test_support::TestServer;
use countersign_verifier::{BootClock, Demands, LeasedConfig, SystemBootClock, Verdict, Verifier};
use http::Request;
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{task::yield_now, time::Instant};

const PUBLIC_URL: &str = "https://api.example";

/// The machine's clock, which tests move on.
#[derive(Debug, Default)]
struct Ahead(AtomicU64);

impl Ahead {
    fn advance(&self, by: Duration) {
        let nanos = u64::try_from(by.as_nanos()).unwrap();
        self.0.fetch_add(nanos, Ordering::SeqCst);
    }
}

impl BootClock for Ahead {
    fn moment(&self) -> Moment {
        let ahead = Duration::from_nanos(self.0.load(Ordering::SeqCst));
        SystemBootClock.moment().plus(ahead)
    }
}

/// Two nodes, and a verifier that follows the second.
struct Stage {
    scene: Scene,
    other: TestServer,
    relay: Relay,
    verifier: Verifier,
    boot_clock: Arc<Ahead>,
}

impl Stage {
    async fn set() -> Self {
        let scene = Scene::set(PUBLIC_URL).await;
        let other = scene.server.beside().await;
        let relay = Relay::to(&other.internal_url()).await;
        let boot_clock = Arc::new(Ahead::default());
        let verifier = Verifier::leased(LeasedConfig {
            service_url: relay.url.clone(),
            api_key: scene.server.api_key.clone().into(),
            public_url: PUBLIC_URL.to_owned(),
            clock: scene.server.clock.clone(),
            boot_clock: boot_clock.clone(),
            ..LeasedConfig::default()
        });
        let stage = Self {
            scene,
            other,
            relay,
            verifier: verifier.unwrap(),
            boot_clock,
        };
        stage.until_ready().await;
        stage
    }

    async fn until_ready(&self) {
        while !self.verifier.is_ready() {
            yield_now().await;
        }
    }

    /// What the verifier says: `None` for yes, else the code.
    async fn refusal(&self, device: &Device) -> Option<String> {
        let authorization = format!("Bearer {}", device.token);
        let request = Request::builder().header("authorization", authorization);
        let parts = request.body(()).unwrap().into_parts().0;
        match self.verifier.verify(&parts, Demands::default()).await {
            Verdict::Allowed(_) => None,
            Verdict::Refused(refused) => Some(refused.code().to_owned()),
            Verdict::Nobody => panic!("there is a token"),
        }
    }

    async fn log_out(&self, user: &str, device: &Device) -> Duration {
        let began = Instant::now();
        self.scene.log_out(user, device).await;
        began.elapsed()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn i1_what_ended_on_one_node_is_refused_by_a_verifier_of_another() {
    let stage = Stage::set().await;
    for number in 0..10 {
        let user = format!("user-{number}");
        let device = stage.scene.unbound(&user).await;
        assert_eq!(stage.refusal(&device).await, None);
        assert_eq!(stage.refusal(&device).await, None);
        let took = stage.log_out(&user, &device).await;
        assert_eq!(
            stage.refusal(&device).await.as_deref(),
            Some("session_ended")
        );
        assert!(
            took < Duration::from_secs(2),
            "nobody's lease ran out: {took:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn i1_a_verifier_that_asks_no_more_delays_an_ending_until_its_lease_is_over() {
    let stage = Stage::set().await;
    let device = stage.scene.unbound("erin").await;
    assert_eq!(stage.refusal(&device).await, None);
    stage.relay.cut();
    let ending = stage.log_out("erin", &device);
    let asking = async {
        let (mut accepted, began) = (0, Instant::now());
        while stage.refusal(&device).await.is_none() {
            accepted += 1;
            assert!(
                began.elapsed() < Duration::from_secs(10),
                "no lease is so long"
            );
            yield_now().await;
        }
        accepted
    };
    let (took, accepted) = tokio::join!(ending, asking);
    assert!(accepted > 0, "it answered while its lease ran");
    assert!(took > Duration::from_secs(1), "the ending waited: {took:?}");
    assert_eq!(stage.refusal(&device).await.as_deref(), Some("unavailable"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verifier_whose_service_is_gone_answers_until_its_lease_is_over() {
    let stage = Stage::set().await;
    let device = stage.scene.unbound("erin").await;
    assert_eq!(stage.refusal(&device).await, None);
    stage.relay.cut();
    assert_eq!(stage.refusal(&device).await, None);
    stage.boot_clock.advance(Duration::from_secs(2));
    assert_eq!(stage.refusal(&device).await.as_deref(), Some("unavailable"));
    stage.relay.lead_to(&stage.other.internal_url());
    assert_eq!(
        stage.refusal(&device).await,
        None,
        "a request waits for a pull"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn i1_an_answer_that_was_long_on_its_way_gives_no_lease() {
    let stage = Stage::set().await;
    stage.relay.hold(true);
    stage.relay.has_kept().await;
    stage.boot_clock.advance(Duration::from_secs(3));
    let asked = stage.relay.asked();
    // What is asked from now on finds nobody; the answer that is kept back was given before.
    stage.relay.cut();
    stage.relay.hold(false);
    while stage.relay.asked() == asked {
        yield_now().await;
    }
    assert!(!stage.verifier.is_ready());
}

#[tokio::test(flavor = "multi_thread")]
async fn i1_a_verifier_begins_anew_with_another_process() {
    let stage = Stage::set().await;
    let (stays, goes) = (
        stage.scene.unbound("erin").await,
        stage.scene.unbound("frank").await,
    );
    assert_eq!(stage.refusal(&stays).await, None);
    assert_eq!(stage.refusal(&goes).await, None);
    stage.relay.cut();
    stage.log_out("frank", &goes).await;
    let next = stage.other.beside().await;
    stage.relay.lead_to(&next.internal_url());
    stage.until_ready().await;
    assert_eq!(stage.refusal(&goes).await.as_deref(), Some("session_ended"));
    assert_eq!(stage.refusal(&stays).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn i1_what_changed_meanwhile_is_read_again_with_another_process() {
    let stage = Stage::set().await;
    let device = stage.scene.unbound("erin").await;
    assert_eq!(stage.refusal(&device).await, None);
    stage.relay.cut();
    stage.boot_clock.advance(Duration::from_secs(3));
    stage.scene.disable_client().await;
    let next = stage.other.beside().await;
    stage.relay.lead_to(&next.internal_url());
    stage.until_ready().await;
    assert_eq!(
        stage.refusal(&device).await.as_deref(),
        Some("client_ended")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn i1_what_another_node_read_is_not_used() {
    let stage = Stage::set().await;
    let device = stage.scene.unbound("erin").await;
    stage.relay.read_from(&stage.scene.server.internal_url());
    assert_eq!(stage.refusal(&device).await.as_deref(), Some("unavailable"));
    stage.relay.read_from(&stage.other.internal_url());
    assert_eq!(stage.refusal(&device).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_verifier_started_ends_with_it() {
    let stage = Stage::set().await;
    let Stage {
        relay, verifier, ..
    } = stage;
    drop(verifier.clone());
    let asked = relay.asked();
    while relay.asked() == asked {
        yield_now().await;
    }
    drop(verifier);
    // One question may be on its way.
    tokio::time::timeout(Duration::from_secs(1), async {
        let asked = relay.asked();
        while relay.asked() <= asked + 1 {
            yield_now().await;
        }
    })
    .await
    .unwrap_err();
}
