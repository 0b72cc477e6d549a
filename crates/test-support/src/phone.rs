//! A device on any clock, with a key or without.

use crate::{TestApp, TestDevice};
use countersign_attestation::{
    dpop::{self, NewProof},
    jws::SigningKey,
};
use countersign_core::{Clock, Rng, token::sha256};
use serde_json::{Value, json};
use std::{
    fmt::{self, Write as _},
    sync::{Arc, Mutex},
};
use uuid::Uuid;

/// A request that the gate is asked about.
pub const API_URL: &str = "https://api.example/orders";

/// Whether a device has a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Its sessions are bound to the key.
    Keyed,
    /// Its tokens are bearer tokens.
    Keyless,
}

/// An installation of the app.
pub struct Phone {
    /// What the app keeps.
    pub installation_id: Uuid,
    key: Option<Arc<SigningKey>>,
    /// What a device without a key was given.
    secret: Mutex<Option<String>>,
    clock: Arc<dyn Clock>,
    rng: Arc<dyn Rng>,
}

impl Phone {
    /// A device never seen before.
    ///
    /// # Panics
    /// When no key can be made.
    pub fn new(kind: Kind, clock: &Arc<dyn Clock>, rng: &Arc<dyn Rng>) -> Self {
        let mut id = [0; 16];
        rng.fill(&mut id);
        Self {
            installation_id: uuid::Builder::from_random_bytes(id).into_uuid(),
            key: (kind == Kind::Keyed).then(|| Arc::new(SigningKey::generate().expect("a key"))),
            secret: Mutex::default(),
            clock: Arc::clone(clock),
            rng: Arc::clone(rng),
        }
    }

    /// The same installation id with a key of its own.
    #[must_use]
    pub fn with_new_key(&self) -> Self {
        Self {
            installation_id: self.installation_id,
            ..Self::new(Kind::Keyed, &self.clock, &self.rng)
        }
    }

    /// Another installation with the same key.
    #[must_use]
    pub fn with_new_installation(&self) -> Self {
        Self {
            key: self.key.clone(),
            ..Self::new(Kind::Keyless, &self.clock, &self.rng)
        }
    }

    /// What another user of the same installation presents: its key and id, not its secret.
    #[must_use]
    pub fn of_another_user(&self) -> Self {
        Self {
            installation_id: self.installation_id,
            ..self.with_new_installation()
        }
    }

    /// The same installation, for platforms that vouch for its key.
    ///
    /// # Panics
    /// Without a key.
    pub fn as_device(&self) -> TestDevice {
        TestDevice {
            installation_id: self.installation_id,
            key: Arc::clone(self.key.as_ref().expect("a key")),
            clock: Arc::clone(&self.clock),
            rng: Arc::clone(&self.rng),
        }
    }

    /// A proof for a request; none without a key.
    ///
    /// # Panics
    /// When signing fails.
    pub fn proof(
        &self,
        method: &str,
        url: &str,
        token: Option<&str>,
        nonce: Option<&str>,
    ) -> Option<String> {
        let mut jti = [0; 16];
        self.rng.fill(&mut jti);
        let jti = Uuid::from_bytes(jti).to_string();
        let proof = NewProof {
            method,
            url,
            access_token: token,
            nonce,
            now: self.clock.now(),
            jti: &jti,
        };
        let key = self.key.as_ref()?;
        Some(dpop::create(key, &proof).expect("a proof"))
    }

    /// The body of a relayed login.
    ///
    /// # Panics
    /// After a panic elsewhere.
    pub fn login(&self, client: &str, user: &str) -> Value {
        let mut device = json!({ "installation_id": self.installation_id, "name": "Phone" });
        if let Some(secret) = &*self.secret.lock().expect("no panic") {
            device["device_secret"] = json!(secret);
        }
        let mut body = json!({
            "event": "login", "client_id": client, "user_id": user, "amr": ["pwd"], "device": device,
        });
        if let Some(proof) = self.relayed_proof() {
            body["proof"] = proof;
        }
        body
    }

    /// The body of a relayed refresh.
    pub fn refresh(&self, client: &str, user: &str, token: &str) -> Value {
        let mut body = self.login(client, user);
        body["event"] = json!("refresh");
        body["refresh_token"] = json!(token);
        body
    }

    /// The `proof` member of a relayed login or refresh.
    pub fn relayed_proof(&self) -> Option<Value> {
        let url = format!("{}/login", TestApp::APP_ORIGIN);
        let jwt = self.proof("POST", &url, None, None)?;
        Some(json!({ "jwt": jwt, "htm": "POST", "htu": url }))
    }

    /// The body of a question to the gate.
    pub fn verify(&self, token: &str, nonce: Option<&str>) -> Value {
        let mut body = json!({ "token": token, "method": "GET", "url": API_URL });
        if let Some(proof) = self.proof("GET", API_URL, Some(token), nonce) {
            body["proof"] = json!(proof);
        }
        body
    }

    /// Keeps the device secret of an answer, as an app would.
    ///
    /// # Panics
    /// After a panic elsewhere.
    pub fn keep_secret(&self, answer: &Value) {
        if let Some(secret) = answer["device_secret"].as_str() {
            *self.secret.lock().expect("no panic") = Some(secret.to_owned());
        }
    }
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Phone")
            .field("installation_id", &self.installation_id)
            .finish_non_exhaustive()
    }
}

/// A backend's own tokens, `NAME-access` and `NAME-refresh`, as it registers them.
pub fn adopted_pair(name: &str) -> Value {
    let token = |kind: &str| {
        let hash = sha256(format!("{name}-{kind}").as_bytes());
        let hex = hash.iter().fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        });
        json!({ "sha256": hex, "expires_at": "2030-01-01T00:00:00Z" })
    };
    json!({ "access": token("access"), "refresh": token("refresh") })
}
