//! The list of Android certificates that were taken back: fetched or imported, for all nodes.

use super::{Stage, enforce};
use axum::{Router, routing::get};
use countersign_server::{Job, StatusListError};
use countersign_test_support::{Platforms, TestApp, TestDevice, on_both_engines};
use serde_json::json;
use std::{
    net::SocketAddr,
    sync::Arc,
    sync::atomic::{AtomicUsize, Ordering},
};
use tokio::task::JoinSet;

const EMPTY: &str = r#"{"entries":{}}"#;

/// A service that has no list yet, and takes Android devices only.
async fn without_list(app: TestApp) -> Stage {
    let mut stage = Stage::new(app, enforce("hardware")).await;
    stage.platforms.forget_status_list();
    stage.app = stage.app.with_platforms(&stage.platforms).await;
    stage
}

async fn code(stage: &Stage) -> String {
    let device = TestDevice::new(&stage.app);
    let answer = stage.enroll(&device, Platforms::android_key).await;
    answer.body["code"]
        .as_str()
        .unwrap_or("enrolled")
        .to_owned()
}

on_both_engines! {
    async fn without_a_list_nobody_can_be_judged_until_one_is_imported(app: TestApp) {
        let stage = without_list(app).await;
        assert_eq!(code(&stage).await, "attestation_unavailable");
        let now = stage.app.app.now();
        let enrollments = &stage.app.app.enrollments;
        assert_eq!(enrollments.import_status_list(EMPTY.into(), now).await.expect("an import"), 0);
        // Another node wrote it: this one takes it over.
        stage.app.run_job(Job::RenewStatusList).await;
        assert_eq!(code(&stage).await, "enrolled");
        let serial = stage.platforms.android_serial();
        let listed = json!({ "entries": { serial: { "status": "REVOKED", "reason": "KEY_COMPROMISE" } } });
        stage.app.advance_secs(1);
        let listed = listed.to_string().into_bytes();
        assert_eq!(enrollments.import_status_list(listed, stage.app.app.now()).await.expect("an import"), 1);
        stage.app.run_job(Job::RenewStatusList).await;
        assert_eq!(code(&stage).await, "attestation_invalid");
        // An older list does not bring the device back, nor does something else.
        let older = enrollments.import_status_list(EMPTY.into(), now).await;
        assert!(matches!(older, Err(StatusListError::Older(_))), "{older:?}");
        let before = stage.app.database().dump().await;
        let tomorrow = stage.app.app.now().plus(std::time::Duration::from_hours(24));
        let early = enrollments.import_status_list(EMPTY.into(), tomorrow).await;
        assert!(matches!(early, Err(StatusListError::FromTheFuture(_))), "{early:?}");
        let broken = enrollments.import_status_list(b"{}".to_vec(), stage.app.app.now()).await;
        assert!(matches!(broken, Err(StatusListError::Invalid(_))), "{broken:?}");
        assert_eq!(stage.app.database().dump().await, before);
        let stage = Stage { app: stage.app.restart().await, ..stage };
        stage.app.outlive_early_proofs();
        stage.app.run_job(Job::RenewStatusList).await;
        assert_eq!(code(&stage).await, "attestation_invalid");
    }

    async fn the_list_is_fetched_once_a_day_when_a_client_needs_it(app: TestApp) {
        let asked = Arc::new(AtomicUsize::new(0));
        let (url, _server) = serve(&asked).await;
        let app = app.with_status_url(&url).await;
        app.run_job(Job::RenewStatusList).await;
        assert_eq!(asked.load(Ordering::SeqCst), 0, "nobody needs it");
        let stage = without_list(app).await;
        for hours in [0, 1, 22, 1] {
            stage.app.advance_secs(hours * 3600);
            stage.app.run_job(Job::RenewStatusList).await;
        }
        assert_eq!(asked.load(Ordering::SeqCst), 2);
        assert_eq!(code(&stage).await, "enrolled");
    }
}

/// A server of the list; answers its address and counts who asks.
async fn serve(asked: &Arc<AtomicUsize>) -> (String, JoinSet<std::io::Result<()>>) {
    let asked = Arc::clone(asked);
    let list = move || async move {
        asked.fetch_add(1, Ordering::SeqCst);
        EMPTY
    };
    let listener = tokio::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0)));
    let listener = listener.await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let routes = Router::new().route("/status", get(list));
    let serving = async move { axum::serve(listener, routes).await };
    let mut server = JoinSet::new();
    server.spawn(serving);
    (format!("http://{address}/status"), server)
}
