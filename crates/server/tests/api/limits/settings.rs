//! Whom a limit is for, and what limits may be.

use super::{assert_full, counted, on_devices, set, try_new};
use crate::logged_in::LoggedIn;
use countersign_test_support::{TestApp, TestDevice, on_both_engines};
use serde_json::{Value, json};

async fn login_as(app: &TestApp, client: &str, user: &str, roles: Value) -> u16 {
    let device = TestDevice::new(app);
    let roles = json!({ "roles": roles });
    let answer = app.login(client, user, &device, roles).await;
    answer.status.as_u16()
}

on_both_engines! {
    async fn without_a_limit_there_is_none(app: TestApp) {
        let client = app.client(json!({})).await;
        let devices = on_devices(&app, &client, "42", 12).await;
        assert_eq!(counted(&app, "42").await.len(), 12);
        assert_eq!(devices[11].list(&app).await.body["limit"], json!({ "used": 12 }));
    }

    async fn roles_and_single_users_have_limits_of_their_own(app: TestApp) {
        let limits = json!({ "max": 1, "roles": [{ "role": "staff", "max": 2 }, { "role": "tester" }],
            "users": [{ "user_id": "7", "max": 3 }] });
        let client = app.client(json!({ "limits": limits })).await;
        for (user, roles, allowed) in [
            ("1", json!([]), 1), ("2", json!(["staff"]), 2), ("3", json!(["staff", "tester"]), 5), ("7", json!(["tester"]), 3),
        ] {
            for count in 1..=5 {
                let expected = if count > allowed { 403 } else { 201 };
                assert_eq!(login_as(&app, &client, user, roles.clone()).await, expected, "{user} {count}");
            }
        }
    }

    async fn roles_are_as_the_backend_last_said(app: TestApp) {
        let limits = json!({ "max": 1, "roles": [{ "role": "staff", "max": 2 }] });
        let client = app.client(json!({ "limits": limits })).await;
        assert_eq!(login_as(&app, &client, "42", json!(["staff"])).await, 201);
        // Saying nothing leaves them, also in the user's list.
        let second = LoggedIn::new(&app, &client, "42").await;
        assert_eq!(second.list(&app).await.body["limit"], json!({ "used": 2, "max": 2 }));
        assert_eq!(login_as(&app, &client, "42", json!(["staff"])).await, 403);
        let again = app.login(&client, "42", &second.device, json!({ "roles": [] })).await;
        assert_eq!((again.status.as_u16(), again.body["evicted"].as_array().map(Vec::len)), (201, Some(1)));
        let list = app.by_device(&second.device, &again.text("access_token"), "GET", "/v1/me/devices").send().await;
        assert_eq!(list.body["limit"], json!({ "used": 1, "max": 1 }));
    }

    async fn a_raised_limit_lets_more_in_at_once(app: TestApp) {
        let client = app.client(json!({ "limits": { "max": 1 } })).await;
        on_devices(&app, &client, "42", 1).await;
        assert_full(&try_new(&app, &client, "42").await);
        set(&app, &client, json!({ "max": 2 })).await;
        assert_eq!(try_new(&app, &client, "42").await.status, 201);
        assert_full(&try_new(&app, &client, "42").await);
        set(&app, &client, json!({})).await;
        assert_eq!(try_new(&app, &client, "42").await.status, 201);
    }

    async fn limits_that_make_no_sense_are_refused_where_they_are_wrong(app: TestApp) {
        let client = app.client(json!({})).await;
        let path = format!("/v1/clients/{client}");
        let many: Vec<_> = (0..101).map(|index| json!({ "role": format!("r{index}") })).collect();
        for (limits, pointer) in [
            (json!({ "max": 0 }), "/limits/max"),
            (json!({ "max": 10_001 }), "/limits/max"),
            (json!({ "roles": [{ "role": "a", "max": 0 }] }), "/limits/roles/0/max"),
            (json!({ "roles": [{ "role": "" }] }), "/limits/roles/0/role"),
            (json!({ "roles": [{ "role": "a" }, { "role": "a" }] }), "/limits/roles/1"),
            (json!({ "users": [{ "user_id": "1" }, { "user_id": "1", "max": 2 }] }), "/limits/users/1"),
            (json!({ "roles": many }), "/limits/roles"),
            (json!({ "max": "3" }), "/limits/max"),
            (json!({ "overflow": "maybe" }), "/limits/overflow"),
            (json!({ "most": 3 }), "/limits/most"),
        ] {
            let before = app.database().dump().await;
            let change = json!({ "limits": limits });
            let answer = app.internal("PATCH", &path).json(&change).send().await;
            assert_eq!((answer.status.as_u16(), answer.code()), (400, "invalid_request"), "{limits}");
            assert_eq!(answer.body["errors"][0]["pointer"], pointer, "{}", answer.body);
            assert_eq!(before, app.database().dump().await);
        }
    }
}
