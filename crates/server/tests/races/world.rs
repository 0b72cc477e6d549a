//! A client of the service with its users and devices: the calls that every test makes.

use crate::link::{Link, Reply};
use countersign_core::{Clock, Rng};
use countersign_storage::Engine;
use countersign_test_support::{Kind, Phone, Platforms, TestApp, TestDatabase};
use serde_json::{Value, json};
use std::sync::Arc;

/// One client of a service.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) link: Link,
    pub(crate) client: String,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) rng: Arc<dyn Rng>,
}

/// The tokens of one answer.
#[derive(Debug, Clone)]
pub(crate) struct Tokens {
    pub(crate) access: String,
    pub(crate) refresh: String,
    pub(crate) device: String,
}

impl World {
    /// A service in process on an empty database.
    pub(crate) async fn start(engine: Engine) -> Self {
        let app = Arc::new(TestApp::start(engine).await);
        let (clock, rng) = (Arc::clone(&app.clock) as _, Arc::clone(&app.rng));
        Self::on(Link::InProcess(app), clock, rng).await
    }

    /// The same, and platforms that it believes.
    pub(crate) async fn with_platforms(engine: Engine) -> (Self, Platforms) {
        let app = TestApp::start(engine).await;
        let platforms = Platforms::new(app.app.now());
        let app = Arc::new(app.with_platforms(&platforms).await);
        let (clock, rng) = (Arc::clone(&app.clock) as _, Arc::clone(&app.rng));
        (Self::on(Link::InProcess(app), clock, rng).await, platforms)
    }

    /// A client made through a link.
    pub(crate) async fn on(link: Link, clock: Arc<dyn Clock>, rng: Arc<dyn Rng>) -> Self {
        let client = String::new();
        let nobody = Self {
            link,
            client,
            clock,
            rng,
        };
        nobody.with_client(&[]).await
    }

    /// Another client of the same service; with these settings too.
    pub(crate) async fn with_client(&self, settings: &[(&str, &Value)]) -> Self {
        let mut body = json!({
            "name": "App", "platform": "ios", "audience": "https://api.example",
            "proof_of_possession": "optional", "origins": [TestApp::APP_ORIGIN],
            "lifetimes": { "access_seconds": 3600 },
            // Thieves here try more bad proofs than one may.
            "admission": { "bad_proofs": { "limit": 0 } },
        });
        for (name, value) in settings {
            body[name] = (*value).clone();
        }
        let made = self.link.call("POST", "/v1/clients", &body).await;
        let made = made.expect("an answer").expect_status(201);
        Self {
            client: made.text("client_id"),
            ..self.clone()
        }
    }

    /// The service, where it runs in this process.
    pub(crate) fn app(&self) -> &Arc<TestApp> {
        match &self.link {
            Link::InProcess(app) => app,
            Link::Tcp { .. } => unreachable!("the service is another process"),
        }
    }

    pub(crate) fn database(&self) -> &TestDatabase {
        self.app().database()
    }

    pub(crate) fn phone(&self, kind: Kind) -> Phone {
        Phone::new(kind, &self.clock, &self.rng)
    }

    /// A login that goes through.
    pub(crate) async fn log_in(&self, user: &str, phone: &Phone) -> Tokens {
        let answer = self.login(user, phone).await.expect("an answer");
        let answer = answer.expect_status(201);
        phone.keep_secret(&answer.body);
        Tokens::of(&answer)
    }

    pub(crate) async fn login(&self, user: &str, phone: &Phone) -> Option<Reply> {
        self.post_session(&phone.login(&self.client, user)).await
    }

    pub(crate) async fn refresh(&self, user: &str, phone: &Phone, token: &str) -> Option<Reply> {
        let body = phone.refresh(&self.client, user, token);
        self.post_session(&body).await
    }

    pub(crate) async fn post_session(&self, body: &Value) -> Option<Reply> {
        self.link.call("POST", "/v1/sessions", body).await
    }

    /// Asks the gate, again with the nonce that it wants after a start.
    pub(crate) async fn verify(&self, phone: &Phone, token: &str) -> Option<Reply> {
        let first = self.ask(&phone.verify(token, None)).await?;
        if first.code() != "use_dpop_nonce" {
            return Some(first);
        }
        let nonce = first.text("dpop_nonce");
        self.ask(&phone.verify(token, Some(&nonce))).await
    }

    /// Whether the gate lets the token through.
    pub(crate) async fn is_allowed(&self, phone: &Phone, token: &str) -> bool {
        let answer = self.verify(phone, token).await.expect("an answer");
        answer.expect_status(200).body["allowed"] == true
    }

    pub(crate) async fn ask(&self, body: &Value) -> Option<Reply> {
        self.link.call("POST", "/v1/verify", body).await
    }

    pub(crate) async fn on_user(&self, user: &str, action: &str) -> Option<Reply> {
        let path = format!("/v1/users/{user}/{action}");
        self.link.call("POST", &path, &Value::Null).await
    }

    pub(crate) async fn log_device_out(&self, user: &str, device: &str) -> Option<Reply> {
        self.on_user(user, &format!("devices/{device}/logout"))
            .await
    }

    pub(crate) async fn remove_device(&self, user: &str, device: &str) -> Option<Reply> {
        let path = format!("/v1/users/{user}/devices/{device}");
        self.link.call("DELETE", &path, &Value::Null).await
    }

    /// A call of the user's own with their token; only in process.
    pub(crate) async fn own(&self, phone: &Phone, token: &str, path: &str) -> Reply {
        let call = self.app().public("POST", path);
        let url = format!("{}{path}", TestApp::PUBLIC_URL);
        let call = match phone.proof("POST", &url, Some(token), None) {
            Some(proof) => call
                .header("authorization", &format!("DPoP {token}"))
                .header("dpop", &proof),
            None => call.header("authorization", &format!("Bearer {token}")),
        };
        call.send().await.into()
    }
}

impl Tokens {
    pub(crate) fn of(answer: &Reply) -> Self {
        Self {
            access: answer.text("access_token"),
            refresh: answer.text("refresh_token"),
            device: answer.text("device_id"),
        }
    }
}
