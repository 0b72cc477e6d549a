//! What clients demand: each mode meets each way of falling short, at enrollment and at login.

use super::{Show, Stage, enforce, nothing};
use countersign_test_support::{Asked, Platforms, TestDevice, on_both_engines};
use serde_json::{Value, json};

/// Evidence of a platform that the client names, and that is wrong.
fn wrong(platforms: &Platforms, asked: Asked<'_>, device: &TestDevice) -> Value {
    let mut evidence = platforms.app_attest(asked, device);
    evidence["key_id"] = json!("AAAA");
    evidence
}

on_both_engines! {
    async fn each_mode_meets_each_way_of_falling_short(app: TestApp) {
        let stage = Stage::new(app, json!({})).await;
        let shows: [(Show, &str); 4] = [
            (nothing, "missing"), (wrong, "invalid"), (Platforms::webauthn, "level"), (Platforms::app_attest, ""),
        ];
        let (required, invalid, insufficient) =
            ("attestation_required", "attestation_invalid", "attestation_insufficient");
        for (mode, refused) in [
            (json!({ "mode": "off" }), ["", "", "", ""]),
            (json!({ "mode": "telemetry" }), ["", "", "", ""]),
            (json!({ "mode": "soft_fail" }), ["", invalid, "", ""]),
            (json!({ "mode": "soft_fail", "on_invalid": "accept" }), ["", "", "", ""]),
            (json!({ "mode": "enforce" }), [required, invalid, insufficient, ""]),
        ] {
            let mut demand = mode.clone();
            demand["level"] = json!("app");
            set_policy(&stage, Platforms::policy(&demand)).await;
            for ((show, shortfall), refused) in shows.into_iter().zip(refused) {
                let device = TestDevice::new(&stage.app);
                let before = stage.rows("devices").await.len();
                let answer = stage.enroll(&device, show).await;
                let context = format!("{mode} {shortfall}: {}", answer.body);
                let after = stage.rows("devices").await.len();
                if !refused.is_empty() {
                    assert_eq!((answer.status.as_u16(), answer.code(), after), (403, refused, before), "{context}");
                    continue;
                }
                assert_eq!((answer.status.as_u16(), after), (201, before + 1), "{context}");
                let is_told = mode["mode"] != "off" && !shortfall.is_empty();
                let told = if is_told { json!(shortfall) } else { Value::Null };
                assert_eq!(answer.body["verdict"]["shortfall"], told, "{context}");
            }
        }
    }

    async fn a_list_that_is_too_old_can_judge_nobody(app: TestApp) {
        let stage = Stage::new(app, enforce("hardware")).await;
        assert_eq!(stage.enroll(&TestDevice::new(&stage.app), Platforms::android_key).await.status, 201);
        stage.app.advance_secs(7 * 24 * 3600 + 1);
        let late = stage.enroll(&TestDevice::new(&stage.app), Platforms::android_key).await;
        assert_eq!((late.status.as_u16(), late.code()), (503, "attestation_unavailable"));
        let mut lenient = enforce("hardware");
        lenient["on_unevaluated"] = json!("accept");
        set_policy(&stage, Platforms::policy(&lenient)).await;
        let accepted = stage.enroll(&TestDevice::new(&stage.app), Platforms::android_key).await;
        assert_eq!(accepted.status, 201, "{}", accepted.body);
        assert_eq!(accepted.body["verdict"], json!({ "level": "software", "shortfall": "unevaluated" }));
    }

    async fn logins_and_refreshes_demand_what_was_shown(app: TestApp) {
        let stage = Stage::new(app, json!({})).await;
        let strict = json!({ "mode": "enforce", "level": "app", "max_age_seconds": 3600 });
        let mut policy = Platforms::policy(&json!({ "mode": "telemetry" }));
        policy["login"] = strict.clone();
        set_policy(&stage, policy.clone()).await;
        let stranger = TestDevice::new(&stage.app);
        let refused = stage.app.login(&stage.client, "42", &stranger, json!({})).await;
        assert_eq!((refused.status.as_u16(), refused.code()), (403, "attestation_required"));
        assert!(stage.rows("devices").await.is_empty());

        let device = TestDevice::new(&stage.app);
        stage.enroll(&device, Platforms::webauthn).await;
        let low = stage.app.login(&stage.client, "42", &device, json!({})).await;
        assert_eq!((low.status.as_u16(), low.code()), (403, "attestation_insufficient"));
        stage.enroll(&device, Platforms::app_attest).await;
        let login = stage.app.login(&stage.client, "42", &device, json!({})).await;
        assert_eq!(login.status, 201, "{}", login.body);

        policy["refresh"] = strict;
        set_policy(&stage, policy).await;
        let refresh = async |token: String| stage.app.refresh(&stage.client, "42", &device, &token, json!({})).await;
        let refreshed = refresh(login.text("refresh_token")).await;
        assert_eq!(refreshed.status, 200, "{}", refreshed.body);
        stage.app.advance_secs(3601);
        let before = stage.app.database().dump().await;
        let stale = refresh(refreshed.text("refresh_token")).await;
        assert_eq!((stale.status.as_u16(), stale.code()), (403, "attestation_required"));
        assert_eq!(stage.app.database().dump().await["sessions"], before["sessions"]);
        stage.enroll(&device, Platforms::app_attest).await;
        assert_eq!(refresh(refreshed.text("refresh_token")).await.status, 200);
    }

    async fn what_was_shown_counts_at_logins_though_enrollments_demand_nothing(app: TestApp) {
        let stage = Stage::new(app, json!({})).await;
        let mut policy = Platforms::policy(&json!({ "mode": "off" }));
        policy["login"] = enforce("app");
        set_policy(&stage, policy).await;
        let shows: [(Show, &str); 3] = [
            (nothing, "attestation_required"), (wrong, "attestation_invalid"), (Platforms::app_attest, ""),
        ];
        for (show, refused) in shows {
            let device = TestDevice::new(&stage.app);
            let enrolled = stage.enroll(&device, show).await;
            assert_eq!(enrolled.status, 201, "{}", enrolled.body);
            let login = stage.app.login(&stage.client, "42", &device, json!({})).await;
            assert_eq!(login.body["code"].as_str().unwrap_or_default(), refused, "{}", login.body);
        }
    }

    async fn a_policy_that_nobody_could_meet_is_refused(app: TestApp) {
        let policies = [
            (json!({ "enroll": { "mode": "enforce", "level": "app" } }), "/attestation/enroll/level"),
            (json!({ "enroll": { "max_age_seconds": 60 } }), "/attestation/enroll/max_age_seconds"),
            (json!({ "login": { "max_age_seconds": 59 } }), "/attestation/login/max_age_seconds"),
            (json!({ "apple": [{ "app_id": "" }] }), "/attestation/apple/0/app_id"),
            (json!({ "android": { "apps": [] } }), "/attestation/android/apps"),
            (json!({ "android": { "apps": [{ "package": "a", "signing_digests": [] }] } }), "/attestation/android/apps/0/signing_digests"),
            (json!({ "web": { "rp_id": "a", "origins": [] } }), "/attestation/web/origins"),
        ];
        for (policy, pointer) in policies {
            let body = json!({
                "name": "App", "platform": "ios", "audience": "https://api.example", "attestation": policy,
            });
            let answer = app.internal("POST", "/v1/clients").json(&body).send().await;
            assert_eq!((answer.status.as_u16(), answer.code()), (400, "invalid_request"), "{pointer}");
            assert_eq!(answer.body["errors"][0]["pointer"], pointer, "{}", answer.body);
        }
        let client = app.client(json!({ "attestation": Platforms::policy(&enforce("app")) })).await;
        let read = app.internal("GET", &format!("/v1/clients/{client}")).send().await;
        assert_eq!(read.body["attestation"]["enroll"]["mode"], "enforce");
        let written = read.body["attestation"].clone();
        let path = format!("/v1/clients/{client}");
        let changed = app.internal("PATCH", &path).json(&json!({ "attestation": written })).send().await;
        assert_eq!(changed.body["attestation"], read.body["attestation"]);
    }
}

pub(super) async fn set_policy(stage: &Stage, policy: Value) {
    let path = format!("/v1/clients/{}", stage.client);
    let call = stage.app.internal("PATCH", &path);
    let answer = call.json(&json!({ "attestation": policy })).send().await;
    assert_eq!(answer.status, 200, "{}", answer.body);
}
