//! Bans: what stays refused, on every way in, until an admin lifts it.

use super::{Stage, enforce, nothing};
use countersign_test_support::{Answer, Platforms, TestApp, TestDevice, on_both_engines};
use futures_util::future::join;
use serde_json::{Value, json};

pub(super) async fn ban(app: &TestApp, subject: Value) -> Answer {
    let answer = app.internal("POST", "/v1/bans").json(&subject).send().await;
    assert_eq!(answer.status, 201, "{}", answer.body);
    answer
}

pub(super) async fn lift(app: &TestApp, id: &str) -> Answer {
    let answer = app
        .internal("DELETE", &format!("/v1/bans/{id}"))
        .send()
        .await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer
}

on_both_engines! {
    async fn i1_a_banned_device_is_refused_on_every_way_in_until_the_ban_is_lifted(app: TestApp) {
        let stage = Stage::new(app, enforce("software")).await;
        let app = &stage.app;
        let device = TestDevice::new(app);
        let login = app.login(&stage.client, "42", &device, json!({})).await;
        let (id, token, refresh) = (login.text("device_id"), login.text("access_token"), login.text("refresh_token"));
        assert_eq!(app.verify(&device, &token).await.body["allowed"], true);

        let banned = ban(app, json!({ "device_id": id, "reason": "Stolen." })).await;
        assert_eq!((&banned.body["scope"], &banned.body["ended"]), (&json!("device"), &json!(1)));
        assert!(banned.body["receipt"]["signature"].is_string(), "{}", banned.body);
        assert_eq!(app.verify(&device, &token).await.body["code"], "device_banned");
        assert_eq!(app.login(&stage.client, "42", &device, json!({})).await.code(), "device_banned");
        assert_eq!(app.login(&stage.client, "43", &device, json!({})).await.code(), "device_banned");
        let refreshed = app.refresh(&stage.client, "42", &device, &refresh, json!({})).await;
        assert_eq!(refreshed.status, 401, "{}", refreshed.body);
        let enrolled = stage.enroll(&device, nothing).await;
        assert_eq!((enrolled.status.as_u16(), enrolled.code()), (403, "device_banned"));
        let reinstalled = TestDevice::new(app).under(device.installation_id);
        assert_eq!(app.login(&stage.client, "42", &reinstalled, json!({})).await.code(), "device_banned");

        let record = app.internal("GET", &format!("/v1/devices/{id}")).send().await;
        assert_eq!(record.body["state"], "banned");
        assert_eq!(record.body["bans"][0]["reason"], "Stolen.");
        assert_eq!(record.body["hardware_identity"], "none");
        let ban_id = banned.text("ban_id");
        let lifted = lift(app, &ban_id).await;
        assert!(lifted.body["lifted_at"].is_string());
        app.advance_secs(1);
        assert_eq!(lift(app, &ban_id).await.body["lifted_at"], lifted.body["lifted_at"]);
        let is_lifting = |row: &Value| row["action"] == "ban.lifted";
        assert_eq!(app.database().count("activity", is_lifting).await, 1);
        let record = app.internal("GET", &format!("/v1/devices/{id}")).send().await;
        assert_eq!((&record.body["state"], &record.body["bans"]), (&json!("revoked"), &json!([])));
        // The key stays dead; the device comes back with another one.
        assert_eq!(app.login(&stage.client, "42", &device, json!({})).await.code(), "device_revoked");
        let back = app.login(&stage.client, "42", &reinstalled, json!({})).await;
        assert_eq!((back.status.as_u16(), back.text("device_id")), (201, id));
        for (state, total) in [("active", 0), ("lifted", 1), ("all", 1)] {
            let list = app.internal("GET", &format!("/v1/bans?state={state}")).send().await;
            assert_eq!(list.body["total"], total, "{state}");
        }
    }

    async fn a_key_can_be_banned_before_it_is_seen(app: TestApp) {
        let stage = Stage::new(app, enforce("software")).await;
        let device = TestDevice::new(&stage.app);
        let banned = ban(&stage.app, json!({ "jkt": device.jkt().to_string() })).await;
        assert_eq!(stage.enroll(&device, nothing).await.code(), "device_banned");
        assert_eq!(stage.app.login(&stage.client, "42", &device, json!({})).await.code(), "device_banned");
        assert!(stage.rows("devices").await.is_empty());
        lift(&stage.app, &banned.text("ban_id")).await;
        assert_eq!(stage.enroll(&device, nothing).await.status, 201);
    }

    async fn i4_a_ban_beats_the_enrollment_of_a_key_that_nobody_has_seen(app: TestApp) {
        let stage = Stage::new(app, enforce("software")).await;
        for _ in 0..20 {
            let device = TestDevice::new(&stage.app);
            let subject = json!({ "jkt": device.jkt().to_string() });
            let (_, enrolled) = join(ban(&stage.app, subject), stage.enroll(&device, nothing)).await;
            assert!(matches!(enrolled.status.as_u16(), 201 | 403), "{}", enrolled.body);
            let login = stage.app.login(&stage.client, "42", &device, json!({})).await;
            assert_eq!((login.status.as_u16(), login.code()), (403, "device_banned"));
        }
    }

    async fn i11_a_user_who_is_banned_on_a_device_leaves_it_to_others(app: TestApp) {
        let stage = Stage::new(app, enforce("software")).await;
        let tablet = TestDevice::new(&stage.app);
        let first = stage.app.login(&stage.client, "42", &tablet, json!({})).await;
        let second = stage.app.login(&stage.client, "43", &tablet, json!({})).await;
        let id = first.text("device_id");
        let banned = ban(&stage.app, json!({ "device_id": id, "user_id": "42" })).await;
        assert_eq!((&banned.body["scope"], &banned.body["ended"]), (&json!("user_on_device"), &json!(1)));
        let refused = stage.app.verify(&tablet, &first.text("access_token")).await;
        assert_eq!(refused.body["code"], "device_banned");
        assert_eq!(stage.app.login(&stage.client, "42", &tablet, json!({})).await.code(), "device_banned");
        assert_eq!(stage.app.verify(&tablet, &second.text("access_token")).await.body["allowed"], true);
        let other = TestDevice::new(&stage.app);
        assert_eq!(stage.app.login(&stage.client, "42", &other, json!({})).await.status, 201);
        let stranger = json!({ "device_id": id, "user_id": "44" });
        let unknown = stage.app.internal("POST", "/v1/bans").json(&stranger).send().await;
        assert_eq!((unknown.status.as_u16(), unknown.code()), (404, "not_found"));
        lift(&stage.app, &banned.text("ban_id")).await;
        assert_eq!(stage.app.login(&stage.client, "42", &tablet, json!({})).await.status, 201);
    }

    async fn a_machine_that_its_platform_attests_is_known_again_and_stays_banned(app: TestApp) {
        let stage = Stage::new(app, enforce("hardware")).await;
        let enroll = async |device: &TestDevice, serial: &'static str| {
            stage.enroll(device, |platforms: &Platforms, asked, device| {
                platforms.android_machine(asked, device, serial)
            }).await
        };
        let old = TestDevice::new(&stage.app);
        let first = enroll(&old, "S1").await;
        let login = stage.app.login(&stage.client, "42", &old, json!({})).await;
        let new = TestDevice::new(&stage.app);
        let second = enroll(&new, "S1").await;
        assert_eq!(second.body["device_id"], first.body["device_id"], "{}", second.body);
        assert_eq!(second.body["is_new_device"], false);
        assert_ne!(second.body["app_id"], first.body["app_id"]);
        assert_eq!(stage.app.verify(&old, &login.text("access_token")).await.body["allowed"], false);
        assert_eq!(stage.enroll(&old, Platforms::android_key).await.code(), "key_retired");
        assert_ne!(enroll(&TestDevice::new(&stage.app), "S2").await.body["device_id"], first.body["device_id"]);

        let id = first.text("device_id");
        let record = stage.app.internal("GET", &format!("/v1/devices/{id}")).send().await;
        assert_eq!((&record.body["hardware_identity"], &record.body["generation"]), (&json!("attested"), &json!(2)));
        assert_eq!(record.body["evidence"]["level"], "hardware");
        let banned = ban(&stage.app, json!({ "device_id": id })).await;
        assert_eq!(banned.body["covers_hardware"], true);
        let third = TestDevice::new(&stage.app);
        assert_eq!(enroll(&third, "S1").await.code(), "device_banned");
        assert_eq!(enroll(&third, "S3").await.status, 201);
        lift(&stage.app, &banned.text("ban_id")).await;
        assert_eq!(enroll(&TestDevice::new(&stage.app), "S1").await.body["device_id"], json!(id));
    }

    async fn what_is_no_ban_is_refused_and_changes_nothing(app: TestApp) {
        let stage = Stage::new(app, enforce("software")).await;
        let device = TestDevice::new(&stage.app);
        let id = stage.app.login(&stage.client, "42", &device, json!({})).await.text("device_id");
        let before = stage.app.database().dump().await;
        let jkt = device.jkt().to_string();
        for (subject, status) in [
            (json!({}), 400), (json!({ "device_id": id, "jkt": jkt }), 400), (json!({ "user_id": "42" }), 400),
            (json!({ "device_id": id, "reason": "" }), 400), (json!({ "device_id": id, "forever": true }), 400),
            (json!({ "device_id": "dev_01k6q2v7w8x9yzabcdefghjkmn" }), 404),
        ] {
            let answer = stage.app.internal("POST", "/v1/bans").json(&subject).send().await;
            assert_eq!(answer.status, status, "{subject} {}", answer.body);
        }
        let unknown = stage.app.internal("DELETE", "/v1/bans/ban_01k6q2v7w8x9yzabcdefghjkmn").send().await;
        assert_eq!(unknown.status, 404);
        assert_eq!(stage.app.database().dump().await, before);
    }
}
