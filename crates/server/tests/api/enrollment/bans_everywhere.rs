//! Bans across clients, nodes and each other: what one holds, nothing else lets go.

use super::{
    Stage,
    bans::{ban, lift},
    enforce, nothing,
};
use crate::logged_in::{LoggedIn, pop_optional};
use countersign_test_support::{Answer, Platforms, TestApp, TestDevice, on_both_engines};
use futures_util::future::join;
use serde_json::{Value, json};

/// The same app under two clients, each a stage of its own.
struct Twice {
    one: Stage,
    other: String,
}

impl Twice {
    async fn new(app: TestApp, level: &str) -> Self {
        let one = Stage::new(app, enforce(level)).await;
        let policy = Platforms::policy(&enforce(level));
        let other = one.app.client(json!({ "attestation": policy })).await;
        Self { one, other }
    }

    /// From now on, devices come to the other client.
    fn turn(&mut self) {
        std::mem::swap(&mut self.one.client, &mut self.other);
    }

    async fn on_machine(&self, device: &TestDevice) -> Answer {
        let show = |platforms: &Platforms, asked: super::Asked<'_>, device: &TestDevice| {
            platforms.android_machine(asked, device, "S1")
        };
        self.one.enroll(device, show).await
    }

    async fn log_in(&self, user: &str, device: &TestDevice) -> Answer {
        let app = &self.one.app;
        app.login(&self.one.client, user, device, json!({})).await
    }

    async fn verdict(&self, device: &TestDevice, login: &Answer) -> Value {
        let token = login.text("access_token");
        let verdict = self.one.app.verify(device, &token).await;
        verdict.body["code"].clone()
    }
}

fn device(login: &Answer) -> Value {
    json!({ "device_id": login.body["device_id"] })
}

on_both_engines! {
    async fn i1_a_ban_of_a_machine_holds_with_every_client_and_so_does_its_lifting(app: TestApp) {
        let mut twice = Twice::new(app, "hardware").await;
        let (here, there) = (TestDevice::new(&twice.one.app), TestDevice::new(&twice.one.app));
        twice.on_machine(&here).await;
        let one = twice.log_in("42", &here).await;
        twice.turn();
        twice.on_machine(&there).await;
        let other = twice.log_in("43", &there).await;
        assert_ne!(one.body["device_id"], other.body["device_id"]);
        assert_eq!([twice.verdict(&here, &one).await, twice.verdict(&there, &other).await], [Value::Null, Value::Null]);
        let banned = ban(&twice.one.app, device(&one)).await;
        assert_eq!(banned.body["ended"], 2, "{}", banned.body);
        assert_eq!([twice.verdict(&here, &one).await, twice.verdict(&there, &other).await], ["device_banned", "device_banned"]);
        assert_eq!(twice.log_in("43", &there).await.code(), "device_banned");
        lift(&twice.one.app, &banned.text("ban_id")).await;
        for login in [&other, &one] {
            let back = twice.on_machine(&TestDevice::new(&twice.one.app)).await;
            assert_eq!(back.body["device_id"], login.body["device_id"], "{}", back.body);
            twice.turn();
        }
    }

    async fn i1_a_ban_of_a_key_or_of_a_device_with_it_holds_with_every_client(app: TestApp) {
        let mut twice = Twice::new(app, "software").await;
        for is_of_device in [false, true] {
            let phone = TestDevice::new(&twice.one.app);
            let one = twice.log_in("42", &phone).await;
            twice.turn();
            let other = twice.log_in("43", &phone).await;
            assert_ne!(one.body["device_id"], other.body["device_id"]);
            assert_eq!([twice.verdict(&phone, &one).await, twice.verdict(&phone, &other).await], [Value::Null, Value::Null]);
            let key = json!({ "jkt": phone.jkt().to_string() });
            let banned = ban(&twice.one.app, if is_of_device { device(&one) } else { key }).await;
            assert_eq!(banned.body["ended"], 2, "{}", banned.body);
            assert_eq!([twice.verdict(&phone, &one).await, twice.verdict(&phone, &other).await], ["device_banned", "device_banned"]);
            assert_eq!(twice.log_in("43", &phone).await.code(), "device_banned");
            lift(&twice.one.app, &banned.text("ban_id")).await;
            let back = TestDevice::new(&twice.one.app).under(phone.installation_id);
            for (user, login) in [("43", &other), ("42", &one)] {
                let again = twice.log_in(user, &back).await;
                assert_eq!((again.status.as_u16(), &again.body["device_id"]), (201, &login.body["device_id"]), "{}", again.body);
                twice.turn();
            }
        }
    }

    async fn i4_a_ban_of_a_device_beats_its_machine_at_another_client(app: TestApp) {
        let mut twice = Twice::new(app, "hardware").await;
        for _ in 0..20 {
            let (here, there) = (TestDevice::new(&twice.one.app), TestDevice::new(&twice.one.app));
            twice.on_machine(&here).await;
            let one = twice.log_in("42", &here).await;
            twice.turn();
            let (banned, enrolled) = join(ban(&twice.one.app, device(&one)), twice.on_machine(&there)).await;
            if enrolled.status == 201 {
                let late = twice.log_in("43", &there).await;
                assert_eq!((late.status.as_u16(), late.code()), (403, "device_banned"), "{}", late.body);
            } else {
                assert_eq!(enrolled.code(), "device_banned", "{}", enrolled.body);
            }
            lift(&twice.one.app, &banned.text("ban_id")).await;
        }
    }

    async fn i4_a_ban_of_a_device_beats_its_key_at_another_client(app: TestApp) {
        let mut twice = Twice::new(app, "software").await;
        for _ in 0..20 {
            let phone = TestDevice::new(&twice.one.app);
            let one = twice.log_in("42", &phone).await;
            twice.turn();
            let (_, enrolled) = join(ban(&twice.one.app, device(&one)), twice.one.enroll(&phone, nothing)).await;
            assert!(matches!(enrolled.status.as_u16(), 201 | 403), "{}", enrolled.body);
            let late = twice.log_in("43", &phone).await;
            assert_eq!((late.status.as_u16(), late.code()), (403, "device_banned"), "{}", enrolled.body);
        }
    }

    async fn what_two_bans_hold_is_free_when_both_are_lifted(app: TestApp) {
        let stage = Stage::new(app, enforce("software")).await;
        for is_key_first in [true, false] {
            let phone = TestDevice::new(&stage.app);
            let login = stage.app.login(&stage.client, "42", &phone, json!({})).await;
            let mut bans = [device(&login), json!({ "jkt": phone.jkt().to_string() })];
            if is_key_first {
                bans.reverse();
            }
            let [first, second] = bans.map(|subject| ban(&stage.app, subject));
            let (first, second) = (first.await.text("ban_id"), second.await.text("ban_id"));
            lift(&stage.app, &first).await;
            assert_eq!(stage.app.login(&stage.client, "42", &phone, json!({})).await.code(), "device_banned");
            lift(&stage.app, &second).await;
            assert_eq!(stage.app.login(&stage.client, "42", &phone, json!({})).await.code(), "device_revoked");
        }
    }

    async fn a_keyless_device_comes_back_when_its_ban_is_lifted(app: TestApp) {
        let client = app.client(pop_optional()).await;
        let me = LoggedIn::keyless(&app, &client, "42").await;
        let banned = ban(&app, device(&me.login)).await;
        me.assert_refused(&app, "device_banned").await;
        let bare = json!({ "proof": null });
        assert_eq!(app.login(&client, "42", &me.device, bare.clone()).await.code(), "device_banned");
        lift(&app, &banned.text("ban_id")).await;
        let back = app.login(&client, "42", &me.device, bare).await;
        assert_eq!((back.status.as_u16(), &back.body["device_id"]), (201, &me.login.body["device_id"]), "{}", back.body);
    }
}
