//! What verifiers follow of a node.

use crate::logged_in::LoggedIn;
use countersign_test_support::{TestApp, on_both_engines};
use serde_json::{Value, json};

const VERIFIER: &str = "vrf_01m8157mc6ffxbfa33xp24tt7v";

async fn pull(app: &TestApp, body: Value) -> Value {
    let answer = app.internal("POST", "/v1/feed").json(&body).send().await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body
}

on_both_engines! {
    async fn a_verifier_begins_with_the_denylist_and_goes_on_with_news(app: TestApp) {
        let client = app.client(json!({})).await;
        let ended = LoggedIn::new(&app, &client, "42").await;
        assert_eq!(ended.call(&app, "POST", "/v1/logout").send().await.status, 200);
        let first = pull(&app, json!({ "verifier_id": VERIFIER })).await;
        assert_eq!(first["remains_us"], 0, "{first}");
        assert_eq!(first["reset"][0]["cause"], "logout");
        assert_eq!(first["entries"], Value::Null);
        assert_eq!(first["keys"]["issuer"], TestApp::PUBLIC_URL);

        let has = json!({ "node_id": first["node_id"], "upto": first["upto"] });
        let keys_id = &first["keys"]["id"];
        let question = json!({ "verifier_id": VERIFIER, "has": has, "keys_id": keys_id });
        let idle = pull(&app, question.clone()).await;
        assert!(idle["remains_us"].as_u64() > Some(0), "{idle}");
        assert_eq!(idle["entries"], json!([]));
        assert_eq!(idle["keys"], Value::Null);

        let next = LoggedIn::new(&app, &client, "43").await;
        let session = next.call(&app, "GET", "/v1/me/devices").send().await;
        assert_eq!(session.status, 200);
        // Nobody waits for this one longer than its lease lasts.
        assert_eq!(next.call(&app, "POST", "/v1/logout").send().await.status, 200);
        let news = pull(&app, question).await;
        let ended = news["entries"].as_array().into_iter().flatten();
        assert_eq!(ended.filter(|entry| entry["kind"] == "ended").count(), 1, "{news}");
    }

    async fn a_session_is_read_with_the_node_that_read_it(app: TestApp) {
        let client = app.client(json!({})).await;
        let device = LoggedIn::new(&app, &client, "42").await;
        let node = pull(&app, json!({ "verifier_id": VERIFIER })).await["node_id"].clone();
        let ask = json!({ "session_id": device.login.text("session_id") });
        let read = app.internal("POST", "/v1/feed/session").json(&ask).send().await;
        assert_eq!(read.body["node_id"], node);
        assert_eq!(read.body["session"]["user_id"], "42");
        let seen = json!({ "seen": [{ "session_id": device.login.text("session_id"), "at": "2100-01-01T00:00:00Z" }] });
        let told = app.internal("POST", "/v1/feed/seen").json(&seen).send().await;
        assert_eq!(told.status, 204, "{}", told.body);
        let unknown = json!({ "token_sha256": "ab".repeat(32) });
        let read = app.internal("POST", "/v1/feed/session").json(&unknown).send().await;
        assert_eq!(read.body, json!({ "node_id": node }));
    }

    async fn what_cannot_be_a_question_is_named(app: TestApp) {
        let session = "ses_01m8157mc6ffxbfa33xp24tt7v";
        for (path, body, pointer) in [
            ("/v1/feed", json!({ "verifier_id": VERIFIER, "wait_ms": 201 }), "/wait_ms"),
            ("/v1/feed", json!({ "verifier_id": VERIFIER, "keys_id": "" }), "/keys_id"),
            ("/v1/feed", json!({ "verifier_id": "node_x" }), "/verifier_id"),
            ("/v1/feed/session", json!({}), ""),
            (
                "/v1/feed/session",
                json!({ "session_id": session, "token_sha256": "ab".repeat(32) }),
                "/token_sha256",
            ),
            ("/v1/feed/seen", json!({ "seen": vec![
                json!({ "session_id": session, "at": "2026-01-31T12:00:00Z" }); 501
            ] }), "/seen"),
        ] {
            let answer = app.internal("POST", path).json(&body).send().await;
            assert_eq!(answer.status, 400, "{}", answer.body);
            assert_eq!(answer.text("code"), "invalid_request");
            assert_eq!(answer.body["errors"][0]["pointer"], pointer, "{}", answer.body);
        }
    }

    async fn the_feed_has_a_scope_of_its_own(app: TestApp) {
        let key = json!({ "name": "narrow", "scopes": ["verify"] });
        let made = app.internal("POST", "/v1/api-keys").json(&key).send().await;
        let bearer = format!("Bearer {}", made.text("secret"));
        for (path, body) in [
            ("/v1/feed", json!({ "verifier_id": VERIFIER })),
            ("/v1/feed/session", json!({ "token_sha256": "ab".repeat(32) })),
            ("/v1/feed/seen", json!({ "seen": [] })),
        ] {
            let call = app.internal_anonymous("POST", path).header("authorization", &bearer);
            let answer = call.json(&body).send().await;
            assert_eq!(answer.status, 403, "{}", answer.body);
            assert_eq!(answer.text("code"), "insufficient_scope");
        }
    }
}
