//! Nonces and clocks.

use crate::setting::{START, Setting};
use countersign_client::api_types::{ErrorCode, device::OwnDeviceFilter};
use countersign_core::ManualClock;
use std::time::Duration;

#[tokio::test]
async fn a_demanded_nonce_is_sent_once_and_then_kept() {
    let setting = Setting::start().await;
    setting.server.state().wants_nonces = true;
    let session = setting.login().await.unwrap();
    assert_eq!(
        setting.server.state().registrations.len(),
        2,
        "refused once, then accepted"
    );
    session.refresh().await.unwrap();
    assert_eq!(
        setting.server.state().registrations.len(),
        3,
        "the nonce is known by now"
    );
    session.own_devices(OwnDeviceFilter::Active).await.unwrap();
    assert_eq!(setting.server.state().calls.len(), 3, "one call a page");
}

#[tokio::test]
async fn a_nonce_that_runs_out_is_replaced_during_a_users_call() {
    let setting = Setting::start().await;
    setting.server.state().wants_nonces = true;
    let session = setting.login().await.unwrap();
    let later = Duration::from_secs(299);
    setting.clock.advance(later);
    setting
        .server
        .shared()
        .clock
        .advance(later + Duration::from_secs(2));
    // The access token is refreshed first, which takes a new nonce; the page then needs no other.
    session.own_devices(OwnDeviceFilter::Active).await.unwrap();
    assert_eq!(setting.server.state().registrations.len(), 4);
    assert_eq!(setting.server.state().calls.len(), 3);
}

#[tokio::test]
async fn a_nonce_is_tried_once_only() {
    let setting = Setting::start().await;
    setting.server.state().refuses_nonces = true;
    let error = setting.login().await.unwrap_err();
    assert_eq!(error.code(), Some(ErrorCode::UseDpopNonce));
    assert_eq!(setting.server.state().registrations.len(), 2);
}

#[tokio::test]
async fn a_wrong_clock_is_corrected_from_the_servers_answer() {
    for is_ahead in [true, false] {
        let setting = Setting::start().await;
        let off = Duration::from_hours(26);
        setting.clock.set(if is_ahead {
            START.plus(off)
        } else {
            START.minus(off)
        });
        let session = setting.login().await.unwrap();
        assert_eq!(
            setting.server.state().registrations.len(),
            2,
            "refused once, then accepted"
        );
        let server_time = setting.device.server_time();
        let tolerance = Duration::from_millis(500);
        assert!(server_time >= START.minus(tolerance) && server_time <= START.plus(tolerance));
        session.own_devices(OwnDeviceFilter::Active).await.unwrap();
        assert_eq!(
            setting.server.state().calls.len(),
            3,
            "the correction holds"
        );
        assert_eq!(
            setting.server.state().registrations.len(),
            2,
            "the token is not stale"
        );
    }
}

#[tokio::test]
async fn a_clock_set_during_a_session_is_noticed_by_the_users_calls() {
    let setting = Setting::start().await;
    let session = setting.login().await.unwrap();
    setting.clock.set(START.minus(Duration::from_mins(10)));
    session.own_devices(OwnDeviceFilter::Active).await.unwrap();
    assert_eq!(
        setting.server.state().calls.len(),
        4,
        "the first one was refused"
    );
}

#[tokio::test]
async fn no_two_proofs_are_the_same() {
    let setting = Setting::start().await;
    let session = setting.login().await.unwrap();
    let url = "https://api.example/things";
    let first = session.sign("GET", url).unwrap();
    let second = session.sign("GET", url).unwrap();
    assert_eq!(first["authorization"], second["authorization"]);
    assert_ne!(first["dpop"], second["dpop"]);
}

#[tokio::test]
async fn a_proof_that_expires_for_another_reason_is_not_made_again() {
    let setting = Setting::start().await;
    // The server's clock runs on between its answer and its next question: nothing to learn from.
    let server: &ManualClock = &setting.server.shared().clock;
    setting.login().await.unwrap();
    setting.server.state().refuses_with = Some(ErrorCode::ProofExpired);
    server.set(START);
    let error = setting.login().await.unwrap_err();
    assert_eq!(error.code(), Some(ErrorCode::ProofExpired));
    assert_eq!(setting.server.state().registrations.len(), 2);
}
