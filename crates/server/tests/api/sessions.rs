//! What `POST /v1/sessions` answers, takes and keeps.

use crate::logged_in::{LoggedIn, listed, pop_optional};
use countersign_test_support::{TestDevice, on_both_engines};
use serde_json::{Value, json};

on_both_engines! {
    async fn signup_login_and_refresh_each_answer_with_tokens_and_the_device(app: TestApp) {
        let client = app.client(json!({})).await;
        let device = TestDevice::new(&app);
        let signup = app.login(&client, "42", &device, json!({ "event": "signup" })).await;
        let login = app.login(&client, "42", &device, json!({})).await;
        let refreshed = app.refresh(&client, "42", &device, &login.text("refresh_token"), json!({})).await;
        for (answer, status, is_new) in [(&signup, 201, true), (&login, 201, false), (&refreshed, 200, false)] {
            assert_eq!(answer.status, status, "{}", answer.body);
            assert_eq!(answer.header("cache-control"), "no-store");
            let body = &answer.body;
            assert_eq!(body["user_id"], "42");
            assert_eq!(body["token_type"], "DPoP");
            assert_eq!(body["trust"], "unknown");
            assert_eq!(body["is_new_device"], is_new);
            assert_eq!(body["installation_id"], json!(device.installation_id));
            assert_eq!(body["expires_in"], 300);
            assert!(answer.text("refresh_token").starts_with("csrt_"));
            assert!(!answer.text("dpop_nonce").is_empty());
            assert!(body.get("device_secret").is_none(), "{body}");
            assert_eq!(body["device_id"], signup.body["device_id"]);
            assert_eq!(body["app_id"], signup.body["app_id"]);
        }
        assert_ne!(signup.body["session_id"], login.body["session_id"]);
        assert_eq!(refreshed.body["session_id"], login.body["session_id"]);
    }

    async fn a_device_without_a_key_gets_its_secret_exactly_once(app: TestApp) {
        let client = app.client(pop_optional()).await;
        let device = TestDevice::new(&app);
        let first = app.login(&client, "42", &device, json!({ "proof": null })).await;
        assert_eq!(first.body["token_type"], "Bearer", "{}", first.body);
        assert!(first.body.get("dpop_nonce").is_none());
        let secret = first.text("device_secret");
        assert!(secret.starts_with("csds_"));

        let again = json!({ "proof": null, "device": { "device_secret": secret } });
        let second = app.login(&client, "42", &device, again).await;
        assert_eq!(second.body["device_id"], first.body["device_id"]);
        assert_eq!(second.body["app_id"], first.body["app_id"]);
        assert!(second.body.get("device_secret").is_none(), "{}", second.body);
        let refresh = json!({ "proof": null });
        let refreshed = app.refresh(&client, "42", &device, &second.text("refresh_token"), refresh).await;
        assert_eq!(refreshed.status, 200, "{}", refreshed.body);
        assert!(refreshed.body.get("device_secret").is_none());
    }

    async fn a_login_without_the_required_proof_writes_nothing(app: TestApp) {
        let client = app.client(json!({})).await;
        let before = app.database().dump().await;
        let refused = app.login(&client, "42", &TestDevice::new(&app), json!({ "proof": null })).await;
        assert_eq!((refused.status.as_u16(), refused.code()), (401, "proof_required"));
        assert!(refused.text("www_authenticate").starts_with("DPoP "));
        assert_eq!(refused.header("www-authenticate"), refused.text("www_authenticate"));
        assert!(!refused.text("dpop_nonce").is_empty());
        assert_eq!(app.database().dump().await, before);
    }

    async fn unknown_and_disabled_clients_and_disabled_users_let_nobody_in(app: TestApp) {
        let client = app.client(json!({})).await;
        let device = TestDevice::new(&app);
        let unknown = "cli_0123456789abcdefghjkmnpqrs";
        let refused = app.login(unknown, "42", &device, json!({})).await;
        assert_eq!((refused.status.as_u16(), refused.code()), (400, "invalid_request"));
        assert_eq!(refused.body["errors"][0]["pointer"], "/client_id", "{}", refused.body);

        app.internal("POST", "/v1/users/42/disable").send().await;
        let before = app.database().dump().await;
        let refused = app.login(&client, "42", &device, json!({})).await;
        assert_eq!((refused.status.as_u16(), refused.code()), (403, "user_disabled"));
        assert_eq!(app.database().dump().await, before);

        let path = format!("/v1/clients/{client}");
        let disabled = app.internal("PATCH", &path).json(&json!({ "disabled": true }));
        assert_eq!(disabled.header("if-match", "\"1\"").send().await.status, 200);
        let before = app.database().dump().await;
        let refused = app.login(&client, "43", &device, json!({})).await;
        assert_eq!((refused.status.as_u16(), refused.code()), (403, "client_disabled"));
        assert_eq!(app.database().dump().await, before);
    }

    async fn every_fault_of_a_body_is_named_by_its_pointer(app: TestApp) {
        let client = app.client(json!({})).await;
        let device = TestDevice::new(&app);
        let before = app.database().dump().await;
        let faults = [
            (json!({ "amr": vec!["pwd"; 17] }), "/amr"),
            (json!({ "amr": ["pwd", "x".repeat(33)] }), "/amr/1"),
            (json!({ "amr": ["p\u{7}d"] }), "/amr/0"),
            (json!({ "event": "logon" }), "/event"),
            (json!({ "user_id": "" }), "/user_id"),
            (json!({ "user_id": "x".repeat(256) }), "/user_id"),
            (json!({ "client_ip": "nowhere" }), "/client_ip"),
            (json!({ "refresh_token": "csrt_x" }), "/refresh_token"),
            (json!({ "event": "refresh" }), "/refresh_token"),
            (json!({ "device": { "installation_id": "7" } }), "/device/installation_id"),
            (json!({ "device": { "name": "x".repeat(121) } }), "/device/name"),
            (json!({ "device": { "model": "" } }), "/device/model"),
            (json!({ "device": { "os_version": "x".repeat(65) } }), "/device/os_version"),
            (json!({ "device": { "encryption": "maybe" } }), "/device/encryption"),
            (json!({ "device": { "fingerprint": "abc" } }), "/device/fingerprint"),
            (json!({ "device": { "push": { "token": "" } } }), "/device/push/token"),
            (json!({ "proof": { "jwt": "" } }), "/proof/jwt"),
            (json!({ "proof": { "htu": "x".repeat(2049) } }), "/proof/htu"),
        ];
        for (changes, pointer) in faults {
            let refused = app.login(&client, "42", &device, changes).await;
            assert_eq!((refused.status.as_u16(), refused.code()), (400, "invalid_request"), "{pointer}");
            assert_eq!(refused.body["errors"][0]["pointer"], pointer, "{}", refused.body);
        }
        assert_eq!(app.database().dump().await, before);
    }

    async fn a_push_address_needs_a_provider_where_the_platform_has_none(app: TestApp) {
        let client = app.client(json!({ "platform": "web" })).await;
        let device = TestDevice::new(&app);
        let push = json!({ "device": { "push": { "token": "there" } } });
        let refused = app.login(&client, "42", &device, push).await;
        assert_eq!(refused.body["errors"][0]["pointer"], "/device/push/provider", "{}", refused.body);
        let push = json!({ "device": { "push": { "token": "there", "provider": "fcm" } } });
        assert_eq!(app.login(&client, "42", &device, push).await.status, 201);
    }

    async fn address_user_agent_and_facts_show_and_stay_when_left_out(app: TestApp) {
        let client = app.client(json!({})).await;
        let device = TestDevice::new(&app);
        let report = json!({
            "client_ip": "203.0.113.7", "user_agent": "App/7 (phone)",
            "device": { "model": "Phone 17", "os_version": "18.1", "app_version": "7.0", "encryption": "enabled" },
        });
        let login = app.login(&client, "42", &device, report).await;
        let shown = listed(&app, "42", "").await["data"][0].clone();
        assert_eq!(shown["last_seen"]["ip"], "203.0.113.7", "{shown}");
        for (fact, value) in [("model", "Phone 17"), ("os_version", "18.1"), ("app_version", "7.0"), ("encryption", "enabled")] {
            assert_eq!(shown[fact], value);
        }
        let ownerships = app.database().rows("ownerships").await;
        assert_eq!(ownerships[0]["last_user_agent"], "App/7 (phone)");

        let newer = json!({ "device": { "name": null, "os_version": "18.2" } });
        app.refresh(&client, "42", &device, &login.text("refresh_token"), newer).await;
        app.login(&client, "42", &device, json!({ "device": { "name": null, "os_version": null } })).await;
        let after = listed(&app, "42", "").await["data"][0].clone();
        for member in ["model", "app_version", "encryption", "name", "last_seen"] {
            assert_eq!(after[member], shown[member], "{member}");
        }
        assert_eq!(after["os_version"], "18.2");
    }

    async fn the_users_name_for_a_device_stands_over_the_devices_own(app: TestApp) {
        let client = app.client(json!({})).await;
        let me = LoggedIn::new(&app, &client, "42").await;
        assert_eq!(me.list(&app).await.body["data"][0]["name"], "Phone");
        let path = format!("/v1/me/devices/{}", me.device_id());
        let renamed = me.call(&app, "PATCH", &path).json(&json!({ "name": "Mine" })).send().await;
        assert_eq!(renamed.body["name"], "Mine", "{}", renamed.body);
        me.refresh_with(&app, &me.refresh_token(), json!({ "device": { "name": "Phone 2" } })).await;
        assert_eq!(me.list(&app).await.body["data"][0]["name"], "Mine");
        let other = LoggedIn::on(&app, &client, "43", &me.device).await;
        assert_eq!(other.list(&app).await.body["data"][0]["name"], "Phone");
    }

    async fn i5_a_second_login_on_a_device_takes_the_place_of_the_first(app: TestApp) {
        let client = app.client(json!({})).await;
        let first = LoggedIn::new(&app, &client, "42").await;
        let second = LoggedIn::on(&app, &client, "42", &first.device).await;
        first.assert_refused(&app, "session_ended").await;
        second.assert_allowed(&app).await;
        let list = second.list(&app).await.body;
        assert_eq!((&list["active_sessions"], &list["limit"]["used"]), (&json!(1), &json!(1)), "{list}");
        assert_eq!(ends_with(&app, "replaced").await, 1);
    }

    async fn i5_a_merely_expired_session_gives_way_to_a_login_as_expired(app: TestApp) {
        let client = app.client(json!({ "preset": "aal2" })).await;
        let first = LoggedIn::new(&app, &client, "42").await;
        app.advance_secs(3601);
        let second = LoggedIn::on(&app, &client, "42", &first.device).await;
        second.assert_allowed(&app).await;
        assert_eq!(second.list(&app).await.body["active_sessions"], 1);
        assert_eq!(ends_with(&app, "expired").await, 1);
        assert_eq!(ends_with(&app, "replaced").await, 0);
    }
}

async fn ends_with(app: &countersign_test_support::TestApp, cause: &str) -> usize {
    let ended = |row: &Value| row["end_cause"] == cause;
    app.database().count("sessions", ended).await
}
