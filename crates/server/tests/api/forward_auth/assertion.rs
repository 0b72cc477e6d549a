//! The signed assertion: what it says, who can check it, and what it is not.

use super::asked::{FAMILIES, ORDERS, Sent};
use crate::{
    logged_in::{LoggedIn, judge, pop_optional},
    signed::opened,
};
use countersign_core::Clock;
use countersign_test_support::{TestApp, on_both_engines};
use serde_json::json;

const WITH_ASSERTION: Sent<'_> = Sent {
    rule: "key,assertion",
    method: "POST",
    ..ORDERS
};

on_both_engines! {
    async fn an_assertion_says_whose_request_it_was_and_which(app: TestApp) {
        let client = app.client(json!({})).await;
        let me = LoggedIn::new(&app, &client, "ü").await;
        let mut seen = std::collections::BTreeSet::new();
        for family in FAMILIES {
            let answer = family.ask_for(&app, &me, &WITH_ASSERTION).await;
            let (header, claims) = opened(&app, answer.header("x-device-assertion")).await;
            assert_eq!((&header["typ"], &header["alg"]), (&json!("device-assertion+jwt"), &json!("ES256")));
            let now = app.clock.now().as_secs();
            assert_eq!(claims["exp"].as_i64().zip(claims["iat"].as_i64()), Some((now + 60, now)));
            seen.insert(claims["jti"].as_str().expect("an id").to_owned());
            let expected = json!({
                "iss": TestApp::PUBLIC_URL, "aud": TestApp::API_ORIGIN, "sub": "ü",
                "device_id": me.device_id(), "app_id": me.login.text("app_id"),
                "sid": me.session_id(), "client_id": client, "trust": "unknown",
                "compliance": "unevaluated", "key_bound": true,
                "method": "POST", "url": "https://api.example/orders?page=2",
                "iat": now, "exp": now + 60, "jti": claims["jti"],
            });
            assert_eq!(claims, expected, "{family:?}");
        }
        assert_eq!(seen.len(), FAMILIES.len(), "each has an id of its own");
    }

    async fn an_assertion_opens_no_door_and_a_token_is_no_assertion(app: TestApp) {
        let client = app.client(pop_optional()).await;
        let me = LoggedIn::keyless(&app, &client, "42").await;
        let sent = Sent { rule: "assertion", ..ORDERS };
        for family in FAMILIES {
            let answer = family.ask_for(&app, &me, &sent).await;
            let assertion = answer.header("x-device-assertion");
            assert!(!assertion.is_empty(), "{}", answer.raw);
            assert_eq!(judge(&app, &json!({ "token": assertion })).await.code(), "token_invalid");
            let form = format!("token={assertion}");
            let inspected = app.internal("POST", "/oauth/introspect").form(&form).send().await;
            assert_eq!(inspected.body, json!({ "active": false }));
            let bearer = format!("Bearer {assertion}");
            let own = app.public("GET", "/v1/me/devices").header("authorization", &bearer).send().await;
            assert_eq!(own.code(), "token_invalid");
            for family in FAMILIES {
                let answer = family.ask(&app, &sent).header("authorization", &bearer).send().await;
                assert_eq!(answer.code(), "token_invalid", "{family:?}");
            }
        }
        // By its type alone the one is told from the other: the keys are the same.
        let (header, claims) = opened(&app, &me.token()).await;
        assert_eq!(header["typ"], "at+jwt");
        assert_eq!(claims["sub"], "42");
    }
}
