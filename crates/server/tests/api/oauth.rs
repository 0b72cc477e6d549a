//! Introspection (RFC 7662) and revocation (RFC 7009).

use crate::logged_in::{LoggedIn, pop_optional};
use base64::{Engine, engine::general_purpose::STANDARD};
use countersign_test_support::{Answer, TestApp, on_both_engines};
use serde_json::json;

async fn introspect(app: &TestApp, token: &str) -> Answer {
    let form = format!("token={token}");
    let answer = app
        .internal("POST", "/oauth/introspect")
        .form(&form)
        .send()
        .await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.header("cache-control"), "no-store");
    answer
}

async fn assert_inactive(app: &TestApp, token: &str) {
    assert_eq!(
        introspect(app, token).await.body,
        json!({ "active": false }),
        "{token}"
    );
}

async fn assert_active(app: &TestApp, token: &str) {
    assert_eq!(introspect(app, token).await.body["active"], true, "{token}");
}

async fn revoke(app: &TestApp, form: &str) {
    let answer = app
        .internal("POST", "/oauth/revoke")
        .form(form)
        .send()
        .await;
    assert_eq!((answer.status.as_u16(), answer.raw.as_str()), (200, ""));
}

on_both_engines! {
    async fn introspection_tells_whose_token_it_is(app: TestApp) {
        let client = app.client(json!({})).await;
        let me = LoggedIn::new(&app, &client, "42").await;
        let access = introspect(&app, &me.token()).await.body;
        for (member, value) in [
            ("active", json!(true)), ("token_type", json!("DPoP")), ("client_id", json!(client)), ("sub", json!("42")),
            ("iss", json!(TestApp::PUBLIC_URL)), ("aud", json!("https://api.example")), ("amr", json!(["pwd"])),
            ("sid", json!(me.session_id())), ("device_id", json!(me.device_id())), ("trust", json!("unknown")),
            ("cnf", json!({ "jkt": me.device.jkt().to_string() })),
        ] {
            assert_eq!(access[member], value, "{member}");
        }
        assert_eq!(access["exp"].as_i64(), access["iat"].as_i64().map(|iat| iat + 300));
        let refresh = introspect(&app, &me.refresh_token()).await.body;
        assert_eq!((&refresh["active"], &refresh["sub"]), (&json!(true), &json!("42")), "{refresh}");
        assert!(refresh.get("token_type").is_none());
    }

    async fn both_calls_need_an_api_key_by_bearer_or_basic(app: TestApp) {
        let client = app.client(json!({})).await;
        let me = LoggedIn::new(&app, &client, "42").await;
        let form = format!("token={}", me.token());
        let keys = app.internal("GET", "/v1/api-keys").send().await.body;
        let id = keys["data"][0]["key_id"].as_str().expect("an id");
        let basic = |user: &str, password: &str| format!("Basic {}", STANDARD.encode(format!("{user}:{password}")));
        for path in ["/oauth/introspect", "/oauth/revoke"] {
            let anonymous = app.internal_anonymous("POST", path).form(&form).send().await;
            assert_eq!((anonymous.status.as_u16(), anonymous.code()), (401, "unauthenticated"));
            assert!(anonymous.header("www-authenticate").starts_with("Bearer "));
            for wrong in [
                basic(id, "csak_wrong"), basic(id, ""), basic(&app.api_key, ""), basic("ak_other", &app.api_key),
                basic("", &app.api_key), "Basic !".to_owned(), format!("Token {}", app.api_key), "Bearer".to_owned(),
            ] {
                let call = app.internal_anonymous("POST", path).header("authorization", &wrong);
                assert_eq!(call.form(&form).send().await.status, 401, "{path} {wrong}");
            }
        }
        me.assert_allowed(&app).await;
        let call = app.internal_anonymous("POST", "/oauth/introspect");
        let right = call.header("authorization", &basic(id, &app.api_key)).form(&form).send().await;
        assert_eq!((right.status.as_u16(), &right.body["active"]), (200, &json!(true)), "{}", right.body);
        // As RFC 6749 section 2.3.1 has it, and libraries do.
        let encoded = [id, &app.api_key].map(|text| text.replace('_', "%5F"));
        let call = app.internal_anonymous("POST", "/oauth/introspect");
        let right = call.header("authorization", &basic(&encoded[0], &encoded[1])).form(&form).send().await;
        assert_eq!((right.status.as_u16(), &right.body["active"]), (200, &json!(true)), "{}", right.body);
    }

    async fn a_wrong_hint_or_an_unknown_token_changes_nothing_about_the_answer(app: TestApp) {
        let client = app.client(json!({})).await;
        for (kind, hint) in [("access_token", "refresh_token"), ("refresh_token", "access_token"), ("refresh_token", "nonsense")] {
            let me = LoggedIn::new(&app, &client, "42").await;
            let form = format!("token={}&token_type_hint={hint}", me.login.text(kind));
            let introspected = app.internal("POST", "/oauth/introspect").form(&form).send().await;
            assert_eq!(introspected.body["active"], true, "{}", introspected.body);
            revoke(&app, &form).await;
            me.assert_refused(&app, "session_ended").await;
            revoke(&app, &form).await;
        }
        let before = app.database().dump().await;
        for unknown in ["csrt_unknown", "a.b.c", "x"] {
            assert_inactive(&app, unknown).await;
            revoke(&app, &format!("token={unknown}")).await;
        }
        assert_eq!(app.database().dump().await, before);
        let missing = app.internal("POST", "/oauth/revoke").form("token_type_hint=x").send().await;
        assert_eq!((missing.status.as_u16(), missing.code()), (400, "invalid_request"));
    }

    async fn revoking_either_token_ends_the_session_for_both(app: TestApp) {
        let client = app.client(json!({})).await;
        for kind in ["access_token", "refresh_token"] {
            let me = LoggedIn::new(&app, &client, "42").await;
            revoke(&app, &format!("token={}", me.login.text(kind))).await;
            me.assert_refused(&app, "session_ended").await;
            for token in [me.token(), me.refresh_token()] {
                assert_inactive(&app, &token).await;
            }
            assert_eq!(me.refresh(&app, &me.refresh_token()).await.code(), "session_ended");
        }
    }

    async fn a_retried_refresh_token_is_active_until_its_successor_is_presented(app: TestApp) {
        let client = app.client(json!({})).await;
        let me = LoggedIn::new(&app, &client, "42").await;
        let first = me.refresh_token();
        let second = me.refresh(&app, &first).await.text("refresh_token");
        assert_active(&app, &first).await;
        let third = me.refresh(&app, &second).await.text("refresh_token");
        assert_inactive(&app, &first).await;
        assert_active(&app, &second).await;
        assert_active(&app, &third).await;
        // What is superseded revokes nothing.
        revoke(&app, &format!("token={first}")).await;
        me.assert_allowed(&app).await;
    }

    async fn logout_expiry_and_disabling_make_tokens_inactive(app: TestApp) {
        let client = app.client(pop_optional()).await;
        let me = LoggedIn::new(&app, &client, "42").await;
        me.call(&app, "POST", "/v1/logout").send().await;
        let disabled = LoggedIn::new(&app, &client, "43").await;
        app.internal("POST", "/v1/users/43/disable").send().await;
        let idle = app.client(json!({ "lifetimes": { "idle_seconds": 60 } })).await;
        let idle = LoggedIn::new(&app, &idle, "44").await;
        let suspended = LoggedIn::new(&app, &client, "45").await;
        let sql = "UPDATE devices SET state = 'suspended'";
        app.database().execute(sql).await;
        app.advance_secs(60);
        for ended in [&me, &disabled, &idle, &suspended] {
            for token in [ended.token(), ended.refresh_token()] {
                assert_inactive(&app, &token).await;
            }
        }
        let aged = LoggedIn::keyless(&app, &client, "46").await;
        app.advance_secs(300);
        assert_inactive(&app, &aged.token()).await;
        assert_active(&app, &aged.refresh_token()).await;
    }
}
