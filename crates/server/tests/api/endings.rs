//! Endings: refused on the very next request, and recorded in the same transaction (I1, I10).

use crate::logged_in::{LoggedIn, device_ids, listed};
use countersign_core::OwnershipId;
use countersign_test_support::{Answer, TestApp, TestDevice, on_both_engines};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Every way to end a session on purpose: the cause it leaves, what the next request is told, and
/// the action that is recorded beside the session's own.
const WAYS: [(&str, &str, Option<&str>); 7] = [
    ("logout", "session_ended", None),
    (
        "own_remote_logout",
        "session_ended",
        Some("device.logged_out"),
    ),
    ("admin_logout", "session_ended", Some("device.logged_out")),
    ("own_remove", "device_removed", Some("device.removed")),
    ("admin_remove", "device_removed", Some("device.removed")),
    ("end_others", "session_ended", Some("session.ended_others")),
    ("disable_user", "user_disabled", Some("user.disabled")),
];

struct Two {
    victim: LoggedIn,
    other: LoggedIn,
}

impl Two {
    /// One user on two devices.
    async fn of(app: &TestApp, client: &str, user: &str) -> Self {
        let other = LoggedIn::new(app, client, user).await;
        let victim = LoggedIn::new(app, client, user).await;
        Self { victim, other }
    }

    /// Ends the victim's session, if need be from the other device.
    async fn end(&self, app: &TestApp, way: &str) -> Answer {
        let Self { victim, other } = self;
        let own = format!("/v1/me/devices/{}", victim.device_id());
        let admin = format!("/v1/users/{}/devices/{}", victim.user, victim.device_id());
        match way {
            "logout" => victim.call(app, "POST", "/v1/logout").send().await,
            "own_remote_logout" => {
                other
                    .call(app, "POST", &format!("{own}/logout"))
                    .send()
                    .await
            }
            "admin_logout" => {
                app.internal("POST", &format!("{admin}/logout"))
                    .send()
                    .await
            }
            "own_remove" => other.call(app, "DELETE", &own).send().await,
            "admin_remove" => app.internal("DELETE", &admin).send().await,
            "end_others" => {
                other
                    .call(app, "POST", "/v1/me/sessions/end-others")
                    .send()
                    .await
            }
            _ => {
                app.internal("POST", &format!("/v1/users/{}/disable", victim.user))
                    .send()
                    .await
            }
        }
    }
}

/// What was written since: actions of the activity log and kinds of feed entries, counted.
async fn written(app: &TestApp, before: &BTreeMap<String, usize>) -> BTreeMap<String, usize> {
    let mut now = counts(app).await;
    for (what, count) in before {
        now.entry(what.clone()).and_modify(|now| *now -= count);
    }
    now.retain(|_, count| *count > 0);
    now
}

async fn counts(app: &TestApp) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for (table, column) in [("activity", "action"), ("feed", "kind")] {
        for row in app.database().rows(table).await {
            *counts
                .entry(row[column].as_str().expect("a text").to_owned())
                .or_default() += 1;
        }
    }
    counts
}

on_both_engines! {
    async fn i1_every_ending_is_refused_on_the_very_next_request_and_after_a_restart(app: TestApp) {
        let client = app.client(json!({})).await;
        let mut ended = Vec::new();
        for (way, code, _) in WAYS {
            let warm = Two::of(&app, &client, way).await;
            warm.victim.assert_allowed(&app).await;
            let answer = warm.end(&app, way).await;
            assert_eq!(answer.status, 200, "{way}: {}", answer.body);
            warm.victim.assert_refused(&app, code).await;
            // And one that no cache has seen.
            let cold = Two::of(&app, &client, &format!("{way}-cold")).await;
            cold.end(&app, way).await;
            cold.victim.assert_refused(&app, code).await;
            ended.extend([(warm.victim, code), (cold.victim, code)]);
        }
        let app = app.restart().await;
        for (victim, code) in &ended {
            victim.assert_refused(&app, code).await;
        }
        // The sessions' own rows say it too.
        app.database().execute("DELETE FROM feed").await;
        let app = app.restart().await;
        for (victim, code) in &ended {
            victim.assert_refused(&app, code).await;
        }
    }

    async fn i10_every_ending_writes_one_record_per_session_its_own_and_its_feed_entries(app: TestApp) {
        let client = app.client(json!({})).await;
        for (way, _, own) in WAYS {
            let two = Two::of(&app, &client, way).await;
            let sessions = if way == "disable_user" { 2 } else { 1 };
            let before = counts(&app).await;
            let answer = two.end(&app, way).await;
            assert_eq!(answer.body["ended"], sessions, "{way}: {}", answer.body);
            let mut expected = BTreeMap::from([
                ("session.ended".to_owned(), sessions), ("ended".to_owned(), sessions),
            ]);
            expected.extend(own.map(|action| (action.to_owned(), 1)));
            assert_eq!(written(&app, &before).await, expected, "{way}");
        }
    }

    async fn i10_an_ending_that_cannot_be_recorded_does_not_happen(app: TestApp) {
        let client = app.client(json!({})).await;
        for (way, code, _) in WAYS {
            for table in ["feed", "activity"] {
                let two = Two::of(&app, &client, &format!("{way}-{table}")).await;
                let before = app.database().dump().await;
                app.database().break_inserts(table).await;
                let failed = two.end(&app, way).await;
                app.database().mend(table).await;
                assert!(failed.status.is_server_error(), "{way}: {}", failed.body);
                assert_eq!(app.database().dump().await, before, "{way}");
                two.victim.assert_allowed(&app).await;
                two.end(&app, way).await;
                two.victim.assert_refused(&app, code).await;
            }
        }
    }

    async fn repeating_an_ending_changes_nothing(app: TestApp) {
        let client = app.client(json!({})).await;
        for (way, code, _) in WAYS {
            let two = Two::of(&app, &client, way).await;
            two.end(&app, way).await;
            let before = app.database().dump().await;
            let again = two.end(&app, way).await;
            match way {
                "logout" => assert_eq!((again.status.as_u16(), again.code()), (401, code)),
                "own_remove" | "admin_remove" => assert_eq!((again.status.as_u16(), again.code()), (404, "not_found")),
                _ => assert_eq!((again.status.as_u16(), &again.body["ended"]), (200, &json!(0)), "{way}"),
            }
            assert_eq!(app.database().dump().await, before, "{way}");
            two.victim.assert_refused(&app, code).await;
        }
    }

    async fn a_removal_ends_the_ownership_and_forgets_the_push_address(app: TestApp) {
        let client = app.client(json!({})).await;
        let device = TestDevice::new(&app);
        let report = json!({ "device": { "push": { "token": "there" } } });
        let login = app.login(&client, "42", &device, report).await;
        let row = app.database().rows("ownerships").await.remove(0);
        let id = row["id"].as_str().and_then(|id| id.parse().ok()).expect("an id");
        let ownership = OwnershipId::from_uuid(id);
        let address = async || {
            let mut conn = app.app.store().read().await.expect("a reader");
            conn.find_push_address(ownership).await.expect("a read")
        };
        assert!(address().await.is_some());

        let path = format!("/v1/users/42/devices/{}", login.text("device_id"));
        let removed = app.internal("DELETE", &path).send().await;
        assert_eq!(removed.body["ended"], 1, "{}", removed.body);
        assert!(address().await.is_none());
        assert_eq!(listed(&app, "42", "").await["total"], 0);
        let past = listed(&app, "42", "?state=past").await;
        assert_eq!(device_ids(&past), [login.text("device_id")]);
        let item = &past["data"][0];
        assert_eq!((&item["ended"]["cause"], &item["trust"]), (&json!("removed"), &json!("revoked")), "{item}");
        assert_eq!((&item["active_sessions"], &item["is_current"]), (&json!(0), &json!(false)));

        // Logging in again is a new ownership of the same device; the past one stays in the list.
        let again = app.login(&client, "42", &device, json!({})).await;
        assert_eq!(again.body["device_id"], login.body["device_id"], "{}", again.body);
        assert!(address().await.is_none());
        assert_eq!(listed(&app, "42", "?state=all").await["total"], 2);
        assert_eq!(app.verify(&device, &login.text("access_token")).await.code(), "device_removed");
    }

    async fn ending_others_counts_them_and_spares_the_caller_and_other_users(app: TestApp) {
        let client = app.client(json!({})).await;
        let elsewhere = app.client(json!({ "platform": "android" })).await;
        let me = LoggedIn::new(&app, &client, "42").await;
        let others = [
            LoggedIn::new(&app, &client, "42").await, LoggedIn::new(&app, &client, "42").await,
            LoggedIn::new(&app, &elsewhere, "42").await,
        ];
        let stranger = LoggedIn::on(&app, &client, "43", &others[0].device).await;
        let ended = me.call(&app, "POST", "/v1/me/sessions/end-others").send().await;
        assert_eq!(ended.body, json!({ "ended": 3 }));
        for other in &others {
            other.assert_refused(&app, "session_ended").await;
        }
        me.assert_allowed(&app).await;
        stranger.assert_allowed(&app).await;
        let list = me.list(&app).await.body;
        assert_eq!((&list["active_sessions"], &list["limit"]["used"]), (&json!(1), &json!(3)), "{list}");
    }

    async fn a_user_never_seen_is_disabled_in_advance_and_enabling_brings_nothing_back(app: TestApp) {
        let client = app.client(json!({})).await;
        let disabled = app.internal("POST", "/v1/users/new/disable").send().await;
        assert_eq!((&disabled.body["is_disabled"], &disabled.body["ended"]), (&json!(true), &json!(0)));
        let device = TestDevice::new(&app);
        assert_eq!(app.login(&client, "new", &device, json!({})).await.code(), "user_disabled");
        let enabled = app.internal("POST", "/v1/users/new/enable").send().await;
        assert_eq!(enabled.body["is_disabled"], false, "{}", enabled.body);

        let me = LoggedIn::new(&app, &client, "new").await;
        app.internal("POST", "/v1/users/new/disable").send().await;
        app.internal("POST", "/v1/users/new/enable").send().await;
        me.assert_refused(&app, "user_disabled").await;
        assert_eq!(me.refresh(&app, &me.refresh_token()).await.code(), "session_ended");
        LoggedIn::on(&app, &client, "new", &me.device).await.assert_allowed(&app).await;
        let before = app.database().dump().await;
        app.internal("POST", "/v1/users/new/enable").send().await;
        app.internal("POST", "/v1/users/unheard-of/enable").send().await;
        assert_eq!(app.database().dump().await, before);
    }

    async fn disabling_a_client_ends_its_sessions_and_no_others(app: TestApp) {
        let client = app.client(json!({})).await;
        let spared = app.client(json!({})).await;
        let me = LoggedIn::new(&app, &client, "42").await;
        let other = LoggedIn::new(&app, &spared, "42").await;
        me.assert_allowed(&app).await;
        let path = format!("/v1/clients/{client}");
        for (version, is_disabled) in [("\"1\"", true), ("\"2\"", false)] {
            let call = app.internal("PATCH", &path).header("if-match", version);
            let changed: Answer = call.json(&json!({ "disabled": is_disabled })).send().await;
            assert_eq!(changed.status, 200, "{}", changed.body);
            me.assert_refused(&app, "client_ended").await;
            other.assert_allowed(&app).await;
            let seen: Value = other.list(&app).await.body;
            assert_eq!(seen["active_sessions"], 1, "{seen}");
        }
        LoggedIn::on(&app, &client, "42", &me.device).await.assert_allowed(&app).await;
        let app = app.restart().await;
        me.assert_refused(&app, "client_ended").await;
    }
}
