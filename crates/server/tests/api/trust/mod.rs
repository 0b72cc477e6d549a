//! Trust (I9): rises only with recorded evidence, and falls by itself when that lapses.

mod confirmed;
mod stated;

use crate::logged_in::LoggedIn;
use countersign_test_support::{Answer, TestApp, TestDevice};
use serde_json::{Value, json};

const DAY: u64 = 24 * 3600;

/// A client whose sessions outlive what confirms a device.
async fn client(app: &TestApp, trust: Value) -> String {
    let long =
        json!({ "access_seconds": 3600, "idle_seconds": 400 * DAY, "absolute_seconds": 400 * DAY });
    app.client(json!({ "trust": trust, "lifetimes": long }))
        .await
}

/// A login by these methods.
async fn log_in(
    app: &TestApp,
    client: &str,
    user: &str,
    device: &TestDevice,
    amr: Value,
) -> Answer {
    let login = app.login(client, user, device, json!({ "amr": amr })).await;
    assert_eq!(login.status, 201, "{}", login.body);
    login
}

/// How far a request of the device is trusted.
async fn trust(app: &TestApp, device: &TestDevice, login: &Answer) -> Value {
    let judged = app.verify(device, &login.text("access_token")).await;
    assert_eq!(judged.body["allowed"], true, "{}", judged.body);
    judged.body["trust"].clone()
}

/// Says something for a device.
async fn say(app: &TestApp, device: &str, what: Value) -> Answer {
    let path = format!("/v1/devices/{device}/evidence");
    app.internal("POST", &path).json(&what).send().await
}

async fn record(app: &TestApp, device: &str) -> Value {
    let path = format!("/v1/devices/{device}");
    app.internal("GET", &path).send().await.body
}

/// Whether a request goes through that demands a level.
async fn demanding(app: &TestApp, me: &LoggedIn, level: &str) -> Answer {
    let url = "https://api.example/orders";
    let proof = me.device.proof("GET", url, Some(&me.token()), None);
    let body = json!({
        "token": me.token(), "proof": proof, "method": "GET", "url": url, "min_trust": level,
    });
    app.internal("POST", "/v1/verify").json(&body).send().await
}
