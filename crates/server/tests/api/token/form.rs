//! What the form may say, and what the metadata say of the endpoint.

use super::door::{Door, EXCHANGE, ID_TOKEN, assert_error, encode, token_proof};
use countersign_test_support::{TestApp, TestDevice, on_both_engines};
use serde_json::json;

const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";

on_both_engines! {
    async fn what_is_missing_or_not_supported_is_named(app: TestApp) {
        let door = Door::open(&app).await;
        let device = TestDevice::new(&app);
        let token = door.id_token("ann", json!({}));
        let client = door.client.as_str();
        let exchange = ("grant_type", EXCHANGE);
        let subject = ("subject_token", token.as_str());
        let kind = ("subject_token_type", ID_TOKEN);
        let id = ("client_id", client);
        for (form, error, code, named) in [
            (vec![id], "invalid_request", "invalid_request", "grant_type"),
            (vec![("grant_type", "password"), id], "unsupported_grant_type", "unsupported_grant_type", ""),
            (vec![("grant_type", "authorization_code"), id], "unsupported_grant_type", "unsupported_grant_type", ""),
            (vec![exchange, id, kind], "invalid_request", "invalid_request", "subject_token"),
            (vec![exchange, id, subject], "invalid_request", "invalid_request", "subject_token_type"),
            (vec![exchange, id, subject, ("subject_token_type", ACCESS_TOKEN)], "invalid_request", "invalid_request", "subject_token_type"),
            (vec![exchange, id, subject, kind, ("requested_token_type", ID_TOKEN)], "invalid_request", "invalid_request", "requested_token_type"),
            (vec![exchange, id, subject, kind, ("actor_token", "a")], "invalid_request", "invalid_request", "actor_token"),
            (vec![exchange, id, subject, kind, ("audience", "https://other.example")], "invalid_target", "invalid_request", ""),
            (vec![exchange, id, subject, kind, ("resource", "https://other.example")], "invalid_target", "invalid_request", ""),
            (vec![exchange, id, subject, kind, ("installation_id", "phone")], "invalid_request", "invalid_request", "installation_id"),
            (vec![exchange, id, subject, kind, ("device", "phone")], "invalid_request", "invalid_request", "device"),
            (vec![exchange, id, subject, kind, ("device", r#"{"name":""}"#)], "invalid_request", "invalid_request", "device/name"),
            (vec![exchange, id, subject, kind, kind], "invalid_request", "invalid_request", "subject_token_type"),
            (vec![exchange, id, subject, subject, kind], "invalid_request", "invalid_request", "subject_token"),
            (vec![exchange, exchange, id, subject, kind], "invalid_request", "invalid_request", "grant_type"),
            (vec![("grant_type", "refresh_token"), id], "invalid_request", "invalid_request", "refresh_token"),
        ] {
            app.advance_secs(1);
            let answer = door.send(&device, &form).await;
            assert_error(&answer, 400, error, code);
            assert!(answer.text("error_description").contains(named), "{}", answer.raw);
            assert!(!answer.raw.contains(&token), "{}", answer.raw);
        }
        for (form, media_type) in [
            (encode(&door.exchange_form(&token)), "text/plain"),
            (format!("grant_type={}", "a".repeat(70_000)), "application/x-www-form-urlencoded"),
            ("{}".to_owned(), "application/json"),
        ] {
            let call = app.public("POST", "/oauth/token").text(&form, media_type);
            let answer = call.send().await;
            assert_eq!((answer.status.as_u16(), &answer.body["error"]), (400, &json!("invalid_request")), "{}", answer.raw);
        }
        assert_eq!(app.database().rows("sessions").await.len(), 0);
    }

    async fn what_is_unknown_or_empty_is_ignored(app: TestApp) {
        let door = Door::open(&app).await;
        let token = door.id_token("ann", json!({}));
        let mut form = door.exchange_form(&token);
        form.extend([
            ("scope", "openid"), ("scope", "email"), ("nonce", ""), ("nonce", ""), ("device", ""),
            ("requested_token_type", ACCESS_TOKEN), ("audience", "https://api.example"),
            ("resource", "https://api.example"), ("client_assertion", "x"),
        ]);
        let answer = door.send(&TestDevice::new(&app), &form).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
    }

    async fn an_unknown_client_is_told_so(app: TestApp) {
        let door = Door::open(&app).await;
        let token = door.id_token("ann", json!({}));
        for client in ["cli_0123456789abcdefghjkmnpqrs", "app", ""] {
            let mut form = door.exchange_form(&token);
            form[1].1 = client;
            let answer = door.send(&TestDevice::new(&app), &form).await;
            assert_error(&answer, 401, "invalid_client", "client_unknown");
            assert!(answer.header("www-authenticate").starts_with("DPoP "));
        }
    }

    async fn guessing_is_slowed_down_and_being_asked_for_a_nonce_is_not(app: TestApp) {
        let door = Door::with(&app, json!({}), json!({ "nonce_policy": "always" })).await;
        let device = TestDevice::new(&app);
        let token = door.id_token("ann", json!({}));
        let form = door.exchange_form(&token);
        let mut nonce = String::new();
        for _ in 0..80 {
            let asked = door.send(&device, &form).await;
            assert_error(&asked, 400, "use_dpop_nonce", "use_dpop_nonce");
            asked.header("dpop-nonce").clone_into(&mut nonce);
        }
        let guess = door.refresh_form("csrt_guess");
        for _ in 0..60 {
            let proof = token_proof(&device, Some(&nonce));
            let refused = door.call(&guess).header("dpop", &proof).send().await;
            assert_error(&refused, 400, "invalid_grant", "refresh_invalid");
        }
        let proof = token_proof(&device, Some(&nonce));
        let refused = door.call(&guess).header("dpop", &proof).send().await;
        assert_error(&refused, 429, "temporarily_unavailable", "rate_limited");
        assert!(!refused.header("retry-after").is_empty());
        // Who holds something genuine comes in from the same address.
        let proof = token_proof(&device, Some(&nonce));
        let answer = door.call(&form).header("dpop", &proof).send().await;
        assert_eq!(answer.status, 200, "{}", answer.body);
    }

    async fn the_metadata_say_what_there_is(app: TestApp) {
        let answer = app.public("GET", "/.well-known/oauth-authorization-server").send().await;
        let url = TestApp::PUBLIC_URL;
        assert_eq!(answer.body, json!({
            "issuer": url,
            "token_endpoint": format!("{url}/oauth/token"),
            "revocation_endpoint": format!("{url}/oauth/revoke"),
            "jwks_uri": format!("{url}/.well-known/jwks.json"),
            "response_types_supported": [],
            "grant_types_supported": [EXCHANGE, "refresh_token"],
            "token_endpoint_auth_methods_supported": ["none"],
            "revocation_endpoint_auth_methods_supported": ["none"],
            "dpop_signing_alg_values_supported": ["ES256"],
        }));
        assert_eq!(answer.header("cache-control"), "public, max-age=3600");
        for member in ["token_endpoint", "revocation_endpoint", "jwks_uri"] {
            let path = answer.text(member);
            let path = path.strip_prefix(url).expect("a path");
            let method = if path.starts_with("/oauth") { "POST" } else { "GET" };
            assert_ne!(app.public(method, path).send().await.status, 404, "{member}");
        }
    }
}
