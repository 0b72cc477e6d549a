//! Devices that are cut off at the same moment: each ended once, none held up by another.

use crate::logged_in::LoggedIn;
use countersign_storage::{Engine, StoreError};
use countersign_test_support::{Answer, TestApp, on_both_engines};
use futures_util::future::join_all;
use serde_json::json;
use std::sync::Arc;
use tokio::sync::Notify;

/// Users with a device each.
async fn log_in(app: &TestApp, count: usize) -> Vec<LoggedIn> {
    let client = app.client(json!({})).await;
    let mut all = Vec::with_capacity(count);
    for number in 0..count {
        all.push(LoggedIn::new(app, &client, &format!("user-{number}")).await);
    }
    all
}

/// Ends somebody's device as a backend does: by a log-out or a removal.
async fn end(app: &TestApp, user: &str, device: &str, is_removal: bool) -> Answer {
    let path = format!("/v1/users/{user}/devices/{device}");
    let call = if is_removal {
        app.internal("DELETE", &path)
    } else {
        app.internal("POST", &format!("{path}/logout"))
    };
    call.send().await
}

async fn count(app: &TestApp, table: &str, column: &str, value: &str) -> usize {
    let rows = app.database().rows(table).await;
    rows.iter().filter(|row| row[column] == value).count()
}

on_both_engines! {
    async fn i1_devices_that_are_cut_off_at_once_are_each_ended_once(app: TestApp) {
        // More than one transaction takes.
        let all = log_in(&app, 70).await;
        let devices: Vec<_> = all.iter().map(LoggedIn::device_id).collect();
        let mut calls = Vec::new();
        for (number, me) in all.iter().enumerate() {
            // Every third one is ended twice, and every fifth is asked for in somebody else's name.
            let times = if number.is_multiple_of(3) { 2 } else { 1 };
            for _ in 0..times {
                calls.push(end(&app, &me.user, &devices[number], number.is_multiple_of(2)));
            }
        }
        let strangers = (2..70).step_by(5).map(|number| end(&app, &all[number].user, &devices[1], false));
        let (answers, refused) = tokio::join!(join_all(calls), join_all(strangers));
        for answer in &refused {
            assert_eq!((answer.status.as_u16(), answer.code()), (404, "not_found"));
        }
        let ended: u64 = answers.iter().filter_map(|answer| answer.body["ended"].as_u64()).sum();
        assert_eq!(ended, 70);
        for (number, me) in all.iter().enumerate() {
            let code = if number.is_multiple_of(2) { "device_removed" } else { "session_ended" };
            me.assert_refused(&app, code).await;
        }
        for (action, expected) in [("session.ended", 70), ("device.removed", 35), ("device.logged_out", 35)] {
            assert_eq!(count(&app, "activity", "action", action).await, expected, "{action}");
        }
        assert_eq!(count(&app, "feed", "kind", "ended").await, 70);
    }
}

#[tokio::test]
async fn a_device_that_somebody_else_holds_keeps_no_other_waiting() {
    let app = TestApp::start(Engine::Postgres).await;
    let all = log_in(&app, 4).await;
    let (held, release) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let devices: Vec<_> = all.iter().map(LoggedIn::device_id).collect();
    let (device, user) = (&devices[0], &all[0].user);
    let input = (
        device.parse().expect("an id"),
        user.parse().expect("a name"),
        Arc::clone(&held),
        Arc::clone(&release),
    );
    let holder = app
        .app
        .store()
        .write(input, |tx, (device, user, held, release)| {
            Box::pin(async move {
                tx.lock_users_ownership(*device, user).await?;
                held.notify_one();
                release.notified().await;
                Ok::<_, StoreError>(())
            })
        });
    let others = async {
        held.notified().await;
        let busy = end(&app, user, device, false);
        let free = async {
            let free = all.iter().zip(&devices).skip(1);
            let calls = free.map(|(me, device)| end(&app, &me.user, device, false));
            for answer in join_all(calls).await {
                assert_eq!(answer.body["ended"], 1, "{}", answer.body);
            }
            assert_eq!(count(&app, "activity", "action", "session.ended").await, 3);
            release.notify_one();
        };
        let (busy, ()) = tokio::join!(busy, free);
        assert_eq!(busy.body["ended"], 1, "{}", busy.body);
    };
    let (written, ()) = tokio::join!(holder, others);
    written.expect("a write");
    all[0].assert_refused(&app, "session_ended").await;
}
