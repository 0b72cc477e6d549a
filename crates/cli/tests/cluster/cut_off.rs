//! I1: what one process ended no process accepts, from the moment on that the call returned.

use crate::{
    lane::{Lane, Patience},
    scene::{CAST, NODES, Scene, Setting},
};
use countersign_storage::{Backend, Engine};
use countersign_test_support::{TestDatabase, report, rounds};
use serde_json::json;
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::task::JoinSet;

/// Users at the same time.
const LANES: usize = 16;

/// Longer than any limit of the service: everything is answered here.
pub(crate) const PATIENCE: Patience = Patience {
    call: Duration::from_mins(1),
    ending: Duration::from_mins(1),
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn i1_an_ending_that_returned_is_over_for_everybody() {
    let rounds = rounds(32);
    let database = TestDatabase::create(Engine::Postgres).await;
    let scene = Scene::set(Setting::on(address(&database)));
    let scene = scene.await;
    let next = Arc::new(AtomicUsize::new(0));
    let mut lanes = JoinSet::new();
    for _ in 0..LANES.min(rounds) {
        let (mut lane, next) = (Lane::new(&scene.stage, PATIENCE), Arc::clone(&next));
        lanes.spawn(async move {
            while next.fetch_add(1, Ordering::Relaxed) < rounds {
                let session = lane.log_in().await.expect("an answer");
                assert!(lane.is_accepted_by_all(&session).await, "before the ending");
                assert!(lane.end(&session).await, "an ending");
                lane.ask_all(&session).await;
            }
        });
    }
    lanes.join_all().await;
    let mut told = scene.stage.judge();
    assert_eq!(told["endings"], rounds);
    told["nodes"] = json!(NODES);
    told["verifiers"] = json!(CAST.len() - NODES);
    report(&told);
}

pub(crate) fn address(database: &TestDatabase) -> String {
    match database.backend() {
        Backend::Postgres { url, .. } => url,
        Backend::Sqlite { .. } => unreachable!("processes share a PostgreSQL"),
    }
}
