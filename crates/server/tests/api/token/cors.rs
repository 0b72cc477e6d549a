//! Which pages of which origins may read answers.

use super::door::{Door, assert_error, encode, token_proof};
use countersign_test_support::{Answer, TestApp, TestDevice, on_both_engines};
use serde_json::json;

const APP: &str = TestApp::APP_ORIGIN;
const OTHER: &str = "https://other.example";
const DEVICES: &str = "/v1/me/devices";

async fn preflight(app: &TestApp, path: &str, origin: &str) -> Answer {
    app.public("OPTIONS", path)
        .header("origin", origin)
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "dpop,content-type")
        .send()
        .await
}

async fn get(app: &TestApp, path: &str, origin: &str) -> Answer {
    app.public("GET", path)
        .header("origin", origin)
        .send()
        .await
}

fn allowed(answer: &Answer) -> &str {
    assert!(
        answer
            .headers
            .get("access-control-allow-credentials")
            .is_none()
    );
    let vary = answer.header("vary");
    let is_any = answer.header("access-control-allow-origin") == "*";
    assert_eq!(vary.contains("Origin"), !is_any, "{:?}", answer.headers);
    answer.header("access-control-allow-origin")
}

on_both_engines! {
    async fn a_page_of_a_client_may_ask_and_read(app: TestApp) {
        app.client(json!({})).await;
        for path in [DEVICES, "/v1/logout", "/oauth/token", "/oauth/revoke"] {
            let answer = preflight(&app, path, APP).await;
            assert_eq!((answer.status.as_u16(), answer.raw.as_str()), (204, ""), "{path}");
            assert_eq!(allowed(&answer), APP);
            assert_eq!(answer.header("access-control-allow-methods"), "GET, POST, PATCH, DELETE");
            assert_eq!(
                answer.header("access-control-allow-headers"),
                "Authorization, DPoP, Content-Type, If-Match"
            );
            assert_eq!(answer.header("access-control-max-age"), "600");
        }
        let refused = get(&app, DEVICES, APP).await;
        assert_eq!(refused.status, 401);
        assert_eq!(allowed(&refused), APP);
        assert_eq!(
            refused.header("access-control-expose-headers"),
            "DPoP-Nonce, WWW-Authenticate, X-Request-Id, Retry-After, Link, Date"
        );
        // What no route answers is readable too: the page learns what it did wrong.
        let missing = get(&app, "/v1/none", APP).await;
        assert_eq!((missing.status.as_u16(), allowed(&missing)), (404, APP));
    }

    async fn any_other_page_may_not(app: TestApp) {
        app.client(json!({})).await;
        for origin in [OTHER, "null", "https://app.example:8443", "http://app.example", "https://app.example.evil", "https://APP.example", "*"] {
            for answer in [preflight(&app, DEVICES, origin).await, get(&app, DEVICES, origin).await] {
                assert_eq!(allowed(&answer), "", "{origin}");
                for header in ["allow-methods", "allow-headers", "expose-headers", "max-age"] {
                    assert_eq!(answer.header(&format!("access-control-{header}")), "", "{origin}");
                }
            }
            assert_ne!(preflight(&app, DEVICES, origin).await.status, 204);
        }
        let same_origin = app.public("GET", DEVICES).send().await;
        assert_eq!(allowed(&same_origin), "");
    }

    async fn what_is_the_same_for_everyone_is_open_to_every_page(app: TestApp) {
        for path in ["/.well-known/jwks.json", "/.well-known/oauth-authorization-server", "/openapi.json"] {
            let answer = get(&app, path, OTHER).await;
            assert_eq!((answer.status.as_u16(), allowed(&answer)), (200, "*"), "{path}");
            assert_eq!(allowed(&app.public("GET", path).send().await), "*");
            assert_eq!(preflight(&app, path, OTHER).await.status, 204);
        }
    }

    async fn a_change_of_the_origins_takes_effect_at_once(app: TestApp) {
        let door = Door::open(&app).await;
        let beside = app.beside().await;
        assert_eq!(allowed(&get(&app, DEVICES, APP).await), APP);
        assert_eq!(allowed(&get(&beside, DEVICES, APP).await), APP);
        door.change(json!({ "origins": [OTHER] })).await;
        assert_eq!(allowed(&get(&app, DEVICES, APP).await), "");
        assert_eq!(allowed(&get(&app, DEVICES, OTHER).await), OTHER);
        // Another process hears of it from the feed.
        beside.run_job(countersign_server::Job::FollowFeed).await;
        assert_eq!(allowed(&get(&beside, DEVICES, APP).await), "");
        assert_eq!(allowed(&get(&beside, DEVICES, OTHER).await), OTHER);
        // A new client's origins count from its first moment.
        app.client(json!({ "origins": [APP] })).await;
        assert_eq!(allowed(&get(&app, DEVICES, APP).await), APP);
        beside.run_job(countersign_server::Job::FollowFeed).await;
        assert_eq!(allowed(&get(&beside, DEVICES, APP).await), APP);
        // A page must learn that its client is disabled.
        door.change(json!({ "disabled": true })).await;
        assert_eq!(allowed(&get(&app, DEVICES, OTHER).await), OTHER);
    }

    async fn tokens_are_readable_by_the_pages_of_their_own_client_only(app: TestApp) {
        let door = Door::open(&app).await;
        app.client(json!({ "origins": [OTHER] })).await;
        let device = TestDevice::new(&app);
        for (origin, readable) in [(APP, APP), (OTHER, "")] {
            let token = door.id_token("ann", json!({}));
            let form = door.exchange_form(&token);
            let proof = token_proof(&device, None);
            let answer = door.call(&form).header("dpop", &proof).header("origin", origin).send().await;
            assert_eq!(answer.status, 200, "{}", answer.body);
            assert_eq!(allowed(&answer), readable);
            let refused = door.call(&form).header("origin", origin).send().await;
            assert_error(&refused, 400, "invalid_dpop_proof", "proof_required");
            assert_eq!(allowed(&refused), readable);
            let revoked = encode(&[("token", "a"), ("client_id", &door.client)]);
            let revoked = app.public("POST", "/oauth/revoke").form(&revoked).header("origin", origin).send().await;
            assert_eq!((revoked.status.as_u16(), allowed(&revoked)), (200, readable));
        }
    }

    async fn the_internal_listener_is_for_no_page(app: TestApp) {
        app.client(json!({})).await;
        let call = app.internal("GET", "/v1/clients").header("origin", APP);
        let answer = call.send().await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("access-control-allow-origin"), "");
    }
}
