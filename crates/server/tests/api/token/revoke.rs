//! Giving tokens back without an API key.

use super::door::{Door, assert_error, encode};
use countersign_test_support::{Answer, TestDevice, on_both_engines};
use serde_json::json;

async fn revoke(door: &Door<'_>, form: &[(&str, &str)]) -> Answer {
    door.app
        .public("POST", "/oauth/revoke")
        .form(&encode(form))
        .send()
        .await
}

on_both_engines! {
    async fn i1_a_token_given_back_is_refused_at_once(app: TestApp) {
        let door = Door::open(&app).await;
        for kind in ["access_token", "refresh_token"] {
            let device = TestDevice::new(&app);
            let login = door.log_in(&device, "ann").await;
            let token = login.text(kind);
            for _ in 0..2 {
                let answer = revoke(&door, &[("token", &token), ("client_id", &door.client), ("token_type_hint", "any")]).await;
                assert_eq!((answer.status.as_u16(), answer.raw.as_str()), (200, ""));
            }
            let refused = app.verify(&device, &login.text("access_token")).await;
            assert_eq!(refused.code(), "session_ended", "{kind}");
            let refused = door.refresh(&device, &login.text("refresh_token")).await;
            assert_error(&refused, 400, "invalid_grant", "session_ended");
        }
        let rows = app.database().rows("activity").await;
        let ended: Vec<_> = rows.iter().filter(|row| row["action"] == "session.ended").collect();
        assert_eq!(ended.len(), 2);
        for row in ended {
            assert_eq!((&row["actor_kind"], &row["reason"]), (&json!("user"), &json!("token_revoked")));
            assert_eq!(row["actor_id"], row["user_id"]);
        }
    }

    async fn i11_another_clients_token_stays_as_it_is(app: TestApp) {
        let door = Door::open(&app).await;
        let device = TestDevice::new(&app);
        let login = door.log_in(&device, "ann").await;
        let other = app.client(json!({})).await;
        let before = app.database().dump().await;
        for client in [other.as_str(), "cli_0123456789abcdefghjkmnpqrs", "app"] {
            for kind in ["access_token", "refresh_token"] {
                let answer = revoke(&door, &[("token", &login.text(kind)), ("client_id", client)]).await;
                assert_eq!(answer.status, 200, "{}", answer.body);
            }
        }
        assert_eq!(app.database().dump().await, before);
        let allowed = app.verify(&device, &login.text("access_token")).await;
        assert_eq!(allowed.body["allowed"], true, "{}", allowed.body);
    }

    async fn what_is_no_token_is_answered_alike_until_it_is_too_much(app: TestApp) {
        let door = Door::open(&app).await;
        for _ in 0..60 {
            let answer = revoke(&door, &[("token", "made up"), ("client_id", &door.client)]).await;
            assert_eq!(answer.status, 200, "{}", answer.body);
        }
        let answer = revoke(&door, &[("token", "made up"), ("client_id", &door.client)]).await;
        assert_eq!((answer.status.as_u16(), answer.code()), (429, "rate_limited"));
    }

    async fn a_call_without_token_or_client_is_refused(app: TestApp) {
        let door = Door::open(&app).await;
        let answer = revoke(&door, &[("client_id", &door.client)]).await;
        assert_error(&answer, 400, "invalid_request", "invalid_request");
        let answer = revoke(&door, &[("token", "a")]).await;
        assert_eq!((answer.status.as_u16(), answer.code()), (401, "unauthenticated"));
    }
}
