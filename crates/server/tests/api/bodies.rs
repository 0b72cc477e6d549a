//! What JSON bodies are read from.

use countersign_test_support::on_both_engines;
use serde_json::{Value, json};
use uuid::Uuid;

fn login(client: &str, member: &str, value: Value) -> Value {
    let device = json!({ "installation_id": Uuid::nil() });
    let mut body =
        json!({ "event": "login", "client_id": client, "user_id": "42", "device": device });
    body[member] = value;
    body
}

on_both_engines! {
    async fn an_object_is_not_read_from_a_list(app: TestApp) {
        let client = app.client(json!({ "proof_of_possession": "optional" })).await;
        let hash = "0".repeat(64);
        let token = json!([hash, "2099-01-01T00:00:00Z"]);
        for (member, value, pointer) in [
            ("device", json!([Uuid::nil()]), "/device"),
            ("device", json!({ "installation_id": Uuid::nil(), "push": ["token", "fcm"] }), "/device/push"),
            ("proof", json!(["jwt", "POST", "https://app.example/login"]), "/proof"),
            ("tokens", json!([token]), "/tokens"),
            ("tokens", json!({ "access": token }), "/tokens/access"),
        ] {
            let body = login(&client, member, value);
            let refused = app.internal("POST", "/v1/sessions").json(&body).send().await;
            assert_eq!((refused.status.as_u16(), refused.code()), (400, "invalid_request"), "{pointer}");
            assert_eq!(refused.body["errors"][0]["pointer"], pointer, "{}", refused.body);
            assert_eq!(refused.body["errors"][0]["detail"], "expected an object", "{}", refused.body);
        }
        let listed = json!(["one", ["verify"]]);
        let refused = app.internal("POST", "/v1/api-keys").json(&listed).send().await;
        assert_eq!((refused.status.as_u16(), refused.code()), (400, "invalid_request"));
        let path = format!("/v1/clients/{client}");
        for change in [json!({ "lifetimes": [300, 600, 900] }), json!({ "issuers": [["https://login.example", ["app"]]] })] {
            let refused = app.internal("PATCH", &path).json(&change).send().await;
            assert_eq!((refused.status.as_u16(), refused.code()), (400, "invalid_request"), "{change}");
        }
    }

    async fn whole_seconds_are_read_however_they_are_written(app: TestApp) {
        let path = format!("/v1/clients/{}", app.client(json!({})).await);
        for (written, seconds) in [(json!(120), 120), (json!(180.0), 180), (json!(2.4e2), 240)] {
            let change = json!({ "lifetimes": { "access_seconds": written } });
            let changed = app.internal("PATCH", &path).json(&change).send().await;
            assert_eq!(changed.body["lifetimes"]["access_seconds"], seconds, "{}", changed.body);
        }
        let change = json!({ "lifetimes": { "access_seconds": 120.5 } });
        let refused = app.internal("PATCH", &path).json(&change).send().await;
        assert_eq!((refused.status.as_u16(), refused.code()), (400, "invalid_request"));
        assert_eq!(refused.body["errors"][0]["pointer"], "/lifetimes/access_seconds");
    }
}
