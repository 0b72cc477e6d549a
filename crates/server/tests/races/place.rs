//! A tablet that two users share, a phone of the first, and what stands between meetings.

use crate::{
    link::Reply,
    side::Side,
    world::{Tokens, World},
};
use countersign_test_support::{Kind, Phone, Platforms, adopted_pair};
use serde_json::{Value, json};
use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU64, Ordering},
};

/// A tablet of two users, and a phone of the first; alone on its service.
pub(crate) struct Place {
    pub(crate) world: World,
    pub(crate) platforms: Arc<Platforms>,
    pub(crate) users: [String; 2],
    tablet: Mutex<Arc<Phone>>,
    phone: Arc<Phone>,
    /// Of each user on the tablet, and of the first on the phone.
    tokens: Mutex<[Tokens; 3]>,
    /// A session of the first with tokens of the backend's own.
    adopted: Mutex<String>,
    /// The tablet's record whose machine its maker has attested.
    attested: Mutex<String>,
    pub(crate) left: Mutex<Left>,
    pub(crate) side: tokio::sync::Mutex<Side>,
    pub(crate) round: AtomicU64,
    serial: AtomicU64,
}

/// What a meeting leaves behind that keeps the next one from taking place.
#[derive(Debug, Default)]
pub(crate) struct Left {
    /// Bans in force.
    pub(crate) bans: Vec<String>,
    /// The one of them that is to be lifted in this meeting.
    pub(crate) lifting: Option<String>,
    /// What admins are asked about in this meeting.
    pub(crate) approval: Option<String>,
    pub(crate) is_client_changed: bool,
}

/// How often it is tried to have everybody logged in.
const TRIES: usize = 3;

impl Place {
    /// Begins with this round: what acts do before a meeting differs from one to the next.
    pub(crate) async fn make(
        world: &World,
        platforms: &Arc<Platforms>,
        name: &str,
        round: u64,
    ) -> Self {
        let policy = Self::policy();
        let world = world.with_client(&[("attestation", &policy)]).await;
        let users = [format!("{name}-1"), format!("{name}-2")];
        let (tablet, phone) = (world.phone(Kind::Keyed), world.phone(Kind::Keyed));
        let tokens = [
            world.log_in(&users[0], &tablet).await,
            world.log_in(&users[1], &tablet).await,
            world.log_in(&users[0], &phone).await,
        ];
        let side = Side::of(world.database()).await;
        let place = Self {
            world,
            platforms: Arc::clone(platforms),
            users,
            tablet: Mutex::new(Arc::new(tablet)),
            phone: Arc::new(phone),
            tokens: Mutex::new(tokens),
            adopted: Mutex::default(),
            attested: Mutex::default(),
            left: Mutex::default(),
            side: tokio::sync::Mutex::new(side),
            round: AtomicU64::new(round),
            serial: AtomicU64::new(1),
        };
        place.adopt_again().await;
        place
    }

    /// What the client wants of evidence: to see it.
    pub(crate) fn policy() -> Value {
        Platforms::policy(&json!({ "mode": "telemetry", "level": "software" }))
    }

    /// Undoes what the last meeting left, and logs in again whoever was cut off, so that there is
    /// something to meet about.
    pub(crate) async fn revive(&self) {
        self.round.fetch_add(1, Ordering::Relaxed);
        let standing = self.world.on_user(&self.users[0], "enable").await;
        standing.expect("an answer").expect_status(200);
        let left = std::mem::take(&mut *self.left.lock().expect("no panic"));
        for ban in left.bans {
            let path = format!("/v1/bans/{ban}");
            let lifted = self.call("DELETE", &path, &Value::Null).await;
            lifted.expect_status(200);
        }
        if left.approval.is_some() {
            let decide = "UPDATE approvals SET decision = 'approved', decided_at = asked_at WHERE decision IS NULL";
            self.side.lock().await.run(decide).await;
        }
        if left.is_client_changed {
            self.set_client(&Self::policy(), "automatic").await;
        }
        for _ in 0..TRIES {
            if self.log_everybody_in().await {
                return self.adopt_again().await;
            }
            // Revoked, or its key was given up: the users get another tablet.
            *self.tablet.lock().expect("no panic") = Arc::new(self.world.phone(Kind::Keyed));
        }
        unreachable!("nobody can log in on a new tablet");
    }

    async fn log_everybody_in(&self) -> bool {
        for index in 0..3 {
            let (phone, tokens) = self.now(index);
            if self.world.is_allowed(&phone, &tokens.access).await {
                continue;
            }
            if index < 2 {
                let path = format!("/v1/devices/{}/resume", tokens.device);
                self.call("POST", &path, &Value::Null).await;
            }
            let user = &self.users[index % 2];
            let login = self.world.login(user, &phone).await.expect("an answer");
            login.expect_no_fault();
            if !login.is_success() {
                return false;
            }
            self.keep(index, &login);
        }
        let device = self.now(0).1.device;
        if *self.attested.lock().expect("no panic") == device {
            return true;
        }
        let shown = self.show().await;
        *self.attested.lock().expect("no panic") = device;
        shown.is_success()
    }

    async fn adopt_again(&self) {
        let phone = self.world.phone(Kind::Keyless);
        let session = self.adopted.lock().expect("no panic").clone();
        let path = format!("/v1/sessions/{session}/tokens");
        if !session.is_empty() {
            let replaced = self.call("PUT", &path, &self.new_pair()).await;
            if replaced.is_success() {
                return;
            }
        }
        let mut body = phone.login(&self.world.client, &self.users[0]);
        body["tokens"] = self.new_pair();
        let adopting = self.world.post_session(&body).await.expect("an answer");
        *self.adopted.lock().expect("no panic") = adopting.expect_status(201).text("session_id");
    }

    /// Tokens of the backend's own that were never seen.
    pub(crate) fn new_pair(&self) -> Value {
        adopted_pair(&format!("{}-{}", self.users[0], self.next()))
    }

    pub(crate) fn adopted(&self) -> String {
        self.adopted.lock().expect("no panic").clone()
    }

    /// Changes what the client wants of evidence, and whether new devices wait for an admin; any number
    /// of them may come.
    pub(crate) async fn set_client(&self, policy: &Value, activation: &str) {
        let path = format!("/v1/clients/{}", self.world.client);
        let admission = json!({ "activation": activation, "bad_proofs": { "limit": 0 } });
        let change = json!({ "attestation": policy, "admission": admission, "limits": {} });
        let changed = self.call("PATCH", &path, &change).await;
        changed.expect_status(200);
    }

    /// The device and the tokens: of each user on the tablet, and of the first on the phone.
    pub(crate) fn now(&self, index: usize) -> (Arc<Phone>, Tokens) {
        let phone = match index {
            2 => Arc::clone(&self.phone),
            _ => Arc::clone(&self.tablet.lock().expect("no panic")),
        };
        (phone, self.tokens.lock().expect("no panic")[index].clone())
    }

    pub(crate) fn keep(&self, index: usize, answer: &Reply) {
        if answer.is_success() {
            self.tokens.lock().expect("no panic")[index] = Tokens::of(answer);
        }
    }

    /// The tablet has another key now.
    pub(crate) fn keep_tablet(&self, tablet: Arc<Phone>) {
        *self.tablet.lock().expect("no panic") = tablet;
    }

    /// A call to the internal listener.
    pub(crate) async fn call(&self, method: &str, path: &str, body: &Value) -> Reply {
        let answer = self.world.link.call(method, path, body).await;
        answer.expect("an answer")
    }

    pub(crate) fn next(&self) -> u64 {
        self.serial.fetch_add(1, Ordering::Relaxed)
    }
}
