//! Which device a login comes from, and whose it is.

use crate::logged_in::{LoggedIn, device_ids, listed, pop_optional};
use countersign_test_support::{TestApp, TestDevice, on_both_engines};
use serde_json::{Value, json};
use std::sync::Arc;

const TWIN: &str = "6b1bf7ac5a4d4d7d0c0a9a4f8a54d6e3c1b90fb55f5c64f7ac9cf0de53c2b7aa";

/// The rows that a device, its owners and their sessions have.
async fn rows(app: &TestApp) -> Vec<Value> {
    let mut rows = Vec::new();
    for table in ["devices", "ownerships", "sessions", "refresh_tokens"] {
        rows.extend(app.database().rows(table).await);
    }
    rows
}

/// Another machine that says it is this installation.
fn impostor(app: &TestApp, of: &TestDevice) -> Arc<TestDevice> {
    let mut device = TestDevice::new(app);
    device.installation_id = of.installation_id;
    Arc::new(device)
}

on_both_engines! {
    async fn a_fingerprint_marks_the_users_own_device_as_recognised_and_gives_no_trust(app: TestApp) {
        let client = app.client(json!({})).await;
        let print = json!({ "device": { "fingerprint": TWIN } });
        let first = app.login(&client, "42", &TestDevice::new(&app), print.clone()).await;
        assert_eq!(first.body["is_recognised"], false, "{}", first.body);
        app.advance_secs(1);
        let twin = app.login(&client, "42", &TestDevice::new(&app), print.clone()).await;
        assert_eq!((&twin.body["is_recognised"], &twin.body["trust"]), (&json!(true), &json!("unknown")));
        assert_ne!(twin.body["device_id"], first.body["device_id"]);
        let strangers = app.login(&client, "43", &TestDevice::new(&app), print).await;
        assert_eq!((&strangers.body["is_recognised"], &strangers.body["trust"]), (&json!(false), &json!("unknown")));
        assert_eq!(listed(&app, "42", "").await["data"][0]["is_recognised"], true);
        assert_eq!(listed(&app, "43", "").await["data"][0]["is_recognised"], false);
    }

    async fn a_sole_owner_with_a_new_key_gets_a_new_generation_and_the_old_key_is_dead(app: TestApp) {
        let client = app.client(json!({})).await;
        let old = LoggedIn::new(&app, &client, "42").await;
        let new = LoggedIn::on(&app, &client, "42", &impostor(&app, &old.device)).await;
        assert_eq!(new.device_id(), old.device_id());
        assert_ne!(new.login.body["app_id"], old.login.body["app_id"]);
        assert_eq!(new.login.body["is_new_device"], false);
        old.assert_refused(&app, "session_ended").await;
        new.assert_allowed(&app).await;
        let ended = app.database().count("sessions", |row| row["end_cause"] == "key_replaced").await;
        assert_eq!(ended, 1);
        assert_eq!(new.list(&app).await.body["limit"]["used"], 1);

        let before = app.database().dump().await;
        for user in ["42", "43"] {
            let refused = app.login(&client, user, &old.device, json!({})).await;
            assert_eq!((refused.status.as_u16(), refused.code()), (403, "key_retired"), "{}", refused.body);
        }
        assert_eq!(app.database().dump().await, before);
        new.assert_allowed(&app).await;
    }

    async fn i11_a_new_key_never_takes_over_a_device_that_somebody_else_owns_too(app: TestApp) {
        let client = app.client(json!({})).await;
        let mine = LoggedIn::new(&app, &client, "42").await;
        let other = LoggedIn::on(&app, &client, "43", &mine.device).await;
        assert_eq!(other.device_id(), mine.device_id());
        let new = LoggedIn::on(&app, &client, "42", &impostor(&app, &mine.device)).await;
        assert_ne!(new.device_id(), mine.device_id());
        assert_eq!(new.login.body["is_new_device"], true);
        assert_ne!(new.login.body["installation_id"], mine.login.body["installation_id"]);
        other.assert_allowed(&app).await;
        mine.assert_allowed(&app).await;
        new.assert_allowed(&app).await;
    }

    async fn i11_a_strangers_installation_id_gives_a_new_device_and_leaves_every_row_alone(app: TestApp) {
        let client = app.client(json!({})).await;
        let victim = LoggedIn::new(&app, &client, "victim").await;
        let rename = format!("/v1/users/victim/devices/{}", victim.device_id());
        app.internal("PATCH", &rename).json(&json!({ "name": "Mine" })).send().await;
        let before = rows(&app).await;
        let seen = listed(&app, "victim", "?state=all").await;

        let attacker = impostor(&app, &victim.device);
        let report = json!({ "device": { "name": "Theirs", "push": { "token": "elsewhere" } } });
        let login = app.login(&client, "attacker", &attacker, report.clone()).await;
        assert_eq!(login.body["is_new_device"], true, "{}", login.body);
        assert_eq!(login.body["trust"], "unknown");
        assert_ne!(login.body["device_id"], victim.login.body["device_id"]);
        assert_ne!(login.body["installation_id"], json!(victim.device.installation_id));

        // The same presented id finds that device again, with its key and with a new one.
        let again = app.login(&client, "attacker", &attacker, report.clone()).await;
        assert_eq!(again.body["device_id"], login.body["device_id"]);
        let rekeyed = app.login(&client, "attacker", &impostor(&app, &victim.device), report).await;
        assert_eq!(rekeyed.body["device_id"], login.body["device_id"]);
        assert_ne!(rekeyed.body["app_id"], login.body["app_id"]);
        assert_eq!(listed(&app, "attacker", "?state=all").await["total"], 1);

        let after = rows(&app).await;
        for row in &before {
            assert!(after.contains(row), "{row} has changed");
        }
        assert_eq!(listed(&app, "victim", "?state=all").await, seen);
        victim.assert_allowed(&app).await;
    }

    async fn a_shared_tablet_is_one_device_with_a_session_for_each_owner(app: TestApp) {
        let client = app.client(json!({})).await;
        let anna = LoggedIn::new(&app, &client, "anna").await;
        let ben = LoggedIn::on(&app, &client, "ben", &anna.device).await;
        assert_eq!(anna.device_id(), ben.device_id());
        assert_eq!(anna.login.body["app_id"], ben.login.body["app_id"]);
        assert_eq!(ben.login.body["is_new_device"], false);
        assert_eq!(app.database().rows("devices").await.len(), 1);
        assert_eq!(app.database().rows("ownerships").await.len(), 2);
        for (user, other) in [(&anna, &ben), (&ben, &anna)] {
            user.assert_allowed(&app).await;
            let list = user.list(&app).await.body;
            assert_eq!(list["active_sessions"], 1, "{list}");
            assert_ne!(user.session_id(), other.session_id());
        }
        let out = anna.call(&app, "POST", "/v1/logout").send().await;
        assert_eq!(out.body, json!({ "ended": 1 }));
        anna.assert_refused(&app, "session_ended").await;
        ben.assert_allowed(&app).await;

        let path = format!("/v1/me/devices/{}", ben.device_id());
        let anna = LoggedIn::on(&app, &client, "anna", &anna.device).await;
        ben.call(&app, "DELETE", &path).send().await;
        ben.assert_refused(&app, "device_removed").await;
        anna.assert_allowed(&app).await;
        assert_eq!(device_ids(&listed(&app, "anna", "").await), [anna.device_id()]);
    }

    async fn a_keyless_device_is_joined_only_with_its_secret(app: TestApp) {
        let client = app.client(pop_optional()).await;
        let anna = LoggedIn::keyless(&app, &client, "anna").await;
        let secret = anna.login.text("device_secret");
        for wrong in [Value::Null, json!("csds_wrong"), json!(anna.refresh_token())] {
            let report = json!({ "proof": null, "device": { "device_secret": wrong } });
            let stranger = app.login(&client, "stranger", &anna.device, report).await;
            assert_ne!(stranger.body["device_id"], anna.login.body["device_id"], "{}", stranger.body);
        }
        let report = json!({ "proof": null, "device": { "device_secret": secret } });
        let ben = app.login(&client, "ben", &anna.device, report).await;
        assert_eq!(ben.body["device_id"], anna.login.body["device_id"], "{}", ben.body);
        assert!(ben.body.get("device_secret").is_none());
        anna.assert_allowed(&app).await;
    }

    async fn a_device_that_had_a_key_is_not_accepted_without_one(app: TestApp) {
        let client = app.client(pop_optional()).await;
        let me = LoggedIn::new(&app, &client, "42").await;
        let before = app.database().dump().await;
        let refused = app.login(&client, "42", &me.device, json!({ "proof": null })).await;
        assert_eq!((refused.status.as_u16(), refused.code()), (401, "proof_required"), "{}", refused.body);
        assert_eq!(app.database().dump().await, before);
        me.assert_allowed(&app).await;
    }

    async fn a_keyless_device_gets_its_first_key_at_a_login_of_its_owner(app: TestApp) {
        let client = app.client(pop_optional()).await;
        let old = LoggedIn::keyless(&app, &client, "42").await;
        let new = LoggedIn::on(&app, &client, "42", &old.device).await;
        assert_eq!(new.device_id(), old.device_id());
        assert_ne!(new.login.body["app_id"], old.login.body["app_id"]);
        old.assert_refused(&app, "session_ended").await;
        new.assert_allowed(&app).await;
        let refused = app.login(&client, "42", &old.device, json!({ "proof": null })).await;
        assert_eq!(refused.code(), "proof_required", "{}", refused.body);
    }

    async fn a_key_finds_its_device_whatever_installation_id_it_presents(app: TestApp) {
        let client = app.client(json!({})).await;
        let me = LoggedIn::new(&app, &client, "42").await;
        let other = TestDevice::new(&app).installation_id;
        let moved = app.login(&client, "42", &me.device, json!({ "device": { "installation_id": other } })).await;
        assert_eq!(moved.body["device_id"], me.login.body["device_id"], "{}", moved.body);
        assert_eq!(moved.body["installation_id"], me.login.body["installation_id"]);
        // Another client knows nothing of it.
        let elsewhere = app.client(json!({})).await;
        let there = LoggedIn::on(&app, &elsewhere, "42", &me.device).await;
        assert_ne!(there.device_id(), me.device_id());
    }
}
