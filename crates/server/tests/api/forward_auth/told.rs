//! What the app is told of a request that goes on.

use super::asked::{FAMILIES, Family, ORDERS, Sent};
use crate::logged_in::{LoggedIn, pop_optional};
use countersign_test_support::{Answer, TestApp, TestDevice, on_both_engines};
use serde_json::json;

const IDENTITY: [&str; 7] = [
    "x-device-id",
    "x-device-session",
    "x-device-user",
    "x-device-tenant",
    "x-device-trust",
    "x-device-compliant",
    "x-device-assertion",
];

fn identity(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status, 200, "{}", answer.raw);
    let told = |name: &&str| {
        let mut values = answer.headers.get_all(*name).iter();
        let value = values.next().expect("every header, always");
        assert!(values.next().is_none(), "{name} twice");
        value.to_str().expect("text").to_owned()
    };
    IDENTITY.iter().map(told).collect()
}

on_both_engines! {
    async fn every_family_tells_the_app_whose_request_it_is(app: TestApp) {
        let client = app.client(pop_optional()).await;
        let me = LoggedIn::new(&app, &client, "42").await;
        for family in FAMILIES {
            let answer = family.ask_for(&app, &me, &ORDERS).await;
            let (device, session) = (me.device_id(), me.session_id());
            let expected = [device.as_str(), session.as_str(), "42", client.as_str(), "unknown", "", ""];
            assert_eq!(identity(&answer), expected, "{family:?}");
            assert_eq!((answer.raw.as_str(), answer.header("cache-control")), ("", "no-store"));
            assert!(answer.headers.get("dpop-nonce").is_none());
            // The same proof is known now.
            let keyless = LoggedIn::keyless(&app, &client, "ü %").await;
            let answer = family.ask_for(&app, &keyless, &ORDERS).await;
            assert_eq!(identity(&answer)[2], "%C3%BC%20%25", "{family:?}");
        }
    }

    async fn envoy_asks_with_any_method_and_path(app: TestApp) {
        let client = app.client(json!({})).await;
        let me = LoggedIn::new(&app, &client, "42").await;
        for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"] {
            for target in ["/", "/?", "/orders", "/a/b/c?x=1&rule=session", "//a//b", "/auth/envoy/x", "/%C3%BC%2F"] {
                let sent = Sent { method, target, ..ORDERS };
                let answer = Family::Envoy.ask_for(&app, &me, &sent).await;
                assert_eq!(answer.status, 200, "{method} {target}: {}", answer.raw);
            }
        }
    }

    async fn a_client_that_always_wants_nonces_gets_the_next_one(app: TestApp) {
        let client = app.client(json!({ "nonce_policy": "always" })).await;
        let device = TestDevice::new(&app);
        let nonce = app.login(&client, "42", &device, json!({})).await.text("dpop_nonce");
        let url = format!("{}/login", TestApp::APP_ORIGIN);
        let proof = json!({ "proof": { "jwt": device.proof("POST", &url, None, Some(&nonce)) } });
        let token = app.login(&client, "42", &device, proof).await.text("access_token");
        for family in FAMILIES {
            let ask = |nonce: Option<&str>| {
                let proof = device.proof("GET", "https://api.example/orders", Some(&token), nonce);
                family.ask(&app, &ORDERS)
                    .header("authorization", &format!("DPoP {token}"))
                    .header("dpop", &proof)
                    .send()
            };
            let refused = ask(None).await;
            assert_eq!((refused.status.as_u16(), refused.code()), (401, "use_dpop_nonce"), "{family:?}");
            let nonce = refused.header("dpop-nonce").to_owned();
            let answer = ask(Some(&nonce)).await;
            assert_eq!(answer.status, 200, "{family:?}: {}", answer.raw);
            assert!(!answer.header("dpop-nonce").is_empty(), "{family:?}");
        }
    }

    async fn what_a_proxy_lets_through_counts_as_activity(app: TestApp) {
        let lifetimes = json!({ "access_seconds": 3600, "idle_seconds": 120 });
        let client = app.client(json!({ "lifetimes": lifetimes })).await;
        let me = LoggedIn::new(&app, &client, "42").await;
        for family in FAMILIES {
            app.advance_secs(100);
            assert_eq!(family.ask_for(&app, &me, &ORDERS).await.status, 200, "{family:?}");
        }
    }
}
