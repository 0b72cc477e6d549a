//! A device gives its key up.

use super::{Stage, enforce, post};
use countersign_test_support::{Answer, TestDevice, on_both_engines};
use serde_json::{Value, json};

async fn unenroll(stage: &Stage, device: &TestDevice) -> Answer {
    let body = json!({ "client_id": stage.client });
    post(&stage.app, device, "/v1/enrollments/unenroll", &body).await
}

on_both_engines! {
    async fn i1_a_key_that_is_given_up_is_dead_with_its_sessions(app: TestApp) {
        let stage = Stage::new(app, enforce("software")).await;
        let device = TestDevice::new(&stage.app);
        let login = stage.app.login(&stage.client, "42", &device, json!({})).await;
        let second = stage.app.login(&stage.client, "43", &device, json!({})).await;
        let (one, two) = (login.text("access_token"), second.text("access_token"));
        let gone = unenroll(&stage, &device).await;
        assert_eq!(gone.status, 200, "{}", gone.body);
        assert_eq!((&gone.body["device_id"], &gone.body["ended"]), (&login.body["device_id"], &json!(2)));
        assert_eq!(gone.body["receipt"]["is_complete"], true);
        let path = format!("/v1/devices/{}", login.text("device_id"));
        let record = stage.app.internal("GET", &path).send().await.body;
        assert_eq!((&record["jkt"], &record["generation"]), (&Value::Null, &json!(2)));
        assert_ne!(record["app_id"], login.body["app_id"]);
        for token in [&one, &two] {
            assert_eq!(stage.app.verify(&device, token).await.body["allowed"], false);
        }
        let refresh = login.text("refresh_token");
        let dead = stage.app.refresh(&stage.client, "42", &device, &refresh, json!({})).await;
        assert_eq!(dead.status, 401, "{}", dead.body);
        let back = stage.app.login(&stage.client, "42", &device, json!({})).await;
        assert_eq!(back.code(), "key_retired");
        let again = unenroll(&stage, &device).await;
        assert_eq!((again.status.as_u16(), again.code()), (401, "key_mismatch"));
        let told = |row: &Value| row["action"] == "device.unenrolled";
        assert_eq!(stage.app.database().count("activity", told).await, 1);
    }

    async fn a_user_comes_back_to_the_same_device_with_a_new_key(app: TestApp) {
        let stage = Stage::new(app, enforce("software")).await;
        let device = TestDevice::new(&stage.app);
        let login = stage.app.login(&stage.client, "42", &device, json!({})).await;
        assert_eq!(unenroll(&stage, &device).await.status, 200);
        let installation_id = device.installation_id;
        let new = TestDevice::new(&stage.app).under(installation_id);
        let returned = stage.app.login(&stage.client, "42", &new, json!({})).await;
        assert_eq!((returned.status.as_u16(), &returned.body["device_id"]), (201, &login.body["device_id"]));
        assert_ne!(returned.body["app_id"], login.body["app_id"]);
    }

    async fn i11_a_suspended_or_banned_device_stays_so_without_its_key(app: TestApp) {
        let stage = Stage::new(app, enforce("software")).await;
        for (step, code) in [("suspend", "device_suspended"), ("ban", "device_banned")] {
            let device = TestDevice::new(&stage.app);
            let login = stage.app.login(&stage.client, "42", &device, json!({})).await;
            let id = login.text("device_id");
            let call = if step == "ban" {
                stage.app.internal("POST", "/v1/bans").json(&json!({ "device_id": id }))
            } else {
                stage.app.internal("POST", &format!("/v1/devices/{id}/suspend"))
            };
            assert!(call.send().await.status.is_success());
            assert_eq!(unenroll(&stage, &device).await.status, 200);
            let installation_id = device.installation_id;
            let new = TestDevice::new(&stage.app).under(installation_id);
            let returned = stage.app.login(&stage.client, "42", &new, json!({})).await;
            assert_eq!((returned.status.as_u16(), returned.code()), (403, code), "{}", returned.body);
        }
    }

    async fn nobody_else_gives_a_key_up(app: TestApp) {
        let stage = Stage::new(app, enforce("software")).await;
        let device = TestDevice::new(&stage.app);
        stage.app.login(&stage.client, "42", &device, json!({})).await;
        let path = "/v1/enrollments/unenroll";
        let body = json!({ "client_id": stage.client });
        let before = stage.app.database().dump().await;
        let unproven = stage.app.public("POST", path).json(&body).send().await;
        assert_eq!((unproven.status.as_u16(), unproven.code()), (401, "proof_required"));
        let stranger = TestDevice::new(&stage.app);
        assert_eq!(unenroll(&stage, &stranger).await.code(), "key_mismatch");
        let elsewhere = device.proof("POST", "http://127.0.0.1/v1/enrollments", None, None);
        let call = stage.app.public("POST", path).header("dpop", &elsewhere).json(&body);
        assert_eq!(call.send().await.code(), "proof_mismatch");
        assert_eq!(stage.app.database().dump().await, before);
    }
}
