//! A user says of a device that it is not theirs.

use crate::logged_in::{LoggedIn, device_ids, listed};
use countersign_test_support::{Answer, TestApp, TestDevice, on_both_engines};
use serde_json::{Value, json};
use std::sync::Arc;

/// A user on a phone and on a thief's, on which another user is too.
struct Account {
    client: String,
    phone: LoggedIn,
    thief: LoggedIn,
    bystander: LoggedIn,
}

impl Account {
    async fn new(app: &TestApp) -> Self {
        let client = app.client(json!({})).await;
        let phone = LoggedIn::new(app, &client, "42").await;
        let thief = LoggedIn::new(app, &client, "42").await;
        let bystander = LoggedIn::on(app, &client, "43", &thief.device).await;
        Self {
            client,
            phone,
            thief,
            bystander,
        }
    }

    async fn disown(&self, app: &TestApp, by: &LoggedIn, device: &LoggedIn) -> Answer {
        let path = format!("/v1/me/devices/{}/not-me", device.device_id());
        by.call(app, "POST", &path).send().await
    }
}

fn told(answer: &Answer) -> (u16, &str) {
    (answer.status.as_u16(), answer.code())
}

on_both_engines! {
    async fn i1_it_is_cut_off_at_once_and_the_user_stays_refused_on_it(app: TestApp) {
        let account = Account::new(&app).await;
        let Account { client, phone, thief, bystander } = &account;
        thief.assert_allowed(&app).await;
        let gone = account.disown(&app, phone, thief).await;
        assert_eq!((gone.status.as_u16(), &gone.body["ended"]), (200, &json!(1)), "{}", gone.body);
        thief.assert_refused(&app, "device_banned").await;
        // Nobody else on it pays for that.
        bystander.assert_allowed(&app).await;
        phone.assert_allowed(&app).await;
        assert_eq!(device_ids(&listed(&app, "42", "").await), [phone.device_id()]);
        let unfrozen = app.internal("POST", "/v1/users/42/unfreeze").send().await;
        assert_eq!((unfrozen.status.as_u16(), unfrozen.body.get("frozen_at")), (200, None), "{}", unfrozen.body);
        let back = app.login(client, "42", &thief.device, json!({})).await;
        assert_eq!(told(&back), (403, "device_banned"));
        let frozen = |row: &Value| row["action"] == "user.frozen" && row["actor_kind"] == "user";
        assert_eq!(app.database().count("activity", frozen).await, 1);
    }

    async fn nothing_else_of_the_account_changes_until_that_is_lifted(app: TestApp) {
        let account = Account::new(&app).await;
        let Account { client, phone, thief, .. } = &account;
        let laptop = LoggedIn::new(&app, client, "42").await;
        assert_eq!(account.disown(&app, phone, thief).await.status, 200);
        let path = format!("/v1/me/devices/{}", laptop.device_id());
        let before = app.database().dump().await;
        for (method, path) in [
            ("PATCH", path.clone()), ("DELETE", path.clone()), ("POST", format!("{path}/logout")),
            ("POST", "/v1/me/sessions/end-others".to_owned()),
        ] {
            let call = phone.call(&app, method, &path);
            let call = if method == "PATCH" { call.json(&json!({ "name": "Mine" })) } else { call };
            assert_eq!(told(&call.send().await), (403, "account_frozen"), "{method} {path}");
        }
        let stranger = TestDevice::new(&app);
        let login = app.login(client, "42", &stranger, json!({})).await;
        assert_eq!(told(&login), (403, "account_frozen"));
        assert_eq!(before, app.database().dump().await);
        // What is the user's already goes on, and says so.
        assert!(phone.list(&app).await.body["frozen_at"].is_string());
        let known = Arc::clone(&laptop.device);
        let again = LoggedIn::on(&app, client, "42", &known).await;
        assert_eq!(again.device_id(), laptop.device_id());
        // And another device may still be said not to be the user's.
        assert_eq!(account.disown(&app, phone, &again).await.status, 200);
        for _ in 0..2 {
            assert_eq!(app.internal("POST", "/v1/users/42/unfreeze").send().await.status, 200);
        }
        assert_eq!(app.login(client, "42", &stranger, json!({})).await.status, 201);
        assert_eq!(phone.list(&app).await.body.get("frozen_at"), None);
    }

    async fn a_ticket_removes_nothing_from_a_frozen_account(app: TestApp) {
        let client = app.client(json!({ "limits": { "max": 2 } })).await;
        let (phone, thief) = (LoggedIn::new(&app, &client, "42").await, LoggedIn::new(&app, &client, "42").await);
        let third = TestDevice::new(&app);
        let refused = app.login(&client, "42", &third, json!({})).await;
        let ticket = refused.body["ticket"]["ticket"].clone();
        let path = format!("/v1/me/devices/{}/not-me", phone.device_id());
        assert_eq!(thief.call(&app, "POST", &path).send().await.status, 200);
        let path = "/v1/limit-tickets/remove";
        let proof = third.proof("POST", &format!("{}{path}", TestApp::PUBLIC_URL), None, None);
        let body = json!({ "ticket": ticket, "device_id": thief.device_id() });
        let answer = app.public("POST", path).header("dpop", &proof).json(&body).send().await;
        assert_eq!(told(&answer), (403, "account_frozen"), "{}", answer.body);
        thief.assert_allowed(&app).await;
    }

    async fn only_a_device_of_the_users_and_not_the_one_that_says_so(app: TestApp) {
        let account = Account::new(&app).await;
        let Account { phone, bystander, .. } = &account;
        let other = LoggedIn::new(&app, &account.client, "44").await;
        let before = app.database().dump().await;
        assert_eq!(told(&account.disown(&app, phone, phone).await), (409, "conflict"));
        assert_eq!(told(&account.disown(&app, phone, &other).await), (404, "not_found"));
        assert_eq!(told(&account.disown(&app, bystander, phone).await), (404, "not_found"));
        assert_eq!(before, app.database().dump().await);
        let nobody = app.internal("POST", "/v1/users/nobody/unfreeze").send().await;
        assert_eq!(told(&nobody), (404, "not_found"));
    }
}
