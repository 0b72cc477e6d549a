//! Refreshing: lost responses, thieves, and what binds a refresh token.

use crate::logged_in::{LoggedIn, judge, pop_optional};
use countersign_test_support::{Answer, TestApp, TestDevice, on_both_engines};
use serde_json::{Value, json};

fn assert_refused(answer: &Answer, code: &str) {
    let status = answer.status.as_u16();
    assert_eq!((status, answer.code()), (401, code), "{}", answer.body);
    assert!(answer.body.get("access_token").is_none());
    assert!(answer.body.get("refresh_token").is_none());
}

/// How many refused refreshes the activity log shows, by reason.
async fn recorded(app: &TestApp, reason: &str) -> usize {
    let fits = |row: &Value| row["action"] == "session.refresh_refused" && row["reason"] == reason;
    app.database().count("activity", fits).await
}

on_both_engines! {
    async fn i7_a_lost_response_is_repeated_word_for_word_any_number_of_times(app: TestApp) {
        let client = app.client(json!({})).await;
        let me = LoggedIn::new(&app, &client, "42").await;
        let first = me.refresh_token();
        let successor = me.refresh(&app, &first).await.text("refresh_token");
        assert_ne!(successor, first);
        for retry in 0..12 {
            app.advance_secs(if retry == 6 { 86_400 } else { 7 });
            let repeated = me.refresh(&app, &first).await;
            assert_eq!(repeated.status, 200, "{}", repeated.body);
            assert_eq!(repeated.text("refresh_token"), successor, "retry {retry}");
            let verified = me.verify_token(&app, &repeated.text("access_token")).await;
            assert_eq!(verified.body["allowed"], true, "{}", verified.body);
        }
        let app = app.restart().await;
        assert_eq!(me.refresh(&app, &first).await.text("refresh_token"), successor);
        let rotated = me.refresh(&app, &successor).await;
        assert_ne!(rotated.text("refresh_token"), successor);
    }

    async fn i7_once_its_successor_was_presented_a_token_is_superseded_and_the_session_lives(app: TestApp) {
        let client = app.client(json!({})).await;
        let me = LoggedIn::new(&app, &client, "42").await;
        let first = me.refresh_token();
        let second = me.refresh(&app, &first).await.text("refresh_token");
        let third = me.refresh(&app, &second).await.text("refresh_token");
        let refused = me.refresh(&app, &first).await;
        assert_refused(&refused, "refresh_superseded");
        assert!(refused.text("www_authenticate").contains("invalid_token"));
        assert_eq!(me.refresh(&app, &second).await.text("refresh_token"), third);
        let fourth = me.refresh(&app, &third).await.text("refresh_token");
        for old in [&first, &second] {
            assert_refused(&me.refresh(&app, old).await, "refresh_superseded");
        }
        me.assert_allowed(&app).await;
        assert_eq!(me.refresh(&app, &fourth).await.status, 200);
        // The sealed successor goes when the one after it is presented: only the last is kept.
        let sealed = app.database().count("sessions", |row| !row["previous_sealed_successor"].is_null()).await;
        assert_eq!(sealed, 1);
    }

    async fn i6_without_the_sessions_key_nothing_is_given_consumed_or_ended(app: TestApp) {
        let client = app.client(json!({})).await;
        let me = LoggedIn::new(&app, &client, "42").await;
        let token = me.refresh_token();
        let thief = TestDevice::new(&app);
        for _ in 0..3 {
            let stolen = me.refresh_with(&app, &token, json!({ "proof": thief.relayed_proof() })).await;
            assert_refused(&stolen, "key_mismatch");
            let bare = me.refresh_with(&app, &token, json!({ "proof": null })).await;
            assert_refused(&bare, "proof_required");
            assert!(bare.text("www_authenticate").starts_with("DPoP "));
            assert!(!bare.text("dpop_nonce").is_empty());
            let damaged = me.refresh_with(&app, &token, json!({ "proof": { "jwt": "a.b.c" } })).await;
            assert_refused(&damaged, "proof_invalid");
        }
        for reason in ["key_mismatch", "proof_required", "proof_invalid"] {
            assert_eq!(recorded(&app, reason).await, 1, "{reason}");
        }
        app.advance_secs(60);
        me.refresh_with(&app, &token, json!({ "proof": null })).await;
        assert_eq!(recorded(&app, "proof_required").await, 2);
        me.assert_allowed(&app).await;
        assert_eq!(me.refresh(&app, &token).await.status, 200);
    }

    async fn i7_a_thief_without_the_key_gets_nothing_in_200_tries(app: TestApp) {
        let client = app.client(json!({})).await;
        let me = LoggedIn::new(&app, &client, "42").await;
        let thief = TestDevice::new(&app);
        let caught = me.device.relayed_proof();
        let first = me.refresh_token();
        let second = me.refresh_with(&app, &first, json!({ "proof": caught })).await.text("refresh_token");
        for try_number in 0..200 {
            let token = if try_number % 2 == 0 { &first } else { &second };
            let changes = match try_number % 5 {
                0 => json!({ "proof": thief.relayed_proof() }),
                1 => json!({ "proof": null }),
                2 => json!({ "proof": caught }),
                3 => json!({ "proof": null, "device": thief.report() }),
                _ => json!({ "proof": thief.relayed_proof(), "device": thief.report() }),
            };
            let answer = me.refresh_with(&app, token, changes).await;
            assert_eq!(answer.status, 401, "{}", answer.body);
            assert!(!answer.raw.contains("csrt_"), "try {try_number}");
            assert!(answer.body.get("access_token").is_none());
        }
        me.assert_allowed(&app).await;
        assert_eq!(me.refresh(&app, &first).await.text("refresh_token"), second);
        assert_eq!(me.refresh(&app, &second).await.status, 200);
        // What is written does not grow with the tries.
        assert!(app.database().rows("activity").await.len() < 20);
    }

    async fn i7_without_a_key_a_retry_within_30_seconds_gets_the_same_successor(app: TestApp) {
        let client = app.client(pop_optional()).await;
        let me = LoggedIn::keyless(&app, &client, "42").await;
        let first = me.refresh_token();
        let second = me.refresh(&app, &first).await.text("refresh_token");
        app.advance_secs(29);
        assert_eq!(me.refresh(&app, &first).await.text("refresh_token"), second);
        me.assert_allowed(&app).await;
        // A retry does not lengthen the window.
        app.advance_secs(1);
        assert_refused(&me.refresh(&app, &first).await, "refresh_reused");
        for token in [&first, &second] {
            assert_refused(&me.refresh(&app, token).await, "session_ended");
        }
        me.assert_refused(&app, "session_ended").await;
        assert_eq!(recorded(&app, "refresh_reused").await, 1);
        let ended = |row: &Value| row["end_cause"] == "refresh_reuse";
        assert_eq!(app.database().count("sessions", ended).await, 1);
    }

    async fn i7_without_a_key_the_reuse_of_an_older_token_ends_the_session_at_once(app: TestApp) {
        let client = app.client(pop_optional()).await;
        let me = LoggedIn::keyless(&app, &client, "42").await;
        let first = me.refresh_token();
        let second = me.refresh(&app, &first).await.text("refresh_token");
        let third = me.refresh(&app, &second).await.text("refresh_token");
        assert_refused(&me.refresh(&app, &first).await, "refresh_reused");
        assert_refused(&me.refresh(&app, &third).await, "session_ended");
        me.assert_refused(&app, "session_ended").await;
    }

    async fn a_refresh_token_of_another_client_or_user_is_invalid_and_unharmed(app: TestApp) {
        let client = app.client(json!({})).await;
        let other_client = app.client(json!({})).await;
        let me = LoggedIn::new(&app, &client, "42").await;
        let other = LoggedIn::on(&app, &client, "43", &me.device).await;
        let token = me.refresh_token();
        let before = app.database().dump().await;
        for (client, user) in [(&other_client, "42"), (&client, "43"), (&client, "nobody")] {
            let refused = app.refresh(client, user, &me.device, &token, json!({})).await;
            assert_refused(&refused, "refresh_invalid");
        }
        for text in ["csrt_unknown", "x", &other.session_id(), &app.api_key] {
            assert_refused(&me.refresh(&app, text).await, "refresh_invalid");
        }
        assert_eq!(app.database().dump().await, before);
        assert_eq!(me.refresh(&app, &token).await.status, 200);
    }

    async fn a_refresh_keeps_the_binding(app: TestApp) {
        let client = app.client(pop_optional()).await;
        let me = LoggedIn::new(&app, &client, "42").await;
        let refreshed = me.refresh(&app, &me.refresh_token()).await;
        assert_eq!(refreshed.body["token_type"], "DPoP");
        let token = refreshed.text("access_token");
        let bearer = judge(&app, &json!({ "token": token, "scheme": "Bearer" })).await;
        assert_eq!(bearer.code(), "scheme_mismatch", "{}", bearer.body);
        let form = format!("token={token}");
        let introspected = app.internal("POST", "/oauth/introspect").form(&form).send().await;
        assert_eq!(introspected.body["cnf"]["jkt"], me.device.jkt().to_string(), "{}", introspected.body);
        assert_eq!(introspected.body["amr"], json!(["pwd"]));

        let keyless = LoggedIn::keyless(&app, &client, "43").await;
        let proof = json!({ "proof": keyless.device.relayed_proof() });
        let refused = keyless.refresh_with(&app, &keyless.refresh_token(), proof).await;
        assert_refused(&refused, "scheme_mismatch");
        let refreshed = keyless.refresh(&app, &keyless.refresh_token()).await;
        assert_eq!(refreshed.body["token_type"], "Bearer", "{}", refreshed.body);
    }

    async fn a_replayed_proof_at_a_refresh_consumes_nothing(app: TestApp) {
        let client = app.client(json!({})).await;
        let me = LoggedIn::new(&app, &client, "42").await;
        let used = json!({ "proof": me.device.relayed_proof() });
        let second = me.refresh_with(&app, &me.refresh_token(), used.clone()).await.text("refresh_token");
        let state = |rows: Vec<Value>| rows[0]["refresh_hash"].clone();
        let before = state(app.database().rows("sessions").await);
        for token in [&me.refresh_token(), &second] {
            assert_refused(&me.refresh_with(&app, token, used.clone()).await, "proof_replayed");
        }
        assert_eq!(state(app.database().rows("sessions").await), before);
        assert_eq!(me.refresh(&app, &me.refresh_token()).await.text("refresh_token"), second);
        assert_eq!(me.refresh(&app, &second).await.status, 200);
    }

    async fn a_storage_failure_at_a_refresh_keeps_the_parent_usable(app: TestApp) {
        let client = app.client(json!({})).await;
        let me = LoggedIn::new(&app, &client, "42").await;
        let first = me.refresh_token();
        // The last statement of the transaction: everything before it has to be undone.
        app.database().break_inserts("activity").await;
        let failed = me.refresh(&app, &first).await;
        assert!(failed.status.is_server_error(), "{}", failed.body);
        assert!(!failed.raw.contains("csrt_"), "{}", failed.raw);
        app.database().mend("activity").await;
        me.assert_allowed(&app).await;
        let second = me.refresh(&app, &first).await.text("refresh_token");
        assert_eq!(me.refresh(&app, &second).await.status, 200);
    }
}
