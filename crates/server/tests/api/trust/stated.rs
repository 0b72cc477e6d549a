//! A backend or an admin says something for a device, and takes it back.

use super::{client, demanding, log_in, record, say, trust};
use crate::logged_in::LoggedIn;
use countersign_test_support::{Answer, TestApp, TestDevice, on_both_engines};
use serde_json::json;

async fn withdraw(app: &TestApp, device: &str, evidence: &str) -> Answer {
    let path = format!("/v1/devices/{device}/evidence/{evidence}");
    app.internal("DELETE", &path).send().await
}

on_both_engines! {
    async fn i9_a_backend_says_that_a_user_confirmed_a_device(app: TestApp) {
        let client = client(&app, json!({})).await;
        let me = LoggedIn::new(&app, &client, "42").await;
        let other = LoggedIn::on(&app, &client, "43", &me.device).await;
        // Both are in memory; the change reaches it.
        assert_eq!(trust(&app, &me.device, &me.login).await, "unknown");
        assert_eq!(trust(&app, &me.device, &other.login).await, "unknown");
        let what = json!({ "kind": "mfa", "user_id": "42", "seconds": 600, "note": "Called back" });
        let said = say(&app, &me.device_id(), what).await;
        assert_eq!((said.status.as_u16(), &said.body["trust"]), (201, &json!("trusted")), "{}", said.body);
        assert_eq!((&said.body["evidence"]["source"], &said.body["evidence"]["note"]), (&json!("backend"), &json!("Called back")));
        assert_eq!(trust(&app, &me.device, &me.login).await, "trusted");
        assert_eq!(trust(&app, &me.device, &other.login).await, "unknown");
        app.advance_secs(599);
        assert_eq!(demanding(&app, &me, "trusted").await.body["allowed"], true);
        app.advance_secs(1);
        assert_eq!(demanding(&app, &me, "trusted").await.code(), "insufficient_trust");
    }

    async fn i1_what_is_withdrawn_counts_no_longer_from_the_answer_on(app: TestApp) {
        let client = client(&app, json!({})).await;
        let me = LoggedIn::new(&app, &client, "42").await;
        let what = json!({ "kind": "mfa", "user_id": "42", "seconds": 600 });
        let id = say(&app, &me.device_id(), what).await.body["evidence"]["evidence_id"].as_str().expect("an id").to_owned();
        assert_eq!(trust(&app, &me.device, &me.login).await, "trusted");
        let gone = withdraw(&app, &me.device_id(), &id).await;
        assert_eq!((gone.status.as_u16(), &gone.body["trust"], &gone.body["receipt"]["is_complete"]), (200, &json!("unknown"), &json!(true)), "{}", gone.body);
        assert_eq!(trust(&app, &me.device, &me.login).await, "unknown");
        let before = app.database().dump().await;
        assert_eq!(withdraw(&app, &me.device_id(), &id).await.status, 200);
        assert_eq!(before, app.database().dump().await);
        let shown = record(&app, &me.device_id()).await;
        assert_eq!(shown["trust_evidence"][0]["end_cause"], "withdrawn");
    }

    async fn what_else_speaks_for_a_device_goes_on_doing_so(app: TestApp) {
        let client = client(&app, json!({ "mfa_seconds": 60 })).await;
        let device = TestDevice::new(&app);
        let login = log_in(&app, &client, "42", &device, json!(["mfa"])).await;
        let what = json!({ "kind": "mfa", "user_id": "42", "seconds": 600 });
        let said = say(&app, &login.text("device_id"), what).await;
        let id = said.body["evidence"]["evidence_id"].as_str().expect("an id");
        app.advance_secs(59);
        assert_eq!(withdraw(&app, &login.text("device_id"), id).await.body["trust"], "trusted");
        app.advance_secs(1);
        assert_eq!(trust(&app, &device, &login).await, "unknown");
    }

    async fn management_alone_makes_nothing_corporate(app: TestApp) {
        let client = client(&app, json!({})).await;
        let me = LoggedIn::new(&app, &client, "42").await;
        let said = say(&app, &me.device_id(), json!({ "kind": "mdm", "seconds": 600 })).await;
        assert_eq!(said.status, 201, "{}", said.body);
        assert_eq!(trust(&app, &me.device, &me.login).await, "unknown");
    }

    async fn statements_that_make_no_sense_change_nothing(app: TestApp) {
        let client = client(&app, json!({})).await;
        let me = LoggedIn::new(&app, &client, "42").await;
        let before = app.database().dump().await;
        for (what, pointer) in [
            (json!({ "kind": "mfa", "seconds": 600 }), "/user_id"),
            (json!({ "kind": "mdm", "user_id": "42", "seconds": 600 }), "/user_id"),
            (json!({ "kind": "mfa", "user_id": "42", "seconds": 59 }), "/seconds"),
            (json!({ "kind": "mfa", "user_id": "42", "seconds": 34_560_001 }), "/seconds"),
            (json!({ "kind": "mfa", "user_id": "42", "seconds": 60, "note": "" }), "/note"),
            (json!({ "kind": "luck", "seconds": 60 }), "/kind"),
        ] {
            let answer = say(&app, &me.device_id(), what.clone()).await;
            assert_eq!((answer.status.as_u16(), &answer.body["errors"][0]["pointer"]), (400, &json!(pointer)), "{what}");
        }
        let mfa = |user: &str| json!({ "kind": "mfa", "user_id": user, "seconds": 60 });
        let nobody = format!("dev_{}", "0".repeat(26));
        assert_eq!(say(&app, &nobody, mfa("42")).await.code(), "not_found");
        assert_eq!(say(&app, &me.device_id(), mfa("43")).await.code(), "not_found");
        assert_eq!(before, app.database().dump().await);
        let other = LoggedIn::new(&app, &client, "42").await;
        let said = say(&app, &other.device_id(), mfa("42")).await;
        let id = said.body["evidence"]["evidence_id"].as_str().expect("an id");
        // It is no other device's.
        assert_eq!(withdraw(&app, &me.device_id(), id).await.code(), "not_found");
        assert_eq!(trust(&app, &other.device, &other.login).await, "trusted");
    }

    async fn nothing_is_said_for_a_dead_device_or_one_without_a_key(app: TestApp) {
        let client = app.client(json!({ "proof_of_possession": "optional" })).await;
        let keyless = LoggedIn::keyless(&app, &client, "42").await;
        let dead = LoggedIn::new(&app, &client, "42").await;
        let path = format!("/v1/devices/{}/revoke", dead.device_id());
        assert_eq!(app.internal("POST", &path).send().await.status, 200);
        for device in [&keyless, &dead] {
            let what = json!({ "kind": "mfa", "user_id": "42", "seconds": 60 });
            let answer = say(&app, &device.device_id(), what).await;
            assert_eq!((answer.status.as_u16(), answer.code()), (409, "conflict"), "{}", answer.body);
        }
    }
}
