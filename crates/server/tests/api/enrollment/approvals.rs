//! New devices that wait until an admin has looked.

use super::{Stage, enforce, nothing};
use countersign_server::Job;
use countersign_test_support::{Answer, TestApp, TestDevice, on_both_engines};
use serde_json::{Value, json};
use std::collections::BTreeSet;

pub(super) async fn waiting(app: TestApp, admission: Value) -> Stage {
    let stage = Stage::new(app, enforce("software")).await;
    let path = format!("/v1/clients/{}", stage.client);
    let change = json!({ "admission": admission });
    let changed = stage
        .app
        .internal("PATCH", &path)
        .json(&change)
        .send()
        .await;
    assert_eq!(changed.status, 200, "{}", changed.body);
    stage
}

impl Stage {
    pub(super) async fn log_in(&self, user: &str, device: &TestDevice) -> Answer {
        self.app.login(&self.client, user, device, json!({})).await
    }

    /// What waits for an admin.
    pub(super) async fn queue(&self) -> Vec<Value> {
        let list = self.app.internal("GET", "/v1/approvals").send().await;
        assert_eq!(list.status, 200, "{}", list.body);
        list.body["data"].as_array().expect("a list").clone()
    }

    pub(super) async fn decide(&self, request: &Value, what: &str) -> Answer {
        let id = request["approval_id"].as_str().expect("an id");
        self.app
            .internal("POST", &format!("/v1/approvals/{id}/{what}"))
            .send()
            .await
    }
}

on_both_engines! {
    async fn an_enrolled_device_waits_until_it_is_approved(app: TestApp) {
        let stage = waiting(app, json!({ "activation": "approval" })).await;
        let device = TestDevice::new(&stage.app);
        let enrolled = stage.enroll(&device, nothing).await;
        assert_eq!((enrolled.status.as_u16(), &enrolled.body["state"]), (201, &json!("pending_approval")));
        let refused = stage.log_in("42", &device).await;
        assert_eq!((refused.status.as_u16(), refused.code()), (403, "approval_pending"));
        let queue = stage.queue().await;
        assert_eq!((queue.len(), &queue[0]["cause"], &queue[0]["device_id"]), (1, &json!("activation"), &enrolled.body["device_id"]));
        assert_eq!(stage.decide(&queue[0], "approve").await.body["state"], "approved");
        assert_eq!(stage.decide(&queue[0], "approve").await.status, 200);
        let late = stage.decide(&queue[0], "reject").await;
        assert_eq!((late.status.as_u16(), late.code()), (409, "conflict"));
        assert_eq!(stage.log_in("42", &device).await.status, 201);
        assert!(stage.queue().await.is_empty());
        let again = stage.enroll(&device, nothing).await;
        assert_eq!(again.body["state"], "active");
    }

    async fn a_device_that_only_logs_in_is_kept_once_and_waits(app: TestApp) {
        let stage = waiting(app, json!({ "activation": "approval" })).await;
        let device = TestDevice::new(&stage.app);
        for _ in 0..3 {
            assert_eq!(stage.log_in("42", &device).await.code(), "approval_pending");
        }
        let queue = stage.queue().await;
        assert_eq!((queue.len(), stage.rows("devices").await.len()), (1, 1));
        assert!(stage.rows("sessions").await.is_empty() && stage.rows("ownerships").await.is_empty());
        stage.decide(&queue[0], "approve").await;
        let login = stage.log_in("42", &device).await;
        assert_eq!(login.body["device_id"], queue[0]["device_id"]);
    }

    async fn a_device_that_is_not_let_in_is_revoked(app: TestApp) {
        let stage = waiting(app, json!({ "activation": "approval", "approval_seconds": 60 })).await;
        let (rejected, forgotten) = (TestDevice::new(&stage.app), TestDevice::new(&stage.app));
        stage.enroll(&rejected, nothing).await;
        let queue = stage.queue().await;
        assert_eq!(stage.decide(&queue[0], "reject").await.body["state"], "rejected");
        assert_eq!(stage.log_in("42", &rejected).await.code(), "device_revoked");
        stage.enroll(&forgotten, nothing).await;
        stage.app.advance_secs(59);
        stage.app.run_job(Job::Admit).await;
        assert_eq!(stage.queue().await.len(), 1);
        stage.app.advance_secs(1);
        stage.app.run_job(Job::Admit).await;
        assert!(stage.queue().await.is_empty());
        assert_eq!(stage.log_in("42", &forgotten).await.code(), "device_revoked");
        let list = stage.app.internal("GET", "/v1/approvals?state=all").send().await;
        let data = list.body["data"].as_array().expect("a list");
        let states: BTreeSet<_> = data.iter().filter_map(|request| request["state"].as_str()).collect();
        assert_eq!(states, BTreeSet::from(["expired", "rejected"]));
    }

    async fn a_user_of_a_banned_device_waits_on_the_next_one(app: TestApp) {
        let stage = waiting(app, json!({ "after_ban": "approval" })).await;
        let lost = TestDevice::new(&stage.app);
        let id = stage.log_in("42", &lost).await.text("device_id");
        let kept = TestDevice::new(&stage.app);
        stage.log_in("42", &kept).await;
        stage.app.internal("POST", "/v1/bans").json(&json!({ "device_id": id })).send().await;
        let (next, after) = (TestDevice::new(&stage.app), TestDevice::new(&stage.app));
        assert_eq!(stage.log_in("42", &next).await.code(), "approval_pending");
        assert_eq!(stage.log_in("42", &next).await.code(), "approval_pending");
        // Nobody else waits, nor does the user on a device that is the user's already.
        assert_eq!(stage.log_in("43", &next).await.status, 201);
        assert_eq!(stage.log_in("42", &kept).await.status, 201);
        let queue = stage.queue().await;
        assert_eq!((queue.len(), &queue[0]["user_id"], &queue[0]["cause"]), (1, &json!("42"), &json!("after_ban")));
        stage.decide(&queue[0], "approve").await;
        assert_eq!(stage.log_in("42", &next).await.status, 201);
        stage.log_in("42", &after).await;
        stage.decide(&stage.queue().await[0], "reject").await;
        assert_eq!(stage.log_in("42", &after).await.code(), "approval_rejected");
        assert_eq!(stage.log_in("43", &after).await.status, 201);
    }

    async fn a_banned_device_that_is_not_let_in_stays_banned(app: TestApp) {
        let stage = waiting(app, json!({ "activation": "approval" })).await;
        let device = TestDevice::new(&stage.app);
        stage.log_in("42", &device).await;
        let asked = stage.queue().await.remove(0);
        let subject = json!({ "device_id": asked["device_id"] });
        assert_eq!(stage.app.internal("POST", "/v1/bans").json(&subject).send().await.status, 201);
        assert_eq!(stage.decide(&asked, "reject").await.body["state"], "rejected");
        assert_eq!(stage.log_in("42", &device).await.code(), "device_banned");
        let id = asked["device_id"].as_str().expect("an id");
        let record = stage.app.internal("GET", &format!("/v1/devices/{id}")).send().await;
        assert_eq!((&record.body["state"], &record.body["approval"]["state"]), (&json!("banned"), &json!("rejected")));
    }

    async fn a_new_device_after_a_ban_is_looked_at_as_a_device_and_then_as_its_users(app: TestApp) {
        let stage = waiting(app, json!({ "activation": "approval", "after_ban": "approval" })).await;
        let lost = TestDevice::new(&stage.app);
        stage.log_in("42", &lost).await;
        stage.decide(&stage.queue().await[0], "approve").await;
        let id = stage.log_in("42", &lost).await.text("device_id");
        stage.app.internal("POST", "/v1/bans").json(&json!({ "device_id": id })).send().await;
        let next = TestDevice::new(&stage.app);
        for cause in ["activation", "after_ban"] {
            for _ in 0..2 {
                assert_eq!(stage.log_in("42", &next).await.code(), "approval_pending");
            }
            let queue = stage.queue().await;
            assert_eq!((queue.len(), &queue[0]["cause"]), (1, &json!(cause)));
            stage.decide(&queue[0], "approve").await;
        }
        assert_eq!(stage.log_in("42", &next).await.status, 201);
    }

    async fn only_a_ban_in_force_and_of_ones_own_makes_a_user_wait(app: TestApp) {
        let stage = waiting(app, json!({ "after_ban": "approval" })).await;
        let tablet = TestDevice::new(&stage.app);
        let id = stage.log_in("42", &tablet).await.text("device_id");
        stage.log_in("43", &tablet).await;
        let subject = json!({ "device_id": id, "user_id": "42" });
        let banned = stage.app.internal("POST", "/v1/bans").json(&subject).send().await;
        assert_eq!(stage.log_in("43", &TestDevice::new(&stage.app)).await.status, 201);
        let next = TestDevice::new(&stage.app);
        assert_eq!(stage.log_in("42", &next).await.code(), "approval_pending");
        let lift = format!("/v1/bans/{}", banned.text("ban_id"));
        assert_eq!(stage.app.internal("DELETE", &lift).send().await.status, 200);
        assert_eq!(stage.log_in("42", &next).await.status, 201);
    }
}
