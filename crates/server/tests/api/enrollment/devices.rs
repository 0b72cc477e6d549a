//! What an enrolled device is: its record, its level, and the logins that follow.

use super::{Show, Stage, enforce, nothing, post};
use countersign_test_support::{Platforms, TestDevice, on_both_engines};
use serde_json::{Value, json};

on_both_engines! {
    async fn each_platform_shows_its_level_and_a_tampered_device_is_refused(app: TestApp) {
        let stage = Stage::new(app, enforce("authenticator")).await;
        let shows: [(Show, &str, &str, &str); 3] = [
            (Platforms::app_attest, "app", "app_attest", "/attestation"),
            (Platforms::android_key, "hardware", "android_key", "/certificates/0"),
            (Platforms::webauthn, "authenticator", "webauthn", "/attestation_object"),
        ];
        for (show, level, platform, member) in shows {
            let device = TestDevice::new(&stage.app);
            let tampered = stage.enroll(&device, |platforms, asked, device| {
                let mut evidence = show(platforms, asked, device);
                let text = evidence.pointer_mut(member).expect("a member");
                let changed = text.as_str().expect("text").replacen('A', "B", 1);
                *text = changed.into();
                evidence
            }).await;
            assert_eq!((tampered.status.as_u16(), tampered.code()), (403, "attestation_invalid"), "{platform}");
            let enrolled = stage.enroll(&device, show).await;
            assert_eq!(enrolled.status, 201, "{platform}: {}", enrolled.body);
            assert_eq!(enrolled.body["verdict"], json!({ "level": level }));
            assert_eq!((&enrolled.body["state"], &enrolled.body["is_new_device"]), (&json!("active"), &json!(true)));
            let kept = stage.rows("evidence").await;
            let kept = kept.iter().find(|row| row["level"] == level).expect("evidence");
            assert_eq!(kept["purpose"], "enroll");
            let facts: Value = serde_json::from_str(kept["facts"].as_str().expect("facts")).expect("JSON");
            assert_eq!(facts["kind"], platform);

            let login = stage.app.login(&stage.client, platform, &device, json!({})).await;
            assert_eq!(login.status, 201, "{}", login.body);
            assert_eq!(login.body["device_id"], enrolled.body["device_id"]);
            assert_eq!(login.body["app_id"], enrolled.body["app_id"]);
            assert_eq!(stage.app.verify(&device, &login.text("access_token")).await.body["allowed"], true);
        }
        assert_eq!(stage.rows("devices").await.len(), 3);
        let enrolled = |row: &Value| row["action"] == "device.enrolled";
        assert_eq!(stage.app.database().count("activity", enrolled).await, 3);
    }

    async fn a_key_that_is_known_is_the_device_that_it_was(app: TestApp) {
        let stage = Stage::new(app, json!({ "mode": "telemetry", "level": "app" })).await;
        let device = TestDevice::new(&stage.app);
        let first = stage.enroll(&device, nothing).await;
        let verdict = json!({ "level": "software", "shortfall": "missing" });
        assert_eq!((first.status.as_u16(), &first.body["verdict"]), (201, &verdict));
        let again = stage.enroll(&device, Platforms::app_attest).await;
        assert_eq!((again.status.as_u16(), &again.body["is_new_device"]), (201, &json!(false)));
        for member in ["device_id", "app_id", "installation_id"] {
            assert_eq!(again.body[member], first.body[member]);
        }
        assert_eq!(again.body["verdict"], json!({ "level": "app" }));
        assert_eq!(stage.rows("devices").await.len(), 1);
    }

    async fn i11_an_installation_id_gives_nobody_anothers_device(app: TestApp) {
        let stage = Stage::new(app, enforce("software")).await;
        let mine = TestDevice::new(&stage.app);
        let login = stage.app.login(&stage.client, "42", &mine, json!({})).await;
        let device = login.text("device_id");
        let taken = mine.installation_id;
        let thief = TestDevice::new(&stage.app).under(taken);
        let stolen = stage.enroll(&thief, nothing).await;
        assert_eq!(stolen.status, 201, "{}", stolen.body);
        assert_ne!(stolen.text("device_id"), device);
        assert_ne!(stolen.text("installation_id"), taken.to_string());
        assert_eq!(stage.app.verify(&mine, &login.text("access_token")).await.body["allowed"], true);
        let list = stage.app.internal("GET", "/v1/users/42/devices").send().await;
        assert_eq!((&list.body["total"], &list.body["data"][0]["device_id"]), (&json!(1), &json!(device)));
    }

    async fn a_key_that_was_given_up_is_not_enrolled(app: TestApp) {
        let stage = Stage::new(app, enforce("software")).await;
        let old = TestDevice::new(&stage.app);
        let installation_id = old.installation_id;
        stage.app.login(&stage.client, "42", &old, json!({})).await;
        let new = TestDevice::new(&stage.app).under(installation_id);
        stage.app.login(&stage.client, "42", &new, json!({})).await;
        let answer = stage.enroll(&old, nothing).await;
        assert_eq!((answer.status.as_u16(), answer.code()), (403, "key_retired"));
    }

    async fn a_users_device_that_enrolls_with_a_new_key_goes_on_as_it_was(app: TestApp) {
        let stage = Stage::new(app, enforce("app")).await;
        let old = TestDevice::new(&stage.app);
        stage.enroll(&old, Platforms::app_attest).await;
        let first = stage.app.login(&stage.client, "42", &old, json!({})).await;
        let path = format!("/v1/users/42/devices/{}", first.text("device_id"));
        stage.app.internal("PATCH", &path).json(&json!({ "name": "Mine" })).send().await;

        // The app was installed anew: the key is lost, and nobody knows yet whose device it is.
        let new = TestDevice::new(&stage.app).under(old.installation_id);
        let enrolled = stage.enroll(&new, Platforms::app_attest).await;
        assert_eq!(enrolled.status, 201, "{}", enrolled.body);
        assert_ne!(enrolled.body["device_id"], first.body["device_id"]);
        let second = stage.app.login(&stage.client, "42", &new, json!({})).await;
        assert_eq!(second.status, 201, "{}", second.body);
        assert_eq!(second.body["device_id"], first.body["device_id"]);
        assert_eq!(second.body["app_id"], enrolled.body["app_id"]);
        assert_eq!(second.body["is_new_device"], false);
        assert_eq!(stage.app.verify(&new, &second.text("access_token")).await.body["allowed"], true);
        assert_eq!(stage.app.verify(&old, &first.text("access_token")).await.body["allowed"], false);
        assert_eq!(stage.app.login(&stage.client, "42", &old, json!({})).await.code(), "key_retired");
        let list = stage.app.internal("GET", "/v1/users/42/devices").send().await;
        assert_eq!((&list.body["total"], &list.body["data"][0]["name"]), (&json!(1), &json!("Mine")));
        let evidence = stage.rows("evidence").await;
        let generation = |number: i64| evidence.iter().filter(|row| row["generation"] == number).count();
        assert_eq!((generation(1), generation(2)), (1, 1));
        let refreshed = stage.app.refresh(&stage.client, "42", &new, &second.text("refresh_token"), json!({})).await;
        assert_eq!(refreshed.status, 200, "{}", refreshed.body);
    }

    async fn i11_an_enrolled_device_goes_on_as_nobody_elses(app: TestApp) {
        let stage = Stage::new(app, enforce("software")).await;
        let theirs = TestDevice::new(&stage.app);
        let first = stage.app.login(&stage.client, "41", &theirs, json!({})).await;
        let mine = TestDevice::new(&stage.app).under(theirs.installation_id);
        let enrolled = stage.enroll(&mine, nothing).await;
        let second = stage.app.login(&stage.client, "42", &mine, json!({})).await;
        assert_eq!(second.body["device_id"], enrolled.body["device_id"]);
        // Once somebody has logged in on it, it is a device of its own, also for whoever has the other.
        let both = stage.app.login(&stage.client, "41", &mine, json!({})).await;
        assert_eq!(both.body["device_id"], enrolled.body["device_id"]);
        assert_eq!(stage.app.verify(&theirs, &first.text("access_token")).await.body["allowed"], true);
    }

    async fn a_disabled_client_enrolls_nobody(app: TestApp) {
        let stage = Stage::new(app, enforce("software")).await;
        let device = TestDevice::new(&stage.app);
        let challenge = stage.challenge("enroll").await;
        let path = format!("/v1/clients/{}", stage.client);
        stage.app.internal("PATCH", &path).json(&json!({ "disabled": true })).send().await;
        let body = stage.body(&device, &challenge, &Value::Null);
        assert_eq!(stage.send(&device, &body).await.code(), "client_disabled");
        let ask = json!({ "client_id": stage.client, "purpose": "enroll" });
        let answer = stage.app.public("POST", "/v1/enrollments/challenges").json(&ask).send().await;
        assert_eq!(answer.code(), "client_disabled");
        assert!(stage.rows("devices").await.is_empty());
    }

    async fn what_is_no_enrollment_is_refused_with_everything_that_is_wrong(app: TestApp) {
        let stage = Stage::new(app, enforce("software")).await;
        let device = TestDevice::new(&stage.app);
        let before = stage.app.database().dump().await;
        let good = stage.body(&device, &"A".repeat(43), &Value::Null);
        let evidence = |evidence: Value| json!({ "evidence": evidence });
        for (change, pointer) in [
            (json!({ "challenge": "" }), "/challenge"),
            (json!({ "device": { "push": { "token": "x" } } }), "/device/push"),
            (evidence(json!({ "platform": "android_key", "certificates": [] })), "/evidence/certificates"),
            (evidence(json!({ "platform": "app_attest", "key_id": "", "attestation": "AA" })), "/evidence/key_id"),
        ] {
            let mut body = good.clone();
            for (name, value) in change.as_object().expect("members") {
                match (name.as_str(), value.as_object()) {
                    ("device", Some(members)) => for (name, value) in members { body["device"][name] = value.clone(); },
                    _ => body[name] = value.clone(),
                }
            }
            let answer = post(&stage.app, &device, "/v1/enrollments", &body).await;
            assert_eq!((answer.status.as_u16(), answer.code()), (400, "invalid_request"), "{pointer}");
            assert_eq!(answer.body["errors"][0]["pointer"], pointer, "{}", answer.body);
        }
        assert_eq!(stage.app.database().dump().await, before);
    }

    async fn a_machine_is_remembered_when_an_enrolled_device_goes_on_as_its_users(app: TestApp) {
        let stage = Stage::new(app, enforce("software")).await;
        let old = TestDevice::new(&stage.app);
        let first = stage.app.login(&stage.client, "42", &old, json!({})).await;
        let new = TestDevice::new(&stage.app).under(old.installation_id);
        stage.enroll(&new, |platforms, asked, device| platforms.android_machine(asked, device, "S1")).await;
        let second = stage.app.login(&stage.client, "42", &new, json!({})).await;
        assert_eq!(second.body["device_id"], first.body["device_id"], "{}", second.body);
        let path = format!("/v1/devices/{}", second.text("device_id"));
        let record = stage.app.internal("GET", &path).send().await;
        assert_eq!(record.body["hardware_identity"], "attested");
    }
}
