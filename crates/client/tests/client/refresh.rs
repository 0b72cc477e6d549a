//! Rotation: lost answers, many callers, and endings.

use crate::setting::{START, Setting};
use countersign_client::{ClientError, SessionError, api_types::ErrorCode};
use countersign_core::Timestamp;
use serde_json::Value;
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::{sync::Notify, task::JoinSet};

const CALLERS: usize = 50;

#[tokio::test]
async fn a_lost_answer_signs_nobody_out() {
    let setting = Setting::start().await;
    let session = setting.login().await.unwrap();
    setting.server.state().answers_to_lose = 2;
    session.refresh().await.unwrap();
    {
        let state = setting.server.state();
        assert_eq!(state.rotations, 1, "each retry got the same successor");
        let [_, first, second, third] = &state.registrations[..] else {
            panic!("{} registrations", state.registrations.len());
        };
        assert_eq!(first["refresh_token"], second["refresh_token"]);
        assert_eq!(first["refresh_token"], third["refresh_token"]);
        assert_ne!(
            first["proof"]["jwt"], second["proof"]["jwt"],
            "a fresh proof each time"
        );
        assert_ne!(
            second["proof"]["jwt"], third["proof"]["jwt"],
            "a fresh proof each time"
        );
    }
    session.refresh().await.unwrap();
    assert_eq!(setting.server.state().rotations, 2, "the successor works");
}

#[tokio::test]
async fn a_refresh_that_gives_up_is_taken_up_again_by_the_next() {
    let setting = Setting::start().await;
    let session = setting.login().await.unwrap();
    setting.server.state().answers_to_lose = 3;
    let error = session.refresh().await.unwrap_err();
    assert!(
        matches!(error, SessionError::Call(ClientError::Transport(_))),
        "{error:?}"
    );
    assert_eq!(setting.server.state().registrations.len(), 4, "three tries");
    session.refresh().await.unwrap();
    assert_eq!(setting.server.state().rotations, 1);
}

#[tokio::test]
async fn a_refresh_that_was_dropped_is_taken_up_again() {
    let setting = Setting::start().await;
    let session = Arc::new(setting.login().await.unwrap());
    let permits = &setting.server.shared().refresh_permits;
    permits.forget_permits(permits.available_permits());
    let mut tasks = JoinSet::new();
    let dropped = Arc::clone(&session);
    tasks.spawn(async move { dropped.refresh().await });
    while setting.server.state().registrations.len() < 2 {
        tokio::task::yield_now().await;
    }
    tasks.shutdown().await;
    permits.add_permits(10);
    session.refresh().await.unwrap();
    session.refresh().await.unwrap();
}

#[tokio::test]
async fn calls_at_the_same_time_share_one_refresh() {
    let setting = Setting::start().await;
    let session = Arc::new(setting.login().await.unwrap());
    let permits = &setting.server.shared().refresh_permits;
    permits.forget_permits(permits.available_permits());
    let started = Arc::new((AtomicUsize::new(0), Notify::new()));
    let mut tasks = JoinSet::new();
    for _ in 0..CALLERS {
        let (session, started) = (Arc::clone(&session), Arc::clone(&started));
        tasks.spawn(async move {
            if started.0.fetch_add(1, Ordering::SeqCst) + 1 == CALLERS {
                started.1.notify_one();
            }
            session.refresh().await
        });
    }
    started.1.notified().await;
    permits.add_permits(CALLERS);
    for outcome in tasks.join_all().await {
        outcome.unwrap();
    }
    assert_eq!(
        setting.server.state().registrations.len(),
        2,
        "the login and one refresh"
    );
    assert_eq!(setting.server.state().rotations, 1);
}

#[tokio::test]
async fn calls_at_the_same_time_share_one_failure() {
    let setting = Setting::start().await;
    let session = Arc::new(setting.login().await.unwrap());
    setting.server.state().refuses_with = Some(ErrorCode::Unavailable);
    let mut tasks = JoinSet::new();
    for _ in 0..CALLERS {
        let session = Arc::clone(&session);
        tasks.spawn(async move { session.refresh().await.unwrap_err().code() });
    }
    let codes = tasks.join_all().await;
    assert!(
        codes
            .iter()
            .all(|code| *code == Some(ErrorCode::Unavailable)),
        "{codes:?}"
    );
    assert_eq!(setting.server.state().registrations.len(), 2);
    setting.server.state().refuses_with = None;
    session.refresh().await.unwrap();
}

#[tokio::test]
async fn an_access_token_about_to_expire_is_refreshed_before_it_is_used() {
    let setting = Setting::start().await;
    let session = setting.login().await.unwrap();
    let authorize = || session.authorize("GET", "https://api.example/things");
    let first = authorize().await.unwrap();
    let advance = |by| {
        setting.clock.advance(by);
        setting.server.shared().clock.advance(by);
    };
    advance(Duration::from_secs(289));
    assert_eq!(
        authorize().await.unwrap()["authorization"],
        first["authorization"]
    );
    advance(Duration::from_secs(2));
    assert_ne!(
        authorize().await.unwrap()["authorization"],
        first["authorization"]
    );
    assert_eq!(setting.server.state().registrations.len(), 2);
}

#[tokio::test]
async fn a_token_that_the_server_calls_expired_is_refreshed_once() {
    let setting = Setting::start().await;
    let session = setting.login().await.unwrap();
    setting.server.state().oldest_access_token = 2;
    session.logout().await.unwrap();
    assert_eq!(setting.server.state().calls.len(), 2);

    let setting = Setting::start().await;
    let session = setting.login().await.unwrap();
    setting.server.state().oldest_access_token = u32::MAX;
    let error = session.logout().await.unwrap_err();
    assert_eq!(error.code(), Some(ErrorCode::TokenExpired));
    assert_eq!(setting.server.state().calls.len(), 2);
}

#[tokio::test]
async fn a_final_refusal_ends_the_session_here_too() {
    let setting = Setting::start().await;
    let session = setting.login().await.unwrap();
    let rotations = session.rotations();
    setting.server.state().refuses_with = Some(ErrorCode::SessionEnded);
    let error = session.refresh().await.unwrap_err();
    assert!(
        matches!(error, SessionError::Call(ClientError::Refused(_))),
        "{error:?}"
    );
    assert!(rotations.has_changed().unwrap());
    let asked = setting.server.state().registrations.len();
    for error in [
        session.refresh().await.unwrap_err(),
        session.sign("GET", "https://api.example").unwrap_err(),
        session.save().unwrap_err(),
    ] {
        assert!(
            matches!(error, SessionError::Over(ErrorCode::SessionEnded)),
            "{error:?}"
        );
    }
    assert_eq!(
        setting.server.state().registrations.len(),
        asked,
        "nothing more was sent"
    );
}

#[tokio::test]
async fn a_refusal_that_may_pass_leaves_the_session() {
    for code in [
        ErrorCode::Unavailable,
        ErrorCode::DeviceSuspended,
        ErrorCode::RateLimited,
    ] {
        let setting = Setting::start().await;
        let session = setting.login().await.unwrap();
        setting.server.state().refuses_with = Some(code);
        assert_eq!(session.refresh().await.unwrap_err().code(), Some(code));
        setting.server.state().refuses_with = None;
        session.refresh().await.unwrap();
    }
}

#[tokio::test]
async fn the_refresh_names_user_and_device_and_is_received_in_the_servers_time() {
    let setting = Setting::start().await;
    setting.clock.set(START.plus(Duration::from_hours(1)));
    let session = setting.login().await.unwrap();
    session.refresh().await.unwrap();
    let received_at = session.save().unwrap().received_at;
    assert!(
        received_at.since(Timestamp::from_secs(0))
            < START.since(Timestamp::from_secs(0)) + Duration::from_secs(2)
    );
    let body: Value = setting.server.state().registrations.pop().unwrap();
    assert_eq!(body["event"], "refresh");
    assert_eq!(body["user_id"], "42");
    assert_eq!(body["device"]["name"], "Phone");
    assert_eq!(body["proof"]["htu"], "https://app.example/refresh");
}
