//! Suspended devices: by hand until resumed, by bad proofs for a while.

use super::{Stage, enforce, rotation::rotate};
use countersign_server::Job;
use countersign_test_support::{Answer, TestApp, TestDevice, on_both_engines};
use futures_util::future::join_all;
use serde_json::{Value, json};

const URL: &str = "https://api.example/orders";

/// A request with the token and somebody else's proof.
pub(super) async fn forge(app: &TestApp, token: &str) -> Answer {
    let proof = TestDevice::new(app).proof("GET", URL, Some(token), None);
    let body = json!({ "token": token, "proof": proof, "method": "GET", "url": URL });
    app.internal("POST", "/v1/verify").json(&body).send().await
}

/// A request with the token and the device's own proof, whose signature is broken.
async fn garble(app: &TestApp, device: &TestDevice, token: &str) -> Answer {
    let proof = device.proof("GET", URL, Some(token), None);
    let (signed, signature) = proof.rsplit_once('.').expect("a signature");
    let first = if signature.starts_with('A') { 'B' } else { 'A' };
    let proof = format!("{signed}.{first}{}", &signature[1..]);
    let body = json!({ "token": token, "proof": proof, "method": "GET", "url": URL });
    app.internal("POST", "/v1/verify").json(&body).send().await
}

async fn step(app: &TestApp, device: &str, what: &str) -> Answer {
    app.internal("POST", &format!("/v1/devices/{device}/{what}"))
        .send()
        .await
}

async fn state(app: &TestApp, device: &str) -> Value {
    let record = app
        .internal("GET", &format!("/v1/devices/{device}"))
        .send()
        .await;
    assert_eq!(record.status, 200, "{}", record.body);
    record.body["state"].clone()
}

on_both_engines! {
    async fn five_bad_proofs_suspend_a_device_for_ten_minutes(app: TestApp) {
        let stage = Stage::new(app, enforce("software")).await;
        let app = &stage.app;
        let device = TestDevice::new(app);
        let login = app.login(&stage.client, "42", &device, json!({})).await;
        let (id, token, refresh) = (login.text("device_id"), login.text("access_token"), login.text("refresh_token"));
        for _ in 0..4 {
            assert_eq!(forge(app, &token).await.body["code"], "key_mismatch");
        }
        assert_eq!(app.verify(&device, &token).await.body["allowed"], true);
        assert_eq!(forge(app, &token).await.body["code"], "key_mismatch");
        assert_eq!(app.verify(&device, &token).await.body["code"], "device_suspended");
        assert_eq!(app.login(&stage.client, "42", &device, json!({})).await.code(), "device_suspended");
        let refused = app.refresh(&stage.client, "42", &device, &refresh, json!({})).await;
        assert_eq!(refused.code(), "device_suspended", "{}", refused.body);

        app.advance_secs(599);
        app.run_job(Job::Admit).await;
        assert_eq!(state(app, &id).await, "suspended");
        app.advance_secs(1);
        app.run_job(Job::Admit).await;
        assert_eq!(state(app, &id).await, "active");
        let refreshed = app.refresh(&stage.client, "42", &device, &refresh, json!({})).await;
        assert_eq!(refreshed.status, 200, "{}", refreshed.body);
        let token = refreshed.text("access_token");
        assert_eq!(app.verify(&device, &token).await.body["allowed"], true);
        let rows = app.database().rows("activity").await;
        let told: Vec<_> = rows.iter().filter(|row| row["action"] == "device.suspended" || row["action"] == "device.resumed")
            .map(|row| (row["action"].clone(), row["reason"].clone())).collect();
        assert_eq!(told, [(json!("device.suspended"), json!("bad_proofs")), (json!("device.resumed"), json!("time"))]);
        // The next suspension is twice as long; a login or refresh lifts it too, once it is over.
        for _ in 0..5 {
            forge(app, &token).await;
        }
        assert_eq!(app.verify(&device, &token).await.body["code"], "device_suspended");
        app.advance_secs(1199);
        app.run_job(Job::Admit).await;
        assert_eq!(state(app, &id).await, "suspended");
        app.advance_secs(1);
        let refresh = refreshed.text("refresh_token");
        let refreshed = app.refresh(&stage.client, "42", &device, &refresh, json!({})).await;
        assert_eq!(refreshed.status, 200, "{}", refreshed.body);
        assert_eq!(app.verify(&device, &refreshed.text("access_token")).await.body["allowed"], true);
        assert_eq!(state(app, &id).await, "active");
    }

    async fn bad_signatures_count_as_other_keys_do(app: TestApp) {
        let stage = Stage::new(app, enforce("software")).await;
        let device = TestDevice::new(&stage.app);
        let login = stage.app.login(&stage.client, "42", &device, json!({})).await;
        let (id, token) = (login.text("device_id"), login.text("access_token"));
        for _ in 0..5 {
            assert_eq!(state(&stage.app, &id).await, "active");
            assert_eq!(garble(&stage.app, &device, &token).await.body["code"], "proof_invalid");
        }
        assert_eq!(state(&stage.app, &id).await, "suspended");
    }

    async fn i11_bad_proofs_with_a_token_of_an_older_key_count_against_nobody(app: TestApp) {
        let stage = Stage::new(app, enforce("software")).await;
        let (old, new) = (TestDevice::new(&stage.app), TestDevice::new(&stage.app));
        let login = stage.app.login(&stage.client, "42", &old, json!({})).await;
        assert_eq!(rotate(&stage, &old, &new, &Value::Null).await.status, 200);
        for _ in 0..10 {
            let refused = forge(&stage.app, &login.text("access_token")).await;
            assert_eq!(refused.body["code"], "key_mismatch");
        }
        assert_eq!(state(&stage.app, &login.text("device_id")).await, "active");
    }

    async fn many_bad_proofs_at_once_suspend_once(app: TestApp) {
        let stage = Stage::new(app, enforce("software")).await;
        let device = TestDevice::new(&stage.app);
        let login = stage.app.login(&stage.client, "42", &device, json!({})).await;
        let token = login.text("access_token");
        join_all((0..20).map(|_| forge(&stage.app, &token))).await;
        let suspended = |row: &Value| row["action"] == "device.suspended";
        assert_eq!(stage.app.database().count("activity", suspended).await, 1);
        assert_eq!(stage.app.verify(&device, &token).await.body["code"], "device_suspended");
    }

    async fn i11_bad_proofs_without_a_live_token_count_against_nobody(app: TestApp) {
        let stage = Stage::new(app, enforce("software")).await;
        let app = &stage.app;
        let device = TestDevice::new(app);
        let login = app.login(&stage.client, "42", &device, json!({})).await;
        let (id, old) = (login.text("device_id"), login.text("access_token"));
        let login = app.login(&stage.client, "42", &device, json!({})).await;
        let token = login.text("access_token");
        for _ in 0..10 {
            // The token of a session that is over, one that was made up, and none.
            forge(app, &old).await;
            forge(app, "made-up").await;
            // With a live token, but nothing wrong with the proof itself: late, missing, for another URL.
            let late = json!({ "token": token, "method": "GET", "url": URL });
            app.internal("POST", "/v1/verify").json(&late).send().await;
            let proof = device.proof("GET", "https://api.example/other", Some(&token), None);
            let other = json!({ "token": token, "proof": proof, "method": "GET", "url": URL });
            app.internal("POST", "/v1/verify").json(&other).send().await;
        }
        assert_eq!(state(app, &id).await, "active");
        assert_eq!(app.verify(&device, &token).await.body["allowed"], true);
    }

    async fn a_client_says_what_bad_proofs_cost(app: TestApp) {
        let stage = Stage::new(app, enforce("software")).await;
        let path = format!("/v1/clients/{}", stage.client);
        let change = json!({ "admission": { "bad_proofs": { "limit": 0 } } });
        let changed = stage.app.internal("PATCH", &path).json(&change).send().await;
        assert_eq!(changed.body["admission"]["bad_proofs"], json!({ "limit": 0, "within_seconds": 600, "suspend_seconds": 600 }));
        let device = TestDevice::new(&stage.app);
        let login = stage.app.login(&stage.client, "42", &device, json!({})).await;
        for _ in 0..10 {
            forge(&stage.app, &login.text("access_token")).await;
        }
        assert_eq!(state(&stage.app, &login.text("device_id")).await, "active");
        for wrong in [json!({ "within_seconds": 59 }), json!({ "suspend_seconds": 86_401 }), json!({ "limit": 1001 })] {
            let change = json!({ "admission": { "bad_proofs": wrong } });
            assert_eq!(stage.app.internal("PATCH", &path).json(&change).send().await.status, 400);
        }
    }

    async fn a_resumed_device_begins_anew(app: TestApp) {
        let stage = Stage::new(app, enforce("software")).await;
        let app = &stage.app;
        let device = TestDevice::new(app);
        let login = app.login(&stage.client, "42", &device, json!({})).await;
        let (id, token) = (login.text("device_id"), login.text("access_token"));
        for _ in 0..2 {
            for _ in 0..4 {
                forge(app, &token).await;
                assert_eq!(state(app, &id).await, "active");
            }
            step(app, &id, "suspend").await;
            step(app, &id, "resume").await;
        }
        // Neither those before nor an earlier suspension count.
        for _ in 0..2 {
            for number in 0..5 {
                assert_eq!(state(app, &id).await, "active", "{number}");
                forge(app, &token).await;
            }
            assert_eq!(state(app, &id).await, "suspended");
            step(app, &id, "resume").await;
        }
        let fresh = app.login(&stage.client, "42", &device, json!({})).await;
        for _ in 0..5 {
            forge(app, &fresh.text("access_token")).await;
        }
        app.advance_secs(600);
        app.run_job(Job::Admit).await;
        assert_eq!(state(app, &id).await, "active");
    }

    async fn an_admins_suspension_does_not_end_by_itself(app: TestApp) {
        let stage = Stage::new(app, enforce("software")).await;
        let app = &stage.app;
        let device = TestDevice::new(app);
        let login = app.login(&stage.client, "42", &device, json!({})).await;
        let id = login.text("device_id");
        for _ in 0..5 {
            forge(app, &login.text("access_token")).await;
        }
        assert_eq!(step(app, &id, "suspend").await.status, 200);
        app.advance_secs(48 * 3600);
        app.run_job(Job::Admit).await;
        assert_eq!(state(app, &id).await, "suspended");
        assert_eq!(app.login(&stage.client, "42", &device, json!({})).await.code(), "device_suspended");
        step(app, &id, "resume").await;
        assert_eq!(app.login(&stage.client, "42", &device, json!({})).await.status, 201);
    }

    async fn a_banned_device_is_neither_suspended_nor_resumed_nor_revoked(app: TestApp) {
        let stage = Stage::new(app, enforce("software")).await;
        let device = TestDevice::new(&stage.app);
        let login = stage.app.login(&stage.client, "42", &device, json!({})).await;
        let id = login.text("device_id");
        stage.app.internal("POST", "/v1/bans").json(&json!({ "device_id": id })).send().await;
        let before = stage.app.database().dump().await;
        for what in ["suspend", "resume", "revoke"] {
            let answer = step(&stage.app, &id, what).await;
            assert_eq!((answer.status.as_u16(), answer.code()), (409, "conflict"), "{what}");
        }
        assert_eq!(stage.app.database().dump().await, before);
    }

    async fn i1_an_admin_suspends_resumes_and_revokes(app: TestApp) {
        let stage = Stage::new(app, enforce("software")).await;
        let app = &stage.app;
        let device = TestDevice::new(app);
        let login = app.login(&stage.client, "42", &device, json!({})).await;
        let (id, token) = (login.text("device_id"), login.text("access_token"));
        assert_eq!(app.verify(&device, &token).await.body["allowed"], true);
        let suspended = step(app, &id, "suspend").await;
        assert_eq!((&suspended.body["state"], &suspended.body["ended"]), (&json!("suspended"), &json!(0)));
        assert!(suspended.body["receipt"]["signature"].is_string(), "{}", suspended.body);
        assert_eq!(app.verify(&device, &token).await.body["code"], "device_suspended");
        app.advance_secs(48 * 3600);
        app.run_job(Job::Admit).await;
        assert_eq!(state(app, &id).await, "suspended");
        assert_eq!(step(app, &id, "suspend").await.status, 200);
        assert_eq!(step(app, &id, "resume").await.body["state"], "active");
        assert_eq!(step(app, &id, "resume").await.status, 200);
        let login = app.login(&stage.client, "42", &device, json!({})).await;
        assert_eq!(login.status, 201, "{}", login.body);
        let revoked = step(app, &id, "revoke").await;
        assert_eq!((&revoked.body["state"], &revoked.body["ended"]), (&json!("revoked"), &json!(1)));
        assert_eq!(step(app, &id, "revoke").await.body["ended"], 0);
        let refused = app.verify(&device, &login.text("access_token")).await;
        assert_eq!(refused.body["code"], "device_revoked");
        for what in ["suspend", "resume"] {
            let answer = step(app, &id, what).await;
            assert_eq!((answer.status.as_u16(), answer.code()), (409, "conflict"));
        }
        assert_eq!(app.login(&stage.client, "42", &device, json!({})).await.code(), "device_revoked");
        assert_eq!(step(app, "dev_01k6q2v7w8x9yzabcdefghjkmn", "revoke").await.status, 404);
        let actions = app.database().rows("activity").await;
        let count = |action: &str| actions.iter().filter(|row| row["action"] == action).count();
        assert_eq!(["device.suspended", "device.resumed", "device.revoked"].map(count), [1, 1, 1]);
    }

    async fn a_suspended_machine_is_not_resumed_by_a_new_key(app: TestApp) {
        let stage = Stage::new(app, enforce("hardware")).await;
        let enroll = async || {
            let device = TestDevice::new(&stage.app);
            stage.enroll(&device, |platforms, asked, device| platforms.android_machine(asked, device, "S1")).await
        };
        let id = enroll().await.text("device_id");
        step(&stage.app, &id, "suspend").await;
        assert_eq!(enroll().await.code(), "device_suspended");
        step(&stage.app, &id, "resume").await;
        assert_eq!(enroll().await.body["device_id"], json!(id));
    }
}
