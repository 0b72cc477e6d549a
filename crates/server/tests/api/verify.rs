//! The judgement of requests: every refusal, in its order, with what the device is told.

use crate::logged_in::{LoggedIn, judge, pop_optional};
use countersign_core::decision::Refusal;
use countersign_server::Job;
use countersign_test_support::{Answer, TestApp, TestDevice, on_both_engines};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const URL: &str = "https://api.example/orders";

fn request(device: &TestDevice, token: &str) -> Value {
    let proof = device.proof("GET", URL, Some(token), None);
    json!({ "token": token, "proof": proof, "method": "GET", "url": URL })
}

fn with(mut request: Value, member: &str, value: Value) -> Value {
    request[member] = value;
    request
}

async fn patch_client(app: &TestApp, client: &str, change: Value) {
    let path = format!("/v1/clients/{client}");
    let answer = app
        .internal("PATCH", &path)
        .header("if-match", "\"1\"")
        .json(&change)
        .send()
        .await;
    assert_eq!(answer.status, 200, "{}", answer.body);
}

/// Refusals of the token and of its session.
async fn dead(app: &TestApp, client: &str) -> Vec<(Refusal, Answer)> {
    let mut seen = vec![(
        Refusal::TokenInvalid,
        judge(app, &json!({ "token": "none of ours" })).await,
    )];
    let me = LoggedIn::new(app, client, "out").await;
    me.call(app, "POST", "/v1/logout").send().await;
    seen.push((Refusal::SessionEnded, me.verify(app).await));
    let me = LoggedIn::new(app, client, "disabled").await;
    app.internal("POST", "/v1/users/disabled/disable")
        .send()
        .await;
    seen.push((Refusal::UserDisabled, me.verify(app).await));
    let me = LoggedIn::new(app, client, "removed").await;
    let path = format!("/v1/users/removed/devices/{}", me.device_id());
    app.internal("DELETE", &path).send().await;
    seen.push((Refusal::DeviceRemoved, me.verify(app).await));
    let idle = app
        .client(json!({ "lifetimes": { "idle_seconds": 60 } }))
        .await;
    let me = LoggedIn::new(app, &idle, "idle").await;
    let aged = LoggedIn::new(app, client, "aged").await;
    app.advance_secs(60);
    seen.push((Refusal::SessionExpired, me.verify(app).await));
    app.advance_secs(240);
    seen.push((Refusal::TokenExpired, aged.verify(app).await));
    let doomed = app.client(json!({})).await;
    let me = LoggedIn::new(app, &doomed, "client").await;
    patch_client(app, &doomed, json!({ "disabled": true })).await;
    seen.push((Refusal::ClientEnded, me.verify(app).await));
    let limits = json!({ "max": 1, "overflow": "replace_oldest_inactive" });
    let single = app.client(json!({ "limits": limits })).await;
    let me = LoggedIn::new(app, &single, "limit").await;
    LoggedIn::new(app, &single, "limit").await;
    seen.push((Refusal::DeviceEvicted, me.verify(app).await));
    seen
}

/// Refusals of the proof.
async fn unproven(app: &TestApp, client: &str) -> Vec<(Refusal, Answer)> {
    let me = LoggedIn::new(app, client, "proofs").await;
    let (device, token) = (&me.device, me.token());
    let good = request(device, &token);
    let stale = request(device, &token);
    let bare = json!({ "token": token, "scheme": "DPoP" });
    let bearer = json!({ "token": token });
    let damaged = with(good.clone(), "proof", json!("a.b.c"));
    let elsewhere = with(good.clone(), "url", json!("https://api.example/other"));
    let by_another = request(&TestDevice::new(app), &token);
    let mut seen = vec![
        (Refusal::ProofRequired, judge(app, &bare).await),
        (Refusal::SchemeMismatch, judge(app, &bearer).await),
        (Refusal::ProofInvalid, judge(app, &damaged).await),
        (Refusal::ProofMismatch, judge(app, &elsewhere).await),
        (Refusal::KeyMismatch, judge(app, &by_another).await),
    ];
    assert_eq!(judge(app, &good).await.body["allowed"], true);
    seen.push((Refusal::ProofReplayed, judge(app, &good).await));
    app.advance_secs(62);
    seen.push((Refusal::ProofExpired, judge(app, &stale).await));
    let strict = app.client(json!({ "nonce_policy": "always" })).await;
    let nonce = app
        .login(&strict, "n", device, json!({}))
        .await
        .text("dpop_nonce");
    let url = format!("{}/login", TestApp::APP_ORIGIN);
    let proof = json!({ "proof": { "jwt": device.proof("POST", &url, None, Some(&nonce)) } });
    let login = app.login(&strict, "n", device, proof).await;
    seen.push((
        Refusal::UseDpopNonce,
        app.verify(device, &login.text("access_token")).await,
    ));
    seen
}

/// Refusals of the device and of what the caller demands.
async fn demanded(app: &TestApp, client: &str) -> Vec<(Refusal, Answer)> {
    let keyless = LoggedIn::keyless(app, client, "keyless").await;
    let token = keyless.token();
    let mut seen = Vec::new();
    for (refusal, demand, value) in [
        (Refusal::InsufficientTrust, "min_trust", json!("trusted")),
        (Refusal::NotCompliant, "require_compliant", json!(true)),
        (Refusal::KeyRequired, "require_key", json!(true)),
    ] {
        let request = with(json!({ "token": token }), demand, value);
        seen.push((refusal, judge(app, &request).await));
    }
    // No call suspends, revokes or bans a device yet.
    for (refusal, state) in [
        (Refusal::DeviceSuspended, "suspended"),
        (Refusal::DeviceRevoked, "revoked"),
        (Refusal::DeviceBanned, "banned"),
    ] {
        let me = LoggedIn::new(app, client, state).await;
        app.database()
            .execute(&format!("UPDATE devices SET state = '{state}'"))
            .await;
        seen.push((refusal, me.verify(app).await));
        let login = app.login(client, state, &me.device, json!({})).await;
        assert_eq!(
            (login.status.as_u16(), login.code()),
            (403, refusal.as_str()),
            "{}",
            login.body
        );
        app.database()
            .execute("UPDATE devices SET state = 'active'")
            .await;
    }
    seen
}

on_both_engines! {
    async fn every_refusal_has_its_code_status_and_challenge(app: TestApp) {
        let client = app.client(pop_optional()).await;
        let mut seen = dead(&app, &client).await;
        seen.extend(unproven(&app, &client).await);
        seen.extend(demanded(&app, &client).await);
        for (refusal, answer) in &seen {
            assert_eq!(answer.body["allowed"], false, "{refusal}: {}", answer.body);
            assert_eq!(answer.code(), refusal.as_str(), "{}", answer.body);
            let challenge = answer.body["www_authenticate"].as_str();
            match answer.body["status"].as_u64() {
                Some(401) => assert!(challenge.is_some_and(|text| text.contains(" error=\"")), "{refusal}"),
                status => assert_eq!((status, challenge), (Some(403), None), "{refusal}"),
            }
            let gives_nonce = matches!(refusal, Refusal::UseDpopNonce | Refusal::ProofExpired);
            assert_eq!(answer.body.get("dpop_nonce").is_some(), gives_nonce, "{refusal}");
        }
        let judged: BTreeSet<_> = seen.iter().map(|(refusal, _)| refusal.as_str()).collect();
        let all: BTreeSet<_> = Refusal::ALL.iter().map(|refusal| refusal.as_str()).collect();
        assert_eq!(judged, all);
    }

    async fn the_challenge_names_the_scheme_to_come_back_with(app: TestApp) {
        let client = app.client(pop_optional()).await;
        let me = LoggedIn::new(&app, &client, "42").await;
        let told = |answer: Answer| answer.text("www_authenticate");
        let bare = told(judge(&app, &json!({ "token": me.token(), "scheme": "DPoP" })).await);
        assert!(bare.starts_with("DPoP error=\"invalid_dpop_proof\""), "{bare}");
        assert!(bare.ends_with("algs=\"ES256\""), "{bare}");
        let bearer = told(judge(&app, &json!({ "token": me.token() })).await);
        assert!(bearer.starts_with("DPoP error=\"invalid_token\""), "{bearer}");
        assert!(bearer.ends_with("algs=\"ES256\""), "{bearer}");
        let own = app.public("GET", "/v1/me/devices").header("Authorization", &format!("Bearer {}", me.token()));
        let own = own.send().await;
        assert_eq!((own.status.as_u16(), own.code()), (401, "scheme_mismatch"));
        assert_eq!(own.header("www-authenticate"), bearer);
        let garbage = told(judge(&app, &json!({ "token": "x" })).await);
        assert!(garbage.starts_with("Bearer error=\"invalid_token\""), "{garbage}");
        let keyless = LoggedIn::keyless(&app, &client, "43").await;
        let as_dpop = request(&keyless.device, &keyless.token());
        let refused = judge(&app, &as_dpop).await;
        assert_eq!(refused.code(), "scheme_mismatch", "{}", refused.body);
    }

    async fn only_the_exact_text_of_a_token_counts(app: TestApp) {
        let client = app.client(pop_optional()).await;
        let me = LoggedIn::keyless(&app, &client, "42").await;
        let token = me.token();
        let (signed, signature) = token.rsplit_once('.').expect("a JWS");
        let (header, claims) = signed.split_once('.').expect("a JWS");
        let altered = [
            String::new(), "x".to_owned(), token.replace('.', " "), format!("{signed}."), format!("{token}A"),
            format!("{header}.{}.{signature}", claims.to_uppercase()), me.refresh_token(), app.api_key.clone(),
        ];
        for text in altered {
            let refused = judge(&app, &json!({ "token": text })).await;
            assert_eq!(refused.code(), "token_invalid", "{text}");
            assert!(refused.body.get("session_id").is_none());
        }
        me.assert_allowed(&app).await;
    }

    async fn the_session_is_judged_before_the_proof_and_the_proof_before_demands(app: TestApp) {
        let client = app.client(json!({})).await;
        let me = LoggedIn::new(&app, &client, "42").await;
        let demanding = with(request(&me.device, &me.token()), "min_trust", json!("corporate"));
        let damaged = with(demanding.clone(), "proof", json!("a.b.c"));
        assert_eq!(judge(&app, &damaged).await.code(), "proof_invalid");
        assert_eq!(judge(&app, &demanding).await.code(), "insufficient_trust");
        me.call(&app, "POST", "/v1/logout").send().await;
        let ended = judge(&app, &damaged).await;
        assert_eq!((ended.code(), ended.text("session_id")), ("session_ended", me.session_id()));
        app.advance_secs(301);
        assert_eq!(judge(&app, &damaged).await.code(), "token_expired");
    }

    async fn an_answer_says_whose_request_it_is(app: TestApp) {
        let client = app.client(json!({ "nonce_policy": "when_needed", "platform": "android" })).await;
        let device = TestDevice::new(&app);
        let login = app.login(&client, "42", &device, json!({ "device": { "app_version": "7.1" } })).await;
        let body = app.verify(&device, &login.text("access_token")).await.body;
        for member in ["session_id", "user_id", "device_id", "app_id", "trust"] {
            assert_eq!(body[member], login.body[member], "{member}");
        }
        assert_eq!((&body["client_id"], &body["platform"]), (&json!(client), &json!("android")));
        assert_eq!((&body["app_version"], &body["amr"]), (&json!("7.1"), &json!(["pwd"])));
        assert_eq!((&body["key_bound"], &body["compliance"]), (&json!(true), &json!("unevaluated")));
        let newer = json!({ "device": { "app_version": "7.2" } });
        app.refresh(&client, "42", &device, &login.text("refresh_token"), newer).await;
        let body = app.verify(&device, &login.text("access_token")).await.body;
        assert_eq!(body["app_version"], "7.2", "{body}");
    }

    async fn activity_extends_the_idle_limit_across_a_restart(app: TestApp) {
        let lifetimes = json!({ "access_seconds": 3600, "idle_seconds": 120 });
        let client = app.client(json!({ "lifetimes": lifetimes })).await;
        let me = LoggedIn::new(&app, &client, "42").await;
        app.advance_secs(100);
        me.assert_allowed(&app).await;
        app.run_job(Job::FlushActivity).await;
        let app = app.restart().await;
        app.advance_secs(100);
        me.assert_allowed(&app).await;
        // Not written before the process went: the store's time counts.
        let app = app.restart().await;
        app.advance_secs(20);
        me.assert_refused(&app, "session_expired").await;
    }
}
