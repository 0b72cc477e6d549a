//! A login on one device too many is refused, with a ticket to remove another.

use super::{assert_full, counted, limited, on_devices, try_new};
use crate::logged_in::{LoggedIn, device_ids, pop_optional};
use countersign_server::Job;
use countersign_test_support::{Answer, Call, TestApp, TestDevice, on_both_engines};
use futures_util::future::join_all;
use serde_json::{Value, json};
use std::sync::Arc;

const LIST: &str = "/v1/limit-tickets/devices";
const REMOVE: &str = "/v1/limit-tickets/remove";

/// A user with as many devices as allowed, and one more that was refused.
struct Refused {
    client: String,
    owned: [LoggedIn; 2],
    device: TestDevice,
    ticket: String,
}

impl Refused {
    async fn new(app: &TestApp) -> Self {
        let client = limited(app, 2, "reject").await;
        let owned = on_devices(app, &client, "42", 2).await;
        let owned = owned.try_into().expect("two devices");
        let device = TestDevice::new(app);
        let answer = app.login(&client, "42", &device, json!({})).await;
        assert_full(&answer);
        let ticket = ticket(&answer);
        Self {
            client,
            owned,
            device,
            ticket,
        }
    }

    async fn remove(&self, app: &TestApp, by: &TestDevice, device: &str) -> Answer {
        let body = json!({ "ticket": self.ticket, "device_id": device });
        proven(app, by, REMOVE).json(&body).send().await
    }

    async fn list(&self, app: &TestApp, by: &TestDevice) -> Answer {
        let body = json!({ "ticket": self.ticket });
        proven(app, by, LIST).json(&body).send().await
    }
}

fn ticket(answer: &Answer) -> String {
    let ticket = answer.body["ticket"]["ticket"].as_str();
    ticket.expect("a ticket").to_owned()
}

fn proven<'a>(app: &'a TestApp, device: &TestDevice, path: &str) -> Call<'a> {
    let url = format!("{}{path}", TestApp::PUBLIC_URL);
    let proof = device.proof("POST", &url, None, None);
    app.public("POST", path).header("dpop", &proof)
}

fn told(answer: &Answer) -> (u16, &str) {
    (answer.status.as_u16(), answer.code())
}

on_both_engines! {
    async fn i8_a_refused_login_changes_nothing_and_removing_a_device_lets_it_in(app: TestApp) {
        let refused = Refused::new(&app).await;
        let [old, new] = &refused.owned;
        old.assert_allowed(&app).await;
        new.assert_allowed(&app).await;
        let list = refused.list(&app, &refused.device).await;
        assert_eq!(list.status, 200, "{}", list.body);
        assert_eq!(device_ids(&list.body), [old.device_id(), new.device_id()]);
        assert_eq!(list.body["limit"], json!({ "used": 2, "max": 2 }));
        let removed = refused.remove(&app, &refused.device, &old.device_id()).await;
        assert_eq!((removed.status.as_u16(), &removed.body["ended"]), (200, &json!(1)), "{}", removed.body);
        old.assert_refused(&app, "device_removed").await;
        let login = app.login(&refused.client, "42", &refused.device, json!({})).await;
        assert_eq!(login.status, 201, "{}", login.body);
        assert_eq!(counted(&app, "42").await, [login.text("device_id"), new.device_id()]);
        let by_user = |row: &Value| row["action"] == "device.removed" && row["actor_kind"] == "user";
        assert_eq!(app.database().count("activity", by_user).await, 1);
    }

    async fn a_refused_login_leaves_no_trace_but_its_ticket(app: TestApp) {
        let refused = Refused::new(&app).await;
        let before = app.database().dump().await;
        assert_full(&app.login(&refused.client, "42", &refused.device, json!({})).await);
        let mut after = app.database().dump().await;
        // The second ticket took the first one's place.
        assert_eq!(told(&refused.list(&app, &refused.device).await), (401, "ticket_invalid"));
        let mut before = before;
        for dump in [&mut before, &mut after] {
            assert_eq!(dump.remove("limit_tickets").map(|rows| rows.len()), Some(1));
        }
        assert_eq!(before, after);
    }

    async fn a_ticket_serves_once_and_for_five_minutes(app: TestApp) {
        let refused = Refused::new(&app).await;
        let [old, new] = &refused.owned;
        app.advance_secs(299);
        assert_eq!(refused.list(&app, &refused.device).await.status, 200);
        assert_eq!(refused.remove(&app, &refused.device, &old.device_id()).await.status, 200);
        for _ in 0..2 {
            let again = refused.remove(&app, &refused.device, &new.device_id()).await;
            assert_eq!(told(&again), (401, "ticket_invalid"));
        }
        new.assert_allowed(&app).await;
        let late = Refused::new(&app).await;
        app.advance_secs(300);
        assert_eq!(told(&late.list(&app, &late.device).await), (401, "ticket_invalid"));
        let gone = late.remove(&app, &late.device, &late.owned[0].device_id()).await;
        assert_eq!(told(&gone), (401, "ticket_invalid"));
        app.run_job(Job::Retain).await;
        assert!(app.database().rows("limit_tickets").await.is_empty());
    }

    async fn of_parallel_removals_by_one_ticket_one_wins(app: TestApp) {
        let refused = Refused::new(&app).await;
        let ids: Vec<_> = refused.owned.iter().map(LoggedIn::device_id).collect();
        let calls = (0..20).map(|index| refused.remove(&app, &refused.device, &ids[index % 2]));
        let answers = join_all(calls).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
        let lost = answers.iter().filter(|answer| matches!(told(answer), (401, "ticket_invalid") | (404, "not_found")));
        assert_eq!(lost.count(), 19);
        assert_eq!(counted(&app, "42").await.len(), 1);
    }

    async fn i6_a_ticket_is_worth_nothing_without_the_refused_devices_key(app: TestApp) {
        let refused = Refused::new(&app).await;
        let thief = TestDevice::new(&app);
        let old = &refused.owned[0];
        let body = json!({ "ticket": refused.ticket, "device_id": old.device_id() });
        let before = app.database().dump().await;
        let unproven = app.public("POST", REMOVE).json(&body).send().await;
        assert_eq!(told(&unproven), (401, "proof_required"));
        assert_eq!(told(&refused.remove(&app, &thief, &old.device_id()).await), (401, "key_mismatch"));
        assert_eq!(told(&refused.list(&app, &thief).await), (401, "key_mismatch"));
        let elsewhere = proven(&app, &refused.device, LIST);
        let url = format!("{}{LIST}", TestApp::PUBLIC_URL);
        let proof = refused.device.proof("POST", &url, None, None);
        let misused = app.public("POST", REMOVE).header("dpop", &proof).json(&body).send().await;
        assert_eq!(told(&misused), (401, "proof_mismatch"));
        drop(elsewhere);
        assert_eq!(before, app.database().dump().await);
        let once = proven(&app, &refused.device, LIST).json(&body).send().await;
        assert_eq!(once.status, 200, "{}", once.body);
        old.assert_allowed(&app).await;
    }

    async fn a_ticket_shows_and_removes_only_what_counts(app: TestApp) {
        let refused = Refused::new(&app).await;
        let elsewhere = app.client(json!({})).await;
        let same_user = LoggedIn::new(&app, &elsewhere, "42").await;
        let other_user = LoggedIn::new(&app, &refused.client, "43").await;
        for foreign in [&same_user, &other_user] {
            let answer = refused.remove(&app, &refused.device, &foreign.device_id()).await;
            assert_eq!(told(&answer), (404, "not_found"));
            foreign.assert_allowed(&app).await;
        }
        // It was not used up by that.
        let list = refused.list(&app, &refused.device).await;
        assert_eq!(device_ids(&list.body).len(), 2);
    }

    async fn a_device_without_a_key_uses_its_ticket_by_itself(app: TestApp) {
        let mut settings = pop_optional();
        settings["limits"] = json!({ "max": 1, "overflow": "reject" });
        let client = app.client(settings).await;
        let owned = LoggedIn::new(&app, &client, "42").await;
        let device = Arc::new(TestDevice::new(&app));
        let answer = app.login(&client, "42", &device, json!({ "proof": null })).await;
        assert_full(&answer);
        let body = json!({ "ticket": ticket(&answer), "device_id": owned.device_id() });
        let removed = app.public("POST", REMOVE).json(&body).send().await;
        assert_eq!(removed.status, 200, "{}", removed.body);
        let login = app.login(&client, "42", &device, json!({ "proof": null })).await;
        assert_eq!(login.status, 201, "{}", login.body);
    }

    async fn made_up_tickets_count_against_their_address(app: TestApp) {
        let body = json!({ "ticket": "cslt_made-up" });
        let mut last = None;
        for _ in 0..200 {
            let answer = app.public("POST", LIST).json(&body).send().await;
            let is_limited = answer.status == 429;
            last = Some(answer);
            if is_limited {
                break;
            }
            assert_eq!(last.as_ref().map(told), Some((401, "ticket_invalid")));
        }
        assert_eq!(last.as_ref().map(told), Some((429, "rate_limited")));
    }

    async fn a_limit_of_one_lets_one_in(app: TestApp) {
        let client = limited(&app, 1, "reject").await;
        let first = LoggedIn::new(&app, &client, "42").await;
        assert_full(&try_new(&app, &client, "42").await);
        assert_eq!(first.call(&app, "POST", "/v1/logout").send().await.status, 200);
        // Logging out keeps the device; removing it makes room.
        assert_full(&try_new(&app, &client, "42").await);
        let path = format!("/v1/users/42/devices/{}", first.device_id());
        assert_eq!(app.internal("DELETE", &path).send().await.status, 200);
        assert_eq!(try_new(&app, &client, "42").await.status, 201);
    }
}
