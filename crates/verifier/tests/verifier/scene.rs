//! The devices, sessions and tokens that the cases speak of.

use countersign_attestation::{
    dpop::{self, NewProof},
    jws::SigningKey,
};
use countersign_core::{Clock, Timestamp, token::HashedToken};
use countersign_test_support::{Engine, TestServer};
use serde_json::{Value, json};
use std::{collections::BTreeMap, time::Duration};
use uuid::Uuid;

const HOUR: Duration = Duration::from_hours(1);

pub(crate) struct Scene {
    pub(crate) server: TestServer,
    pub(crate) devices: BTreeMap<&'static str, Device>,
    pub(crate) nonce: String,
    pub(crate) other_key: SigningKey,
    pub(crate) key_without_verify: String,
    public_url: String,
    client_id: String,
}

/// A device that logged in.
pub(crate) struct Device {
    pub(crate) key: Option<SigningKey>,
    pub(crate) session: Value,
    pub(crate) token: String,
}

/// What a proof is to say.
pub(crate) struct Claims<'a> {
    pub(crate) method: &'a str,
    pub(crate) url: &'a str,
    pub(crate) token: Option<&'a str>,
    pub(crate) nonce: Option<&'a str>,
    pub(crate) age: Duration,
}

impl Scene {
    /// Registers a client, a device per kind of token, and takes a nonce.
    pub(crate) async fn set(public_url: &str) -> Self {
        let server = TestServer::start(Engine::Sqlite).await;
        let mut scene = Self {
            server,
            devices: BTreeMap::new(),
            nonce: String::new(),
            other_key: SigningKey::generate().unwrap(),
            key_without_verify: String::new(),
            public_url: public_url.to_owned(),
            client_id: String::new(),
        };
        let client = json!({
            "name": "conformance", "platform": "web", "audience": public_url,
            "origins": [public_url], "proof_of_possession": "optional", "nonce_policy": "always",
        });
        scene.client_id = text(&scene.must("/v1/clients", client).await, "client_id");
        let narrow = json!({ "name": "narrow", "scopes": ["devices:read"] });
        scene.key_without_verify = text(&scene.must("/v1/api-keys", narrow).await, "secret");
        let first = scene.login("alice", Some(&scene.other_key), None);
        scene.nonce = text(&scene.post("/v1/sessions", first).await.1, "dpop_nonce");
        scene.add_devices().await;
        scene
    }

    async fn add_devices(&mut self) {
        let bound = self.keyed("alice").await;
        let unbound = self.unbound("bob").await;
        let expired = self.adopted("carol").await;
        let logged_out = self.keyed("dave").await;
        self.log_out("dave", &logged_out).await;
        self.devices = BTreeMap::from([
            ("bound", bound),
            ("unbound", unbound),
            ("expired", expired),
            ("logged_out", logged_out),
        ]);
    }

    pub(crate) fn proof(&self, key: &SigningKey, claims: &Claims<'_>) -> String {
        let now = self.server.clock.now();
        let proof = NewProof {
            method: claims.method,
            url: claims.url,
            access_token: claims.token,
            nonce: claims.nonce,
            now: Timestamp::from_secs(now.as_secs() - i64::try_from(claims.age.as_secs()).unwrap()),
            jti: &self.random().to_string(),
        };
        dpop::create(key, &proof).unwrap()
    }

    fn random(&self) -> Uuid {
        let mut bytes = [0; 16];
        self.server.rng.fill(&mut bytes);
        uuid::Builder::from_random_bytes(bytes).into_uuid()
    }

    async fn keyed(&self, user: &str) -> Device {
        let key = SigningKey::generate().unwrap();
        let body = self.login(user, Some(&key), Some(&self.nonce));
        Device::of(Some(key), self.must("/v1/sessions", body).await)
    }

    /// A device without a key.
    pub(crate) async fn unbound(&self, user: &str) -> Device {
        let session = self.login(user, None, None);
        Device::of(None, self.must("/v1/sessions", session).await)
    }

    /// Logs a device out, and answers when that has returned.
    pub(crate) async fn log_out(&self, user: &str, device: &Device) {
        let id = text(&device.session, "device_id");
        let path = format!("/v1/users/{user}/devices/{id}/logout");
        let (status, answer) = self.post(&path, Value::Null).await;
        assert!(status < 300, "{answer}");
    }

    /// Disables the client that all devices are of.
    pub(crate) async fn disable_client(&self) {
        let url = self.server.internal_url();
        let url = format!("{url}/v1/clients/{}", self.client_id);
        let request = http_client().patch(url).bearer_auth(&self.server.api_key);
        let answer = request.json(&json!({ "disabled": true })).send().await;
        assert!(answer.unwrap().status().is_success());
    }

    /// A token of the app's own whose time is over already.
    async fn adopted(&self, user: &str) -> Device {
        let token = format!("own-{}", self.random());
        let hash = HashedToken::of(&token);
        let hex = hash.as_bytes().map(|byte| format!("{byte:02x}"));
        let expires_at = self.server.clock.now().minus(HOUR).to_string();
        let mut body = self.login(user, None, None);
        body["tokens"] = json!({ "access": { "sha256": hex.concat(), "expires_at": expires_at } });
        let session = self.must("/v1/sessions", body).await;
        Device {
            key: None,
            session,
            token,
        }
    }

    fn login(&self, user: &str, key: Option<&SigningKey>, nonce: Option<&str>) -> Value {
        let url = format!("{}/login", self.public_url);
        let claims = Claims {
            method: "POST",
            url: &url,
            token: None,
            nonce,
            age: Duration::ZERO,
        };
        let mut body = json!({
            "event": "login", "client_id": self.client_id, "user_id": user, "amr": ["pwd"],
            "device": { "installation_id": self.random(), "app_version": "1.2.3" },
        });
        if let Some(key) = key {
            let jwt = self.proof(key, &claims);
            body["proof"] = json!({ "jwt": jwt, "htm": "POST", "htu": url });
        }
        body
    }

    async fn must(&self, path: &str, body: Value) -> Value {
        let (status, answer) = self.post(path, body).await;
        assert!(status < 300, "{path}: {status} {answer}");
        answer
    }

    async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        let url = format!("{}{path}", self.server.internal_url());
        let request = http_client().post(url).bearer_auth(&self.server.api_key);
        let response = request.json(&body).send().await.unwrap();
        let status = response.status().as_u16();
        let text = response.text().await.unwrap();
        (status, serde_json::from_str(&text).unwrap_or_default())
    }
}

impl Device {
    fn of(key: Option<SigningKey>, session: Value) -> Self {
        Self {
            key,
            token: text(&session, "access_token"),
            session,
        }
    }
}

/// Follows nothing, asks no proxy, keeps no connection.
pub(crate) fn http_client() -> reqwest::Client {
    let roots = rustls::RootCertStore::empty();
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    let tls = rustls::ClientConfig::builder_with_provider(provider.into())
        .with_safe_default_protocol_versions()
        .unwrap();
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls.with_root_certificates(roots).with_no_client_auth())
        .redirect(reqwest::redirect::Policy::none())
        .pool_max_idle_per_host(0)
        .no_proxy()
        .build()
        .unwrap()
}

fn text(answer: &Value, member: &str) -> String {
    let text = answer[member].as_str();
    text.unwrap_or_else(|| panic!("no {member} in {answer}"))
        .to_owned()
}
