//! A device shows itself anew for one action of its app: once, and no other.

use super::{Show, Stage, nothing};
use countersign_attestation::transcript::Purpose;
use countersign_test_support::{
    Answer, Asked, PlatformKey as Key, Platforms, TestApp, TestDevice, asserted, on_both_engines,
};
use serde_json::{Value, json};

const ACTION: &str = "pay 100 EUR to 42";

/// A logged-in device, and the key that its platform attested, if it is another than its own.
struct Phone {
    device: TestDevice,
    key: Key,
    session: String,
    id: String,
}

/// What a platform's device asserts, with this counter.
type Assert = fn(&Platforms, Asked<'_>, &Phone, u32) -> Value;

impl Stage {
    /// With what the client demands of assertions.
    async fn asserting(app: TestApp, sensitive: &Value) -> Self {
        let stage = Self::new(app, json!({ "mode": "telemetry" })).await;
        stage.demand(sensitive).await;
        stage
    }

    async fn demand(&self, sensitive: &Value) {
        let mut policy = Platforms::policy(&json!({ "mode": "telemetry" }));
        policy["sensitive"] = sensitive.clone();
        let call = self
            .app
            .internal("PATCH", &format!("/v1/clients/{}", self.client));
        let changed = call.json(&json!({ "attestation": policy })).send().await;
        assert_eq!(changed.status, 200, "{}", changed.body);
    }

    async fn phone(
        &self,
        user: &str,
        show: impl Fn(&Platforms, Asked<'_>, &TestDevice) -> Value,
    ) -> Phone {
        let device = TestDevice::new(&self.app);
        let enrolled = self.enroll(&device, show).await;
        assert_eq!(enrolled.status, 201, "{}", enrolled.body);
        self.logged_in(user, device, Key::p256()).await
    }

    /// An iPhone whose app has this key.
    async fn iphone(&self, user: &str) -> Phone {
        let (device, key) = (TestDevice::new(&self.app), Key::p256());
        let show = |platforms: &Platforms, asked: Asked<'_>, device: &TestDevice| {
            platforms.app_attest_of(&key, asked, device)
        };
        assert_eq!(self.enroll(&device, show).await.status, 201);
        self.logged_in(user, device, key).await
    }

    /// A browser with an authenticator.
    async fn browser(&self, user: &str) -> Phone {
        let device = TestDevice::new(&self.app);
        let challenge = self.challenge("enroll").await;
        let asked = self.asked(Purpose::Enroll, &challenge);
        let (evidence, key) = self.platforms.webauthn_of(Key::p256(), asked, &device);
        let body = self.body(&device, &challenge, &evidence);
        assert_eq!(self.send(&device, &body).await.status, 201);
        self.logged_in(user, device, key).await
    }

    async fn logged_in(&self, user: &str, device: TestDevice, key: Key) -> Phone {
        let login = self.app.login(&self.client, user, &device, json!({})).await;
        assert_eq!(login.status, 201, "{}", login.body);
        Phone {
            device,
            key,
            session: login.text("session_id"),
            id: login.text("device_id"),
        }
    }

    /// Asserts over a fresh challenge.
    async fn assert(&self, phone: &Phone, assert: Assert, counter: u32) -> Answer {
        let challenge = self.challenge("assert").await;
        let asked = Asked {
            action: Some(ACTION),
            ..self.asked(Purpose::Assert, &challenge)
        };
        let assertion = assert(&self.platforms, asked, phone, counter);
        self.present(phone, &challenge, ACTION, &assertion).await
    }

    async fn present(
        &self,
        phone: &Phone,
        challenge: &str,
        action: &str,
        assertion: &Value,
    ) -> Answer {
        let path = format!("/v1/sessions/{}/assertions", phone.session);
        let body = json!({ "challenge": challenge, "action": action, "assertion": assertion });
        self.app.internal("POST", &path).json(&body).send().await
    }
}

fn by_key(_: &Platforms, asked: Asked<'_>, phone: &Phone, _: u32) -> Value {
    asserted::key(asked, &phone.device)
}

fn by_app(_: &Platforms, asked: Asked<'_>, phone: &Phone, counter: u32) -> Value {
    asserted::app_attest(asked, &phone.device, &phone.key, counter)
}

fn by_authenticator(_: &Platforms, asked: Asked<'_>, phone: &Phone, counter: u32) -> Value {
    asserted::webauthn(asked, &phone.device, &phone.key, counter)
}

fn by_google(platforms: &Platforms, asked: Asked<'_>, phone: &Phone, _: u32) -> Value {
    asserted::play_integrity(platforms, asked, &phone.device)
}

/// By a key that nobody attested.
fn by_another(_: &Platforms, asked: Asked<'_>, phone: &Phone, counter: u32) -> Value {
    asserted::app_attest(asked, &phone.device, &Key::p256(), counter)
}

on_both_engines! {
    async fn each_platform_asserts_for_one_action(app: TestApp) {
        let stage = Stage::asserting(app, &json!({ "mode": "enforce", "level": "software" })).await;
        let [android, desktop] = [Platforms::android_key as Show, nothing];
        let phones = [
            (stage.iphone("1").await, by_app as Assert, "app", true),
            (stage.browser("2").await, by_authenticator, "authenticator", true),
            (stage.phone("3", android).await, by_key, "hardware", true),
            (stage.phone("4", desktop).await, by_key, "software", false),
        ];
        for (phone, assert, level, is_attested) in &phones {
            let answer = stage.assert(phone, *assert, 1).await;
            assert_eq!(answer.status, 200, "{level}: {}", answer.body);
            assert_eq!(answer.body["verdict"], json!({ "level": level }));
            assert_eq!(answer.body["session_id"], json!(phone.session));
            assert_eq!(answer.body["attested_at"].is_string(), *is_attested, "{}", answer.body);
        }
        let user = stage.assert(&phones[1].0, by_authenticator, 2).await;
        assert_eq!((&user.body["user_id"], &user.body["user_verified"]), (&json!("2"), &json!(true)));
        let told = |row: &Value| row["action"] == "device.asserted" && row["session_id"].is_string();
        assert_eq!(stage.app.database().count("activity", told).await, 5);
    }

    async fn i4_an_assertion_serves_once_and_for_what_it_was_made(app: TestApp) {
        let stage = Stage::asserting(app, &json!({ "mode": "enforce", "level": "software" })).await;
        let (phone, other) = (stage.iphone("1").await, stage.iphone("2").await);
        let challenge = stage.challenge("assert").await;
        let asked = Asked { action: Some(ACTION), ..stage.asked(Purpose::Assert, &challenge) };
        let good = by_app(&stage.platforms, asked, &phone, 1);
        assert_eq!(stage.present(&phone, &challenge, ACTION, &good).await.status, 200);
        let again = stage.present(&phone, &challenge, ACTION, &good).await;
        assert_eq!((again.status.as_u16(), again.code()), (401, "challenge_unknown"));

        let before = stage.app.database().dump().await;
        let fresh = |action| Asked { action, ..asked };
        for (case, action, presenter) in [
            ("another action", "pay 100 EUR to 43", &phone), ("another device", ACTION, &other),
            ("another challenge", ACTION, &phone),
        ] {
            let challenge = stage.challenge("assert").await;
            let asked = Asked { challenge: &challenge, ..fresh(Some(ACTION)) };
            let asked = if case == "another challenge" { fresh(Some(ACTION)) } else { asked };
            let assertion = by_app(&stage.platforms, asked, &phone, 2);
            let refused = stage.present(presenter, &challenge, action, &assertion).await;
            assert_eq!((refused.status.as_u16(), refused.code()), (403, "attestation_invalid"), "{case}");
        }
        let refused = stage.assert(&phone, by_another, 2).await;
        assert_eq!(refused.code(), "attestation_invalid");
        let enroll = stage.challenge("enroll").await;
        let asked = Asked { challenge: &enroll, ..fresh(Some(ACTION)) };
        let assertion = by_app(&stage.platforms, asked, &phone, 2);
        assert_eq!(stage.present(&phone, &enroll, ACTION, &assertion).await.code(), "challenge_mismatch");
        assert_eq!(stage.app.database().dump().await, before);

        stage.app.advance_secs(1);
        let late = stage.challenge("assert").await;
        let asked = Asked { challenge: &late, ..fresh(Some(ACTION)) };
        let assertion = by_app(&stage.platforms, asked, &phone, 2);
        stage.app.advance_secs(300);
        assert_eq!(stage.present(&phone, &late, ACTION, &assertion).await.code(), "challenge_expired");
    }

    async fn i4_a_counter_is_accepted_once(app: TestApp) {
        let stage = Stage::asserting(app, &json!({ "mode": "enforce", "level": "software" })).await;
        let (phone, browser) = (stage.iphone("1").await, stage.browser("2").await);
        assert_eq!(stage.assert(&phone, by_app, 7).await.status, 200);
        for counter in [7, 6, 0] {
            assert_eq!(stage.assert(&phone, by_app, counter).await.code(), "attestation_invalid");
        }
        // Twenty copies of the app's state, each with a challenge of its own.
        let copies = (0..20).map(|_| stage.assert(&phone, by_app, 8));
        let answers = futures_util::future::join_all(copies).await;
        let accepted = answers.iter().filter(|answer| answer.status == 200).count();
        assert_eq!(accepted, 1);

        // Authenticators without a counter say 0 always; one that counts may not fall back.
        for counter in [0, 0, 3] {
            assert_eq!(stage.assert(&browser, by_authenticator, counter).await.status, 200);
        }
        for counter in [0, 3] {
            assert_eq!(stage.assert(&browser, by_authenticator, counter).await.code(), "attestation_invalid");
        }
    }

    async fn each_mode_meets_each_assertion(app: TestApp) {
        let stage = Stage::asserting(app, &json!({})).await;
        let phones = [
            (stage.iphone("1").await, by_app as Assert, ""), (stage.iphone("2").await, by_another, "invalid"),
            (stage.browser("3").await, by_authenticator, "level"),
            (stage.phone("4", nothing).await, by_key, "missing"),
            (stage.phone("5", nothing).await, by_app, "missing"),
            // What vouches for the app's key says nothing of the device's own.
            (stage.iphone("6").await, by_key, "missing"),
        ];
        let [required, invalid, insufficient] =
            ["attestation_required", "attestation_invalid", "attestation_insufficient"];
        for (counter, (mode, refused)) in (1..).zip([
            // Nothing is demanded but that an assertion is right.
            (json!({ "mode": "off" }), ["", invalid, "", "", required, ""]),
            (json!({ "mode": "telemetry" }), [""; 6]),
            (json!({ "mode": "soft_fail" }), ["", invalid, "", "", "", ""]),
            (json!({ "mode": "soft_fail", "on_invalid": "accept" }), [""; 6]),
            (json!({ "mode": "enforce" }), ["", invalid, insufficient, required, required, required]),
        ]) {
            let mut demand = mode.clone();
            demand["level"] = json!("app");
            stage.demand(&demand).await;
            for ((phone, assert, shortfall), refused) in phones.iter().zip(refused) {
                let answer = stage.assert(phone, *assert, counter).await;
                let context = format!("{mode} {shortfall}: {}", answer.body);
                if !refused.is_empty() {
                    assert_eq!((answer.status.as_u16(), answer.code()), (403, refused), "{context}");
                    continue;
                }
                let is_told = mode["mode"] != "off" && !shortfall.is_empty();
                let told = if is_told { json!(shortfall) } else { Value::Null };
                assert_eq!((answer.status.as_u16(), &answer.body["verdict"]["shortfall"]), (200, &told), "{context}");
            }
        }
    }

    async fn evidence_gets_too_old_for_an_action(app: TestApp) {
        let stage = Stage::asserting(app, &json!({})).await;
        let phone = stage.iphone("1").await;
        stage.demand(&json!({ "mode": "enforce", "level": "app", "max_age_seconds": 3600 })).await;
        assert_eq!(stage.assert(&phone, by_app, 1).await.status, 200);
        stage.app.advance_secs(3601);
        let stale = stage.assert(&phone, by_app, 2).await;
        assert_eq!((stale.status.as_u16(), stale.code()), (403, "attestation_required"));
    }

    async fn google_vouches_anew(app: TestApp) {
        let stage = Stage::asserting(app, &json!({ "mode": "enforce", "level": "app" })).await;
        let phone = stage.phone("1", nothing).await;
        let unread = stage.assert(&phone, by_google, 0).await;
        assert_eq!((unread.status.as_u16(), unread.code()), (503, "attestation_unavailable"));
        stage.set_response_keys().await;
        let answer = stage.assert(&phone, by_google, 0).await;
        assert_eq!((answer.status.as_u16(), &answer.body["verdict"]["level"]), (200, &json!("app")), "{}", answer.body);
        let challenge = stage.challenge("assert").await;
        let asked = Asked { action: Some("pay more"), ..stage.asked(Purpose::Assert, &challenge) };
        let other = by_google(&stage.platforms, asked, &phone, 0);
        assert_eq!(stage.present(&phone, &challenge, ACTION, &other).await.code(), "attestation_invalid");
        // What the device enrolled with is what its logins are judged by.
        assert_eq!(stage.rows("evidence").await.len(), 0);
    }

    async fn i1_a_session_that_is_refused_asserts_nothing(app: TestApp) {
        let stage = Stage::asserting(app, &json!({})).await;
        let phone = stage.iphone("1").await;
        let path = |step: &str| format!("/v1/devices/{}/{step}", phone.id);
        assert_eq!(stage.app.internal("POST", &path("suspend")).send().await.status, 200);
        let suspended = stage.assert(&phone, by_app, 1).await;
        assert_eq!((suspended.status.as_u16(), suspended.code()), (403, "device_suspended"));
        assert_eq!(stage.app.internal("POST", &path("resume")).send().await.status, 200);
        assert_eq!(stage.assert(&phone, by_app, 1).await.status, 200);
        assert_eq!(stage.app.internal("POST", &path("revoke")).send().await.status, 200);
        let revoked = stage.assert(&phone, by_app, 2).await;
        assert_eq!((revoked.status.as_u16(), revoked.code()), (403, "device_revoked"));

        let nobody = Phone { session: "ses_00000000000000000000000000".to_owned(), ..phone };
        let unknown = stage.assert(&nobody, by_app, 3).await;
        assert_eq!((unknown.status.as_u16(), unknown.code()), (404, "not_found"));
    }
}
