//! Enrollment: challenges, evidence of every platform, what clients demand, and new keys.

mod again;
mod approvals;
mod assertions;
mod bans;
mod bans_everywhere;
mod barrier;
mod challenges;
mod devices;
mod keyless;
mod modes;
mod play_credentials;
mod play_integrity;
mod play_standard;
mod rotation;
mod status_list;
mod suspension;
mod unenroll;

use countersign_attestation::transcript::Purpose;
use countersign_test_support::{Answer, Asked, Platforms, TestApp, TestDevice};
use serde_json::{Value, json};

/// How a platform shows what a device is.
type Show = fn(&Platforms, Asked<'_>, &TestDevice) -> Value;

/// The service on platforms of its own, and a client that takes all of them.
struct Stage {
    app: TestApp,
    platforms: Platforms,
    client: String,
}

impl Stage {
    /// With what the client demands of enrollments.
    async fn new(app: TestApp, enroll: Value) -> Self {
        let platforms = Platforms::new(app.app.now());
        let app = app.with_platforms(&platforms).await;
        let policy = Platforms::policy(&enroll);
        let client = app.client(json!({ "attestation": policy })).await;
        Self {
            app,
            platforms,
            client,
        }
    }

    /// A challenge, as it was given out.
    async fn challenge(&self, purpose: &str) -> String {
        let body = json!({ "client_id": self.client, "purpose": purpose });
        let answer = self
            .app
            .public("POST", "/v1/enrollments/challenges")
            .json(&body);
        let answer = answer.send().await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        answer.text("challenge")
    }

    fn asked<'a>(&'a self, purpose: Purpose, challenge: &'a str) -> Asked<'a> {
        Asked {
            purpose,
            client: &self.client,
            challenge,
            at: self.app.app.now(),
            action: None,
        }
    }

    /// What a device sends that answers a challenge with this evidence.
    fn body(&self, device: &TestDevice, challenge: &str, evidence: &Value) -> Value {
        json!({
            "client_id": self.client, "challenge": challenge, "device": device.report(),
            "evidence": evidence,
        })
    }

    async fn send(&self, device: &TestDevice, body: &Value) -> Answer {
        post(&self.app, device, "/v1/enrollments", body).await
    }

    /// Enrolls a device with what `show` makes of a fresh challenge.
    async fn enroll(
        &self,
        device: &TestDevice,
        show: impl Fn(&Platforms, Asked<'_>, &TestDevice) -> Value,
    ) -> Answer {
        let challenge = self.challenge("enroll").await;
        let asked = self.asked(Purpose::Enroll, &challenge);
        let evidence = show(&self.platforms, asked, device);
        let body = self.body(device, &challenge, &evidence);
        self.send(device, &body).await
    }

    /// What is kept of the device.
    async fn rows(&self, table: &str) -> Vec<Value> {
        self.app.database().rows(table).await
    }
}

/// A device's call to the public listener with its proof.
async fn post(app: &TestApp, device: &TestDevice, path: &str, body: &Value) -> Answer {
    let url = format!("{}{path}", TestApp::PUBLIC_URL);
    let proof = device.proof("POST", &url, None, None);
    let call = app.public("POST", path).header("dpop", &proof);
    call.json(body).send().await
}

/// Nothing but the key.
fn nothing(_: &Platforms, _: Asked<'_>, _: &TestDevice) -> Value {
    Value::Null
}

fn enforce(level: &str) -> Value {
    json!({ "mode": "enforce", "level": level })
}
