//! When an issuer's keys are fetched, and what happens when they cannot be.

use super::door::{Door, assert_error, token_proof};
use countersign_core::trusted_issuer::IdTokenAlgorithm;
use countersign_test_support::{Failure, IssuerKey, TestDevice, on_both_engines};
use futures_util::future::join_all;
use serde_json::json;
use std::time::Duration;

const HOUR: u64 = 3600;

async fn assert_logs_in(door: &Door<'_>, is_in: bool) {
    let token = door.id_token("ann", json!({}));
    let answer = door.exchange(&TestDevice::new(door.app), &token).await;
    if is_in {
        assert_eq!(answer.status, 200, "{}", answer.body);
    } else {
        assert_error(
            &answer,
            503,
            "temporarily_unavailable",
            "issuer_unavailable",
        );
    }
}

/// Waits until the keys were asked for this often: a renewal nobody waits for.
async fn until_asked(door: &Door<'_>, calls: usize) {
    let asked = async {
        while door.issuer.key_calls() < calls {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), asked)
        .await
        .expect("the keys are asked for");
}

on_both_engines! {
    async fn keys_are_fetched_once_for_all_who_wait_and_then_kept(app: TestApp) {
        let door = Door::open(&app).await;
        let devices: Vec<_> = (0..10).map(|_| TestDevice::new(&app)).collect();
        let tokens: Vec<_> = (0..10).map(|n| door.id_token(&format!("user {n}"), json!({}))).collect();
        let logins = devices.iter().zip(&tokens).map(|(device, token)| door.exchange(device, token));
        for answer in join_all(logins).await {
            assert_eq!(answer.status, 200, "{}", answer.body);
        }
        assert_eq!((door.issuer.metadata_calls(), door.issuer.key_calls()), (1, 1));
        // Another client that says the same of the issuer shares them.
        let other = app.client(json!({ "issuers": [{ "issuer": door.issuer.url(), "audiences": ["app"] }] })).await;
        let token = door.id_token("ann", json!({}));
        let mut form = door.exchange_form(&token);
        form[1].1 = &other;
        let answer = door.send(&TestDevice::new(&app), &form).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        assert_eq!((door.issuer.metadata_calls(), door.issuer.key_calls()), (1, 1));
    }

    async fn keys_are_renewed_behind_the_login_that_finds_them_an_hour_old(app: TestApp) {
        let door = Door::open(&app).await;
        assert_logs_in(&door, true).await;
        app.advance_secs(HOUR - 1);
        assert_logs_in(&door, true).await;
        assert_eq!(door.issuer.key_calls(), 1);
        app.advance_secs(1);
        assert_logs_in(&door, true).await;
        until_asked(&door, 2).await;
    }

    async fn a_day_without_the_issuer_signs_nobody_out_and_then_nobody_in(app: TestApp) {
        let door = Door::open(&app).await;
        assert_logs_in(&door, true).await;
        door.issuer.fail(Some(Failure::Down));
        app.advance_secs(24 * HOUR - 1);
        assert_logs_in(&door, true).await;
        app.advance_secs(60);
        assert_logs_in(&door, false).await;
        door.issuer.fail(None);
        app.advance_secs(10);
        assert_logs_in(&door, true).await;
    }

    async fn a_rotated_key_is_fetched_and_the_withdrawn_one_refused(app: TestApp) {
        let door = Door::open(&app).await;
        assert_logs_in(&door, true).await;
        let old = door.issuer.key();
        door.issuer.rotate();
        assert_logs_in(&door, true).await;
        assert_eq!(door.issuer.key_calls(), 2);
        let claims = door.issuer.claims("ann", app.app.now(), json!({}));
        let answer = door.exchange(&TestDevice::new(&app), &old.token(&claims)).await;
        assert_error(&answer, 400, "invalid_request", "id_token_invalid");
    }

    async fn made_up_key_names_make_the_keys_be_fetched_once_a_minute(app: TestApp) {
        let door = Door::open(&app).await;
        assert_logs_in(&door, true).await;
        let claims = door.issuer.claims("ann", app.app.now(), json!({}));
        for number in 0..5 {
            let forged = IssuerKey::generate(&format!("forged-{number}"), IdTokenAlgorithm::Es256);
            let answer = door.exchange(&TestDevice::new(&app), &forged.token(&claims)).await;
            assert_error(&answer, 400, "invalid_request", "id_token_invalid");
        }
        assert_eq!(door.issuer.key_calls(), 2);
        app.advance_secs(59);
        door.issuer.rotate();
        let token = door.id_token("ann", json!({}));
        let early = door.exchange(&TestDevice::new(&app), &token).await;
        assert_error(&early, 400, "invalid_request", "id_token_invalid");
        assert_eq!(door.issuer.key_calls(), 2);
        app.advance_secs(1);
        assert_logs_in(&door, true).await;
        assert_eq!(door.issuer.key_calls(), 3);
    }

    async fn an_unknown_key_of_an_issuer_that_is_down_is_no_wrong_token(app: TestApp) {
        let door = Door::open(&app).await;
        assert_logs_in(&door, true).await;
        door.issuer.rotate();
        door.issuer.fail(Some(Failure::Down));
        assert_logs_in(&door, false).await;
        let calls = door.issuer.metadata_calls();
        app.advance_secs(11);
        assert_logs_in(&door, false).await;
        assert_eq!(door.issuer.metadata_calls(), calls, "asked again within a minute");
        door.issuer.fail(None);
        app.advance_secs(49);
        assert_logs_in(&door, true).await;
    }

    async fn an_issuer_that_misbehaves_logs_nobody_in_and_is_left_alone_for_a_while(app: TestApp) {
        for failure in [
            Failure::Down,
            Failure::Huge,
            Failure::Redirect,
            Failure::Garbage,
            Failure::OtherIssuer,
            Failure::NoKeys,
        ] {
            let door = Door::open(&app).await;
            door.issuer.fail(Some(failure));
            assert_logs_in(&door, false).await;
            let calls = door.issuer.metadata_calls();
            assert_eq!(calls, 1, "{failure:?}");
            app.advance_secs(9);
            assert_logs_in(&door, false).await;
            assert_eq!(door.issuer.metadata_calls(), calls, "{failure:?}");
            door.issuer.fail(None);
            app.advance_secs(1);
            assert_logs_in(&door, true).await;
        }
    }

    async fn an_issuer_that_never_answers_is_given_up(app: TestApp) {
        let door = Door::open(&app).await;
        door.issuer.fail(Some(Failure::Silent));
        assert_logs_in(&door, false).await;
    }

    async fn an_issuer_that_is_not_there_is_unavailable_and_others_go_on(app: TestApp) {
        let door = Door::open(&app).await;
        let gone = Door::open(&app).await;
        let token = gone.id_token("ann", json!({}));
        let (device, form) = (TestDevice::new(&app), gone.exchange_form(&token));
        let proof = token_proof(&device, None);
        let call = gone.call(&form).header("dpop", &proof);
        drop(gone.issuer);
        let answer = call.send().await;
        assert_error(&answer, 503, "temporarily_unavailable", "issuer_unavailable");
        assert_logs_in(&door, true).await;
    }

    async fn keys_at_a_named_place_need_no_discovery(app: TestApp) {
        let door = Door::open(&app).await;
        door.trust(json!({ "jwks_uri": door.issuer.keys_url() })).await;
        assert_logs_in(&door, true).await;
        assert_eq!((door.issuer.metadata_calls(), door.issuer.key_calls()), (0, 1));
    }

    async fn nothing_is_fetched_for_a_token_that_no_key_could_make_good(app: TestApp) {
        let door = Door::with(&app, json!({ "algorithms": ["RS256"] }), json!({})).await;
        door.assert_refused(json!({}), "invalid_request", "id_token_invalid").await;
        door.assert_refused(json!({ "iss": "https://other.example" }), "invalid_request", "issuer_not_trusted").await;
        assert_eq!((door.issuer.metadata_calls(), door.issuer.key_calls()), (0, 0));
    }
}
