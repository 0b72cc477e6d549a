//! A challenge serves once, for its client and purpose, for five minutes (I4, I15).

use super::{Show, Stage, enforce, nothing};
use countersign_attestation::transcript::Purpose;
use countersign_test_support::{Platforms, TestApp, TestDevice, on_both_engines};
use futures_util::future::join_all;
use serde_json::{Value, json};

on_both_engines! {
    async fn i15_a_challenge_serves_once(app: TestApp) {
        let stage = Stage::new(app, enforce("software")).await;
        let device = TestDevice::new(&stage.app);
        let challenge = stage.challenge("enroll").await;
        let body = stage.body(&device, &challenge, &Value::Null);
        assert_eq!(stage.send(&device, &body).await.status, 201);
        let before = stage.app.database().dump().await;
        let again = stage.send(&device, &body).await;
        assert_eq!((again.status.as_u16(), again.code()), (401, "challenge_unknown"));
        assert_eq!(again.header("www-authenticate"), r#"DPoP algs="ES256""#);
        assert_eq!(stage.app.database().dump().await, before);
        assert!(stage.rows("challenges").await.is_empty());
    }

    async fn i15_a_challenge_is_good_for_five_minutes(app: TestApp) {
        let stage = Stage::new(app, enforce("software")).await;
        let device = TestDevice::new(&stage.app);
        for (seconds, expected) in [(299, "null"), (300, "\"challenge_expired\"")] {
            let challenge = stage.challenge("enroll").await;
            stage.app.advance_secs(seconds);
            let answer = stage.send(&device, &stage.body(&device, &challenge, &Value::Null)).await;
            assert_eq!(answer.body["code"].to_string(), expected, "{}", answer.body);
        }
    }

    async fn i15_a_challenge_is_its_clients_and_for_its_purpose(app: TestApp) {
        let stage = Stage::new(app, enforce("software")).await;
        let device = TestDevice::new(&stage.app);
        let foreign = stage.app.client(json!({})).await;
        let ask = json!({ "client_id": foreign, "purpose": "enroll" });
        let foreign = stage.app.public("POST", "/v1/enrollments/challenges").json(&ask).send().await;
        for challenge in [foreign.text("challenge"), stage.challenge("rotate").await, stage.challenge("assert").await] {
            let body = stage.body(&device, &challenge, &Value::Null);
            let answer = stage.send(&device, &body).await;
            assert_eq!((answer.status.as_u16(), answer.code()), (401, "challenge_mismatch"));
            // It is used up all the same.
            assert_eq!(stage.send(&device, &body).await.code(), "challenge_unknown");
        }
        assert!(stage.rows("devices").await.is_empty());
    }

    async fn i15_a_challenge_of_nobody_changes_nothing(app: TestApp) {
        let stage = Stage::new(app, enforce("software")).await;
        let device = TestDevice::new(&stage.app);
        let before = stage.app.database().dump().await;
        for challenge in ["A".repeat(43), "x".to_owned()] {
            let answer = stage.send(&device, &stage.body(&device, &challenge, &Value::Null)).await;
            assert_eq!((answer.status.as_u16(), answer.code()), (401, "challenge_unknown"));
        }
        for (client, status, code) in [
            ("cli_00000000000000000000000000", 401, "client_unknown"), ("cli_1", 400, "invalid_request"),
        ] {
            let ask = json!({ "client_id": client, "purpose": "enroll" });
            let answer = stage.app.public("POST", "/v1/enrollments/challenges").json(&ask).send().await;
            assert_eq!((answer.status.as_u16(), answer.code()), (status, code), "{}", answer.body);
        }
        assert_eq!(stage.app.database().dump().await, before);
    }

    async fn i4_of_fifty_that_answer_one_challenge_one_wins(app: TestApp) {
        let stage = Stage::new(app, enforce("software")).await;
        let challenge = &stage.challenge("enroll").await;
        let devices: Vec<_> = (0..50).map(|_| TestDevice::new(&stage.app)).collect();
        let answers = join_all(devices.iter().map(async |device| {
            stage.send(device, &stage.body(device, challenge, &Value::Null)).await
        })).await;
        let won = answers.iter().filter(|answer| answer.status == 201).count();
        assert_eq!(won, 1);
        for answer in answers.iter().filter(|answer| answer.status != 201) {
            assert!(["challenge_unknown", "rate_limited"].contains(&answer.code()), "{}", answer.body);
        }
        assert_eq!(stage.rows("devices").await.len(), 1);
    }

    async fn a_proof_is_demanded_and_used_up(app: TestApp) {
        let stage = Stage::new(app, enforce("software")).await;
        let device = TestDevice::new(&stage.app);
        let challenge = stage.challenge("enroll").await;
        let body = stage.body(&device, &challenge, &Value::Null);
        let bare = stage.app.public("POST", "/v1/enrollments").json(&body).send().await;
        assert_eq!((bare.status.as_u16(), bare.code()), (401, "proof_required"));
        assert!(bare.header("www-authenticate").starts_with("DPoP "), "{:?}", bare.headers);
        // Without a proof the challenge is not even looked at.
        let url = format!("{}/v1/enrollments", TestApp::PUBLIC_URL);
        let proof = device.proof("POST", &url, None, None);
        let send = async |body: &Value| {
            stage.app.public("POST", "/v1/enrollments").header("dpop", &proof).json(body).send().await
        };
        assert_eq!(send(&body).await.status, 201);
        let next = stage.challenge("enroll").await;
        let replayed = send(&stage.body(&device, &next, &Value::Null)).await;
        assert_eq!((replayed.status.as_u16(), replayed.code()), (401, "proof_replayed"));
        let elsewhere = device.proof("POST", &format!("{}/v1/logout", TestApp::PUBLIC_URL), None, None);
        let next = stage.challenge("enroll").await;
        let call = stage.app.public("POST", "/v1/enrollments").header("dpop", &elsewhere);
        let answer = call.json(&stage.body(&device, &next, &Value::Null)).send().await;
        assert_eq!((answer.status.as_u16(), answer.code()), (401, "proof_mismatch"));
    }

    async fn evidence_answers_its_own_challenge_and_no_other(app: TestApp) {
        let stage = Stage::new(app, enforce("authenticator")).await;
        let shows: [Show; 3] =
            [Platforms::app_attest, Platforms::android_key, Platforms::webauthn];
        for show in shows {
            let device = TestDevice::new(&stage.app);
            let (earlier, challenge) = (stage.challenge("enroll").await, stage.challenge("enroll").await);
            let other = TestDevice::new(&stage.app);
            for (asked, shower) in [
                (stage.asked(Purpose::Enroll, &earlier), &device),
                (stage.asked(Purpose::Rotate, &challenge), &device),
                (stage.asked(Purpose::Enroll, &challenge), &other),
            ] {
                let evidence = show(&stage.platforms, asked, shower);
                let fresh = if asked.challenge == challenge { challenge.clone() } else { stage.challenge("enroll").await };
                let body = stage.body(&device, &fresh, &evidence);
                let answer = stage.send(&device, &body).await;
                let is_used = answer.code() == "challenge_unknown";
                assert!(is_used || answer.code() == "attestation_invalid", "{}", answer.body);
            }
            assert_eq!(stage.enroll(&device, nothing).await.code(), "attestation_required");
            assert_eq!(stage.enroll(&device, show).await.status, 201);
        }
    }
}
