//! A user's device with a key, by the system's clock.

use crate::service::Service;
use countersign_attestation::{
    dpop::{self, NewProof},
    jws::SigningKey,
};
use countersign_core::{Clock, Rng, SystemClock, SystemRng};
use serde_json::{Value, json};

const LOGIN_URL: &str = "https://app.example/login";

/// A device that is logged in.
#[derive(Debug)]
pub(crate) struct Device {
    pub(crate) user: &'static str,
    pub(crate) login: Value,
    key: Option<Key>,
}

/// What a proof is made with.
struct Key {
    pair: SigningKey,
    /// The server has just started and asks for one.
    nonce: String,
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Key")
            .field("nonce", &self.nonce)
            .finish_non_exhaustive()
    }
}

impl Device {
    /// Logs a user in on a new device with a key.
    pub(crate) fn keyed(service: &Service, client: &str, user: &'static str) -> Self {
        let pair = SigningKey::generate().expect("a key");
        let attempt = |nonce: Option<&str>| {
            let proof = proof(&pair, "POST", LOGIN_URL, None, nonce);
            let proof = json!({ "jwt": proof, "htm": "POST", "htu": LOGIN_URL });
            service.post("/v1/sessions", &body(client, user, &proof))
        };
        let told = attempt(None);
        let nonce = told.body["dpop_nonce"]
            .as_str()
            .expect("a nonce")
            .to_owned();
        let login = attempt(Some(&nonce));
        assert_eq!(login.status, 201, "{}", login.body);
        Self {
            user,
            login: login.body,
            key: Some(Key { pair, nonce }),
        }
    }

    /// Logs a user in on a new device without one.
    pub(crate) fn keyless(service: &Service, client: &str, user: &'static str) -> Self {
        let login = service.post("/v1/sessions", &body(client, user, &Value::Null));
        assert_eq!(login.status, 201, "{}", login.body);
        Self {
            user,
            login: login.body,
            key: None,
        }
    }

    /// What the login answered.
    pub(crate) fn told(&self, member: &str) -> &str {
        self.login[member].as_str().expect("a text")
    }

    /// The headers of a request to a URL, with a fresh proof.
    pub(crate) fn credentials(&self, method: &str, url: &str) -> String {
        let token = self.told("access_token");
        let Some(key) = &self.key else {
            return format!("Authorization: Bearer {token}\r\n");
        };
        let url = url.split('?').next().unwrap_or_default();
        let proof = proof(&key.pair, method, url, Some(token), Some(&key.nonce));
        format!("Authorization: DPoP {token}\r\nDPoP: {proof}\r\n")
    }

    /// As [`credentials`](Self::credentials), with a nonce that the server never gave.
    pub(crate) fn with_an_unknown_nonce(&self, method: &str, url: &str) -> String {
        let token = self.told("access_token");
        let key = self.key.as_ref().expect("a device with a key");
        let proof = proof(&key.pair, method, url, Some(token), Some("unknown"));
        format!("Authorization: DPoP {token}\r\nDPoP: {proof}\r\n")
    }
}

fn body(client: &str, user: &str, proof: &Value) -> Value {
    let mut id = [0; 16];
    SystemRng.fill(&mut id);
    let installation = uuid::Builder::from_random_bytes(id).into_uuid();
    json!({
        "event": "login", "client_id": client, "user_id": user, "amr": ["pwd"],
        "device": { "installation_id": installation }, "proof": proof,
    })
}

fn proof(
    key: &SigningKey,
    method: &str,
    url: &str,
    access_token: Option<&str>,
    nonce: Option<&str>,
) -> String {
    let mut jti = [0; 16];
    SystemRng.fill(&mut jti);
    let proof = NewProof {
        method,
        url,
        access_token,
        nonce,
        now: SystemClock.now(),
        jti: &uuid::Uuid::from_bytes(jti).to_string(),
    };
    dpop::create(key, &proof).expect("a proof")
}
