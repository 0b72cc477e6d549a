//! The main job, end to end.

use countersign_core::Clock as _;
use countersign_test_support::{TestDevice, on_both_engines};
use serde_json::json;
use std::time::Duration;

on_both_engines! {
    async fn a_login_is_bound_verified_refreshed_and_cut_off(app: TestApp) {
        let client = app.client(json!({})).await;
        let device = TestDevice::new(&app);

        let login = app.login(&client, "42", &device, json!({})).await;
        assert_eq!(login.status, 201, "{}", login.body);
        assert_eq!(login.body["token_type"], "DPoP");
        let token = login.text("access_token");

        let verified = app.verify(&device, &token).await;
        assert_eq!(verified.body["allowed"], true, "{}", verified.body);
        assert_eq!(verified.body["user_id"], "42");
        assert_eq!(verified.body["device_id"], login.body["device_id"]);

        let refreshed = app.refresh(&client, "42", &device, &login.text("refresh_token"), json!({})).await;
        assert_eq!(refreshed.status, 200, "{}", refreshed.body);
        let token = refreshed.text("access_token");
        assert_eq!(app.verify(&device, &token).await.body["allowed"], true);

        let path = format!("/v1/users/42/devices/{}/logout", login.text("device_id"));
        let ended = app.internal("POST", &path).send().await;
        assert_eq!(ended.body["ended"], 1, "{}", ended.body);
        let refused = app.verify(&device, &token).await;
        assert_eq!(refused.body["allowed"], false);
        assert_eq!(refused.code(), "session_ended");
    }

    async fn a_node_whose_clock_is_behind_logs_in_too(app: TestApp) {
        let client = app.client(json!({})).await;
        app.clock.set(app.clock.now().minus(Duration::from_hours(1)));
        let device = TestDevice::new(&app);
        let login = app.login(&client, "42", &device, json!({})).await;
        assert_eq!(login.status, 201, "{}", login.body);
    }
}
