//! What a device says of itself counts once, and only its own.

use super::{check_in, client, good, judged, send, standing, version};
use crate::logged_in::LoggedIn;
use countersign_test_support::{Answer, TestDevice, on_both_engines};
use serde_json::{Value, json};
use std::sync::Arc;

fn told(answer: &Answer) -> (u16, &str) {
    (answer.status.as_u16(), answer.code())
}

on_both_engines! {
    async fn a_device_that_reports_in_is_told_where_it_stands(app: TestApp) {
        let client = client(&app).await;
        let me = LoggedIn::new(&app, &client, "42").await;
        assert_eq!(judged(&app, &me).await, (json!("unknown"), json!("unevaluated")));
        let answer = check_in(&app, &me, 1, good()).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let compliance = &answer.body["compliance"];
        assert_eq!((&compliance["compliant"], &compliance["status"], &compliance["issues"]), (&json!(true), &json!("compliant"), &json!([])));
        assert_eq!((&compliance["source"], &answer.body["next_in"]), (&json!("self"), &json!(3600)));
        assert_eq!(judged(&app, &me).await.1, "compliant");
        let answer = check_in(&app, &me, 2, version("15.8.3")).await;
        let issue = &answer.body["compliance"]["issues"][0];
        assert_eq!((&issue["rule"], &issue["result"], &issue["observed"]), (&json!("ios-minimum"), &json!("fail"), &json!("15.8.3")));
        assert!(issue["required"].as_str().is_some_and(|text| text.contains("16")), "{issue}");
        assert_eq!(judged(&app, &me).await.1, "non_compliant");
        let changed = |row: &Value| row["action"] == "compliance.changed";
        assert_eq!(app.database().count("activity", changed).await, 2);
    }

    async fn i9_a_forged_replayed_or_old_report_is_refused_by_its_own_code_and_changes_nothing(app: TestApp) {
        let client = client(&app).await;
        let me = LoggedIn::new(&app, &client, "42").await;
        let other = LoggedIn::new(&app, &client, "43").await;
        assert_eq!(check_in(&app, &me, 5, good()).await.status, 200);
        let replayed = me.device.posture_report(&me.device_id(), 1, 6, good());
        assert_eq!(send(&app, &replayed).await.status, 200);
        let before = app.database().dump().await;
        let id = me.device_id();
        let mut damaged = me.device.posture_report(&id, 1, 9, good());
        damaged.truncate(damaged.len() - 86);
        for (report, expected) in [
            (replayed, (409, "report_replayed")),
            (me.device.posture_report(&id, 1, 5, good()), (409, "report_replayed")),
            (me.device.posture_report(&id, 2, 9, good()), (401, "report_mismatch")),
            // Another device's word about this one, and this one's about another.
            (other.device.posture_report(&id, 1, 9, good()), (401, "key_mismatch")),
            (me.device.posture_report(&other.device_id(), 1, 9, good()), (401, "key_mismatch")),
            (TestDevice::new(&app).posture_report(&id, 1, 9, good()), (401, "key_mismatch")),
            (damaged.clone() + &"A".repeat(86), (401, "proof_invalid")),
            (damaged.trim_end_matches('.').to_owned(), (400, "invalid_request")),
            (me.device.proof("POST", "https://auth.example/v1/check-in", None, None), (400, "invalid_request")),
            (me.device.posture_report(&format!("dev_{}", "0".repeat(26)), 1, 9, good()), (401, "key_mismatch")),
        ] {
            let answer = send(&app, &report).await;
            assert_eq!(told(&answer), expected, "{}", answer.body);
        }
        assert_eq!(before, app.database().dump().await);
    }

    async fn a_dead_device_is_not_heard_and_a_suspended_one_is(app: TestApp) {
        let client = client(&app).await;
        let me = LoggedIn::new(&app, &client, "42").await;
        let path = format!("/v1/devices/{}", me.device_id());
        assert_eq!(app.internal("POST", &format!("{path}/suspend")).send().await.status, 200);
        assert_eq!(check_in(&app, &me, 1, good()).await.status, 200);
        assert_eq!(app.internal("POST", &format!("{path}/revoke")).send().await.status, 200);
        let answer = check_in(&app, &me, 2, good()).await;
        assert_eq!(told(&answer), (403, "device_revoked"), "{}", answer.body);
    }

    async fn what_was_reported_is_forgotten_with_the_key_that_reported_it(app: TestApp) {
        let client = client(&app).await;
        let me = LoggedIn::new(&app, &client, "42").await;
        check_in(&app, &me, 7, good()).await;
        let back = TestDevice::new(&app).under(me.device.installation_id);
        let back = LoggedIn::on(&app, &client, "42", &Arc::new(back)).await;
        assert_eq!(back.device_id(), me.device_id());
        assert_eq!(standing(&app, &back).await["status"], "unknown");
        app.run_job(countersign_server::Job::Comply).await;
        assert_eq!(judged(&app, &back).await.1, "unknown");
        // The next generation counts from the beginning.
        let report = back.device.posture_report(&back.device_id(), 2, 1, good());
        assert_eq!(send(&app, &report).await.status, 200);
        assert_eq!(judged(&app, &back).await.1, "compliant");
    }

    async fn of_parallel_reports_with_one_counter_one_is_taken(app: TestApp) {
        let client = client(&app).await;
        let me = LoggedIn::new(&app, &client, "42").await;
        let calls = (0..20).map(|_| check_in(&app, &me, 1, good()));
        let answers = futures_util::future::join_all(calls).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
        assert_eq!(answers.iter().filter(|answer| answer.code() == "report_replayed").count(), 19);
    }

    async fn a_management_outweighs_the_devices_own_word(app: TestApp) {
        let client = client(&app).await;
        let me = LoggedIn::new(&app, &client, "42").await;
        check_in(&app, &me, 1, good()).await;
        let path = format!("/v1/devices/{}/posture", me.device_id());
        let put = app.internal("PUT", &path).json(&version("15.0")).send().await;
        assert_eq!((put.status.as_u16(), &put.body["compliant"], &put.body["source"]), (200, &json!(false), &json!("mdm")), "{}", put.body);
        assert_eq!(check_in(&app, &me, 2, good()).await.body["compliance"]["status"], "non_compliant");
        assert_eq!(judged(&app, &me).await.1, "non_compliant");
        for (body, pointer) in [
            (json!({}), ""), (json!({ "os_family": "ios", "os_version": "" }), "/os_version"),
            (json!({ "os_family": "beos" }), "/os_family"), (json!({ "os_family": "ios", "colour": "red" }), "/colour"),
        ] {
            let answer = app.internal("PUT", &path).json(&body).send().await;
            assert_eq!(told(&answer), (400, "invalid_request"), "{body}");
            if !pointer.is_empty() {
                assert_eq!(answer.body["errors"][0]["pointer"], pointer, "{}", answer.body);
            }
        }
    }
}
