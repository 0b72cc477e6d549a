//! Requests that a proxy is told to refuse, and with which words.

use super::asked::{FAMILIES, Family, ORDERS, Sent};
use crate::logged_in::{LoggedIn, pop_optional};
use countersign_test_support::{Answer, TestApp, on_both_engines};
use serde_json::json;

/// What a client gets to see of a refusal.
fn words(answer: &Answer) -> (u16, String, String, bool, String) {
    (
        answer.status.as_u16(),
        answer.code().to_owned(),
        answer.header("www-authenticate").to_owned(),
        answer.headers.contains_key("dpop-nonce"),
        answer.header("content-type").to_owned(),
    )
}

/// The headers of a faulty request to a URL.
type Fault = fn(&TestApp, &LoggedIn, &str) -> Vec<(&'static str, String)>;

const FAULTS: [(&str, Fault); 8] = [
    ("token_invalid", |_, _, _| Vec::new()),
    ("token_invalid", |_, _, _| {
        vec![("authorization", "Bearer none-of-ours".to_owned())]
    }),
    ("token_invalid", |_, me, _| {
        let token = ("authorization", format!("DPoP {}", me.token()));
        vec![token.clone(), token]
    }),
    ("scheme_mismatch", |_, me, _| {
        vec![("authorization", format!("Bearer {}", me.token()))]
    }),
    ("proof_required", |_, me, _| {
        vec![("authorization", format!("DPoP {}", me.token()))]
    }),
    ("proof_invalid", |_, me, url| {
        let proof = ("dpop", me.device.proof("GET", url, Some(&me.token()), None));
        vec![
            ("authorization", format!("DPoP {}", me.token())),
            proof.clone(),
            proof,
        ]
    }),
    ("proof_mismatch", |_, me, url| {
        let proof = me.device.proof("POST", url, Some(&me.token()), None);
        vec![
            ("authorization", format!("DPoP {}", me.token())),
            ("dpop", proof),
        ]
    }),
    ("proof_expired", |app, me, url| {
        let proof = me.device.proof("GET", url, Some(&me.token()), None);
        app.advance_secs(62);
        vec![
            ("authorization", format!("DPoP {}", me.token())),
            ("dpop", proof),
        ]
    }),
];

on_both_engines! {
    async fn a_refusal_is_worded_as_the_public_listener_words_it(app: TestApp) {
        let client = app.client(json!({ "lifetimes": { "access_seconds": 3600 } })).await;
        let me = LoggedIn::new(&app, &client, "42").await;
        for (code, fault) in FAULTS {
            app.advance_secs(60);
            let url = format!("{}/v1/me/devices", TestApp::PUBLIC_URL);
            let own = app.public("GET", "/v1/me/devices");
            let headers = fault(&app, &me, &url);
            let own = headers.iter().fold(own, |call, (name, value)| call.header(name, value));
            let own = own.send().await;
            assert_eq!(own.code(), code, "{}", own.raw);
            for family in FAMILIES {
                let url = "https://api.example/orders";
                let headers = fault(&app, &me, url);
                let call = family.ask(&app, &ORDERS);
                let call = headers.iter().fold(call, |call, (name, value)| call.header(name, value));
                let answer = call.send().await;
                assert_eq!(words(&answer), words(&own), "{family:?} {code}");
                assert_eq!(answer.header("x-device-refusal"), code, "{family:?}");
                assert_eq!(answer.header("cache-control"), "no-store");
                assert!(answer.headers.keys().all(|name| {
                    !name.as_str().starts_with("x-device-") || name == "x-device-refusal"
                }));
            }
        }
    }

    async fn the_rule_is_the_operators_and_no_query_has_a_say(app: TestApp) {
        let client = app.client(pop_optional()).await;
        let me = LoggedIn::keyless(&app, &client, "42").await;
        for family in FAMILIES {
            for (rule, code) in [
                ("key", "key_required"),
                ("trusted", "insufficient_trust"),
                ("corporate", "insufficient_trust"),
                ("compliant", "not_compliant"),
                ("session,key,assertion", "key_required"),
                ("keys", "forwarded_request_invalid"),
                ("key,key", "forwarded_request_invalid"),
                ("KEY", "forwarded_request_invalid"),
                ("session,", "forwarded_request_invalid"),
                // In a URL no text at all.
                ("%FF", "forwarded_request_invalid"),
            ] {
                let target = "/orders?rule=session&min_trust=unknown&require_key=false";
                let sent = Sent { target, rule, ..ORDERS };
                let answer = family.ask_for(&app, &me, &sent).await;
                let told = (answer.status.as_u16(), answer.code());
                assert_eq!(told, (403, code), "{family:?} {rule}");
                assert!(!answer.headers.contains_key("www-authenticate"));
            }
            assert_eq!(family.ask_for(&app, &me, &ORDERS).await.status, 200, "{family:?}");
        }
    }

    async fn only_a_trusted_proxy_gets_an_answer(app: TestApp) {
        let client = app.client(json!({})).await;
        let me = LoggedIn::new(&app, &client, "42").await;
        for family in FAMILIES {
            for address in ["10.0.0.2", "192.0.2.1", "127.0.0.1", "::1"] {
                let call = family.ask(&app, &ORDERS).from(address);
                let call = me.sign(call, &ORDERS)
                    .header("x-forwarded-for", TestApp::PROXY)
                    .header("x-api-key", &app.api_key);
                let answer = call.send().await;
                let told = (answer.status.as_u16(), answer.code());
                assert_eq!(told, (403, "proxy_not_trusted"), "{family:?} {address}");
            }
            let mapped = family.ask(&app, &ORDERS).from("::ffff:10.0.0.1");
            assert_eq!(me.sign(mapped, &ORDERS).send().await.status, 200, "{family:?}");
        }
    }

    async fn without_the_store_the_answer_is_no_in_the_familys_words(app: TestApp) {
        let client = app.client(json!({})).await;
        let me = LoggedIn::new(&app, &client, "42").await;
        // A process that has never seen the session, and cannot read it.
        let beside = app.beside().await;
        beside.outlive_early_proofs();
        beside.app.store().close().await;
        for family in FAMILIES {
            let answer = family.ask_for(&beside, &me, &ORDERS).await;
            let status = if family == Family::Nginx { 403 } else { 503 };
            let told = (answer.status.as_u16(), answer.code(), answer.body["status"].as_u64());
            assert_eq!(told, (status, "unavailable", Some(status.into())), "{family:?}");
        }
    }

    async fn an_ended_session_is_refused_on_the_very_next_request(app: TestApp) {
        for family in FAMILIES {
            let client = app.client(json!({})).await;
            let me = LoggedIn::new(&app, &client, "42").await;
            assert_eq!(family.ask_for(&app, &me, &ORDERS).await.status, 200, "{family:?}");
            me.call(&app, "POST", "/v1/logout").send().await;
            let answer = family.ask_for(&app, &me, &ORDERS).await;
            assert_eq!((answer.status.as_u16(), answer.code()), (401, "session_ended"), "{family:?}");
        }
    }
}
