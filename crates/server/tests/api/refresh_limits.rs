//! When a session can no longer be refreshed: limits, endings, retention.

use crate::logged_in::{LoggedIn, pop_optional};
use countersign_server::Job;
use countersign_test_support::{TestApp, TestDevice, on_both_engines};
use serde_json::{Value, json};
use std::sync::Arc;

const DAY: u64 = 86_400;

/// A client whose sessions live as long as they may.
fn long_lived() -> Value {
    let lifetimes = json!({ "idle_seconds": 400 * DAY, "absolute_seconds": 400 * DAY });
    json!({ "lifetimes": lifetimes })
}

async fn patch_client(app: &TestApp, client: &str, change: Value) {
    let path = format!("/v1/clients/{client}");
    let tag = app
        .internal("GET", &path)
        .send()
        .await
        .header("etag")
        .to_owned();
    let call = app.internal("PATCH", &path).header("if-match", &tag);
    let answer = call.json(&change).send().await;
    assert_eq!(answer.status, 200, "{}", answer.body);
}

on_both_engines! {
    async fn an_idle_session_expires_and_a_refresh_in_time_keeps_it(app: TestApp) {
        let client = app.client(json!({ "preset": "aal2" })).await;
        let me = LoggedIn::new(&app, &client, "42").await;
        app.advance_secs(3599);
        let refreshed = me.refresh(&app, &me.refresh_token()).await;
        assert_eq!(refreshed.status, 200, "{}", refreshed.body);
        app.advance_secs(3600);
        let token = refreshed.text("refresh_token");
        let refused = me.refresh(&app, &token).await;
        assert_eq!((refused.status.as_u16(), refused.code()), (401, "session_expired"), "{}", refused.body);
        assert_eq!(me.refresh(&app, &token).await.code(), "session_ended");
        let expired = |row: &Value| row["end_cause"] == "expired";
        assert_eq!(app.database().count("sessions", expired).await, 1);
    }

    async fn no_refresh_goes_beyond_the_absolute_limit(app: TestApp) {
        let client = app.client(json!({ "preset": "aal3" })).await;
        let me = LoggedIn::new(&app, &client, "42").await;
        let ends = me.login.body["session_expires_at"].clone();
        let mut token = me.refresh_token();
        for _ in 0..47 {
            app.advance_secs(899);
            let refreshed = me.refresh(&app, &token).await;
            assert_eq!(refreshed.body["session_expires_at"], ends, "{}", refreshed.body);
            token = refreshed.text("refresh_token");
        }
        app.advance_secs(12 * 3600 - 47 * 899 - 100);
        let last = me.refresh(&app, &token).await;
        assert_eq!(last.body["expires_in"], 100, "{}", last.body);
        assert_eq!(last.body["idle_expires_at"], ends);
        let access = last.text("access_token");
        assert_eq!(me.verify_token(&app, &access).await.body["expires_at"], ends);
        app.advance_secs(100);
        assert_eq!(me.verify_token(&app, &access).await.code(), "token_expired");
        assert_eq!(me.refresh(&app, &last.text("refresh_token")).await.code(), "session_expired");
    }

    async fn a_session_keeps_the_lifetimes_of_its_login(app: TestApp) {
        let client = app.client(json!({})).await;
        let me = LoggedIn::new(&app, &client, "42").await;
        patch_client(&app, &client, json!({ "lifetimes": { "access_seconds": 60, "idle_seconds": 60, "absolute_seconds": 3600 } })).await;
        app.advance_secs(7200);
        let refreshed = me.refresh(&app, &me.refresh_token()).await;
        assert_eq!(refreshed.body["expires_in"], 300, "{}", refreshed.body);
        let newer = LoggedIn::new(&app, &client, "43").await;
        assert_eq!(newer.login.body["expires_in"], 60);
    }

    async fn whatever_ended_a_session_no_refresh_brings_it_back(app: TestApp) {
        let client = app.client(pop_optional()).await;
        for how in ["logout", "remote_logout", "removed", "ended_others", "replaced", "key_replaced", "token_revoked", "user_disabled"] {
            let me = LoggedIn::new(&app, &client, how).await;
            end(&app, &me, how).await;
            let ended = app.database().count("sessions", |row| row["end_cause"] == how).await;
            assert_eq!(ended, 1, "{how}");
            let refused = me.refresh(&app, &me.refresh_token()).await;
            assert_eq!((refused.status.as_u16(), refused.code()), (401, "session_ended"), "{how}: {}", refused.body);
        }
        let me = LoggedIn::new(&app, &client, "client_disabled").await;
        patch_client(&app, &client, json!({ "disabled": true })).await;
        assert_eq!(me.refresh(&app, &me.refresh_token()).await.code(), "client_disabled");
        patch_client(&app, &client, json!({ "disabled": false })).await;
        assert_eq!(me.refresh(&app, &me.refresh_token()).await.code(), "session_ended");
        me.assert_refused(&app, "client_ended").await;
    }

    async fn an_old_refresh_token_never_forks_a_session_however_long_jobs_clean_up(app: TestApp) {
        let client = app.client(long_lived()).await;
        let me = LoggedIn::new(&app, &client, "42").await;
        let gone = LoggedIn::new(&app, &client, "43").await;
        gone.call(&app, "POST", "/v1/logout").send().await;
        let first = me.refresh_token();
        let second = me.refresh(&app, &first).await.text("refresh_token");
        let mut newest = me.refresh(&app, &second).await.text("refresh_token");
        for _ in 0..4 {
            app.advance_secs(32 * DAY);
            for job in [Job::FlushActivity, Job::Sweep, Job::Retain] {
                app.run_job(job).await;
            }
            for old in [&first, &second] {
                let refused = me.refresh(&app, old).await;
                let previous = old == &second && refused.status == 200;
                assert!(previous || refused.code() == "refresh_superseded", "{}", refused.body);
            }
            newest = me.refresh(&app, &newest).await.text("refresh_token");
        }
        assert_eq!(gone.refresh(&app, &gone.refresh_token()).await.code(), "refresh_invalid");
        assert_eq!(app.database().rows("sessions").await.len(), 1);
    }
}

/// Ends the session in a way that leaves this cause.
async fn end(app: &TestApp, me: &LoggedIn, how: &str) {
    let device = format!("/v1/users/{}/devices/{}", me.user, me.device_id());
    let answer = match how {
        "logout" => me.call(app, "POST", "/v1/logout").send().await,
        "remote_logout" => {
            app.internal("POST", &format!("{device}/logout"))
                .send()
                .await
        }
        "removed" => app.internal("DELETE", &device).send().await,
        "ended_others" => {
            let other = LoggedIn::new(app, &me.client, &me.user).await;
            let path = "/v1/me/sessions/end-others";
            other.call(app, "POST", path).send().await
        }
        "replaced" => {
            LoggedIn::on(app, &me.client, &me.user, &me.device)
                .await
                .login
        }
        "key_replaced" => {
            let mut device = TestDevice::new(app);
            device.installation_id = me.device.installation_id;
            LoggedIn::on(app, &me.client, &me.user, &Arc::new(device))
                .await
                .login
        }
        "token_revoked" => {
            let form = format!("token={}", me.refresh_token());
            app.internal("POST", "/oauth/revoke")
                .form(&form)
                .send()
                .await
        }
        _ => {
            app.internal("POST", &format!("/v1/users/{}/disable", me.user))
                .send()
                .await
        }
    };
    assert!(answer.status.is_success(), "{how}: {}", answer.body);
}
