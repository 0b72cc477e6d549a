//! A user confirms a device by logging in with more than one factor.

use super::{DAY, client, demanding, log_in, record, trust};
use crate::logged_in::{LoggedIn, listed};
use countersign_server::Job;
use countersign_test_support::{TestDevice, on_both_engines};
use serde_json::{Value, json};
use std::sync::Arc;

on_both_engines! {
    async fn i9_a_login_with_more_than_one_factor_makes_a_device_trusted(app: TestApp) {
        let client = client(&app, json!({})).await;
        let device = Arc::new(TestDevice::new(&app));
        let plain = LoggedIn::on(&app, &client, "42", &device).await;
        assert_eq!(plain.login.body["trust"], "unknown");
        assert_eq!(demanding(&app, &plain, "trusted").await.code(), "insufficient_trust");
        let login = log_in(&app, &client, "42", &device, json!(["pwd", "otp", "mfa"])).await;
        assert_eq!(login.body["trust"], "trusted");
        assert_eq!(trust(&app, &device, &login).await, "trusted");
        assert_eq!(listed(&app, "42", "").await["data"][0]["trust"], "trusted");
        let record = record(&app, &login.text("device_id")).await;
        let evidence = &record["trust_evidence"][0];
        assert_eq!((&evidence["kind"], &evidence["source"], &evidence["user_id"]), (&json!("mfa"), &json!("login"), &json!("42")));
        assert_eq!(record["owners"][0]["trust"], "trusted");
        let raised = |row: &Value| row["action"] == "trust.raised" && row["reason"] == "mfa";
        assert_eq!(app.database().count("activity", raised).await, 1);
    }

    async fn i9_a_confirmation_lapses_by_the_clock_without_a_request(app: TestApp) {
        let client = client(&app, json!({ "mfa_seconds": 1800 })).await;
        let device = TestDevice::new(&app);
        let login = log_in(&app, &client, "42", &device, json!(["mfa"])).await;
        app.advance_secs(1799);
        assert_eq!(trust(&app, &device, &login).await, "trusted");
        // No job ran and nothing was written in between.
        app.advance_secs(1);
        assert_eq!(trust(&app, &device, &login).await, "unknown");
        assert_eq!(listed(&app, "42", "").await["data"][0]["trust"], "unknown");
        let lowered = |row: &Value| row["action"] == "trust.lowered" && row["reason"] == "lapsed";
        assert_eq!(app.database().count("activity", lowered).await, 0);
        for _ in 0..2 {
            app.run_job(Job::Admit).await;
            assert_eq!(app.database().count("activity", lowered).await, 1);
        }
        let record = record(&app, &login.text("device_id")).await;
        assert_eq!(record["trust_evidence"][0]["end_cause"], "lapsed");
    }

    async fn another_confirmation_counts_from_then_on(app: TestApp) {
        let client = client(&app, json!({ "mfa_seconds": 1800 })).await;
        let device = TestDevice::new(&app);
        log_in(&app, &client, "42", &device, json!(["mfa"])).await;
        app.advance_secs(1000);
        log_in(&app, &client, "42", &device, json!(["mfa"])).await;
        app.advance_secs(1000);
        app.run_job(Job::Admit).await;
        // A login by password alone neither adds to it nor takes from it.
        let last = log_in(&app, &client, "42", &device, json!(["pwd"])).await;
        assert_eq!(last.body["trust"], "trusted");
        app.advance_secs(799);
        assert_eq!(trust(&app, &device, &last).await, "trusted");
        app.advance_secs(1);
        assert_eq!(trust(&app, &device, &last).await, "unknown");
        // One piece, prolonged.
        assert_eq!(app.database().rows("trust_evidence").await.len(), 1);
    }

    async fn i9_a_shorter_policy_never_shortens_what_was_confirmed(app: TestApp) {
        let long = json!({ "mfa_seconds": 2000 });
        let client = client(&app, long).await;
        let device = TestDevice::new(&app);
        log_in(&app, &client, "42", &device, json!(["mfa"])).await;
        let path = format!("/v1/clients/{client}");
        let change = json!({ "trust": { "mfa_seconds": 60 } });
        assert_eq!(app.internal("PATCH", &path).json(&change).send().await.status, 200);
        app.advance_secs(10);
        let again = log_in(&app, &client, "42", &device, json!(["mfa"])).await;
        app.advance_secs(1989);
        assert_eq!(trust(&app, &device, &again).await, "trusted");
        app.advance_secs(1);
        assert_eq!(trust(&app, &device, &again).await, "unknown");
    }

    async fn i9_a_confirmation_is_one_users_on_one_device(app: TestApp) {
        let client = client(&app, json!({})).await;
        let (tablet, phone) = (TestDevice::new(&app), TestDevice::new(&app));
        log_in(&app, &client, "42", &tablet, json!(["mfa"])).await;
        assert_eq!(log_in(&app, &client, "43", &tablet, json!(["pwd"])).await.body["trust"], "unknown");
        assert_eq!(log_in(&app, &client, "42", &phone, json!(["pwd"])).await.body["trust"], "unknown");
    }

    async fn i9_nobody_inherits_a_confirmation(app: TestApp) {
        let client = client(&app, json!({})).await;
        let fingerprint = "a".repeat(64);
        let device = TestDevice::new(&app);
        let mut report = device.report();
        report["fingerprint"] = json!(fingerprint);
        let login = app.login(&client, "42", &device, json!({ "amr": ["mfa"], "device": report })).await;
        // Not a device of the same fingerprint,
        let twin = TestDevice::new(&app);
        let mut report = twin.report();
        report["fingerprint"] = json!(fingerprint);
        let other = app.login(&client, "42", &twin, json!({ "device": report })).await;
        assert_eq!((&other.body["is_recognised"], &other.body["trust"]), (&json!(true), &json!("unknown")));
        // nor the same installation with another key,
        let back = TestDevice::new(&app).under(device.installation_id);
        let returned = log_in(&app, &client, "42", &back, json!(["pwd"])).await;
        assert_eq!((&returned.body["device_id"], &returned.body["trust"]), (&login.body["device_id"], &json!("unknown")));
        // nor the user who removed the device and is back.
        log_in(&app, &client, "42", &back, json!(["mfa"])).await;
        let path = format!("/v1/users/42/devices/{}", returned.text("device_id"));
        assert_eq!(app.internal("DELETE", &path).send().await.status, 200);
        assert_eq!(log_in(&app, &client, "42", &back, json!(["pwd"])).await.body["trust"], "unknown");
    }

    async fn a_device_without_a_key_is_never_trusted(app: TestApp) {
        let client = app.client(json!({ "proof_of_possession": "optional" })).await;
        let device = TestDevice::new(&app);
        let login = app.login(&client, "42", &device, json!({ "amr": ["mfa"], "proof": null })).await;
        assert_eq!((login.status.as_u16(), &login.body["trust"]), (201, &json!("unknown")));
        assert!(app.database().rows("trust_evidence").await.is_empty());
    }

    async fn which_methods_confirm_is_the_clients_choice(app: TestApp) {
        let strict = client(&app, json!({ "mfa_methods": ["hwk", "fpt"] })).await;
        let none = client(&app, json!({ "mfa_methods": [] })).await;
        for (client, amr, expected) in [
            (&strict, json!(["pwd", "hwk"]), "trusted"), (&strict, json!(["pwd", "mfa"]), "unknown"),
            (&none, json!(["mfa", "hwk"]), "unknown"),
        ] {
            let login = log_in(&app, client, "42", &TestDevice::new(&app), amr.clone()).await;
            assert_eq!(login.body["trust"], expected, "{amr}");
        }
        let path = format!("/v1/clients/{strict}");
        for (policy, pointer) in [
            (json!({ "mfa_seconds": 59 }), "/trust/mfa_seconds"),
            (json!({ "mfa_seconds": 400 * DAY + 1 }), "/trust/mfa_seconds"),
            (json!({ "mfa_methods": [""] }), "/trust/mfa_methods/0"),
            (json!({ "mfa_methods": vec!["a"; 17] }), "/trust/mfa_methods"),
            (json!({ "mfa": true }), "/trust/mfa"),
        ] {
            let answer = app.internal("PATCH", &path).json(&json!({ "trust": policy })).send().await;
            assert_eq!((answer.status.as_u16(), &answer.body["errors"][0]["pointer"]), (400, &json!(pointer)), "{}", answer.body);
        }
    }

    async fn i9_a_dead_device_is_revoked_whatever_speaks_for_it(app: TestApp) {
        let client = client(&app, json!({})).await;
        let device = TestDevice::new(&app);
        let login = log_in(&app, &client, "42", &device, json!(["mfa"])).await;
        let id = login.text("device_id");
        assert_eq!(app.internal("POST", &format!("/v1/devices/{id}/revoke")).send().await.status, 200);
        assert_eq!(record(&app, &id).await["owners"][0]["trust"], "revoked");
        assert_eq!(listed(&app, "42", "").await["data"][0]["trust"], "revoked");
    }

    async fn a_refresh_tells_what_the_device_is_worth_by_then(app: TestApp) {
        let client = client(&app, json!({ "mfa_seconds": 600 })).await;
        let device = TestDevice::new(&app);
        let login = log_in(&app, &client, "42", &device, json!(["mfa"])).await;
        app.advance_secs(599);
        let first = app.refresh(&client, "42", &device, &login.text("refresh_token"), json!({})).await;
        assert_eq!((first.status.as_u16(), &first.body["trust"]), (200, &json!("trusted")));
        app.advance_secs(1);
        let second = app.refresh(&client, "42", &device, &first.text("refresh_token"), json!({})).await;
        assert_eq!(second.body["trust"], "unknown");
    }
}
