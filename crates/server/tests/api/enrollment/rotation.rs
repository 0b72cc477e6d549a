//! A new key takes the place of the old one: the same record, and sessions that go on.

use super::{Stage, enforce, post};
use countersign_attestation::transcript::Purpose;
use countersign_test_support::{Answer, Platforms, TestApp, TestDevice, on_both_engines};
use serde_json::{Value, json};

pub(super) async fn rotate(
    stage: &Stage,
    old: &TestDevice,
    new: &TestDevice,
    evidence: &Value,
) -> Answer {
    let challenge = stage.challenge("rotate").await;
    rotate_with(stage, old, new, &challenge, evidence).await
}

pub(super) async fn rotate_with(
    stage: &Stage,
    old: &TestDevice,
    new: &TestDevice,
    challenge: &str,
    evidence: &Value,
) -> Answer {
    let path = "/v1/enrollments/rotate";
    let url = format!("{}{path}", TestApp::PUBLIC_URL);
    let body = json!({
        "client_id": stage.client, "challenge": challenge, "evidence": evidence,
        "previous_proof": old.proof("POST", &url, None, None),
    });
    post(&stage.app, new, path, &body).await
}

on_both_engines! {
    async fn i9_what_speaks_for_a_device_goes_with_it_to_its_next_key(app: TestApp) {
        let stage = Stage::new(app, enforce("software")).await;
        let (old, new) = (TestDevice::new(&stage.app), TestDevice::new(&stage.app));
        let mfa = json!({ "amr": ["mfa"] });
        let login = stage.app.login(&stage.client, "42", &old, mfa).await;
        assert_eq!(rotate(&stage, &old, &new, &Value::Null).await.status, 200);
        let again = stage.app.login(&stage.client, "42", &new, json!({})).await;
        assert_eq!((&again.body["device_id"], &again.body["trust"]), (&login.body["device_id"], &json!("trusted")));
    }

    async fn i1_sessions_go_on_with_the_new_key_and_the_old_one_is_dead(app: TestApp) {
        let stage = Stage::new(app, enforce("software")).await;
        let old = TestDevice::new(&stage.app);
        let login = stage.app.login(&stage.client, "42", &old, json!({})).await;
        let token = login.text("access_token");
        assert_eq!(stage.app.verify(&old, &token).await.body["allowed"], true);
        let installation_id = old.installation_id;
        let new = TestDevice::new(&stage.app).under(installation_id);
        let rotated = rotate(&stage, &old, &new, &Value::Null).await;
        assert_eq!(rotated.status, 200, "{}", rotated.body);
        assert_eq!(rotated.body["device_id"], login.body["device_id"]);
        assert_ne!(rotated.body["app_id"], login.body["app_id"]);

        // The access token names the old key, so nobody can use it; the refresh token goes on.
        assert_eq!(stage.app.verify(&old, &token).await.body["allowed"], false);
        assert_eq!(stage.app.verify(&new, &token).await.body["allowed"], false);
        let refresh = login.text("refresh_token");
        let thief = stage.app.refresh(&stage.client, "42", &old, &refresh, json!({})).await;
        assert!(!thief.status.is_success(), "{}", thief.body);
        let refreshed = stage.app.refresh(&stage.client, "42", &new, &refresh, json!({})).await;
        assert_eq!(refreshed.status, 200, "{}", refreshed.body);
        assert_eq!(refreshed.body["session_id"], login.body["session_id"]);
        assert_eq!(stage.app.verify(&new, &refreshed.text("access_token")).await.body["allowed"], true);

        // The old key stays dead: no login, no enrollment, no way back.
        let back = stage.app.login(&stage.client, "42", &old, json!({})).await;
        assert_eq!(back.code(), "key_retired");
        assert_eq!(rotate(&stage, &new, &old, &Value::Null).await.code(), "key_retired");
        let rekeyed = |row: &Value| row["action"] == "device.rekeyed";
        assert_eq!(stage.app.database().count("activity", rekeyed).await, 1);
    }

    async fn only_a_devices_own_key_gives_way_to_a_new_one(app: TestApp) {
        let stage = Stage::new(app, enforce("software")).await;
        let device = TestDevice::new(&stage.app);
        stage.app.login(&stage.client, "42", &device, json!({})).await;
        let other = TestDevice::new(&stage.app);
        stage.app.login(&stage.client, "43", &other, json!({})).await;
        let before = stage.app.database().dump().await;
        let (stranger, new) = (TestDevice::new(&stage.app), TestDevice::new(&stage.app));
        let unknown = rotate(&stage, &stranger, &new, &Value::Null).await;
        assert_eq!((unknown.status.as_u16(), unknown.code()), (401, "key_mismatch"));
        // Another device's key cannot be taken, nor one's own for a new one.
        assert_eq!(rotate(&stage, &device, &other, &Value::Null).await.code(), "key_retired");
        assert_eq!(rotate(&stage, &device, &device, &Value::Null).await.code(), "key_retired");
        let enroll = stage.challenge("enroll").await;
        let answer = rotate_with(&stage, &device, &new, &enroll, &Value::Null).await;
        assert_eq!(answer.code(), "challenge_mismatch");
        assert_eq!(stage.app.database().dump().await, before);
    }

    async fn a_new_key_has_to_show_what_an_enrollment_shows(app: TestApp) {
        let stage = Stage::new(app, enforce("app")).await;
        let old = TestDevice::new(&stage.app);
        stage.enroll(&old, Platforms::app_attest).await;
        let login = stage.app.login(&stage.client, "42", &old, json!({})).await;
        assert_eq!(login.status, 201, "{}", login.body);
        let new = TestDevice::new(&stage.app);
        assert_eq!(rotate(&stage, &old, &new, &Value::Null).await.code(), "attestation_required");
        for (purpose, shower, code) in [
            (Purpose::Enroll, &new, "attestation_invalid"), (Purpose::Rotate, &old, "attestation_invalid"),
            (Purpose::Rotate, &new, ""),
        ] {
            let challenge = stage.challenge("rotate").await;
            let evidence = stage.platforms.app_attest(stage.asked(purpose, &challenge), shower);
            let answer = rotate_with(&stage, &old, &new, &challenge, &evidence).await;
            assert_eq!(answer.body["code"].as_str().unwrap_or_default(), code, "{}", answer.body);
        }
        let generations: Vec<_> = stage.rows("evidence").await.iter().map(|row| row["generation"].clone()).collect();
        assert_eq!(generations.len(), 2);
        assert!(generations.contains(&json!(1)) && generations.contains(&json!(2)), "{generations:?}");
    }

    async fn a_device_that_is_cut_off_cannot_rotate_and_a_ban_is_not_rotated_away(app: TestApp) {
        let stage = Stage::new(app, enforce("software")).await;
        let (old, new) = (TestDevice::new(&stage.app), TestDevice::new(&stage.app));
        let id = stage.app.login(&stage.client, "42", &old, json!({})).await.text("device_id");
        let ban = json!({ "jkt": new.jkt().to_string() });
        assert_eq!(stage.app.internal("POST", "/v1/bans").json(&ban).send().await.status, 201);
        assert_eq!(rotate(&stage, &old, &new, &Value::Null).await.code(), "device_banned");
        let new = TestDevice::new(&stage.app);
        for (step, code) in [("suspend", "device_suspended"), ("revoke", "device_revoked")] {
            stage.app.internal("POST", &format!("/v1/devices/{id}/{step}")).send().await;
            assert_eq!(rotate(&stage, &old, &new, &Value::Null).await.code(), code);
        }
    }

    async fn a_new_key_is_of_the_machine_that_the_old_one_is_of(app: TestApp) {
        let stage = Stage::new(app, enforce("hardware")).await;
        let (one, other, bare) = (TestDevice::new(&stage.app), TestDevice::new(&stage.app), TestDevice::new(&stage.app));
        let banned = stage.enroll(&one, |platforms, asked, device| platforms.android_machine(asked, device, "S1")).await;
        stage.enroll(&other, |platforms, asked, device| platforms.android_machine(asked, device, "S2")).await;
        stage.enroll(&bare, Platforms::android_key).await;
        let ban = json!({ "device_id": banned.body["device_id"] });
        assert_eq!(stage.app.internal("POST", "/v1/bans").json(&ban).send().await.status, 201);
        for (old, machine, code) in [(&bare, "S1", "device_banned"), (&other, "S3", "attestation_invalid"), (&other, "S2", "")] {
            let new = TestDevice::new(&stage.app);
            let challenge = stage.challenge("rotate").await;
            let evidence = stage.platforms.android_machine(stage.asked(Purpose::Rotate, &challenge), &new, machine);
            let answer = rotate_with(&stage, old, &new, &challenge, &evidence).await;
            assert_eq!(answer.body["code"].as_str().unwrap_or_default(), code, "{}", answer.body);
        }
    }

    async fn the_record_shows_what_the_present_key_showed(app: TestApp) {
        let stage = Stage::new(app, enforce("software")).await;
        let (old, new) = (TestDevice::new(&stage.app), TestDevice::new(&stage.app));
        let id = stage.enroll(&old, Platforms::app_attest).await.text("device_id");
        let record = async || stage.app.internal("GET", &format!("/v1/devices/{id}")).send().await.body;
        assert_eq!(record().await["evidence"]["level"], "app");
        assert_eq!(rotate(&stage, &old, &new, &Value::Null).await.status, 200);
        assert_ne!(record().await["evidence"]["level"], "app");
    }
}
