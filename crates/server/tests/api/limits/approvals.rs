//! An admin has to say that another device makes room.

use super::{counted, limited, on_devices};
use crate::logged_in::LoggedIn;
use countersign_server::Job;
use countersign_test_support::{Answer, TestApp, TestDevice, on_both_engines};
use serde_json::{Value, json};
use std::sync::Arc;

async fn queue(app: &TestApp) -> Vec<Value> {
    let list = app.internal("GET", "/v1/approvals").send().await;
    list.body["data"].as_array().expect("a list").clone()
}

async fn decide(app: &TestApp, request: &Value, what: &str) -> Answer {
    let id = request["approval_id"].as_str().expect("an id");
    let path = format!("/v1/approvals/{id}/{what}");
    app.internal("POST", &path).send().await
}

async fn try_on(app: &TestApp, client: &str, device: &TestDevice) -> Answer {
    app.login(client, "42", device, json!({})).await
}

on_both_engines! {
    async fn i8_an_approved_device_takes_the_place_of_the_least_recently_active(app: TestApp) {
        let client = limited(&app, 2, "require_approval").await;
        let owned = on_devices(&app, &client, "42", 2).await;
        let third = Arc::new(TestDevice::new(&app));
        for _ in 0..2 {
            let waits = try_on(&app, &client, &third).await;
            assert_eq!((waits.status.as_u16(), waits.code()), (403, "approval_pending"), "{}", waits.body);
        }
        let asked = queue(&app).await;
        assert_eq!((asked.len(), &asked[0]["cause"], &asked[0]["user_id"]), (1, &json!("limit"), &json!("42")));
        assert_eq!(counted(&app, "42").await.len(), 2);
        assert_eq!(decide(&app, &asked[0], "approve").await.status, 200);
        let login = LoggedIn::on(&app, &client, "42", &third).await;
        assert_eq!(login.login.body["evicted"][0]["device_id"], owned[0].device_id());
        assert_eq!(counted(&app, "42").await, [login.device_id(), owned[1].device_id()]);
    }

    async fn an_approval_lets_a_device_in_once(app: TestApp) {
        let client = limited(&app, 1, "require_approval").await;
        let first = LoggedIn::new(&app, &client, "42").await;
        let second = Arc::new(TestDevice::new(&app));
        try_on(&app, &client, &second).await;
        decide(&app, &queue(&app).await[0], "approve").await;
        let login = LoggedIn::on(&app, &client, "42", &second).await;
        app.advance_secs(60);
        let path = format!("/v1/users/42/devices/{}", login.device_id());
        assert_eq!(app.internal("DELETE", &path).send().await.status, 200);
        LoggedIn::on(&app, &client, "42", &first.device).await;
        // The place is taken again, so somebody has to look again.
        assert_eq!(try_on(&app, &client, &second).await.code(), "approval_pending");
        assert_eq!(queue(&app).await.len(), 1);
    }

    async fn a_device_that_was_not_approved_gets_in_when_there_is_room(app: TestApp) {
        let client = limited(&app, 1, "require_approval").await;
        let first = LoggedIn::new(&app, &client, "42").await;
        let second = Arc::new(TestDevice::new(&app));
        try_on(&app, &client, &second).await;
        decide(&app, &queue(&app).await[0], "reject").await;
        assert_eq!(try_on(&app, &client, &second).await.code(), "approval_rejected");
        first.assert_allowed(&app).await;
        let path = format!("/v1/users/42/devices/{}", first.device_id());
        app.internal("DELETE", &path).send().await;
        LoggedIn::on(&app, &client, "42", &second).await;
    }

    async fn nobody_answering_in_time_is_a_no(app: TestApp) {
        let client = limited(&app, 1, "require_approval").await;
        LoggedIn::new(&app, &client, "42").await;
        let second = Arc::new(TestDevice::new(&app));
        try_on(&app, &client, &second).await;
        app.advance_secs(7 * 24 * 3600);
        app.run_job(Job::Admit).await;
        assert!(queue(&app).await.is_empty());
        assert_eq!(try_on(&app, &client, &second).await.code(), "approval_rejected");
        let record = app.database().rows("devices").await;
        assert!(record.iter().all(|row| row["state"] == "active"), "{record:?}");
    }
}
