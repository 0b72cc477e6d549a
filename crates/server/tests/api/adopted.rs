//! The backend's own tokens, judged here by their hash.

use crate::logged_in::{judge, pop_optional};
use countersign_core::{Clock, fingerprint::Fingerprint, token::HashedToken};
use countersign_test_support::{Answer, TestApp, TestDevice, on_both_engines};
use serde_json::{Value, json};
use std::time::Duration;

/// The member of a request for a token that expires in so many seconds.
fn token(app: &TestApp, text: &str, seconds: u64) -> Value {
    let hash = Fingerprint::from_bytes(*HashedToken::of(text).as_bytes());
    let expires_at = app.clock.now().plus(Duration::from_secs(seconds));
    json!({ "sha256": hash.to_string(), "expires_at": expires_at })
}

fn pair(app: &TestApp, access: &str, refresh: &str) -> Value {
    json!({ "access": token(app, access, 300), "refresh": token(app, refresh, 86_400) })
}

async fn login(
    app: &TestApp,
    client: &str,
    user: &str,
    device: &TestDevice,
    tokens: Value,
) -> Answer {
    let body = json!({ "proof": null, "tokens": tokens });
    app.login(client, user, device, body).await
}

async fn put(app: &TestApp, session: &str, tokens: &Value) -> Answer {
    let path = format!("/v1/sessions/{session}/tokens");
    app.internal("PUT", &path).json(tokens).send().await
}

async fn code(app: &TestApp, text: &str) -> String {
    judge(app, &json!({ "token": text }))
        .await
        .code()
        .to_owned()
}

on_both_engines! {
    async fn an_adopted_token_is_judged_by_its_hash_until_it_expires(app: TestApp) {
        let client = app.client(pop_optional()).await;
        let device = TestDevice::new(&app);
        assert_eq!(code(&app, "theirs").await, "token_invalid");
        let login = login(&app, &client, "42", &device, pair(&app, "theirs", "renew")).await;
        assert_eq!((login.status.as_u16(), &login.body["token_type"]), (201, &json!("N_A")), "{}", login.body);
        for member in ["access_token", "refresh_token", "expires_in"] {
            assert!(login.body.get(member).is_none(), "{member}");
        }
        let allowed = judge(&app, &json!({ "token": "theirs" })).await;
        assert_eq!(allowed.body["session_id"], login.body["session_id"], "{}", allowed.body);
        assert_eq!(code(&app, "renew").await, "token_invalid", "only the access token opens a door");
        let app = app.restart().await;
        assert_eq!(code(&app, "theirs").await, "");
        app.advance_secs(300);
        assert_eq!(code(&app, "theirs").await, "token_expired");
        let app = app.restart().await;
        assert_eq!(code(&app, "theirs").await, "token_expired");
    }

    async fn an_adopted_token_never_outlives_its_session(app: TestApp) {
        let client = app.client(json!({ "proof_of_possession": "optional", "preset": "aal3" })).await;
        let device = TestDevice::new(&app);
        let tokens = json!({ "access": token(&app, "long", 10 * 86_400) });
        let login = login(&app, &client, "42", &device, tokens).await;
        let allowed = judge(&app, &json!({ "token": "long" })).await;
        assert_eq!(allowed.body["expires_at"], login.body["session_expires_at"], "{}", allowed.body);
    }

    async fn a_rotated_pair_continues_a_live_session_and_repeating_it_changes_nothing(app: TestApp) {
        let client = app.client(pop_optional()).await;
        let device = TestDevice::new(&app);
        let login = login(&app, &client, "42", &device, pair(&app, "a1", "r1")).await;
        let session = login.text("session_id");
        // Asked about before it exists, so that no "unknown" may be remembered.
        assert_eq!(code(&app, "a2").await, "token_invalid");
        let next = pair(&app, "a2", "r2");
        for _ in 0..2 {
            let replaced = put(&app, &session, &next).await;
            assert_eq!((replaced.status.as_u16(), replaced.text("session_id")), (200, session.clone()), "{}", replaced.body);
            assert_eq!(app.database().rows("adopted_tokens").await.len(), 4);
        }
        assert_eq!((code(&app, "a1").await, code(&app, "a2").await), (String::new(), String::new()));

        let refresh = json!({ "event": "refresh", "proof": null, "tokens": pair(&app, "a3", "r3") });
        let refreshed = app.login(&client, "42", &device, refresh).await;
        assert_eq!((refreshed.status.as_u16(), refreshed.text("session_id")), (200, session), "{}", refreshed.body);
        assert_eq!(code(&app, "a3").await, "");
    }

    async fn a_refresh_of_adopted_tokens_needs_the_proof_of_a_keyed_device(app: TestApp) {
        let client = app.client(json!({})).await;
        let device = TestDevice::new(&app);
        let tokens = json!({ "tokens": pair(&app, "a1", "r1") });
        let login = app.login(&client, "42", &device, tokens).await;
        assert_eq!(login.status, 201, "{}", login.body);
        assert_eq!(code(&app, "a1").await, "scheme_mismatch");
        assert_eq!(app.verify(&device, "a1").await.body["allowed"], true);
        let next = json!({ "event": "refresh", "tokens": pair(&app, "a2", "r2") });
        let mut bare = next.clone();
        bare["proof"] = Value::Null;
        let refused = app.login(&client, "42", &device, bare).await;
        assert_eq!(refused.code(), "proof_required", "{}", refused.body);
        let mut thief = TestDevice::new(&app);
        thief.installation_id = device.installation_id;
        let refused = app.login(&client, "42", &thief, next.clone()).await;
        assert_eq!(refused.status, 401, "{}", refused.body);
        assert_eq!(app.database().rows("adopted_tokens").await.len(), 2);
        assert_eq!(app.login(&client, "42", &device, next).await.status, 200);
    }

    async fn the_hash_of_an_ended_session_is_dead_for_ever(app: TestApp) {
        let client = app.client(pop_optional()).await;
        let device = TestDevice::new(&app);
        let first = login(&app, &client, "42", &device, pair(&app, "a1", "r1")).await;
        let path = format!("/v1/users/42/devices/{}/logout", first.text("device_id"));
        app.internal("POST", &path).send().await;
        assert_eq!(code(&app, "a1").await, "session_ended");
        let before = app.database().dump().await;
        let again = put(&app, &first.text("session_id"), &pair(&app, "a2", "r2")).await;
        assert_eq!((again.status.as_u16(), again.code()), (409, "token_ended"), "{}", again.body);
        for tokens in [pair(&app, "a1", "r3"), pair(&app, "a3", "r1"), pair(&app, "r1", "a1")] {
            let refused = login(&app, &client, "42", &device, tokens).await;
            assert_eq!((refused.status.as_u16(), refused.code()), (409, "token_ended"), "{}", refused.body);
        }
        assert_eq!(app.database().dump().await, before);
        for text in ["a1", "a2", "a3", "r1"] {
            assert_ne!(code(&app, text).await, "", "{text}");
        }
    }

    async fn the_hash_of_another_live_session_is_a_conflict(app: TestApp) {
        let client = app.client(pop_optional()).await;
        login(&app, &client, "42", &TestDevice::new(&app), pair(&app, "a1", "r1")).await;
        let device = TestDevice::new(&app);
        let other = login(&app, &client, "43", &device, pair(&app, "b1", "s1")).await;
        let before = app.database().dump().await;
        for tokens in [pair(&app, "a1", "s2"), pair(&app, "b2", "r1"), pair(&app, "b2", "a1")] {
            let refused = put(&app, &other.text("session_id"), &tokens).await;
            assert_eq!((refused.status.as_u16(), refused.code()), (409, "conflict"), "{}", refused.body);
        }
        let refused = login(&app, &client, "44", &TestDevice::new(&app), pair(&app, "a1", "x")).await;
        assert_eq!((refused.status.as_u16(), refused.code()), (409, "conflict"), "{}", refused.body);
        assert_eq!(app.database().dump().await, before);
        let judged = judge(&app, &json!({ "token": "a1" })).await;
        assert_eq!(judged.body["user_id"], "42", "{}", judged.body);
    }

    async fn only_a_live_session_with_adopted_tokens_takes_new_ones(app: TestApp) {
        let client = app.client(pop_optional()).await;
        let ours = app.login(&client, "42", &TestDevice::new(&app), json!({})).await;
        let refused = put(&app, &ours.text("session_id"), &pair(&app, "a1", "r1")).await;
        assert_eq!((refused.status.as_u16(), refused.code()), (409, "conflict"), "{}", refused.body);
        for unknown in ["ses_0123456789abcdefghjkmnpqrs", "none"] {
            assert_eq!(put(&app, unknown, &pair(&app, "a1", "r1")).await.status, 404);
        }
        let brief = app.client(json!({ "proof_of_possession": "optional", "preset": "aal3" })).await;
        let theirs = login(&app, &brief, "43", &TestDevice::new(&app), pair(&app, "b1", "s1")).await;
        app.advance_secs(900);
        let refused = put(&app, &theirs.text("session_id"), &pair(&app, "b2", "s2")).await;
        assert_eq!((refused.status.as_u16(), refused.code()), (401, "session_expired"), "{}", refused.body);
        let same = json!({ "access": token(&app, "x", 9), "refresh": token(&app, "x", 9) });
        let refused = put(&app, &theirs.text("session_id"), &same).await;
        assert_eq!(refused.body["errors"][0]["pointer"], "/refresh/sha256", "{}", refused.body);
    }
}
