//! What an ending answers about where it has arrived.

use crate::{
    logged_in::{LoggedIn, judge},
    signed::opened,
};
use countersign_core::Clock;
use countersign_test_support::{Answer, TestApp, on_both_engines};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The nodes that have a row now.
async fn nodes(app: &TestApp) -> BTreeSet<String> {
    let mut conn = app.app.store().read().await.expect("a read");
    let rows = conn.list_nodes().await.expect("the nodes");
    rows.iter().map(|row| row.id.to_string()).collect()
}

/// One of a receipt's two lists.
fn list(receipt: &Value, name: &str) -> BTreeSet<String> {
    let ids = receipt[name].as_array().expect("a list");
    let ids = ids.iter().map(|id| id.as_str().expect("an id").to_owned());
    ids.collect()
}

/// The receipt in an answer, and what it says that ended, once its signature was seen to cover
/// everything else that it says.
async fn receipt(app: &TestApp, answer: &Answer) -> (Value, Value) {
    assert_eq!(answer.status, 200, "{}", answer.body);
    let receipt = answer.body["receipt"].clone();
    let signature = receipt["signature"].as_str().expect("a signature");
    let (header, mut claims) = opened(app, signature).await;
    assert_eq!(header["typ"], "ending-receipt+jwt");
    let mut facts = receipt.clone();
    facts.as_object_mut().expect("facts").remove("signature");
    for (name, fact) in facts.as_object().expect("facts") {
        assert_eq!(
            claims
                .as_object_mut()
                .expect("claims")
                .remove(name)
                .as_ref(),
            Some(fact)
        );
    }
    let now = app.clock.now().as_secs();
    let ended = claims.as_object_mut().expect("claims");
    assert_eq!(ended.remove("iss"), Some(json!(TestApp::PUBLIC_URL)));
    assert_eq!(ended.remove("iat"), Some(json!(now)));
    assert!(ended.remove("jti").is_some());
    (receipt, claims)
}

on_both_engines! {
    async fn every_ending_by_a_backend_comes_with_a_signed_receipt(app: TestApp) {
        let client = app.client(json!({})).await;
        let first = LoggedIn::new(&app, &client, "42").await;
        let second = LoggedIn::new(&app, &client, "42").await;
        let third = LoggedIn::new(&app, &client, "42").await;
        let key = app.internal("POST", "/v1/api-keys");
        let key = key.json(&json!({ "name": "one", "scopes": ["verify"] })).send().await.text("key_id");
        let device = |user: &LoggedIn| format!("/v1/users/42/devices/{}", user.device_id());
        let endings = [
            (app.internal("POST", &format!("{}/logout", device(&first))), json!({
                "action": "device.logged_out", "user_id": "42", "device_id": first.device_id(),
                "sessions": [first.session_id()],
            })),
            (app.internal("DELETE", &device(&second)), json!({
                "action": "device.removed", "user_id": "42", "device_id": second.device_id(),
                "sessions": [second.session_id()],
            })),
            (app.internal("POST", "/v1/users/42/disable"), json!({
                "action": "user.disabled", "user_id": "42", "sessions": [third.session_id()],
            })),
            (app.internal("PATCH", &format!("/v1/clients/{client}")).json(&json!({ "disabled": true })), json!({
                "action": "client.updated", "client_id": client, "sessions": [],
            })),
            (app.internal("DELETE", &format!("/v1/api-keys/{key}")), json!({
                "action": "api_key.revoked", "key_id": key, "sessions": [],
            })),
        ];
        let mut signed = BTreeSet::new();
        for (call, expected) in endings {
            let (receipt, ended) = receipt(&app, &call.send().await).await;
            assert_eq!(ended, expected);
            assert_eq!(receipt["is_complete"], true);
            signed.insert(receipt["signature"].to_string());
        }
        assert_eq!(signed.len(), 5, "each is a receipt of its own");
    }

    async fn a_receipt_names_every_node(app: TestApp) {
        let client = app.client(json!({})).await;
        let other = app.beside().await;
        let third = app.beside().await;
        for node in [&other, &third] {
            node.outlive_early_proofs();
        }
        let user = LoggedIn::new(&app, &client, "42").await;
        for node in [&app, &other, &third] {
            user.assert_allowed(node).await;
        }
        let path = format!("/v1/users/42/devices/{}/logout", user.device_id());
        let all = nodes(&app).await;
        assert_eq!(all.len(), 3);
        // The second time nothing is left to end, and it is answered for all the same.
        for ended in [json!([user.session_id()]), json!([])] {
            let answer = other.internal("POST", &path).send().await;
            let (receipt, claims) = receipt(&app, &answer).await;
            assert_eq!(claims["sessions"], ended);
            assert_eq!(list(&receipt, "acknowledged"), all);
            assert_eq!(receipt["lapsed"], json!([]));
        }
    }

    async fn a_receipt_tells_of_a_node_that_said_nothing(app: TestApp) {
        let client = app.client(json!({})).await;
        let user = LoggedIn::new(&app, &client, "42").await;
        user.assert_allowed(&app).await;
        let speaks = nodes(&app).await;
        let silent = app.beside_silently().await;
        silent.outlive_early_proofs();
        user.assert_allowed(&silent).await;
        let silent: BTreeSet<_> = nodes(&app).await.difference(&speaks).cloned().collect();
        assert_eq!(silent.len(), 1);
        let path = format!("/v1/users/42/devices/{}", user.device_id());
        let (receipt, _) = receipt(&app, &app.internal("DELETE", &path).send().await).await;
        assert_eq!(list(&receipt, "acknowledged"), speaks);
        assert_eq!(list(&receipt, "lapsed"), silent);
        assert!(receipt["waited_ms"].as_u64().expect("a number") >= 2_000, "{receipt}");
    }

    async fn a_receipt_opens_no_door_and_is_for_backends_only(app: TestApp) {
        let client = app.client(json!({})).await;
        let user = LoggedIn::new(&app, &client, "42").await;
        let other = LoggedIn::new(&app, &client, "42").await;
        let path = format!("/v1/users/42/devices/{}/logout", other.device_id());
        let (receipt, _) = receipt(&app, &app.internal("POST", &path).send().await).await;
        let signature = receipt["signature"].as_str().expect("a signature");
        assert_eq!(judge(&app, &json!({ "token": signature })).await.code(), "token_invalid");
        for scheme in ["Bearer", "DPoP"] {
            let own = app.public("GET", "/v1/me/devices");
            let own = own.header("authorization", &format!("{scheme} {signature}")).send().await;
            assert_eq!(own.code(), "token_invalid");
        }
        let enabled = app.internal("POST", "/v1/users/42/enable").send().await;
        assert_eq!((enabled.status.as_u16(), &enabled.body["receipt"]), (200, &Value::Null));
        let read = app.internal("GET", &format!("/v1/clients/{client}")).send().await;
        assert_eq!((read.status.as_u16(), &read.body["receipt"]), (200, &Value::Null));
        let own = user.call(&app, "POST", "/v1/logout").send().await;
        assert_eq!((own.status.as_u16(), own.body), (200, json!({ "ended": 1 })));
    }
}
