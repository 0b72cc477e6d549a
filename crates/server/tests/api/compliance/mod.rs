//! Compliance: the rules in force, what devices report, and where they stand.

mod reports;
mod rules;
mod standing;

use crate::logged_in::LoggedIn;
use countersign_test_support::{Answer, TestApp};
use serde_json::{Value, json};

const DAY: u64 = 24 * 3600;

/// Puts rules in force.
async fn apply(app: &TestApp, text: &str) -> Answer {
    let body = json!({ "text": text });
    let path = "/v1/compliance/rules";
    app.internal("PUT", path).json(&body).send().await
}

/// Rules with one of the least version of iOS, and how a device falls.
fn minimum(version: &str, more: &str) -> String {
    format!(
        "falls_to = \"unknown\"\n[[rule]]\nid = \"minimum\"\nplatform = \"ios\"\n\
         check = {{ os_version = {{ at_least = \"{version}\" }} }}\nmessage = \"Update.\"\n{more}\n"
    )
}

/// A client whose sessions outlive everything here.
async fn client(app: &TestApp) -> String {
    let long =
        json!({ "access_seconds": 3600, "idle_seconds": 400 * DAY, "absolute_seconds": 400 * DAY });
    app.client(json!({ "lifetimes": long })).await
}

/// A good phone, in its own words.
fn good() -> Value {
    json!({ "os_family": "ios", "os_version": "18.1", "system_encryption": "encrypted" })
}

/// The same with another version.
fn version(text: &str) -> Value {
    json!({ "os_family": "ios", "os_version": text, "system_encryption": "encrypted" })
}

async fn check_in(app: &TestApp, me: &LoggedIn, counter: i64, said: Value) -> Answer {
    let report = me.device.posture_report(&me.device_id(), 1, counter, said);
    send(app, &report).await
}

async fn send(app: &TestApp, report: &str) -> Answer {
    let body = json!({ "report": report });
    app.public("POST", "/v1/check-in").json(&body).send().await
}

/// Where a device stands.
async fn standing(app: &TestApp, me: &LoggedIn) -> Value {
    let path = format!("/v1/devices/{}/compliance", me.device_id());
    let answer = app.internal("GET", &path).send().await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body
}

/// What a request of the device is judged by: trust and compliance.
async fn judged(app: &TestApp, me: &LoggedIn) -> (Value, Value) {
    let judged = me.verify(app).await;
    assert_eq!(judged.body["allowed"], true, "{}", judged.body);
    (
        judged.body["trust"].clone(),
        judged.body["compliance"].clone(),
    )
}

/// Says that a device is managed.
async fn manage(app: &TestApp, me: &LoggedIn, seconds: u64) {
    let path = format!("/v1/devices/{}/evidence", me.device_id());
    let what = json!({ "kind": "mdm", "seconds": seconds });
    let said = app.internal("POST", &path).json(&what).send().await;
    assert_eq!(said.status, 201, "{}", said.body);
}
