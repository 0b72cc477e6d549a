//! Evidence that was accepted is judged again when a policy or the list of what was taken back changes.

use super::{Stage, enforce};
use countersign_server::Job;
use countersign_test_support::{Platforms, TestDevice, on_both_engines};
use serde_json::{Value, json};

/// Demands this, and judges what is kept by it.
async fn demand(stage: &Stage, mode: &str, apple_app: &str) {
    settle_on(stage, mode, apple_app).await;
    stage.app.run_job(Job::JudgeAgain).await;
}

/// Demands this of refreshes, of devices with an app of this name on Apple's systems.
pub(super) async fn settle_on(stage: &Stage, mode: &str, apple_app: &str) {
    let mut policy = Platforms::policy(&enforce("app"));
    policy["apple"][0]["app_id"] = json!(apple_app);
    policy["refresh"] = json!({ "mode": mode, "level": "app" });
    let path = format!("/v1/clients/{}", stage.client);
    let change = json!({ "attestation": policy });
    let changed = stage
        .app
        .internal("PATCH", &path)
        .json(&change)
        .send()
        .await;
    assert_eq!(changed.status, 200, "{}", changed.body);
}

async fn levels(stage: &Stage) -> Vec<(Value, Value)> {
    let rows = stage.rows("evidence").await;
    rows.iter()
        .map(|row| (row["level"].clone(), row["shortfall"].clone()))
        .collect()
}

async fn told(stage: &Stage, action: &str) -> Vec<Value> {
    let rows = stage.rows("activity").await;
    let those = rows.iter().filter(|row| row["action"] == action);
    those.map(|row| row["reason"].clone()).collect()
}

on_both_engines! {
    async fn i1_a_device_that_the_policy_refuses_now_is_cut_off(app: TestApp) {
        let stage = Stage::new(app, enforce("app")).await;
        let device = TestDevice::new(&stage.app);
        stage.enroll(&device, Platforms::app_attest).await;
        let login = stage.app.login(&stage.client, "42", &device, json!({})).await;
        let token = login.text("access_token");
        demand(&stage, "enforce", Platforms::APPLE_APP).await;
        assert_eq!(levels(&stage).await, [(json!("app"), Value::Null)]);
        assert_eq!(stage.app.verify(&device, &token).await.body["allowed"], true);

        // Only looked at: it is written down, and nobody is cut off.
        demand(&stage, "telemetry", "TEAM.com.example.other").await;
        assert_eq!(levels(&stage).await, [(json!("none"), json!("invalid"))]);
        assert_eq!(told(&stage, "device.downgraded").await, [json!("invalid")]);
        assert_eq!(stage.app.verify(&device, &token).await.body["allowed"], true);
        demand(&stage, "enforce", Platforms::APPLE_APP).await;
        assert_eq!(told(&stage, "device.upgraded").await, [json!("app")]);

        demand(&stage, "enforce", "TEAM.com.example.other").await;
        assert_eq!(stage.app.verify(&device, &token).await.body["allowed"], false);
        let refresh = login.text("refresh_token");
        let refused = stage.app.refresh(&stage.client, "42", &device, &refresh, json!({})).await;
        assert_eq!(refused.status, 401, "{}", refused.body);
        assert_eq!(told(&stage, "session.ended").await, [json!("attestation_lost")]);
        let record = stage.app.internal("GET", &format!("/v1/devices/{}", login.text("device_id"))).send().await;
        assert_eq!(record.body["evidence"]["shortfall"], "invalid");
        assert_eq!(record.body["evidence"]["failed_check"], "app");
        // Nothing changed since: nothing is judged and nothing written.
        let before = stage.app.database().dump().await;
        stage.app.run_job(Job::JudgeAgain).await;
        assert_eq!(stage.app.database().dump().await, before);
    }

    async fn hardware_that_google_takes_back_is_worth_nothing_any_more(app: TestApp) {
        let stage = Stage::new(app, enforce("hardware")).await;
        let device = TestDevice::new(&stage.app);
        let enrolled = stage.enroll(&device, Platforms::android_key).await;
        assert_eq!(enrolled.status, 201, "{}", enrolled.body);
        stage.app.run_job(Job::JudgeAgain).await;
        let serial = stage.platforms.android_serial();
        let listed = json!({ "entries": { serial: { "status": "REVOKED", "reason": "KEY_COMPROMISE" } } });
        stage.app.advance_secs(60);
        let now = stage.app.app.now();
        let enrollments = &stage.app.app.enrollments;
        let imported = enrollments.import_status_list(listed.to_string().into_bytes(), now).await;
        assert_eq!(imported.expect("an import"), 1);
        stage.app.run_job(Job::RenewStatusList).await;
        stage.app.run_job(Job::JudgeAgain).await;
        assert_eq!(levels(&stage).await, [(json!("none"), json!("invalid"))]);
        assert_eq!(told(&stage, "device.downgraded").await, [json!("invalid")]);
    }

    async fn i1_a_device_that_shows_too_little_now_is_cut_off(app: TestApp) {
        let stage = Stage::new(app, enforce("app")).await;
        let device = TestDevice::new(&stage.app);
        stage.enroll(&device, Platforms::app_attest).await;
        let login = stage.app.login(&stage.client, "42", &device, json!({})).await;
        let mut policy = Platforms::policy(&enforce("app"));
        policy["refresh"] = enforce("hardware");
        let path = format!("/v1/clients/{}", stage.client);
        let change = json!({ "attestation": policy });
        assert_eq!(stage.app.internal("PATCH", &path).json(&change).send().await.status, 200);
        stage.app.run_job(Job::JudgeAgain).await;
        assert_eq!(stage.app.verify(&device, &login.text("access_token")).await.body["allowed"], false);
        assert_eq!(told(&stage, "session.ended").await, [json!("attestation_lost")]);
        assert!(told(&stage, "device.downgraded").await.is_empty());
    }
}
