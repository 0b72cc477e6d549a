//! Play Integrity by the tokens of classic requests, which the client's own keys read.

use super::{Stage, enforce, modes::set_policy};
use countersign_attestation::transcript::Purpose;
use countersign_test_support::{
    Answer, Asked, Platforms, PlayConsole, TestDevice, on_both_engines,
};
use serde_json::{Value, json};

/// Makes something else of what Google says.
pub(super) type Change = Box<dyn Fn(&mut Value)>;

/// Makes something else of a good token and what it says.
type Shape<'a> = &'a dyn Fn(&str, &Value) -> String;

impl Stage {
    /// Changes what the client demands of enrollments, and of Google's verdicts.
    pub(super) async fn play(&self, enroll: &Value, wanted: Value) {
        let mut policy = Platforms::policy(enroll);
        policy["android"]["play_integrity"] = wanted;
        set_policy(self, policy).await;
    }

    /// What is kept of the evidence that came last.
    pub(super) async fn last_evidence(&self) -> Value {
        let mut rows = self.rows("evidence").await;
        rows.sort_by_key(|row| row["id"].to_string());
        rows.pop().expect("evidence")
    }

    /// Enrolls a device with a token that says this, and answers the code of the refusal.
    async fn enroll_with(&self, change: &dyn Fn(&mut Value)) -> String {
        let device = TestDevice::new(&self.app);
        let answer = self.enroll(&device, |platforms, asked, device| {
            classic(platforms, asked, device, change)
        });
        code(&answer.await)
    }
}

fn classic(
    platforms: &Platforms,
    asked: Asked<'_>,
    device: &TestDevice,
    change: &dyn Fn(&mut Value),
) -> Value {
    let mut verdict = Platforms::verdict(asked, device, "nonce");
    change(&mut verdict);
    let token = platforms.console().issue(verdict.to_string().as_bytes());
    evidence(Platforms::PACKAGE, &token)
}

pub(super) fn evidence(package: &str, token: &str) -> Value {
    json!({ "platform": "play_integrity", "package": package, "token": token })
}

pub(super) fn code(answer: &Answer) -> String {
    match answer.status.as_u16() {
        201 => "enrolled".to_owned(),
        _ => answer.code().to_owned(),
    }
}

/// Puts a value in the place that a JSON pointer names; null takes it away.
pub(super) fn put(pointer: &str, value: Value) -> impl Fn(&mut Value) {
    let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
    let (parent, name) = (parent.to_owned(), name.to_owned());
    move |verdict| {
        let members = verdict.pointer_mut(&parent).and_then(Value::as_object_mut);
        let members = members.expect("an object");
        match &value {
            Value::Null => members.remove(&name),
            value => members.insert(name.clone(), value.clone()),
        };
    }
}

on_both_engines! {
    async fn a_classic_token_is_worth_the_app_and_its_facts_are_kept(app: TestApp) {
        let stage = Stage::new(app, enforce("app")).await;
        stage.set_response_keys().await;
        let device = TestDevice::new(&stage.app);
        let answer = stage.enroll(&device, Platforms::play_integrity).await;
        assert_eq!(answer.status, 201, "{}", answer.body);
        assert_eq!(answer.body["verdict"], json!({ "level": "app" }));
        let kept = stage.last_evidence().await;
        assert_eq!((&kept["level"], &kept["shortfall"]), (&json!("app"), &Value::Null));
        let facts: Value = serde_json::from_str(kept["facts"].as_str().expect("facts")).expect("JSON");
        assert_eq!((&facts["kind"], &facts["package"]), (&json!("play_integrity"), &json!(Platforms::PACKAGE)));
        assert_eq!((&facts["version_code"], &facts["device"]), (&json!(42), &json!(["device"])));
        let presented: Value = serde_json::from_str(kept["presented"].as_str().expect("text")).expect("JSON");
        assert_eq!((&presented["platform"], &presented["answer"]), (&json!("play_integrity"), &Value::Null));
        let login = stage.app.login(&stage.client, "42", &device, json!({})).await;
        assert_eq!(login.status, 201, "{}", login.body);
    }

    async fn a_verdict_that_says_something_else_is_refused(app: TestApp) {
        let stage = Stage::new(app, json!({ "mode": "telemetry", "level": "app" })).await;
        stage.set_response_keys().await;
        let old = stage.app.app.now().as_secs() - 601;
        let rows: [(&str, Value, &str); 14] = [
            ("/requestDetails/requestPackageName", json!("com.example.other"), "request_package"),
            ("/requestDetails/nonce", json!("q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA"), "binding"),
            ("/requestDetails/nonce", Value::Null, "binding"),
            ("/requestDetails/timestampMillis", json!(old * 1000), "request_not_old"),
            ("/requestDetails/timestampMillis", json!((old + 700) * 1000), "request_not_new"),
            ("/testingDetails", json!({ "isTestingResponse": true }), "testing_details"),
            ("/appIntegrity/appRecognitionVerdict", json!("UNRECOGNIZED_VERSION"), "app_recognition"),
            ("/appIntegrity/appRecognitionVerdict", json!("UNEVALUATED"), "app_recognition"),
            ("/appIntegrity/packageName", json!("com.example.other"), "package"),
            ("/appIntegrity/certificateSha256Digest", json!(["AAAA"]), "signing_digests"),
            ("/appIntegrity/versionCode", Value::Null, "version_code"),
            ("/deviceIntegrity/deviceRecognitionVerdict", json!([]), "device_integrity"),
            ("/deviceIntegrity/deviceRecognitionVerdict", json!(["MEETS_BASIC_INTEGRITY"]), "device_integrity"),
            ("/deviceIntegrity/deviceRecognitionVerdict", json!(["MEETS_VIRTUAL_INTEGRITY"]), "device_integrity"),
        ];
        for (pointer, value, check) in &rows {
            stage.app.advance_secs(1);
            assert_eq!(stage.enroll_with(&put(pointer, value.clone())).await, "enrolled", "{pointer}");
            let kept = stage.last_evidence().await;
            let told = (&kept["shortfall"], &kept["failed_check"], &kept["level"]);
            assert_eq!(told, (&json!("invalid"), &json!(check), &json!("none")), "{pointer} {value}");
        }
        set_policy(&stage, Platforms::policy(&enforce("app"))).await;
        for (pointer, value, _) in &rows {
            assert_eq!(stage.enroll_with(&put(pointer, value.clone())).await, "attestation_invalid", "{pointer} {value}");
        }
        assert_eq!(stage.enroll_with(&|_| ()).await, "enrolled");
    }

    async fn a_token_that_the_clients_keys_do_not_read_is_refused(app: TestApp) {
        let stage = Stage::new(app, enforce("app")).await;
        stage.set_response_keys().await;
        let other = PlayConsole::new();
        let shapes: [Shape<'_>; 5] = [
            &|_, _| "standard-1".to_owned(),
            &|_, verdict| other.issue(verdict.to_string().as_bytes()),
            &|token, _| token[..token.len() - 2].to_owned(),
            &|_, verdict| stage.platforms.console().encrypt(r#"{"alg":"A256KW","enc":"A256GCM"}"#, verdict.to_string().as_bytes()),
            &|_, _| "a.b.c.d.e".to_owned(),
        ];
        for (number, shape) in shapes.into_iter().enumerate() {
            let device = TestDevice::new(&stage.app);
            let answer = stage.enroll(&device, |platforms, asked, device| {
                let good = platforms.play_integrity(asked, device);
                let verdict = Platforms::verdict(asked, device, "nonce");
                evidence(Platforms::PACKAGE, &shape(good["token"].as_str().expect("a token"), &verdict))
            }).await;
            assert_eq!(code(&answer), "attestation_invalid", "{number} {}", answer.body);
        }
        for (member, value, pointer) in [
            ("token", json!(""), "/evidence/token"), ("token", json!("x".repeat(16 * 1024 + 1)), "/evidence/token"),
            ("package", json!(""), "/evidence/package"),
        ] {
            let device = TestDevice::new(&stage.app);
            let answer = stage.enroll(&device, |platforms, asked, device| {
                let mut evidence = platforms.play_integrity(asked, device);
                evidence[member] = value.clone();
                evidence
            }).await;
            assert_eq!((code(&answer).as_str(), &answer.body["errors"][0]["pointer"]), ("invalid_request", &json!(pointer)));
        }
    }

    async fn a_token_serves_its_own_exchange_only(app: TestApp) {
        let stage = Stage::new(app, enforce("app")).await;
        stage.set_response_keys().await;
        let foreign = stage.app.client(json!({ "attestation": Platforms::policy(&enforce("app")) })).await;
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
            let shown = stage.platforms.play_integrity(asked, shower);
            let answer = stage.send(&device, &stage.body(&device, &challenge, &shown)).await;
            assert_eq!(code(&answer), if turn == 0 { "enrolled" } else { "attestation_invalid" }, "{turn}");
        }
    }

    async fn an_app_or_client_that_expects_no_verdict_takes_none(app: TestApp) {
        let stage = Stage::new(app, enforce("app")).await;
        stage.set_response_keys().await;
        let foreign = |platforms: &Platforms, asked: Asked<'_>, device: &TestDevice| {
            let mut evidence = platforms.play_integrity(asked, device);
            evidence["package"] = json!("com.example.other");
            evidence
        };
        let answer = stage.enroll(&TestDevice::new(&stage.app), foreign).await;
        assert_eq!(code(&answer), "attestation_invalid");
        stage.play(&enforce("app"), Value::Null).await;
        assert_eq!(stage.enroll_with(&|_| ()).await, "attestation_invalid");
        stage.play(&enforce("app"), json!({})).await;
        assert_eq!(stage.enroll_with(&|_| ()).await, "enrolled");
    }

    async fn a_client_says_what_google_has_to_say(app: TestApp) {
        let stage = Stage::new(app, enforce("app")).await;
        stage.set_response_keys().await;
        let refused = "attestation_invalid";
        let risky = put("/environmentDetails", json!({
            "playProtectVerdict": "HIGH_RISK", "appAccessRiskVerdict": { "appsDetected": ["UNKNOWN_CAPTURING"] },
        }));
        let changes: [(&str, Change); 8] = [
            ("good", Box::new(|_| ())),
            ("strong", Box::new(put("/deviceIntegrity/deviceRecognitionVerdict", json!(["MEETS_STRONG_INTEGRITY"])))),
            ("basic", Box::new(put("/deviceIntegrity/deviceRecognitionVerdict", json!(["MEETS_BASIC_INTEGRITY"])))),
            ("unrecognized", Box::new(put("/appIntegrity/appRecognitionVerdict", json!("UNRECOGNIZED_VERSION")))),
            ("unlicensed", Box::new(put("/accountDetails/appLicensingVerdict", json!("UNLICENSED")))),
            ("testing", Box::new(put("/testingDetails", json!({ "isTestingResponse": true })))),
            ("risky", Box::new(risky)),
            ("late", Box::new(move |verdict| {
                let time = &mut verdict["requestDetails"]["timestampMillis"];
                let earlier: i64 = time.as_str().and_then(|text| text.parse().ok()).expect("a time");
                *time = json!(earlier - 120_000);
            })),
        ];
        let all = ["good", "strong", "unlicensed", "risky", "late"];
        let without = |name: &str| all.iter().filter(|other| **other != name).copied().collect::<Vec<_>>();
        let with = |name: &'static str| all.iter().copied().chain([name]).collect::<Vec<_>>();
        for (wanted, accepted) in [
            (json!({}), all.to_vec()),
            (json!({ "device": "strong" }), vec!["strong"]),
            (json!({ "device": "basic" }), with("basic")),
            (json!({ "unrecognized_version": true }), with("unrecognized")),
            (json!({ "license_required": true }), without("unlicensed")),
            (json!({ "environment": "development" }), with("testing")),
            (json!({ "refused_play_protect": ["HIGH_RISK"] }), without("risky")),
            (json!({ "refused_app_access": ["UNKNOWN_CAPTURING"] }), without("risky")),
            (json!({ "refused_play_protect": ["LOW"], "silence_refused": true }), vec!["risky"]),
            (json!({ "max_age_seconds": 60 }), without("late")),
        ] {
            stage.play(&enforce("app"), wanted.clone()).await;
            for (name, change) in &changes {
                stage.app.advance_secs(2);
                let expected = if accepted.contains(name) { "enrolled" } else { refused };
                assert_eq!(stage.enroll_with(change).await, expected, "{wanted} {name}");
            }
        }
        let mut policy = Platforms::policy(&enforce("app"));
        policy["android"]["apps"][0]["min_version"] = json!(43);
        set_policy(&stage, policy).await;
        assert_eq!(stage.enroll_with(&|_| ()).await, refused);
        assert_eq!(stage.enroll_with(&put("/appIntegrity/versionCode", json!("43"))).await, "enrolled");
    }

    async fn a_policy_is_checked_when_it_is_written_and_read_back_whole(app: TestApp) {
        let stage = Stage::new(app, enforce("app")).await;
        let path = format!("/v1/clients/{}", stage.client);
        let patch = async |wanted: Value| {
            let mut policy = Platforms::policy(&enforce("app"));
            policy["android"]["play_integrity"] = wanted;
            stage.app.internal("PATCH", &path).json(&json!({ "attestation": policy })).send().await
        };
        let at = "/attestation/android/play_integrity";
        let many: Vec<_> = (0..17).map(|number| format!("WORD_{number}")).collect();
        for (wanted, pointer) in [
            (json!({ "device": "good" }), "/device"), (json!({ "max_age_seconds": 59 }), "/max_age_seconds"),
            (json!({ "max_age_seconds": 86_401 }), "/max_age_seconds"), (json!({ "max_age_seconds": 1.5 }), "/max_age_seconds"),
            (json!({ "refused_play_protect": ["HIGH_RISK", "high"] }), "/refused_play_protect/1"),
            (json!({ "refused_app_access": [""] }), "/refused_app_access/0"),
            (json!({ "refused_app_access": many }), "/refused_app_access"), (json!([]), ""),
            (json!({ "licence": true }), "/licence"),
        ] {
            let answer = patch(wanted.clone()).await;
            assert_eq!((answer.status.as_u16(), answer.code()), (400, "invalid_request"), "{wanted}");
            let told = answer.body["errors"][0]["pointer"].as_str().unwrap_or_default().to_owned();
            assert_eq!(told, format!("{at}{pointer}"), "{wanted}");
        }
        let answer = patch(json!({ "device": "strong", "refused_play_protect": ["HIGH_RISK"] })).await;
        let whole = json!({
            "device": "strong", "unrecognized_version": false, "license_required": false, "environment": "production",
            "max_age_seconds": 600, "refused_play_protect": ["HIGH_RISK"], "refused_app_access": [],
            "silence_refused": false,
        });
        assert_eq!(answer.body["attestation"]["android"]["play_integrity"], whole, "{}", answer.body);
        let read = stage.app.internal("GET", &path).send().await;
        assert_eq!(read.body["attestation"]["android"]["play_integrity"], whole);
    }

    async fn without_credentials_nothing_can_be_judged(app: TestApp) {
        let stage = Stage::new(app, json!({})).await;
        let unavailable = "attestation_unavailable";
        for is_set in [false, true] {
            if is_set {
                stage.set_response_keys().await;
                stage.remove_credentials().await;
            }
            for (mode, expected) in [
                (json!({ "mode": "off" }), "enrolled"),
                (json!({ "mode": "telemetry" }), "enrolled"),
                (json!({ "mode": "soft_fail" }), "enrolled"),
                (json!({ "mode": "enforce", "on_timeout": "accept" }), unavailable),
                (json!({ "mode": "enforce", "on_unevaluated": "accept" }), "enrolled"),
            ] {
                let mut demand = mode.clone();
                demand["level"] = json!("app");
                set_policy(&stage, Platforms::policy(&demand)).await;
                stage.app.advance_secs(1);
                let device = TestDevice::new(&stage.app);
                let answer = stage.enroll(&device, Platforms::play_integrity).await;
                assert_eq!(code(&answer), expected, "{mode}");
                if expected == unavailable {
                    assert_eq!(answer.status, 503);
                } else if mode["mode"] != "off" {
                    assert_eq!(answer.body["verdict"], json!({ "level": "software", "shortfall": "unevaluated" }));
                    assert_eq!(stage.last_evidence().await["failed_check"], "credentials");
                }
            }
        }
    }
}
