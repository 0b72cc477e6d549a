//! Refreshes by the device itself (invariants I4, I6, I7, I11).

use super::door::{Door, assert_error, token_proof};
use countersign_test_support::{TestDevice, on_both_engines};
use serde_json::json;

on_both_engines! {
    async fn i7_a_refresh_rotates_and_a_lost_response_is_repeated(app: TestApp) {
        let door = Door::open(&app).await;
        let device = TestDevice::new(&app);
        let login = door.log_in(&device, "ann").await;
        let first = login.text("refresh_token");
        let rotated = door.refresh(&device, &first).await;
        assert_eq!(rotated.status, 200, "{}", rotated.body);
        assert_eq!(rotated.body["session_id"], login.body["session_id"]);
        assert_eq!(rotated.body["user_id"], "ann");
        assert_eq!(rotated.body["installation_id"], login.body["installation_id"]);
        assert!(rotated.body["issued_token_type"].is_null());
        let second = rotated.text("refresh_token");
        assert_ne!(second, first);
        for _ in 0..3 {
            let repeated = door.refresh(&device, &first).await;
            assert_eq!(repeated.text("refresh_token"), second);
        }
        let third = door.refresh(&device, &second).await;
        assert_eq!(third.status, 200, "{}", third.body);
        let late = door.refresh(&device, &first).await;
        assert_error(&late, 400, "invalid_grant", "refresh_superseded");
        let allowed = app.verify(&device, &third.text("access_token")).await;
        assert_eq!(allowed.body["allowed"], true, "{}", allowed.body);
        let rows = app.database().rows("activity").await;
        let refreshed = rows.iter().find(|row| row["action"] == "session.refreshed").expect("a record");
        assert_eq!(refreshed["actor_kind"], "user");
    }

    async fn a_refresh_tells_what_is_new_of_the_device(app: TestApp) {
        let door = Door::open(&app).await;
        let device = TestDevice::new(&app);
        let login = door.log_in(&device, "ann").await;
        let token = login.text("refresh_token");
        let mut form = door.refresh_form(&token);
        form.push(("device", r#"{"app_version":"2.0"}"#));
        let answer = door.send(&device, &form).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        let devices = app.database().rows("devices").await;
        assert_eq!(devices[0]["app_version"], "2.0");
        // Nothing said is nothing changed.
        door.refresh(&device, &answer.text("refresh_token")).await;
        assert_eq!(app.database().rows("devices").await[0]["app_version"], "2.0");
    }

    async fn i6_a_thief_without_the_key_gets_nothing_and_is_recorded(app: TestApp) {
        let door = Door::open(&app).await;
        let (device, thief) = (TestDevice::new(&app), TestDevice::new(&app));
        let login = door.log_in(&device, "ann").await;
        let token = login.text("refresh_token");
        let form = door.refresh_form(&token);
        let bare = door.call(&form).send().await;
        assert_error(&bare, 400, "invalid_dpop_proof", "proof_required");
        let other = door.refresh(&thief, &token).await;
        assert_error(&other, 400, "invalid_grant", "key_mismatch");
        let garbled = door.call(&form).header("dpop", "proof").send().await;
        assert_error(&garbled, 400, "invalid_dpop_proof", "proof_invalid");
        let refused = app.database().count("activity", |row| row["action"] == "session.refresh_refused").await;
        assert_eq!(refused, 3);
        let rightful = door.refresh(&device, &token).await;
        assert_eq!(rightful.status, 200, "{}", rightful.body);
    }

    async fn i11_another_clients_refresh_token_is_unknown(app: TestApp) {
        let door = Door::open(&app).await;
        let device = TestDevice::new(&app);
        let login = door.log_in(&device, "ann").await;
        let token = login.text("refresh_token");
        let other = app.client(json!({})).await;
        let mut form = door.refresh_form(&token);
        form[1].1 = &other;
        let before = app.database().dump().await;
        let answer = door.send(&device, &form).await;
        assert_error(&answer, 400, "invalid_grant", "refresh_invalid");
        assert_eq!(app.database().dump().await, before);
        assert_eq!(door.refresh(&device, &token).await.status, 200);
    }

    async fn what_is_no_refresh_token_is_refused(app: TestApp) {
        let door = Door::open(&app).await;
        let device = TestDevice::new(&app);
        let login = door.log_in(&device, "ann").await;
        for text in ["token", &login.text("access_token"), &app.api_key, &format!("csrt_{}", "0".repeat(49))] {
            let answer = door.refresh(&device, text).await;
            assert_error(&answer, 400, "invalid_grant", "refresh_invalid");
        }
    }

    async fn a_session_of_either_door_goes_on_through_the_other(app: TestApp) {
        let door = Door::open(&app).await;
        let device = TestDevice::new(&app);
        let relayed = app.login(&door.client, "ann", &device, json!({})).await;
        let direct = door.refresh(&device, &relayed.text("refresh_token")).await;
        assert_eq!(direct.status, 200, "{}", direct.body);
        assert_eq!(direct.body["session_id"], relayed.body["session_id"]);
        let back = app.refresh(&door.client, "ann", &device, &direct.text("refresh_token"), json!({})).await;
        assert_eq!(back.status, 200, "{}", back.body);
        // A login by the other door is the same person on the same device.
        let again = door.log_in(&device, "ann").await;
        assert_eq!(again.body["device_id"], relayed.body["device_id"]);
    }

    async fn an_expired_session_cannot_go_on(app: TestApp) {
        let door = Door::open(&app).await;
        let device = TestDevice::new(&app);
        let login = door.log_in(&device, "ann").await;
        app.advance_secs(400 * 86_400);
        let answer = door.refresh(&device, &login.text("refresh_token")).await;
        assert_error(&answer, 400, "invalid_grant", "session_expired");
        let proof = token_proof(&device, None);
        let token = login.text("refresh_token");
        let again = door.call(&door.refresh_form(&token)).header("dpop", &proof).send().await;
        assert_error(&again, 400, "invalid_grant", "session_ended");
    }
}
