//! What is cut off on one node is refused by another that reads nothing of its own accord (I1).

use super::{Stage, again, enforce, rotation::rotate, suspension::forge};
use crate::logged_in::LoggedIn;
use countersign_server::Job;
use countersign_test_support::{Platforms, TestApp, TestDevice, on_both_engines};
use serde_json::{Value, json};

async fn beside(app: &TestApp) -> TestApp {
    let silent = app.beside_silently().await;
    silent.outlive_early_proofs();
    silent
}

on_both_engines! {
    async fn i1_bans_suspensions_and_revocations_wait_for_a_node_that_reads_nothing(app: TestApp) {
        let stage = Stage::new(app, enforce("software")).await;
        let silent = beside(&stage.app).await;
        for (what, code) in [("ban", "device_banned"), ("suspend", "device_suspended"), ("revoke", "device_revoked")] {
            let user = LoggedIn::new(&stage.app, &stage.client, what).await;
            user.assert_allowed(&silent).await;
            let id = user.device_id();
            let step = format!("/v1/devices/{id}/{what}");
            let answer = match what {
                "ban" => stage.app.internal("POST", "/v1/bans").json(&json!({ "device_id": id })).send().await,
                _ => stage.app.internal("POST", &step).send().await,
            };
            assert!(answer.status.is_success(), "{}", answer.body);
            user.assert_refused(&silent, code).await;
        }
    }

    async fn i1_the_last_bad_proof_waits_for_a_node_that_reads_nothing(app: TestApp) {
        let stage = Stage::new(app, enforce("software")).await;
        let silent = beside(&stage.app).await;
        let user = LoggedIn::new(&stage.app, &stage.client, "42").await;
        user.assert_allowed(&silent).await;
        for _ in 0..5 {
            forge(&stage.app, &user.token()).await;
        }
        user.assert_refused(&silent, "device_suspended").await;
    }

    async fn i1_a_new_key_and_lost_evidence_wait_for_a_node_that_reads_nothing(app: TestApp) {
        let stage = Stage::new(app, enforce("app")).await;
        let silent = beside(&stage.app).await;
        let device = TestDevice::new(&stage.app);
        stage.enroll(&device, Platforms::app_attest).await;
        let login = stage.app.login(&stage.client, "42", &device, json!({})).await;
        let token = login.text("access_token");
        assert_eq!(silent.verify(&device, &token).await.body["allowed"], true);
        again::settle_on(&stage, "enforce", "TEAM.com.example.other").await;
        // Nothing is judged by it yet, and the node goes on for a while from here.
        assert_eq!(silent.verify(&device, &token).await.body["allowed"], true);
        stage.app.run_job(Job::JudgeAgain).await;
        assert_eq!(silent.verify(&device, &token).await.body["allowed"], false);

        let stage = Stage::new(stage.app, enforce("software")).await;
        let silent = beside(&stage.app).await;
        let (old, new) = (TestDevice::new(&stage.app), TestDevice::new(&stage.app));
        let login = stage.app.login(&stage.client, "42", &old, json!({})).await;
        let token = login.text("access_token");
        assert_eq!(silent.verify(&old, &token).await.body["allowed"], true);
        assert_eq!(rotate(&stage, &old, &new, &Value::Null).await.status, 200);
        assert_eq!(silent.verify(&old, &token).await.body["allowed"], false);
    }
}
