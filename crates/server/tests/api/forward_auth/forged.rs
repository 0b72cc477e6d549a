//! Questions that say something else than the request was, or say it in somebody else's words.

use super::asked::{FAMILIES, Family, ORDERS, Sent};
use crate::logged_in::LoggedIn;
use countersign_test_support::{Answer, TestApp, on_both_engines};
use serde_json::json;

fn assert_unusable(answer: &Answer, case: &str) {
    let told = (answer.status.as_u16(), answer.code());
    assert_eq!(
        told,
        (403, "forwarded_request_invalid"),
        "{case}: {}",
        answer.raw
    );
}

/// Everything that any family reads, saying `/orders`.
fn everybodys() -> Vec<(&'static str, &'static str)> {
    let mut all = Vec::new();
    for family in FAMILIES {
        all.extend(family.headers(&ORDERS));
    }
    all.push(("x-original-url", "https://api.example/orders"));
    all.push(("x-envoy-original-path", "/orders"));
    all.push(("x-rewrite-url", "/orders"));
    all.push(("forwarded", "for=10.0.0.1;host=api.example;proto=https"));
    all
}

on_both_engines! {
    async fn a_header_that_is_missing_or_doubled_refuses_whatever_other_families_say(app: TestApp) {
        let client = app.client(json!({})).await;
        let me = LoggedIn::new(&app, &client, "42").await;
        for family in FAMILIES {
            let own = family.headers(&ORDERS);
            let (method, path) = family.line(&ORDERS);
            for (missing, value) in &own {
                let is_other = |name: &str| own.iter().all(|(own, _)| *own != name);
                let ask = |copies: usize, value: &str| {
                    let mut call = app.internal_anonymous(&method, &path).from(TestApp::PROXY);
                    for (name, value) in own.iter().filter(|(name, _)| name != missing) {
                        call = call.header(name, value);
                    }
                    for (name, value) in everybodys().into_iter().filter(|(name, _)| is_other(name)) {
                        call = call.header(name, value);
                    }
                    for _ in 0..copies {
                        call = call.header(missing, value);
                    }
                    me.sign(call, &ORDERS).send()
                };
                assert_eq!(ask(1, value).await.status, 200, "{family:?} {missing}");
                assert_unusable(&ask(0, value).await, &format!("{family:?} without {missing}"));
                assert_unusable(&ask(2, value).await, &format!("{family:?} with two {missing}"));
                assert_unusable(&ask(1, "").await, &format!("{family:?} with empty {missing}"));
                let listed = format!("{value}, {value}");
                assert_unusable(&ask(1, &listed).await, &format!("{family:?} with a list in {missing}"));
            }
        }
    }

    async fn envoy_over_http_2_tells_the_host_once(app: TestApp) {
        let client = app.client(json!({})).await;
        let me = LoggedIn::new(&app, &client, "42").await;
        for (authority, host, is_clear) in [
            ("api.example", None, true),
            ("evil.example", None, false),
            ("api.example", Some("evil.example"), false),
            ("evil.example", Some("api.example"), false),
            ("api.example", Some("api.example"), false),
            ("user@api.example", None, false),
        ] {
            let url = format!("http://{authority}/auth/envoy{}", ORDERS.target);
            let mut call = app.internal_anonymous("GET", &url)
                .from(TestApp::PROXY)
                .header("x-forwarded-proto", "https")
                .header("x-countersign-rule", "session");
            if let Some(host) = host {
                call = call.header("host", host);
            }
            let answer = me.sign(call, &ORDERS).send().await;
            if is_clear {
                assert_eq!(answer.status, 200, "{authority} {host:?}: {}", answer.raw);
            } else {
                assert_unusable(&answer, &format!("{authority} {host:?}"));
            }
        }
    }

    async fn a_proof_is_for_what_the_own_familys_headers_say(app: TestApp) {
        let client = app.client(json!({})).await;
        let me = LoggedIn::new(&app, &client, "42").await;
        let admin = Sent { target: "/admin", ..ORDERS };
        for family in FAMILIES {
            // The proof is for /orders, and so say the headers of all others.
            let own = family.headers(&admin);
            let others = everybodys().into_iter().filter(|(name, _)| own.iter().all(|(own, _)| own != name));
            let call = others.fold(family.ask(&app, &admin), |call, (name, value)| call.header(name, value));
            let answer = me.sign(call, &ORDERS).send().await;
            assert_eq!((answer.status.as_u16(), answer.code()), (401, "proof_mismatch"), "{family:?}");
            for other in [
                Sent { method: "POST", ..ORDERS },
                Sent { target: "/Orders", ..ORDERS },
                Sent { target: "/orders/", ..ORDERS },
                Sent { target: "//orders", ..ORDERS },
                Sent { target: "/orders%2F", ..ORDERS },
            ] {
                let answer = me.sign(family.ask(&app, &other), &ORDERS).send().await;
                assert_eq!((answer.status.as_u16(), answer.code()), (401, "proof_mismatch"), "{family:?} {other:?}");
            }
        }
    }

    async fn a_request_that_could_be_read_in_two_ways_is_refused(app: TestApp) {
        let client = app.client(json!({})).await;
        let me = LoggedIn::new(&app, &client, "42").await;
        let long = format!("/{}", "a".repeat(8 * 1024));
        for family in FAMILIES {
            let mut odd: Vec<Sent<'_>> = ["/a/../orders", "/a/%2e%2e/orders", "/./orders", "/orders/%2E", &long]
                .map(|target| Sent { target, ..ORDERS })
                .into();
            odd.push(Sent { host: "api.example:443:443", ..ORDERS });
            odd.push(Sent { scheme: "ftp", ..ORDERS });
            if family != Family::Envoy {
                let targets = ["orders", "*", "https://api.example/orders", "/orders#a", "/a\\orders", "/orders /"];
                odd.extend(targets.map(|target| Sent { target, ..ORDERS }));
                odd.extend(["api.example/x", "a@api.example", "api.example?", "api.example#"].map(|host| Sent { host, ..ORDERS }));
                odd.extend(["GET /", "G\u{e4}T", "GET,POST"].map(|method| Sent { method, ..ORDERS }));
            }
            for sent in odd {
                let answer = me.sign(family.ask(&app, &sent), &ORDERS).send().await;
                assert_unusable(&answer, &format!("{family:?} {sent:?}"));
            }
        }
    }

    async fn a_request_for_an_origin_that_is_not_listed_is_refused(app: TestApp) {
        let client = app.client(json!({})).await;
        let me = LoggedIn::new(&app, &client, "42").await;
        for family in FAMILIES {
            for (scheme, host, is_listed) in [
                ("https", "api.example", true),
                ("https", "API.example:443", true),
                ("wss", "api.example", true),
                ("http", "api.example", false),
                ("https", "api.example:8443", false),
                ("https", "evil.example", false),
                ("https", "api.example.evil.example", false),
                ("https", "auth.example", false),
            ] {
                let sent = Sent { scheme, host, ..ORDERS };
                // The device signed exactly that; a WebSocket's handshake is an HTTP request.
                let signed = Sent { scheme: if scheme == "http" { "http" } else { "https" }, ..sent };
                let answer = me.sign(family.ask(&app, &sent), &signed).send().await;
                if is_listed {
                    assert_eq!(answer.status, 200, "{family:?} {sent:?}: {}", answer.raw);
                } else {
                    assert_unusable(&answer, &format!("{family:?} {sent:?}"));
                }
            }
        }
    }
}
