//! Where devices stand: by the rules, by the clock, and what that means for their trust.

use super::{DAY, apply, check_in, client, good, judged, manage, minimum, standing, version};
use crate::logged_in::LoggedIn;
use countersign_server::Job;
use countersign_test_support::{TestDevice, on_both_engines};
use serde_json::{Value, json};
use std::sync::Arc;

on_both_engines! {
    async fn i9_a_managed_device_that_complies_is_corporate_and_falls_and_comes_back(app: TestApp) {
        let client = client(&app).await;
        let me = LoggedIn::new(&app, &client, "42").await;
        manage(&app, &me, 90 * DAY).await;
        assert_eq!(judged(&app, &me).await.0, "unknown");
        check_in(&app, &me, 1, good()).await;
        assert_eq!(judged(&app, &me).await, (json!("corporate"), json!("compliant")));
        // A confirmation does not hold it where management is the measure.
        let path = format!("/v1/devices/{}/evidence", me.device_id());
        app.internal("POST", &path).json(&json!({ "kind": "mfa", "user_id": "42", "seconds": 90 * DAY })).send().await;
        check_in(&app, &me, 2, version("15.8")).await;
        assert_eq!(judged(&app, &me).await, (json!("unknown"), json!("non_compliant")));
        check_in(&app, &me, 3, good()).await;
        assert_eq!(judged(&app, &me).await.0, "corporate");
    }

    async fn i9_what_is_not_managed_never_becomes_corporate(app: TestApp) {
        let client = client(&app).await;
        let me = LoggedIn::new(&app, &client, "42").await;
        check_in(&app, &me, 1, good()).await;
        assert_eq!(judged(&app, &me).await, (json!("unknown"), json!("compliant")));
        let path = format!("/v1/devices/{}/evidence", me.device_id());
        app.internal("POST", &path).json(&json!({ "kind": "mfa", "user_id": "42", "seconds": DAY })).send().await;
        assert_eq!(judged(&app, &me).await.0, "trusted");
        // Nor does a private phone lose what its user confirmed.
        check_in(&app, &me, 2, version("15.8")).await;
        assert_eq!(judged(&app, &me).await, (json!("trusted"), json!("non_compliant")));
    }

    async fn i9_a_report_grows_stale_by_the_clock_and_the_level_falls_with_it(app: TestApp) {
        let rules = minimum("16.0", "effect = \"downgrade\"\nfresh_within = \"30m\"");
        assert_eq!(apply(&app, &rules).await.status, 200);
        let client = client(&app).await;
        let me = LoggedIn::new(&app, &client, "42").await;
        manage(&app, &me, 90 * DAY).await;
        check_in(&app, &me, 1, good()).await;
        app.advance_secs(1800);
        assert_eq!(judged(&app, &me).await.0, "corporate");
        // Nobody asked anything of the device, and no job ran.
        app.advance_secs(1);
        assert_eq!(judged(&app, &me).await, (json!("unknown"), json!("unknown")));
        app.run_job(Job::Comply).await;
        let now = standing(&app, &me).await;
        assert_eq!((&now["status"], &now["issues"][0]["reason"]), (&json!("unknown"), &json!("stale")));
        let changed = |row: &Value| row["action"] == "compliance.changed" && row["reason"] == "unknown";
        assert_eq!(app.database().count("activity", changed).await, 1);
        app.run_job(Job::Comply).await;
        assert_eq!(app.database().count("activity", changed).await, 1);
    }

    async fn grace_runs_from_the_first_failure_and_ends_by_the_clock(app: TestApp) {
        assert_eq!(apply(&app, &minimum("18.0", "effect = \"downgrade\"\ngrace = \"50m\"")).await.status, 200);
        let client = client(&app).await;
        let me = LoggedIn::new(&app, &client, "42").await;
        manage(&app, &me, 90 * DAY).await;
        check_in(&app, &me, 1, version("17.0")).await;
        assert_eq!(judged(&app, &me).await, (json!("corporate"), json!("in_grace")));
        let first = standing(&app, &me).await["issues"][0]["failing_since"].clone();
        app.advance_secs(1500);
        // Failing again does not begin it anew.
        check_in(&app, &me, 2, version("17.1")).await;
        assert_eq!(standing(&app, &me).await["issues"][0]["failing_since"], first);
        app.advance_secs(1499);
        assert_eq!(judged(&app, &me).await.0, "corporate");
        app.advance_secs(1);
        assert_eq!(judged(&app, &me).await.0, "unknown");
        app.run_job(Job::Comply).await;
        assert_eq!(judged(&app, &me).await.1, "non_compliant");
        // Only meeting the rule does.
        check_in(&app, &me, 3, version("18.0")).await;
        check_in(&app, &me, 4, version("17.0")).await;
        assert_eq!(judged(&app, &me).await.1, "in_grace");
    }

    async fn other_rules_reach_every_device_by_the_job(app: TestApp) {
        let client = client(&app).await;
        let (old, new) = (LoggedIn::new(&app, &client, "42").await, LoggedIn::new(&app, &client, "43").await);
        check_in(&app, &old, 1, version("17.0")).await;
        check_in(&app, &new, 1, version("18.0")).await;
        let before = judged(&app, &old).await;
        assert_eq!(before.1, "compliant");
        apply(&app, &minimum("18.0", "effect = \"downgrade\"")).await;
        app.run_job(Job::Comply).await;
        assert_eq!((judged(&app, &old).await.1, judged(&app, &new).await.1), (json!("non_compliant"), json!("compliant")));
        let earlier = app.internal("GET", "/v1/compliance/rules/history").send().await;
        assert_eq!(earlier.body["total"], 1);
        apply(&app, &minimum("17.0", "effect = \"downgrade\"")).await;
        app.run_job(Job::Comply).await;
        assert_eq!(judged(&app, &old).await.1, "compliant");
    }

    async fn i1_a_rule_that_blocks_lets_a_device_in_nowhere_until_it_is_met(app: TestApp) {
        apply(&app, &minimum("18.0", "effect = \"block\"")).await;
        let client = client(&app).await;
        let me = LoggedIn::new(&app, &client, "42").await;
        let other = app.beside().await;
        other.outlive_early_proofs();
        me.assert_allowed(&app).await;
        me.assert_allowed(&other).await;
        assert_eq!(check_in(&app, &me, 1, version("17.0")).await.status, 200);
        me.assert_refused(&app, "not_compliant").await;
        me.assert_refused(&other, "not_compliant").await;
        check_in(&app, &me, 2, version("18.0")).await;
        me.assert_allowed(&app).await;
    }

    async fn what_a_device_says_at_its_logins_is_judged_too(app: TestApp) {
        let client = client(&app).await;
        let device = Arc::new(TestDevice::new(&app));
        let mut report = device.report();
        report["encryption"] = json!("enabled");
        app.login(&client, "42", &device, json!({ "device": report })).await;
        let me = LoggedIn::on(&app, &client, "42", &device).await;
        app.run_job(Job::Comply).await;
        assert_eq!(judged(&app, &me).await.1, "compliant");
        let mut report = device.report();
        report["encryption"] = json!("disabled");
        let login = app.login(&client, "42", &device, json!({ "device": report })).await;
        app.run_job(Job::Comply).await;
        let verified = app.verify(&device, &login.text("access_token")).await;
        assert_eq!(verified.body["compliance"], "non_compliant", "{}", verified.body);
        let path = format!("/v1/devices/{}/compliance", me.device_id());
        let now = app.internal("GET", &path).send().await.body;
        assert_eq!((&now["compliant"], &now["issues"][0]["rule"]), (&json!(false), &json!("encryption")), "{now}");
    }

    async fn a_browser_that_says_nothing_is_unknown(app: TestApp) {
        let client = app.client(json!({ "platform": "web" })).await;
        let me = LoggedIn::new(&app, &client, "42").await;
        app.run_job(Job::Comply).await;
        assert_eq!(judged(&app, &me).await.1, "unknown");
        let now = standing(&app, &me).await;
        assert_eq!((&now["compliant"], &now["status"]), (&json!(false), &json!("unknown")));
    }

    async fn what_demands_compliance_takes_grace_and_nothing_less(app: TestApp) {
        apply(&app, &minimum("18.0", "effect = \"downgrade\"\ngrace = \"1d\"")).await;
        let client = client(&app).await;
        let me = LoggedIn::new(&app, &client, "42").await;
        for (counter, said, allowed) in [
            (1, good(), true), (2, version("17.0"), true), (3, json!({ "os_family": "other" }), false),
        ] {
            check_in(&app, &me, counter, said).await;
            let url = "https://api.example/orders";
            let proof = me.device.proof("GET", url, Some(&me.token()), None);
            let body = json!({ "token": me.token(), "proof": proof, "method": "GET", "url": url, "require_compliant": true });
            let answer = app.internal("POST", "/v1/verify").json(&body).send().await;
            assert_eq!(answer.body["allowed"], allowed, "{counter}: {}", answer.body);
        }
    }
}
