//! Whichever device was not used for longest makes room.

use super::{counted, limited, on_devices, set, try_new};
use crate::logged_in::{LoggedIn, device_ids, listed};
use countersign_server::Job;
use countersign_test_support::{TestDevice, on_both_engines};
use futures_util::future::join_all;
use serde_json::{Value, json};
use std::sync::Arc;

const REPLACE: &str = "replace_oldest_inactive";

on_both_engines! {
    async fn i8_the_least_recently_active_device_makes_room_and_both_sides_are_told(app: TestApp) {
        let client = limited(&app, 3, REPLACE).await;
        let devices = on_devices(&app, &client, "42", 3).await;
        // The first is the oldest, but it was used last.
        app.advance_secs(60);
        devices[0].assert_allowed(&app).await;
        app.run_job(Job::FlushActivity).await;
        app.advance_secs(60);
        let name = json!({ "name": "Old phone" });
        let path = format!("/v1/me/devices/{}", devices[1].device_id());
        assert_eq!(devices[1].call(&app, "PATCH", &path).json(&name).send().await.status, 200);
        let fourth = LoggedIn::new(&app, &client, "42").await;
        let evicted = &fourth.login.body["evicted"];
        assert_eq!(evicted.as_array().map(Vec::len), Some(1), "{}", fourth.login.body);
        assert_eq!((&evicted[0]["device_id"], &evicted[0]["name"]), (&json!(devices[1].device_id()), &json!("Old phone")));
        devices[1].assert_refused(&app, "device_evicted").await;
        for kept in [&devices[0], &devices[2], &fourth] {
            kept.assert_allowed(&app).await;
        }
        let list = fourth.list(&app).await;
        assert_eq!(list.body["limit"], json!({ "used": 3, "max": 3 }));
        let past = listed(&app, "42", "?state=past").await;
        assert_eq!(device_ids(&past), [devices[1].device_id()]);
        assert_eq!(past["data"][0]["ended"]["cause"], "evicted");
    }

    async fn i10_an_eviction_is_recorded_with_the_login_as_the_services_own_act(app: TestApp) {
        let client = limited(&app, 1, REPLACE).await;
        let devices = on_devices(&app, &client, "42", 1).await;
        let feed = app.database().rows("feed").await.len();
        try_new(&app, &client, "42").await;
        let is_eviction = |row: &Value| row["action"] == "device.evicted" && row["actor_kind"] == "system";
        assert_eq!(app.database().count("activity", is_eviction).await, 1);
        let is_end = |row: &Value| row["action"] == "session.ended" && row["reason"] == "evicted";
        assert_eq!(app.database().count("activity", is_end).await, 1);
        assert_eq!(app.database().rows("feed").await.len(), feed + 1);
        // Its push address is forgotten, and its refresh token is dead.
        let refused = devices[0].refresh(&app, &devices[0].refresh_token()).await;
        assert_eq!((refused.status.as_u16(), refused.code()), (401, "session_ended"), "{}", refused.body);
    }

    async fn i8_a_limit_counts_a_user_at_a_client_and_nobody_else(app: TestApp) {
        let client = limited(&app, 2, REPLACE).await;
        let elsewhere = app.client(json!({})).await;
        let tablet = Arc::new(TestDevice::new(&app));
        let others = LoggedIn::on(&app, &client, "43", &tablet).await;
        let shared = LoggedIn::on(&app, &client, "42", &tablet).await;
        let other_app = LoggedIn::new(&app, &elsewhere, "42").await;
        let devices = on_devices(&app, &client, "42", 2).await;
        // The tablet is no device of this user any more, and still the other's.
        shared.assert_refused(&app, "device_evicted").await;
        for kept in [&others, &other_app, &devices[0], &devices[1]] {
            kept.assert_allowed(&app).await;
        }
    }

    async fn a_device_that_is_the_users_already_takes_no_other_place(app: TestApp) {
        let client = limited(&app, 2, REPLACE).await;
        let devices = on_devices(&app, &client, "42", 2).await;
        for device in devices.iter().rev() {
            let again = LoggedIn::on(&app, &client, "42", &device.device).await;
            assert_eq!(again.device_id(), device.device_id());
            assert_eq!(again.login.body.get("evicted"), None);
        }
        assert_eq!(counted(&app, "42").await.len(), 2);
        // Nor one that comes back with another key.
        let back = TestDevice::new(&app).under(devices[0].device.installation_id);
        let returned = LoggedIn::on(&app, &client, "42", &Arc::new(back)).await;
        assert_eq!(returned.device_id(), devices[0].device_id());
        assert_eq!(counted(&app, "42").await.len(), 2);
    }

    async fn a_lowered_limit_is_kept_by_the_next_login_on_any_device(app: TestApp) {
        for overflow in [REPLACE, "reject", "require_approval"] {
            let client = limited(&app, 5, overflow).await;
            let devices = on_devices(&app, &client, overflow, 5).await;
            set(&app, &client, json!({ "max": 2, "overflow": overflow })).await;
            for device in &devices {
                device.assert_allowed(&app).await;
            }
            // The oldest logs in again; it was active last then.
            app.advance_secs(60);
            let again = LoggedIn::on(&app, &client, overflow, &devices[0].device).await;
            assert_eq!(again.login.body["evicted"].as_array().map(Vec::len), Some(3), "{overflow}");
            assert_eq!(counted(&app, overflow).await, [devices[4].device_id(), devices[0].device_id()]);
            again.assert_allowed(&app).await;
            devices[4].assert_allowed(&app).await;
            for gone in &devices[1..4] {
                gone.assert_refused(&app, "device_evicted").await;
            }
        }
    }

    async fn among_devices_active_at_the_same_time_the_older_one_goes(app: TestApp) {
        let client = limited(&app, 3, REPLACE).await;
        let devices = on_devices(&app, &client, "42", 3).await;
        for device in devices.iter().rev() {
            device.assert_allowed(&app).await;
        }
        app.run_job(Job::FlushActivity).await;
        let fourth = LoggedIn::new(&app, &client, "42").await;
        assert_eq!(fourth.login.body["evicted"][0]["device_id"], devices[0].device_id());
    }

    async fn i8_a_hundred_parallel_logins_never_leave_more_than_the_limit(app: TestApp) {
        for (overflow, let_in) in [(REPLACE, 100), ("reject", 3)] {
            let client = limited(&app, 3, overflow).await;
            let devices: Vec<_> = (0..100).map(|_| TestDevice::new(&app)).collect();
            let logins = devices.iter().map(|device| app.login(&client, overflow, device, json!({})));
            let answers = join_all(logins).await;
            let accepted: Vec<_> = answers.iter().filter(|answer| answer.status == 201).collect();
            assert_eq!(accepted.len(), let_in, "{overflow}");
            assert_eq!(counted(&app, overflow).await.len(), 3, "{overflow}");
            let mut alive = 0;
            for (device, answer) in devices.iter().zip(&answers) {
                if answer.status == 201 {
                    let judged = app.verify(device, &answer.text("access_token")).await;
                    alive += usize::from(judged.body["allowed"] == true);
                }
            }
            assert_eq!(alive, 3, "{overflow}");
        }
    }
}
