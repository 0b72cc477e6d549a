//! Devices without a key that wait for an admin: known by their user and installation id until they are in.

use super::approvals::waiting;
use super::{Stage, nothing};
use crate::logged_in::judge;
use countersign_server::Job;
use countersign_test_support::{Answer, TestApp, TestDevice, on_both_engines};
use futures_util::future::{join, join_all};
use serde_json::{Value, json};

/// A client that asks for approval of new devices, with a key or without.
async fn asking(app: TestApp) -> Stage {
    let admission = json!({ "activation": "approval", "approval_seconds": 60 });
    optional(waiting(app, admission).await).await
}

async fn optional(stage: Stage) -> Stage {
    let path = format!("/v1/clients/{}", stage.client);
    let change = json!({ "proof_of_possession": "optional" });
    let call = stage.app.internal("PATCH", &path).json(&change);
    assert_eq!(call.send().await.status, 200);
    stage
}

impl Stage {
    async fn without_key(&self, user: &str, device: &TestDevice, secret: Option<&str>) -> Answer {
        let mut changes = json!({ "proof": null });
        if let Some(secret) = secret {
            changes["device"] = json!({ "device_secret": secret });
        }
        self.app.login(&self.client, user, device, changes).await
    }

    /// Approves or rejects all that waits; answers of which devices that was.
    async fn decide_all(&self, what: &str) -> Vec<Value> {
        let queue = self.queue().await;
        for request in &queue {
            assert_eq!(self.decide(request, what).await.status, 200);
        }
        let ids = queue.iter().map(|request| request["device_id"].clone());
        ids.collect()
    }

    async fn is_allowed(&self, login: &Answer) -> bool {
        let token = login.text("access_token");
        judge(&self.app, &json!({ "token": token })).await.body["allowed"] == true
    }
}

fn of_user<'a>(queue: &'a [Value], user: &str) -> &'a Value {
    let request = queue.iter().find(|request| request["user_id"] == user);
    request.expect("a request of the user")
}

on_both_engines! {
    async fn a_keyless_device_waits_as_one_and_gets_in_when_it_is_approved(app: TestApp) {
        let stage = asking(app).await;
        let device = TestDevice::new(&stage.app);
        for _ in 0..3 {
            let refused = stage.without_key("42", &device, None).await;
            assert_eq!((refused.status.as_u16(), refused.code()), (403, "approval_pending"));
        }
        let queue = stage.queue().await;
        assert_eq!((queue.len(), &queue[0]["cause"], &queue[0]["user_id"]), (1, &json!("activation"), &json!("42")));
        assert!(stage.rows("sessions").await.is_empty() && stage.rows("ownerships").await.is_empty());
        let rows = stage.rows("devices").await;
        assert_eq!((rows.len(), &rows[0]["secret_hash"]), (1, &Value::Null));

        stage.decide(&queue[0], "approve").await;
        let login = stage.without_key("42", &device, None).await;
        assert_eq!((login.status.as_u16(), &login.body["device_id"]), (201, &queue[0]["device_id"]), "{}", login.body);
        assert_eq!((&login.body["is_new_device"], &login.body["installation_id"]), (&json!(false), &json!(device.installation_id)));
        assert!(stage.is_allowed(&login).await);
        let again = stage.without_key("42", &device, Some(&login.text("device_secret"))).await;
        assert_eq!((again.status.as_u16(), &again.body["device_id"]), (201, &queue[0]["device_id"]));
        assert_eq!((&again.body["app_id"], again.body.get("device_secret")), (&login.body["app_id"], None));
        assert!(stage.queue().await.is_empty() && stage.rows("devices").await.len() == 1);
    }

    async fn only_the_first_login_after_the_approval_needs_no_secret(app: TestApp) {
        let stage = asking(app).await;
        let device = TestDevice::new(&stage.app);
        stage.without_key("42", &device, None).await;
        stage.decide_all("approve").await;
        let first = stage.without_key("42", &device, None).await;
        let secret = first.text("device_secret");
        let shared = stage.without_key("43", &device, Some(&secret)).await;
        assert_eq!(shared.body["device_id"], first.body["device_id"], "{}", shared.body);
        // Now it is a co-owner's too, and the installation id alone is worth nothing.
        let bare = stage.without_key("42", &device, None).await;
        assert_eq!(bare.code(), "approval_pending");
        assert!(stage.is_allowed(&first).await && stage.is_allowed(&shared).await);
        let stranger = stage.without_key("44", &device, None).await;
        assert_eq!(stranger.code(), "approval_pending");
        let others: Vec<_> = stage.queue().await.iter().map(|request| request["device_id"].clone()).collect();
        assert!(others.len() == 2 && !others.contains(&first.body["device_id"]), "{others:?}");
        assert_eq!(stage.without_key("42", &device, Some(&secret)).await.body["device_id"], first.body["device_id"]);
    }

    async fn a_keyless_device_that_is_not_let_in_is_refused_as_one_with_a_key(app: TestApp) {
        let stage = asking(app).await;
        let (rejected, forgotten) = (TestDevice::new(&stage.app), TestDevice::new(&stage.app));
        stage.without_key("42", &rejected, None).await;
        stage.decide_all("reject").await;
        stage.without_key("42", &forgotten, None).await;
        stage.app.advance_secs(60);
        stage.app.run_job(Job::Admit).await;
        for device in [&rejected, &forgotten] {
            let refused = stage.without_key("42", device, None).await;
            assert_eq!((refused.status.as_u16(), refused.code()), (403, "device_revoked"), "{}", refused.body);
        }
        assert!(stage.queue().await.is_empty());
        assert_eq!((stage.rows("devices").await.len(), stage.rows("approvals").await.len()), (2, 2));
    }

    async fn i11_a_place_in_the_queue_is_its_users_only(app: TestApp) {
        let stage = asking(app).await;
        let device = TestDevice::new(&stage.app);
        for user in ["42", "43", "43", "42"] {
            assert_eq!(stage.without_key(user, &device, None).await.code(), "approval_pending");
        }
        let queue = stage.queue().await;
        assert_eq!(queue.len(), 2);
        let (of_42, of_43) = (of_user(&queue, "42"), of_user(&queue, "43"));
        stage.decide(of_42, "approve").await;
        assert_eq!(stage.without_key("43", &device, None).await.code(), "approval_pending");
        let first = stage.without_key("42", &device, None).await;
        assert_eq!(first.body["device_id"], of_42["device_id"], "{}", first.body);
        stage.decide(of_43, "approve").await;
        let second = stage.without_key("43", &device, None).await;
        assert_eq!(second.body["device_id"], of_43["device_id"], "{}", second.body);
        assert_ne!(second.body["installation_id"], first.body["installation_id"]);
        // The other client's app on the same phone has a place of its own.
        let admission = json!({ "admission": { "activation": "approval" }, "proof_of_possession": "optional" });
        let other = stage.app.client(admission).await;
        let there = stage.app.login(&other, "42", &device, json!({ "proof": null })).await;
        assert_eq!(there.code(), "approval_pending");
        assert!(stage.is_allowed(&first).await && stage.is_allowed(&second).await);
    }

    async fn i11_a_device_with_a_key_is_never_reached_without_it(app: TestApp) {
        let stage = asking(app).await;
        let (kept, enrolled) = (TestDevice::new(&stage.app), TestDevice::new(&stage.app));
        assert_eq!(stage.log_in("42", &kept).await.code(), "approval_pending");
        assert_eq!(stage.enroll(&enrolled, nothing).await.body["state"], "pending_approval");
        let with_key = stage.decide_all("approve").await;
        for device in [&kept, &enrolled] {
            assert_eq!(stage.without_key("42", device, None).await.code(), "approval_pending");
        }
        let without: Vec<_> = stage.queue().await.iter().map(|request| request["device_id"].clone()).collect();
        assert!(without.len() == 2 && without.iter().all(|id| !with_key.contains(id)), "{without:?}");
        stage.decide_all("approve").await;
        for device in [&kept, &enrolled] {
            let bare = stage.without_key("42", device, None).await;
            assert!(without.contains(&bare.body["device_id"]), "{}", bare.body);
            let login = stage.log_in("42", device).await;
            assert!(with_key.contains(&login.body["device_id"]), "{}", login.body);
        }
    }

    async fn i4_of_two_logins_right_after_the_approval_the_second_replaces_the_first(app: TestApp) {
        let stage = asking(app).await;
        for user in ["1", "2", "3", "4", "5", "6", "7", "8"] {
            let device = TestDevice::new(&stage.app);
            join_all((0..4).map(|_| stage.without_key(user, &device, None))).await;
            assert_eq!(stage.queue().await.len(), 1);
            let id = stage.decide_all("approve").await;
            let (one, other) = join(stage.without_key(user, &device, None), stage.without_key(user, &device, None)).await;
            assert_eq!((one.status.as_u16(), other.status.as_u16()), (201, 201), "{} {}", one.body, other.body);
            assert_eq!([&one.body["device_id"], &other.body["device_id"]], [&id[0], &id[0]]);
            assert_ne!(one.body["app_id"], other.body["app_id"]);
            assert_ne!(stage.is_allowed(&one).await, stage.is_allowed(&other).await);
        }
    }

    async fn a_user_of_a_banned_device_waits_on_the_next_one_without_a_key(app: TestApp) {
        let stage = optional(waiting(app, json!({ "after_ban": "approval" })).await).await;
        let lost = stage.without_key("42", &TestDevice::new(&stage.app), None).await;
        let subject = json!({ "device_id": lost.body["device_id"] });
        assert_eq!(stage.app.internal("POST", "/v1/bans").json(&subject).send().await.status, 201);
        let (next, after) = (TestDevice::new(&stage.app), TestDevice::new(&stage.app));
        for _ in 0..2 {
            assert_eq!(stage.without_key("42", &next, None).await.code(), "approval_pending");
        }
        let queue = stage.queue().await;
        assert_eq!((queue.len(), &queue[0]["cause"], &queue[0]["user_id"]), (1, &json!("after_ban"), &json!("42")));
        stage.decide_all("approve").await;
        let login = stage.without_key("42", &next, None).await;
        assert_eq!((login.status.as_u16(), &login.body["device_id"]), (201, &queue[0]["device_id"]), "{}", login.body);
        stage.without_key("42", &after, None).await;
        stage.decide_all("reject").await;
        assert_eq!(stage.without_key("42", &after, None).await.code(), "approval_rejected");
        assert_eq!(stage.rows("devices").await.len(), 3);
    }

    async fn one_user_cannot_fill_the_queue(app: TestApp) {
        let stage = asking(app).await;
        for number in 0..24 {
            let device = TestDevice::new(&stage.app);
            let refused = match number % 2 {
                0 => stage.without_key("42", &device, None).await,
                _ => stage.log_in("42", &device).await,
            };
            assert_eq!((refused.status.as_u16(), refused.code()), (403, "approval_pending"));
        }
        assert_eq!((stage.queue().await.len(), stage.rows("devices").await.len()), (10, 10));
        assert_eq!(stage.without_key("43", &TestDevice::new(&stage.app), None).await.code(), "approval_pending");
        assert_eq!(stage.queue().await.len(), 11);
        // What is decided makes room.
        stage.decide(of_user(&stage.queue().await, "42"), "reject").await;
        let late = TestDevice::new(&stage.app);
        stage.without_key("42", &late, None).await;
        assert_eq!(stage.queue().await.len(), 11);
        stage.decide_all("approve").await;
        assert_eq!(stage.without_key("42", &late, None).await.status, 201);
    }
}
