//! Play Integrity by the tokens of standard requests, which only Google reads; here a fake of it.

use super::{
    Stage, enforce,
    modes::set_policy,
    play_integrity::{Change, code, evidence, put},
    rotation::rotate_with,
};
use countersign_attestation::transcript::Purpose;
use countersign_test_support::{
    Answer, Asked, Platforms, TestApp, TestDevice,
    google::{TestGoogle, Trouble, private_key},
    on_both_engines,
};
use serde_json::{Value, json};
use std::time::Duration;

const UNAVAILABLE: &str = "attestation_unavailable";

/// A client with a service account at a Google of its own.
struct Standard {
    stage: Stage,
    google: TestGoogle,
}

impl Standard {
    async fn new(app: TestApp, enroll: Value) -> Self {
        Self::within(app, enroll, None).await
    }

    /// With another time limit.
    async fn within(app: TestApp, enroll: Value, limit: Option<Duration>) -> Self {
        let google = TestGoogle::start().await;
        let mut api = google.api();
        api.timeout = limit.unwrap_or(api.timeout);
        let app = app.with_google(api).await;
        let stage = Stage::new(app, enroll).await;
        let account = json!({ "service_account": google.key_file() });
        let answer = stage.set_credentials(&account).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        Self { stage, google }
    }

    fn show(&self, asked: Asked<'_>, device: &TestDevice, change: &dyn Fn(&mut Value)) -> Value {
        let mut verdict = Platforms::verdict(asked, device, "requestHash");
        change(&mut verdict);
        evidence(
            Platforms::PACKAGE,
            &self.google.issue(Platforms::PACKAGE, verdict),
        )
    }

    /// Enrolls a new device with a token that says this.
    async fn enroll_with(&self, change: &dyn Fn(&mut Value)) -> Answer {
        let device = TestDevice::new(&self.stage.app);
        self.stage
            .enroll(&device, |_, asked, device| self.show(asked, device, change))
            .await
    }

    /// Enrolls a new device with a good token, and answers the code of the refusal.
    async fn enroll(&self) -> String {
        code(&self.enroll_with(&|_| ()).await)
    }

    /// Enrolls a new device with this in place of a token.
    async fn enroll_as(&self, package: &str, token: &str) -> Answer {
        let device = TestDevice::new(&self.stage.app);
        let shown = evidence(package, token);
        self.stage.enroll(&device, |_, _, _| shown.clone()).await
    }

    async fn demand(&self, enroll: &Value) {
        set_policy(&self.stage, Platforms::policy(enroll)).await;
    }
}

on_both_engines! {
    async fn a_standard_token_is_read_by_google_and_what_it_said_is_kept(app: TestApp) {
        let standard = Standard::new(app, enforce("app")).await;
        let answer = standard.enroll_with(&|_| ()).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        assert_eq!(answer.body["verdict"], json!({ "level": "app" }));
        let kept = standard.stage.last_evidence().await;
        let text = |column: &str| kept[column].as_str().expect("text").to_owned();
        let facts: Value = serde_json::from_str(&text("facts")).expect("JSON");
        assert_eq!((&facts["kind"], &facts["version_code"]), (&json!("play_integrity"), &json!(42)));
        let presented: Value = serde_json::from_str(&text("presented")).expect("JSON");
        assert_eq!(presented["package"], Platforms::PACKAGE);
        let answered: Value = serde_json::from_str(presented["answer"].as_str().expect("text")).expect("JSON");
        assert_eq!(answered["tokenPayloadExternal"]["appIntegrity"]["versionCode"], "42");
    }

    async fn an_access_token_serves_until_shortly_before_its_end(app: TestApp) {
        let standard = Standard::new(app, enforce("app")).await;
        for (seconds, grants) in [(0, 1), (60, 1), (3599 - 60 - 61, 1), (1, 2), (1, 2)] {
            standard.stage.app.advance_secs(seconds);
            assert_eq!(standard.enroll().await, "enrolled");
            assert_eq!(standard.google.grants().len(), grants);
        }
        // Google no longer takes it: the next one asks anew.
        standard.google.revoke_access();
        assert_eq!(standard.enroll().await, UNAVAILABLE);
        assert_eq!(standard.enroll().await, "enrolled");
        assert_eq!(standard.google.grants().len(), 3);
        // Other credentials do not go on with the token of those before.
        let account = json!({ "service_account": standard.google.key_file() });
        standard.stage.set_credentials(&account).await;
        assert_eq!(standard.enroll().await, "enrolled");
        assert_eq!(standard.google.grants().len(), 4);
    }

    async fn what_google_says_is_no_token_of_the_app_is_refused(app: TestApp) {
        let standard = Standard::new(app, enforce("app")).await;
        let other = standard.google.issue("com.example.other", json!({}));
        let classic = standard.stage.platforms.console().issue(b"{}");
        for token in ["made up", &other, &classic] {
            assert_eq!(code(&standard.enroll_as(Platforms::PACKAGE, token).await), "attestation_invalid");
        }
        // Though nothing was decoded, Google answered: it is not left alone for that.
        for _ in 0..10 {
            standard.stage.app.advance_secs(2);
            assert_eq!(code(&standard.enroll_as(Platforms::PACKAGE, "made up").await), "attestation_invalid");
        }
        assert_eq!(standard.enroll().await, "enrolled");
    }

    async fn a_verdict_about_something_else_is_refused(app: TestApp) {
        let standard = Standard::new(app, json!({ "mode": "telemetry", "level": "app" })).await;
        let classic = |verdict: &mut Value| {
            let hash = verdict["requestDetails"]["requestHash"].take();
            verdict["requestDetails"] = json!({
                "requestPackageName": Platforms::PACKAGE, "nonce": hash,
                "timestampMillis": verdict["requestDetails"]["timestampMillis"],
            });
        };
        let rows: [(Change, &str); 5] = [
            // Of a classic request, which this client does not make.
            (Box::new(classic), "binding"),
            (Box::new(put("/requestDetails/requestHash", json!("another"))), "binding"),
            (Box::new(put("/requestDetails/requestPackageName", json!("com.example.other"))), "request_package"),
            (Box::new(put("/appIntegrity/appRecognitionVerdict", json!("UNRECOGNIZED_VERSION"))), "app_recognition"),
            (Box::new(put("/deviceIntegrity/deviceRecognitionVerdict", json!([]))), "device_integrity"),
        ];
        for (change, check) in &rows {
            standard.stage.app.advance_secs(1);
            assert_eq!(standard.enroll_with(change).await.status, 201);
            let kept = standard.stage.last_evidence().await;
            assert_eq!((&kept["shortfall"], &kept["failed_check"]), (&json!("invalid"), &json!(check)));
        }
        standard.demand(&enforce("app")).await;
        for (change, check) in &rows {
            let answer = standard.enroll_with(change).await;
            assert_eq!((answer.status.as_u16(), answer.code()), (403, "attestation_invalid"), "{check}");
        }
    }

    async fn a_standard_token_serves_its_own_exchange_only(app: TestApp) {
        let standard = Standard::new(app, enforce("app")).await;
        let stage = &standard.stage;
        let foreign = stage.app.client(json!({})).await;
        let other = TestDevice::new(&stage.app);
        for turn in 0..5 {
            let (device, challenge) = (TestDevice::new(&stage.app), stage.challenge("enroll").await);
            let earlier = stage.challenge("enroll").await;
            let asked = stage.asked(Purpose::Enroll, &challenge);
            let (asked, shower) = match turn {
                0 => (asked, &device),
                1 => (Asked { challenge: &earlier, ..asked }, &device),
                2 => (Asked { purpose: Purpose::Rotate, ..asked }, &device),
                3 => (Asked { client: &foreign, ..asked }, &device),
                _ => (asked, &other),
            };
            let shown = standard.show(asked, shower, &|_| ());
            let answer = stage.send(&device, &stage.body(&device, &challenge, &shown)).await;
            assert_eq!(code(&answer), if turn == 0 { "enrolled" } else { "attestation_invalid" }, "{turn}");
        }
    }

    async fn google_is_asked_only_where_its_answer_counts(app: TestApp) {
        let standard = Standard::new(app, enforce("app")).await;
        let foreign = standard.enroll_as("com.example.other", "standard-1").await;
        assert_eq!(code(&foreign), "attestation_invalid");
        standard.stage.play(&enforce("app"), Value::Null).await;
        assert_eq!(standard.enroll().await, "attestation_invalid");
        standard.demand(&json!({ "mode": "off" })).await;
        assert_eq!(standard.enroll().await, "enrolled");
        standard.demand(&enforce("app")).await;
        let device = TestDevice::new(&standard.stage.app);
        let body = standard.stage.body(&device, &"A".repeat(43), &evidence(Platforms::PACKAGE, "standard-1"));
        assert_eq!(standard.stage.send(&device, &body).await.code(), "challenge_unknown");
        assert_eq!((standard.google.decodings(), standard.google.grants().len()), (0, 0));
        assert_eq!(standard.enroll().await, "enrolled");
        assert_eq!((standard.google.decodings(), standard.google.grants().len()), (1, 1));
    }

    async fn an_account_that_google_does_not_accept_judges_nobody(app: TestApp) {
        let standard = Standard::new(app, enforce("app")).await;
        let (accept, strict) = (json!({ "mode": "enforce", "level": "app", "on_unevaluated": "accept" }), enforce("app"));
        let refuse = async || {
            standard.stage.app.advance_secs(2);
            standard.demand(&strict).await;
            assert_eq!(standard.enroll().await, UNAVAILABLE);
            standard.demand(&accept).await;
            let answer = standard.enroll_with(&|_| ()).await;
            assert_eq!(answer.body["verdict"], json!({ "level": "software", "shortfall": "unevaluated" }));
            assert_eq!(standard.stage.last_evidence().await["failed_check"], "credentials");
        };
        for status in [400, 401, 403] {
            standard.google.fail_grants(Some(Trouble::Status(status)));
            refuse().await;
        }
        standard.google.fail_grants(None);
        for status in [401, 403, 404] {
            standard.google.fail_decoding(Some(Trouble::Status(status)));
            refuse().await;
        }
        standard.google.fail_decoding(None);
        // Another account's key: its signature is not the account's.
        let mut stranger = standard.google.key_file();
        stranger["private_key"] = json!(private_key());
        standard.stage.set_credentials(&json!({ "service_account": stranger })).await;
        refuse().await;
        standard.stage.set_credentials(&json!({ "service_account": standard.google.key_file() })).await;
        assert_eq!(standard.enroll().await, "enrolled");
    }

    async fn whatever_keeps_google_from_answering_is_a_timeout(app: TestApp) {
        let standard = Standard::new(app, enforce("app")).await;
        let troubles = [
            Trouble::Status(500), Trouble::Status(503), Trouble::Status(429), Trouble::Status(307),
            Trouble::Huge, Trouble::Garbage, Trouble::Empty,
        ];
        standard.demand(&json!({ "mode": "enforce", "level": "app", "on_timeout": "accept" })).await;
        for trouble in troubles {
            for is_grant in [false, true] {
                let (grants, decoding) = if is_grant { (Some(trouble), None) } else { (None, Some(trouble)) };
                if is_grant {
                    // So that an access token is needed.
                    standard.stage.app.advance_secs(3600);
                }
                standard.google.fail_grants(grants);
                standard.google.fail_decoding(decoding);
                let told = standard.enroll_with(&|_| ()).await;
                let expected = json!({ "level": "software", "shortfall": "timeout" });
                assert_eq!(told.body["verdict"], expected, "{trouble:?} {is_grant} {}", told.body);
                standard.google.fail_grants(None);
                standard.google.fail_decoding(None);
                let told = standard.enroll_with(&|_| ()).await;
                assert_eq!(told.body["verdict"], json!({ "level": "app" }));
            }
        }
    }

    async fn a_timeout_is_met_by_every_mode_whatever_it_comes_from(app: TestApp) {
        let standard = Standard::new(app, enforce("app")).await;
        // In the second round Google is left alone after the first failure.
        for (trouble, decodings) in [(500, 4), (429, 5), (503, 5)] {
            standard.google.fail_decoding(Some(Trouble::Status(trouble)));
            for (mode, expected) in [
                (json!({ "mode": "off" }), "enrolled"),
                (json!({ "mode": "telemetry" }), "enrolled"),
                (json!({ "mode": "soft_fail" }), "enrolled"),
                (json!({ "mode": "enforce", "on_unevaluated": "accept" }), UNAVAILABLE),
                (json!({ "mode": "enforce", "on_timeout": "accept" }), "enrolled"),
            ] {
                let mut demand = mode.clone();
                demand["level"] = json!("app");
                standard.demand(&demand).await;
                standard.stage.app.advance_secs(1);
                let answer = standard.enroll_with(&|_| ()).await;
                assert_eq!(code(&answer), expected, "{mode}");
                if expected == UNAVAILABLE {
                    assert_eq!(answer.status, 503, "{mode}");
                } else if mode["mode"] != "off" {
                    assert_eq!(answer.body["verdict"], json!({ "level": "software", "shortfall": "timeout" }), "{mode}");
                    let kept = standard.stage.last_evidence().await;
                    assert_eq!((&kept["shortfall"], &kept["failed_check"]), (&json!("timeout"), &json!("decoding")));
                }
            }
            assert_eq!(standard.google.decodings(), decodings);
        }
    }

    async fn an_enrollment_waits_for_google_only_so_long(app: TestApp) {
        let limit = Some(Duration::from_millis(200));
        let standard = Standard::within(app, enforce("app"), limit).await;
        for (grants, decoding) in [(Some(Trouble::Silent), None), (None, Some(Trouble::Silent))] {
            standard.google.fail_grants(grants);
            standard.google.fail_decoding(decoding);
            // Well before any other limit of a call, though far from the one that is set.
            let told = tokio::time::timeout(Duration::from_secs(4), standard.enroll_with(&|_| ())).await;
            let told = told.expect("an answer in time");
            assert_eq!((told.status.as_u16(), told.code()), (503, UNAVAILABLE));
        }
    }

    async fn google_is_left_alone_when_it_does_not_answer_and_found_again(app: TestApp) {
        let standard = Standard::new(app, enforce("app")).await;
        let other = standard.stage.app.client(json!({ "attestation": Platforms::policy(&enforce("app")) })).await;
        standard.google.fail_decoding(Some(Trouble::Status(503)));
        for _ in 0..5 {
            assert_eq!(standard.enroll().await, UNAVAILABLE);
        }
        assert_eq!(standard.google.decodings(), 5);
        for (advance, decodings) in [(0, 5), (29, 5), (1, 6), (0, 6), (29, 6)] {
            standard.stage.app.advance_secs(advance);
            assert_eq!(standard.enroll().await, UNAVAILABLE, "{advance}");
            assert_eq!(standard.google.decodings(), decodings, "{advance}");
        }
        // While one client's way is closed, another's is open.
        standard.google.fail_decoding(None);
        assert_eq!(standard.enroll().await, UNAVAILABLE);
        let account = json!({ "service_account": standard.google.key_file() });
        let path = format!("/v1/clients/{other}/play-integrity");
        let set = standard.stage.app.internal("PUT", &path).json(&account).send().await;
        assert_eq!(set.status, 200, "{}", set.body);
        let ask = json!({ "client_id": other, "purpose": "enroll" });
        let given = standard.stage.app.public("POST", "/v1/enrollments/challenges").json(&ask).send().await;
        let (device, challenge) = (TestDevice::new(&standard.stage.app), given.text("challenge"));
        let asked = Asked { client: &other, ..standard.stage.asked(Purpose::Enroll, &challenge) };
        let mut body = standard.stage.body(&device, &challenge, &standard.show(asked, &device, &|_| ()));
        body["client_id"] = json!(other);
        assert_eq!(standard.stage.send(&device, &body).await.status, 201);
        assert_eq!(standard.google.decodings(), 7);
        standard.stage.app.advance_secs(1);
        for _ in 0..3 {
            assert_eq!(standard.enroll().await, "enrolled");
        }
        assert_eq!(standard.google.decodings(), 10);
    }

    async fn a_new_key_is_shown_by_a_token_too(app: TestApp) {
        let standard = Standard::new(app, enforce("app")).await;
        let stage = &standard.stage;
        let (old, new) = (TestDevice::new(&stage.app), TestDevice::new(&stage.app));
        let enrolled = stage.enroll(&old, |_, asked, device| standard.show(asked, device, &|_| ())).await;
        assert_eq!(enrolled.status, 201, "{}", enrolled.body);
        let challenge = stage.challenge("rotate").await;
        let shown = standard.show(stage.asked(Purpose::Rotate, &challenge), &new, &|_| ());
        let rotated = rotate_with(stage, &old, &new, &challenge, &shown).await;
        assert_eq!(rotated.status, 200, "{}", rotated.body);
        assert_eq!(rotated.body["verdict"], json!({ "level": "app" }));
    }
}
