//! Device limits (I8): how many, who makes room, and what whoever is refused can do.

mod approvals;
mod rejected;
mod replaced;
mod settings;

use crate::logged_in::{LoggedIn, device_ids, listed};
use countersign_test_support::{Answer, TestApp, TestDevice};
use serde_json::{Value, json};

/// A client of this limit.
async fn limited(app: &TestApp, max: u32, overflow: &str) -> String {
    let limits = json!({ "max": max, "overflow": overflow });
    app.client(json!({ "limits": limits })).await
}

/// Changes the limits of a client.
async fn set(app: &TestApp, client: &str, limits: Value) {
    let path = format!("/v1/clients/{client}");
    let change = json!({ "limits": limits });
    let changed = app.internal("PATCH", &path).json(&change).send().await;
    assert_eq!(changed.status, 200, "{}", changed.body);
}

/// A user who logs in on so many new devices, a minute between them.
async fn on_devices(app: &TestApp, client: &str, user: &str, count: usize) -> Vec<LoggedIn> {
    let mut devices = Vec::new();
    for _ in 0..count {
        app.advance_secs(60);
        devices.push(LoggedIn::new(app, client, user).await);
    }
    devices
}

/// The ids of the devices that count, the newest first.
async fn counted(app: &TestApp, user: &str) -> Vec<String> {
    device_ids(&listed(app, user, "").await)
}

async fn try_new(app: &TestApp, client: &str, user: &str) -> Answer {
    app.login(client, user, &TestDevice::new(app), json!({}))
        .await
}

fn assert_full(answer: &Answer) {
    let told = (answer.status.as_u16(), answer.code());
    assert_eq!(told, (403, "device_limit_reached"), "{}", answer.body);
}
