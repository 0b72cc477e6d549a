//! ID tokens, proofs and people that are refused, each with its error and code.

use super::door::{Door, assert_error, token_proof};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use countersign_core::trusted_issuer::IdTokenAlgorithm;
use countersign_test_support::{IssuerKey, TestApp, TestDevice, TestIssuer, on_both_engines};
use serde_json::{Value, json};

/// Claims that are refused: what is changed, and the code.
fn wrong_claims(now: i64) -> Vec<(Value, &'static str)> {
    vec![
        (
            json!({ "iss": "https://other.example" }),
            "issuer_not_trusted",
        ),
        (json!({ "aud": "other" }), "id_token_audience_mismatch"),
        (json!({ "aud": [] }), "id_token_audience_mismatch"),
        (
            json!({ "aud": ["app", "other"] }),
            "id_token_audience_mismatch",
        ),
        (
            json!({ "aud": ["app", "other"], "azp": "other" }),
            "id_token_audience_mismatch",
        ),
        (json!({ "azp": "other" }), "id_token_audience_mismatch"),
        (json!({ "exp": now - 60 }), "id_token_expired"),
        (
            json!({ "iat": now - 660, "exp": now + 300 }),
            "id_token_expired",
        ),
        (json!({ "iat": now + 61 }), "id_token_expired"),
        (json!({ "nbf": now + 61 }), "id_token_expired"),
        (json!({ "exp": null }), "id_token_invalid"),
        (json!({ "iat": null }), "id_token_invalid"),
        (json!({ "iat": "now" }), "id_token_invalid"),
        (json!({ "sub": null }), "id_token_invalid"),
        (json!({ "sub": "" }), "id_token_invalid"),
        (json!({ "sub": ".." }), "id_token_invalid"),
        (json!({ "sub": "a".repeat(256) }), "id_token_invalid"),
        (json!({ "iss": null }), "id_token_invalid"),
        (json!({ "aud": null }), "id_token_invalid"),
    ]
}

/// Claims that are just good enough.
fn tolerable_claims(now: i64) -> Vec<Value> {
    vec![
        json!({ "exp": now - 59 }),
        json!({ "iat": now - 659 }),
        json!({ "iat": now + 60 }),
        json!({ "nbf": now + 60 }),
        json!({ "aud": ["app"] }),
        json!({ "aud": ["other", "app"], "azp": "app" }),
        json!({ "azp": "app" }),
        json!({ "amr": "pwd", "acr": 1, "auth_time": "then" }),
        json!({ "nonce": "unasked" }),
    ]
}

on_both_engines! {
    async fn wrong_claims_are_refused_and_write_nothing(app: TestApp) {
        let door = Door::open(&app).await;
        let before = app.database().dump().await;
        for (changes, code) in wrong_claims(app.app.now().as_secs()) {
            door.assert_refused(changes, "invalid_request", code).await;
        }
        assert_eq!(app.database().dump().await, before);
        for (number, changes) in tolerable_claims(app.app.now().as_secs()).into_iter().enumerate() {
            let device = TestDevice::new(&app);
            let token = door.id_token(&format!("user {number}"), changes.clone());
            let answer = door.exchange(&device, &token).await;
            assert_eq!(answer.status, 200, "{changes}: {}", answer.body);
        }
    }

    async fn a_token_that_its_issuer_did_not_sign_is_refused(app: TestApp) {
        let issuer = TestIssuer::signing_with(IdTokenAlgorithm::Rs256).await;
        let door = Door::of(&app, issuer, json!({}), json!({})).await;
        let claims = door.issuer.claims("ann", app.app.now(), json!({}));
        let good = door.issuer.key().token(&claims);
        let (input, signature) = good.rsplit_once('.').expect("a signature");
        let part = |json: &Value| URL_SAFE_NO_PAD.encode(json.to_string());
        let other = IssuerKey::generate("key-0", IdTokenAlgorithm::Rs256);
        let published = door.issuer.key().jwk();
        let modulus = URL_SAFE_NO_PAD.decode(published["n"].as_str().expect("n")).expect("base64url");
        let unsigned = json!({ "alg": "none", "kid": "key-0" });
        let shared = json!({ "alg": "HS256", "typ": "JWT", "kid": "key-0" });
        let crit = json!({ "alg": "RS256", "kid": "key-0", "crit": ["b64"], "b64": true });
        let access = json!({ "alg": "RS256", "typ": "at+jwt", "kid": "key-0" });
        let own_key = json!({ "alg": "RS256", "typ": "JWT", "kid": "key-0", "jwk": other.jwk() });
        for (what, token) in [
            ("none", format!("{}.{}.", part(&unsigned), part(&claims))),
            ("none, signed", format!("{}.{}.{signature}", part(&unsigned), part(&claims))),
            ("shared", hmac(&modulus, &format!("{}.{}", part(&shared), part(&claims)))),
            ("shared, PEM", hmac(published.to_string().as_bytes(), &format!("{}.{}", part(&shared), part(&claims)))),
            ("another key of that name", other.token(&claims)),
            ("a key of its own", other.token_with(&own_key, &claims)),
            ("other claims", {
                let header = input.split_once('.').expect("a header").0;
                format!("{header}.{}.{signature}", part(&json!({ "sub": "bob" })))
            }),
            ("no signature", format!("{input}.")),
            ("half a signature", format!("{input}.{}", &signature[..128])),
            ("an extension", door.issuer.key().token_with(&crit, &claims)),
            ("an access token", door.issuer.key().token_with(&access, &claims)),
            ("another algorithm of the key", IssuerKey::token_with(
                &IssuerKey::generate("key-0", IdTokenAlgorithm::Es256),
                &json!({ "alg": "ES256", "kid": "key-0" }),
                &claims,
            )),
            ("no token", "ann".to_owned()),
            ("four parts", format!("{good}.{signature}")),
        ] {
            app.advance_secs(1);
            let answer = door.exchange(&TestDevice::new(&app), &token).await;
            assert_eq!(answer.code(), "id_token_invalid", "{what}: {}", answer.raw);
            assert_error(&answer, 400, "invalid_request", "id_token_invalid");
        }
        let long = "a".repeat(16 * 1024 + 1);
        let answer = door.exchange(&TestDevice::new(&app), &long).await;
        assert_error(&answer, 400, "invalid_request", "invalid_request");
        let answer = door.exchange(&TestDevice::new(&app), &good).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
    }

    async fn a_nonce_that_the_app_gave_the_issuer_must_come_back(app: TestApp) {
        let door = Door::open(&app).await;
        for (claim, asked, is_good) in [
            (json!("n-1"), "n-1", true),
            (json!("n-2"), "n-1", false),
            (json!(null), "n-1", false),
        ] {
            let token = door.id_token("ann", json!({ "nonce": claim }));
            let mut form = door.exchange_form(&token);
            form.push(("nonce", asked));
            let answer = door.send(&TestDevice::new(&app), &form).await;
            if is_good {
                assert_eq!(answer.status, 200, "{}", answer.body);
            } else {
                assert_error(&answer, 400, "invalid_request", "id_token_nonce_mismatch");
            }
        }
    }

    async fn a_token_for_a_devices_key_is_useless_to_every_other(app: TestApp) {
        let client = json!({ "proof_of_possession": "optional" });
        let door = Door::with(&app, json!({ "nonce": "key" }), client).await;
        let (device, thief) = (TestDevice::new(&app), TestDevice::new(&app));
        let token = door.id_token("ann", json!({ "nonce": device.jkt() }));
        let stolen = door.exchange(&thief, &token).await;
        assert_error(&stolen, 400, "invalid_request", "id_token_nonce_mismatch");
        let bare = door.call(&door.exchange_form(&token)).send().await;
        assert_error(&bare, 400, "invalid_request", "id_token_nonce_mismatch");
        let unbound = door.id_token("ann", json!({}));
        let unbound = door.exchange(&device, &unbound).await;
        assert_error(&unbound, 400, "invalid_request", "id_token_nonce_mismatch");
        let answer = door.exchange(&device, &token).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
    }

    async fn a_proof_counts_for_the_token_endpoint_only_and_once(app: TestApp) {
        let door = Door::open(&app).await;
        let device = TestDevice::new(&app);
        let url = format!("{}/oauth/token", TestApp::PUBLIC_URL);
        let proof = |method, url: &str| device.proof(method, url, None, None);
        let revoked = format!("{}/oauth/revoke", TestApp::PUBLIC_URL);
        let login = format!("{}/login", TestApp::APP_ORIGIN);
        let late = proof("POST", &url);
        app.advance_secs(61);
        for (header, code) in [
            (None, "proof_required"),
            (Some("proof".to_owned()), "proof_invalid"),
            (Some(proof("GET", &url)), "proof_mismatch"),
            (Some(proof("POST", &revoked)), "proof_mismatch"),
            (Some(proof("POST", &login)), "proof_mismatch"),
            (Some(late), "proof_expired"),
        ] {
            let token = door.id_token("ann", json!({}));
            let form = door.exchange_form(&token);
            let call = match &header {
                Some(proof) => door.call(&form).header("dpop", proof),
                None => door.call(&form),
            };
            let answer = call.send().await;
            assert_error(&answer, 400, "invalid_dpop_proof", code);
            let is_asked = !answer.header("dpop-nonce").is_empty();
            assert_eq!(is_asked, code == "proof_expired", "{code}");
        }
        let good = proof("POST", &url);
        let token = door.id_token("ann", json!({}));
        let form = door.exchange_form(&token);
        let twice = door.call(&form).header("dpop", &good).header("dpop", &good).send().await;
        assert_error(&twice, 400, "invalid_dpop_proof", "proof_invalid");
        let first = door.call(&form).header("dpop", &good).send().await;
        assert_eq!(first.status, 200, "{}", first.body);
        let again = door.call(&form).header("dpop", &good).send().await;
        assert_error(&again, 400, "invalid_dpop_proof", "proof_replayed");
    }

    async fn a_client_that_demands_nonces_gets_them(app: TestApp) {
        let door = Door::with(&app, json!({}), json!({ "nonce_policy": "always" })).await;
        let device = TestDevice::new(&app);
        let token = door.id_token("ann", json!({}));
        let form = door.exchange_form(&token);
        let asked = door.send(&device, &form).await;
        assert_error(&asked, 400, "use_dpop_nonce", "use_dpop_nonce");
        let proof = token_proof(&device, Some(asked.header("dpop-nonce")));
        let answer = door.call(&form).header("dpop", &proof).send().await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        // The next one comes with the answer.
        let next = token_proof(&device, Some(answer.header("dpop-nonce")));
        let refreshed = answer.text("refresh_token");
        let refresh = door.refresh_form(&refreshed);
        let answer = door.call(&refresh).header("dpop", &next).send().await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let forged = token_proof(&device, Some("made-up"));
        let answer = door.call(&form).header("dpop", &forged).send().await;
        assert_error(&answer, 400, "use_dpop_nonce", "use_dpop_nonce");
    }

    async fn who_is_cut_off_does_not_come_in_by_this_door(app: TestApp) {
        let door = Door::open(&app).await;
        let device = TestDevice::new(&app);
        let login = door.log_in(&device, "ann").await;
        let disabled = app.internal("POST", "/v1/users/ann/disable").send().await;
        assert!(disabled.status.is_success(), "{}", disabled.body);
        let token = door.id_token("ann", json!({}));
        let answer = door.exchange(&device, &token).await;
        assert_error(&answer, 400, "invalid_grant", "user_disabled");
        let answer = door.refresh(&device, &login.text("refresh_token")).await;
        assert_error(&answer, 400, "invalid_grant", "session_ended");

        door.change(json!({ "disabled": true })).await;
        let token = door.id_token("bob", json!({}));
        let answer = door.exchange(&TestDevice::new(&app), &token).await;
        assert_error(&answer, 400, "unauthorized_client", "client_disabled");
        let answer = door.refresh(&device, &login.text("refresh_token")).await;
        assert_error(&answer, 400, "unauthorized_client", "client_disabled");
    }
}

/// `HS256` with a public key as the secret: what a verifier that lets the token choose accepts.
fn hmac(secret: &[u8], input: &str) -> String {
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, secret);
    let tag = aws_lc_rs::hmac::sign(&key, input.as_bytes());
    format!("{input}.{}", URL_SAFE_NO_PAD.encode(tag))
}
