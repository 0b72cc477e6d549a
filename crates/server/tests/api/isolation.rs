//! Nobody else's (I11): what is not the caller's own is not there, and stays as it was.

use crate::logged_in::{LoggedIn, device_ids, listed};
use countersign_test_support::{Answer, TestApp, on_both_engines};
use serde_json::{Value, json};

const NAME: &str = r#"{"name":"Stolen"}"#;

/// Everything that can be asked of a device by its id, as a user and as an admin of that user.
async fn everything(app: &TestApp, me: &LoggedIn, device: &str) -> Vec<(String, Answer)> {
    let mut answers = Vec::new();
    for (method, rest) in [("PATCH", ""), ("DELETE", ""), ("POST", "/logout")] {
        let own = format!("/v1/me/devices/{device}{rest}");
        let admin = format!("/v1/users/{}/devices/{device}{rest}", me.user);
        let body: Value = serde_json::from_str(NAME).expect("JSON");
        let answer = me.call(app, method, &own).json(&body).send().await;
        answers.push((format!("{method} {own}"), answer));
        let answer = app.internal(method, &admin).json(&body).send().await;
        answers.push((format!("{method} {admin}"), answer));
    }
    answers
}

/// What a refusal says, but for what names the request.
fn told(answer: &Answer) -> Value {
    let mut body = answer.body.clone();
    body["request_id"] = Value::Null;
    body
}

async fn revoke_key(app: &TestApp, name: &str) {
    let list = app.internal("GET", "/v1/api-keys").send().await.body;
    let keys = list["data"].as_array().expect("a page");
    let key = keys
        .iter()
        .find(|key| key["name"] == name)
        .expect("the key");
    let path = format!("/v1/api-keys/{}", key["key_id"].as_str().expect("an id"));
    let revoked = app.internal("DELETE", &path).send().await;
    assert_eq!(revoked.status, 200, "{}", revoked.body);
}

async fn make_key(app: &TestApp, body: Value) -> String {
    let made = app
        .internal("POST", "/v1/api-keys")
        .json(&body)
        .send()
        .await;
    assert_eq!(
        (made.status.as_u16(), made.header("cache-control")),
        (201, "no-store"),
        "{}",
        made.body
    );
    made.text("secret")
}

async fn status_with(app: &TestApp, key: &str) -> u16 {
    let call = app.internal_anonymous("GET", "/v1/clients");
    let answer = call
        .header("authorization", &format!("Bearer {key}"))
        .send()
        .await;
    answer.status.as_u16()
}

on_both_engines! {
    async fn i11_a_strangers_device_is_not_found_in_any_path_and_nothing_changes(app: TestApp) {
        let client = app.client(json!({})).await;
        let victim = LoggedIn::new(&app, &client, "victim").await;
        let me = LoggedIn::new(&app, &client, "me").await;
        let past = LoggedIn::new(&app, &client, "me").await;
        let path = format!("/v1/users/me/devices/{}", past.device_id());
        app.internal("DELETE", &path).send().await;

        let before = app.database().dump().await;
        let unknown = "dev_0123456789abcdefghjkmnpqrs";
        let nothing = everything(&app, &me, unknown).await;
        for device in [victim.device_id(), past.device_id(), "dev_1".to_owned(), victim.session_id()] {
            let answers = everything(&app, &me, &device).await;
            for ((path, answer), (_, nothing)) in answers.iter().zip(&nothing) {
                assert_eq!((answer.status.as_u16(), answer.code()), (404, "not_found"), "{path}");
                assert_eq!(told(answer), told(nothing), "{path} tells more than an unknown id");
            }
        }
        for user in ["nobody", "42"] {
            let path = format!("/v1/users/{user}/devices/{}", victim.device_id());
            assert_eq!(app.internal("DELETE", &path).send().await.status, 404);
        }
        assert_eq!(app.database().dump().await, before);
        victim.assert_allowed(&app).await;
        me.assert_allowed(&app).await;
    }

    async fn i11_an_owner_of_a_shared_device_touches_only_their_own_part_of_it(app: TestApp) {
        let client = app.client(json!({})).await;
        let anna = LoggedIn::new(&app, &client, "anna").await;
        let ben = LoggedIn::on(&app, &client, "ben", &anna.device).await;
        let before = listed(&app, "anna", "?state=all").await;
        for (path, answer) in everything(&app, &ben, &anna.device_id()).await {
            let gone = path.contains("DELETE /v1/users") || path.contains("POST");
            assert!(answer.status == 200 || gone || answer.status == 401, "{path}: {}", answer.body);
        }
        assert_eq!(device_ids(&listed(&app, "ben", "").await), [""; 0]);
        assert_eq!(listed(&app, "anna", "?state=all").await, before);
        anna.assert_allowed(&app).await;
    }

    async fn i11_a_cursor_continues_only_the_list_it_was_given_for(app: TestApp) {
        let client = app.client(json!({})).await;
        let me = LoggedIn::new(&app, &client, "me").await;
        for _ in 0..2 {
            LoggedIn::new(&app, &client, "me").await;
        }
        let stranger = LoggedIn::new(&app, &client, "stranger").await;
        let page = me.call(&app, "GET", "/v1/me/devices?limit=1").send().await;
        let cursor = page.text("next_cursor");
        let mut forged = cursor.clone().into_bytes();
        forged[3] = if forged[3] == b'A' { b'B' } else { b'A' };
        let forged = String::from_utf8(forged).expect("ASCII");
        for (who, query) in [
            (&stranger, format!("cursor={cursor}")), (&me, format!("state=past&cursor={cursor}")),
            (&me, format!("cursor={forged}")), (&me, "cursor=x".to_owned()), (&me, "cursor=".to_owned()),
        ] {
            let refused = who.call(&app, "GET", &format!("/v1/me/devices?{query}")).send().await;
            assert_eq!((refused.status.as_u16(), refused.code()), (400, "invalid_request"), "{query}");
            assert_eq!(refused.body["errors"][0]["pointer"], "?cursor", "{}", refused.body);
        }
        let next = me.call(&app, "GET", &format!("/v1/me/devices?limit=1&cursor={cursor}")).send().await;
        assert_eq!(next.status, 200, "{}", next.body);
    }

    async fn a_users_token_opens_no_door_without_the_proof_for_that_very_call(app: TestApp) {
        let client = app.client(json!({})).await;
        let me = LoggedIn::new(&app, &client, "42").await;
        let before = app.database().dump().await;
        let token = format!("DPoP {}", me.token());
        let url = |path: &str| format!("{}{path}", TestApp::PUBLIC_URL);
        let list = me.device.proof("GET", &url("/v1/me/devices"), Some(&me.token()), None);
        let elsewhere = me.device.proof("POST", "https://evil.example/v1/logout", Some(&me.token()), None);
        let unbound = me.device.proof("POST", &url("/v1/logout"), None, None);
        for (proof, code) in [(list, "proof_mismatch"), (elsewhere, "proof_mismatch"), (unbound, "proof_mismatch")] {
            let call = app.public("POST", "/v1/logout").header("authorization", &token);
            let refused = call.header("host", "evil.example").header("dpop", &proof).send().await;
            assert_eq!((refused.status.as_u16(), refused.code()), (401, code), "{}", refused.body);
            assert!(refused.header("www-authenticate").starts_with("DPoP error="));
        }
        let good = me.device.proof("POST", &url("/v1/logout"), Some(&me.token()), None);
        for (scheme, proof, code) in [("Bearer", None, "scheme_mismatch"), ("DPoP", None, "proof_required"), ("Bearer", Some(&good), "scheme_mismatch")] {
            let mut call = app.public("POST", "/v1/logout").header("authorization", &format!("{scheme} {}", me.token()));
            if let Some(proof) = proof {
                call = call.header("dpop", proof);
            }
            assert_eq!(call.send().await.code(), code);
        }
        let twice = app.public("POST", "/v1/logout").header("authorization", &token);
        let twice = twice.header("dpop", &good).header("dpop", &good).send().await;
        assert_eq!(twice.code(), "proof_invalid", "{}", twice.body);
        assert_eq!(app.database().dump().await, before);
        me.assert_allowed(&app).await;
    }

    async fn a_revoked_or_expired_api_key_is_refused_on_the_very_next_call(app: TestApp) {
        let scopes = json!(["clients:read"]);
        let key = make_key(&app, json!({ "name": "short", "scopes": scopes })).await;
        assert_eq!(status_with(&app, &key).await, 200);
        revoke_key(&app, "short").await;
        assert_eq!(status_with(&app, &key).await, 401);
        revoke_key(&app, "short").await;

        let until = countersign_core::Clock::now(&*app.clock).plus(std::time::Duration::from_mins(1));
        let key = make_key(&app, json!({ "name": "brief", "scopes": scopes, "expires_at": until })).await;
        app.advance_secs(59);
        assert_eq!(status_with(&app, &key).await, 200);
        app.advance_secs(1);
        assert_eq!(status_with(&app, &key).await, 401);
        let list = app.internal("GET", "/v1/api-keys").send().await;
        assert_eq!(list.body["total"], 3, "{}", list.body);
        assert!(!list.raw.contains("csak_"), "{}", list.raw);
    }
}
