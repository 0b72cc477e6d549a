//! Proofs that come with a login.

use crate::logged_in::LoggedIn;
use countersign_test_support::{TestApp, TestDevice, on_both_engines};
use serde_json::{Value, json};

const LOGIN: &str = "https://app.example/login";

fn relayed(jwt: &str, htm: &str, htu: &str) -> Value {
    json!({ "proof": { "jwt": jwt, "htm": htm, "htu": htu } })
}

on_both_engines! {
    async fn a_proof_counts_only_for_the_request_and_origin_it_names(app: TestApp) {
        let client = app.client(json!({})).await;
        let device = TestDevice::new(&app);
        let before = app.database().dump().await;
        let foreign = [
            "https://evil.example/login", "https://app.example.evil.example/login",
            "https://app.example:8443/login", "http://app.example/login", "https://app.example@evil.example/",
        ];
        for url in foreign {
            let proof = relayed(&device.proof("POST", url, None, None), "POST", url);
            let refused = app.login(&client, "42", &device, proof).await;
            assert_eq!((refused.status.as_u16(), refused.code()), (401, "proof_mismatch"), "{url}");
        }
        let made = |method, url| device.proof(method, url, None, None);
        let mismatches = [
            relayed(&made("GET", LOGIN), "POST", LOGIN),
            relayed(&made("POST", "https://app.example/other"), "POST", LOGIN),
        ];
        for proof in mismatches {
            let refused = app.login(&client, "42", &device, proof).await;
            assert_eq!(refused.code(), "proof_mismatch", "{}", refused.body);
            assert!(refused.text("www_authenticate").contains("invalid_dpop_proof"));
        }
        assert_eq!(app.database().dump().await, before);
    }

    async fn a_damaged_or_stale_proof_is_refused_with_its_reason(app: TestApp) {
        let client = app.client(json!({})).await;
        let device = TestDevice::new(&app);
        let good = device.proof("POST", LOGIN, None, None);
        let (signed, _) = good.rsplit_once('.').expect("a JWS");
        for text in ["x", "a.b.c", signed, &good[1..]] {
            let refused = app.login(&client, "42", &device, relayed(text, "POST", LOGIN)).await;
            assert_eq!((refused.status.as_u16(), refused.code()), (401, "proof_invalid"), "{}", refused.body);
        }
        app.advance_secs(62);
        let refused = app.login(&client, "42", &device, relayed(&good, "POST", LOGIN)).await;
        assert_eq!((refused.status.as_u16(), refused.code()), (401, "proof_expired"), "{}", refused.body);
        let nonce = refused.text("dpop_nonce");
        let retry = device.proof("POST", LOGIN, None, Some(&nonce));
        assert_eq!(app.login(&client, "42", &device, relayed(&retry, "POST", LOGIN)).await.status, 201);
    }

    async fn a_proof_serves_one_login_also_across_a_restart(app: TestApp) {
        let client = app.client(json!({})).await;
        let device = TestDevice::new(&app);
        let proof = json!({ "proof": device.relayed_proof() });
        let login = app.login(&client, "42", &device, proof.clone()).await;
        assert_eq!(login.status, 201, "{}", login.body);
        let before = app.database().dump().await;
        let replayed = app.login(&client, "42", &device, proof.clone()).await;
        assert_eq!((replayed.status.as_u16(), replayed.code()), (401, "proof_replayed"));
        let thief = app.login(&client, "43", &device, proof.clone()).await;
        assert_eq!(thief.code(), "proof_replayed", "{}", thief.body);
        assert_eq!(app.database().dump().await, before);
        let verified = app.verify(&device, &login.text("access_token")).await;
        assert_eq!(verified.body["allowed"], true, "{}", verified.body);

        let app = app.restart().await;
        let replayed = app.login(&client, "42", &device, proof).await;
        assert_eq!(replayed.code(), "proof_replayed", "{}", replayed.body);
    }

    async fn where_nonces_are_always_asked_for_the_refusal_carries_one(app: TestApp) {
        let client = app.client(json!({ "nonce_policy": "always" })).await;
        let device = TestDevice::new(&app);
        let with_nonce = |nonce: &str| relayed(&device.proof("POST", LOGIN, None, Some(nonce)), "POST", LOGIN);
        for nonce in [None, Some("made up")] {
            let jwt = device.proof("POST", LOGIN, None, nonce);
            let refused = app.login(&client, "42", &device, relayed(&jwt, "POST", LOGIN)).await;
            assert_eq!((refused.status.as_u16(), refused.code()), (401, "use_dpop_nonce"), "{nonce:?}");
            assert!(refused.text("www_authenticate").contains("use_dpop_nonce"), "{}", refused.body);
        }
        let refused = app.login(&client, "42", &device, json!({})).await;
        let nonce = refused.text("dpop_nonce");
        let login = app.login(&client, "42", &device, with_nonce(&nonce)).await;
        assert_eq!(login.status, 201, "{}", login.body);

        let token = login.text("refresh_token");
        let refused = app.refresh(&client, "42", &device, &token, json!({})).await;
        assert_eq!(refused.code(), "use_dpop_nonce", "{}", refused.body);
        let refreshed = app.refresh(&client, "42", &device, &token, with_nonce(&refused.text("dpop_nonce"))).await;
        assert_eq!(refreshed.status, 200, "{}", refreshed.body);
    }

    async fn a_nonce_handed_out_before_a_restart_is_good_after_it(app: TestApp) {
        let client = app.client(json!({ "nonce_policy": "always" })).await;
        let device = TestDevice::new(&app);
        let nonce = app.login(&client, "42", &device, json!({})).await.text("dpop_nonce");
        let app = app.restart().await;
        let jwt = device.proof("POST", LOGIN, None, Some(&nonce));
        let login = app.login(&client, "42", &device, relayed(&jwt, "POST", LOGIN)).await;
        assert_eq!(login.status, 201, "{}", login.body);
    }

    async fn after_a_restart_a_verified_proof_needs_a_nonce_of_the_new_process(app: TestApp) {
        let client = app.client(json!({})).await;
        let me = LoggedIn::new(&app, &client, "42").await;
        me.assert_allowed(&app).await;
        let app = app.restart().await;
        let asked = me.verify(&app).await;
        assert_eq!(asked.code(), "use_dpop_nonce", "{}", asked.body);
        let url = "https://api.example/orders";
        let proof = me.device.proof("GET", url, Some(&me.token()), Some(&asked.text("dpop_nonce")));
        let request = json!({ "token": me.token(), "proof": proof, "method": "GET", "url": url });
        let allowed = crate::logged_in::judge(&app, &request).await;
        assert_eq!(allowed.body["allowed"], true, "{}", allowed.body);
        app.outlive_early_proofs();
        me.assert_allowed(&app).await;
    }
}

/// What a client in the list of origins means is decided by the whole origin.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_without_origins_takes_no_proof() {
    let app = TestApp::start(countersign_storage::Engine::Sqlite).await;
    let client = app.client(json!({ "origins": [] })).await;
    let refused = app
        .login(&client, "42", &TestDevice::new(&app), json!({}))
        .await;
    assert_eq!(refused.code(), "proof_mismatch", "{}", refused.body);
}
