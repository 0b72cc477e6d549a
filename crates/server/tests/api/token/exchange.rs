//! Logins by ID token that go through, and that go through once.

use super::door::{Door, assert_error, token_proof};
use countersign_core::trusted_issuer::IdTokenAlgorithm;
use countersign_test_support::{TestDevice, TestIssuer, on_both_engines};
use serde_json::json;

on_both_engines! {
    async fn an_id_token_logs_a_device_in_that_is_then_like_any_other(app: TestApp) {
        let door = Door::open(&app).await;
        let device = TestDevice::new(&app);
        let token = door.id_token("ann", json!({ "acr": "aal2", "auth_time": 1_799_999_990 }));
        let mut form = door.exchange_form(&token);
        let installation_id = device.installation_id.to_string();
        form.push(("installation_id", &installation_id));
        form.push(("device", r#"{"name":"Ann's phone","os_version":"18.1"}"#));
        let answer = door
            .call(&form)
            .header("dpop", &token_proof(&device, None))
            .header("user-agent", "Shop/3.1")
            .send()
            .await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.header("pragma"), "no-cache");
        assert!(!answer.header("dpop-nonce").is_empty());
        assert_eq!(answer.body["token_type"], "DPoP");
        assert_eq!(answer.body["expires_in"], 300);
        assert_eq!(answer.body["issued_token_type"], "urn:ietf:params:oauth:token-type:access_token");
        assert_eq!(answer.body["user_id"], "ann");
        assert_eq!(answer.body["installation_id"], installation_id);
        assert_eq!(answer.body["is_new_device"], true);
        assert_eq!(answer.body["trust"], "unknown");
        assert!(answer.body["dpop_nonce"].is_null());

        let access = answer.text("access_token");
        let verified = app.verify(&device, &access).await;
        assert_eq!(verified.body["allowed"], true, "{}", verified.body);
        assert_eq!(verified.body["amr"], json!(["pwd", "acr:aal2", "auth_time:1799999990"]));
        let own = app.by_device(&device, &access, "GET", "/v1/me/devices").send().await;
        let item = &own.body["data"][0];
        assert_eq!(item["name"], "Ann's phone", "{}", own.body);
        assert_eq!(item["last_seen"]["ip"], "192.0.2.1", "{}", own.body);
        let ownerships = app.database().rows("ownerships").await;
        assert_eq!(ownerships[0]["last_user_agent"], "Shop/3.1");

        let rows = app.database().rows("activity").await;
        let started = rows.iter().find(|row| row["action"] == "session.started").expect("a record");
        assert_eq!(started["actor_kind"], "user");
        assert_eq!(started["actor_id"], started["user_id"]);
    }

    async fn every_algorithm_logs_in_where_it_is_accepted(app: TestApp) {
        for algorithm in IdTokenAlgorithm::ALL {
            let issuer = TestIssuer::signing_with(*algorithm).await;
            let door = Door::of(&app, issuer, json!({ "algorithms": [algorithm] }), json!({})).await;
            let answer = door.log_in(&TestDevice::new(&app), "ann").await;
            assert_eq!(answer.body["user_id"], "ann", "{algorithm}");
            // The same token where the client accepts all but this algorithm.
            let others: Vec<_> = IdTokenAlgorithm::ALL.iter().filter(|other| *other != algorithm).collect();
            door.trust(json!({ "algorithms": others })).await;
            door.assert_refused(json!({}), "invalid_request", "id_token_invalid").await;
        }
    }

    async fn a_prefix_keeps_the_users_of_two_issuers_apart(app: TestApp) {
        let door = Door::with(&app, json!({ "user_prefix": "work:" }), json!({})).await;
        let answer = door.log_in(&TestDevice::new(&app), "ann").await;
        assert_eq!(answer.body["user_id"], "work:ann");
        let long = "a".repeat(251);
        let refused = door.exchange(&TestDevice::new(&app), &door.id_token(&long, json!({}))).await;
        assert_error(&refused, 400, "invalid_request", "id_token_invalid");
        door.log_in(&TestDevice::new(&app), &long[1..]).await;
    }

    async fn without_an_installation_id_one_is_made_and_the_key_finds_the_device_again(app: TestApp) {
        let door = Door::open(&app).await;
        let device = TestDevice::new(&app);
        let first = door.log_in(&device, "ann").await;
        app.advance_secs(1);
        let second = door.log_in(&device, "ann").await;
        assert_eq!(second.body["installation_id"], first.body["installation_id"]);
        assert_eq!(second.body["device_id"], first.body["device_id"]);
        assert_eq!(second.body["is_new_device"], false);
        assert_ne!(second.body["session_id"], first.body["session_id"]);
        let replaced = app.verify(&device, &first.text("access_token")).await;
        assert_eq!(replaced.code(), "session_ended");
    }

    async fn an_id_token_is_exchanged_once_except_by_the_same_key(app: TestApp) {
        let door = Door::open(&app).await;
        let (device, thief) = (TestDevice::new(&app), TestDevice::new(&app));
        let token = door.id_token("ann", json!({}));
        let first = door.exchange(&device, &token).await;
        assert_eq!(first.status, 200, "{}", first.body);

        let before = app.database().dump().await;
        let stolen = door.exchange(&thief, &token).await;
        assert_error(&stolen, 400, "invalid_request", "id_token_used");
        assert_eq!(app.database().dump().await, before);

        // The answer was lost, so the device comes again.
        let again = door.exchange(&device, &token).await;
        assert_eq!(again.status, 200, "{}", again.body);
        assert_eq!(again.body["device_id"], first.body["device_id"]);
        let stolen = door.exchange(&thief, &token).await;
        assert_error(&stolen, 400, "invalid_request", "id_token_used");
        let allowed = app.verify(&device, &again.text("access_token")).await;
        assert_eq!(allowed.body["allowed"], true, "{}", allowed.body);
    }

    async fn another_signature_over_the_same_content_is_the_same_token(app: TestApp) {
        let door = Door::open(&app).await;
        let claims = door.issuer.claims("ann", app.app.now(), json!({}));
        // ECDSA signs differently each time.
        let (one, other) = (door.issuer.key().token(&claims), door.issuer.key().token(&claims));
        assert_ne!(one, other);
        let first = door.exchange(&TestDevice::new(&app), &one).await;
        assert_eq!(first.status, 200, "{}", first.body);
        let second = door.exchange(&TestDevice::new(&app), &other).await;
        assert_error(&second, 400, "invalid_request", "id_token_used");
    }

    async fn a_used_token_is_remembered_as_long_as_it_could_be_used(app: TestApp) {
        let door = Door::open(&app).await;
        let token = door.id_token("ann", json!({ "exp": app.app.now().as_secs() + 86_400 }));
        let first = door.exchange(&TestDevice::new(&app), &token).await;
        assert_eq!(first.status, 200, "{}", first.body);
        app.advance_secs(659);
        app.run_job(countersign_server::Job::Retain).await;
        let late = door.exchange(&TestDevice::new(&app), &token).await;
        assert_error(&late, 400, "invalid_request", "id_token_used");
        app.advance_secs(1);
        let later = door.exchange(&TestDevice::new(&app), &token).await;
        assert_error(&later, 400, "invalid_request", "id_token_expired");
        app.run_job(countersign_server::Job::Retain).await;
        assert_eq!(app.database().rows("proof_uses").await.len(), 0);
    }

    async fn a_client_that_lets_devices_have_no_key_gives_them_a_secret(app: TestApp) {
        let client = json!({ "proof_of_possession": "optional" });
        let door = Door::with(&app, json!({}), client).await;
        let token = door.id_token("ann", json!({}));
        let first = door.call(&door.exchange_form(&token)).send().await;
        assert_eq!(first.status, 200, "{}", first.body);
        assert_eq!(first.body["token_type"], "Bearer");
        assert!(first.text("device_secret").starts_with("csds_"));
        assert_eq!(first.header("dpop-nonce"), "");
        // Without a key there is no telling who comes again.
        let again = door.call(&door.exchange_form(&token)).send().await;
        assert_error(&again, 400, "invalid_request", "id_token_used");
        let refreshed = door.call(&door.refresh_form(&first.text("refresh_token"))).send().await;
        assert_eq!(refreshed.status, 200, "{}", refreshed.body);
        assert_eq!(refreshed.body["token_type"], "Bearer");
    }

    async fn a_device_without_key_and_installation_id_cannot_wait_for_approval(app: TestApp) {
        let client = json!({ "proof_of_possession": "optional", "admission": { "activation": "approval" } });
        let door = Door::with(&app, json!({}), client).await;
        let token = door.id_token("ann", json!({}));
        let before = app.database().dump().await;
        let refused = door.call(&door.exchange_form(&token)).send().await;
        assert_error(&refused, 400, "invalid_request", "invalid_request");
        let told = refused.text("error_description");
        assert!(told.starts_with("installation_id is needed"), "{told}");
        assert_eq!(app.database().dump().await, before);
        // The token is still good, with the id or with a key.
        let mut form = door.exchange_form(&token);
        let installation_id = TestDevice::new(&app).installation_id.to_string();
        form.push(("installation_id", &installation_id));
        assert_eq!(door.call(&form).send().await.code(), "approval_pending");
        let (key, token) = (TestDevice::new(&app), door.id_token("ben", json!({})));
        assert_eq!(door.exchange(&key, &token).await.code(), "approval_pending");
        assert_eq!(app.database().rows("devices").await.len(), 2);
    }
}
