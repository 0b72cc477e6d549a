//! The issuers of a client as admins set them.

use countersign_test_support::{TestApp, on_both_engines};
use serde_json::{Value, json};

async fn create(app: &TestApp, issuers: Value) -> countersign_test_support::Answer {
    let body = json!({ "name": "App", "platform": "web", "audience": "a", "issuers": issuers });
    app.internal("POST", "/v1/clients").json(&body).send().await
}

on_both_engines! {
    async fn issuers_are_kept_as_set_with_their_defaults(app: TestApp) {
        let whole = json!({
            "issuer": "https://login.example/", "audiences": ["one", "two"], "algorithms": ["EdDSA"],
            "jwks_uri": "https://keys.example/set?p=1", "nonce": "key", "user_prefix": "login:",
        });
        let short = json!({ "issuer": "http://127.0.0.1:9/a", "audiences": ["app"] });
        let made = create(&app, json!([whole, short])).await;
        assert_eq!(made.status, 201, "{}", made.body);
        let mut filled = short.clone();
        filled["algorithms"] = json!(["ES256", "RS256"]);
        filled["nonce"] = json!("optional");
        assert_eq!(made.body["issuers"], json!([whole, filled]));
        let path = format!("/v1/clients/{}", made.text("client_id"));
        assert_eq!(app.internal("GET", &path).send().await.body["issuers"], json!([whole, filled]));
        // Absent stays, a list takes the place of the list.
        for (change, left) in [
            (json!({ "name": "Other" }), json!([whole, filled])),
            (json!({ "issuers": [short] }), json!([filled])),
            (json!({ "issuers": [] }), json!([])),
        ] {
            let changed = app.internal("PATCH", &path).json(&change).send().await;
            assert_eq!(changed.body["issuers"], left, "{}", changed.body);
            assert_eq!(app.internal("GET", &path).send().await.body["issuers"], left);
        }
        assert_eq!(create(&app, json!([])).await.body["issuers"], json!([]));
    }

    async fn what_is_wrong_with_an_issuer_is_pointed_at(app: TestApp) {
        let good = json!({ "issuer": "https://login.example", "audiences": ["app"] });
        let with = |member: &str, value: Value| {
            let mut issuer = good.clone();
            issuer[member] = value;
            json!([issuer])
        };
        let many: Vec<_> = (0..9).map(|n| json!({ "issuer": format!("https://{n}.example"), "audiences": ["a"] })).collect();
        for (issuers, pointer) in [
            (with("issuer", json!("http://login.example")), "/issuers/0/issuer"),
            (with("issuer", json!("https://login.example?a")), "/issuers/0/issuer"),
            (with("issuer", json!("https://login.example#a")), "/issuers/0/issuer"),
            (with("audiences", json!([])), "/issuers/0/audiences"),
            (with("audiences", json!(vec!["a"; 9])), "/issuers/0/audiences"),
            (with("audiences", json!([""])), "/issuers/0/audiences/0"),
            (with("algorithms", json!([])), "/issuers/0/algorithms"),
            (with("algorithms", json!(["ES256", "ES256"])), "/issuers/0/algorithms"),
            (with("algorithms", json!(["HS256"])), "/issuers/0/algorithms/0"),
            (with("algorithms", json!(["none"])), "/issuers/0/algorithms/0"),
            (with("jwks_uri", json!("http://127.0.0.1/keys")), "/issuers/0/jwks_uri"),
            (with("jwks_uri", json!("ftp://login.example")), "/issuers/0/jwks_uri"),
            (with("nonce", json!("maybe")), "/issuers/0/nonce"),
            (with("user_prefix", json!("")), "/issuers/0/user_prefix"),
            (with("user_prefix", json!("a".repeat(33))), "/issuers/0/user_prefix"),
            (with("secret", json!("a")), "/issuers/0/secret"),
            (json!([good, good]), "/issuers/1/issuer"),
            (json!(many), "/issuers"),
            (json!([{ "issuer": "https://login.example" }]), "/issuers/0"),
        ] {
            let refused = create(&app, issuers.clone()).await;
            assert_eq!((refused.status.as_u16(), refused.code()), (400, "invalid_request"), "{issuers}");
            assert_eq!(refused.body["errors"][0]["pointer"], pointer, "{}", refused.body);
        }
    }
}
